"""SERVICE under an operator's allow-list (SPARQL 1.1 Federated Query, https://www.w3.org/TR/sparql11-federated-query/).

No worker ever gets a socket. Each SERVICE clause is cut out of the query and sent to its endpoint as a query of its
own; what comes back takes its place as VALUES. By the standard that is the same: a SERVICE is evaluated on its own,
then joined (section 4). A clause that can't be told with certainty (a variable or prefixed name as endpoint, an
escape) is refused, and what passes this reading by a trick finds no network in the worker.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from taiwan_can_help.namespaces import BASE
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.scan import QUERY_FORMS, TOKEN, calls_service

MOST_CLAUSES = 4


@dataclass(frozen=True)
class Clause:
    """One SERVICE clause: where it stands in the query, its endpoint, and the query to send there."""

    start: int
    end: int
    endpoint: str
    silent: bool
    query: str


def clauses_of(query: str, allowed: Sequence[str]) -> list[Clause]:
    """Return the outermost SERVICE clauses of a query that has any; raises Problem, 403, for one that is refused."""
    if not allowed:
        raise _refused("this endpoint calls no other. Ask the other endpoint, and join the results.")
    if "\\u" in query.lower():
        raise _refused("with code point escapes a query can't be judged. Write the characters themselves.")
    tokens = [token for token in TOKEN.finditer(query) if token.lastgroup != "comment"]
    prologue = query[: _first_form(query, tokens)]
    clauses, at = [], 0
    while at < len(tokens):
        if tokens[at].lastgroup == "words" and tokens[at][0].upper() == "SERVICE":
            clause, at = _clause(query, tokens, at, prologue)
            _must_be_allowed(clause.endpoint, allowed)
            clauses.append(clause)
        at += 1
    rest = replaced(query, clauses, ["VALUES () {}"] * len(clauses))
    if calls_service(rest) or len(clauses) > MOST_CLAUSES:
        raise _refused(f"write each as SERVICE <https://...> {{ ... }}, and at most {MOST_CLAUSES} of them.")
    return clauses


def replaced(query: str, clauses: Sequence[Clause], blocks: Iterable[str]) -> str:
    """Return the query with a block of data in the place of each clause."""
    pieces, at = [], 0
    for clause, block in zip(clauses, blocks, strict=True):
        pieces += [query[at : clause.start], " ", block, " "]
        at = clause.end
    return "".join([*pieces, query[at:]])


def values_block(results: Any) -> str:
    """Return SPARQL 1.1 Query Results JSON as a VALUES block; raises ValueError where it is not of that form.

    Blank nodes, which VALUES can't hold, become IRIs (https://www.w3.org/TR/rdf11-concepts/#section-skolemization).
    """
    try:
        variables = [str(name) for name in results["head"]["vars"]]
        rows = [
            " ".join(_term(row[name]) if name in row else "UNDEF" for name in variables)
            for row in results["results"]["bindings"]
        ]
    except (KeyError, TypeError) as error:
        raise ValueError(f"no SPARQL results in JSON ({error!r})") from error
    if not all(re.fullmatch(r"\w+", name) for name in variables):
        raise ValueError("a variable without a proper name")
    head = " ".join(f"?{name}" for name in variables)
    return f"VALUES ({head}) {{ {' '.join(f'({row})' for row in rows)} }}"


# What a clause with SILENT gives where its endpoint fails: one solution that binds nothing (section 2.3.1).
NOTHING = "VALUES () { () }"


def _clause(query: str, tokens: list[re.Match[str]], at: int, prologue: str) -> tuple[Clause, int]:
    start = tokens[at].start()
    at += 1
    silent = at < len(tokens) and tokens[at].lastgroup == "words" and tokens[at][0].upper() == "SILENT"
    at += silent
    if at + 1 >= len(tokens) or tokens[at].lastgroup != "iri" or tokens[at + 1][0] != "{":
        raise _refused("name its endpoint by a full IRI, as in SERVICE <https://example.org/sparql> { ... }.")
    endpoint, opening, depth = tokens[at][0][1:-1], at + 1, 0
    for at in range(opening, len(tokens)):
        depth += _depth(tokens[at])
        if depth == 0:
            group = query[tokens[opening].start() : tokens[at].end()]
            return Clause(start, tokens[at].end(), endpoint, bool(silent), f"{prologue}SELECT * WHERE {group}"), at
    raise _refused("its group { ... } has no end.")


def _depth(token: re.Match[str]) -> int:
    if token.lastgroup == "unclosed":
        raise _refused("a string in its group has no end.")
    opened = token[0] == "{" or token.groupdict().get("braced") is not None
    return 1 if opened else -1 if token[0] == "}" else 0


def _first_form(query: str, tokens: list[re.Match[str]]) -> int:
    return next((t.start() for t in tokens if t.lastgroup == "words" and t[0].upper() in QUERY_FORMS), len(query))


def _must_be_allowed(endpoint: str, allowed: Sequence[str]) -> None:
    try:
        parts = urlsplit(endpoint)
        host, port, user = parts.hostname, parts.port, parts.username
    except ValueError as error:
        raise _refused(f"<{endpoint}> is no address ({error}).") from error
    if parts.scheme not in ("http", "https") or not host or user is not None:
        raise _refused(f"<{endpoint}> is no plain http or https address.")
    name = f"[{host}]" if ":" in host else host
    if (name if port is None else f"{name}:{port}") not in {entry.lower() for entry in allowed}:
        raise _refused(f"<{endpoint}> is not allowed here; of others, {', '.join(allowed)} may be asked.")


def _refused(why: str) -> Problem:
    return Problem(403, "SERVICE is refused", f"SERVICE is not offered so: {why}")


def _term(term: dict[str, str]) -> str:
    value = term["value"]
    match term["type"]:
        case "uri":
            return _iri(value)
        case "bnode":
            return _iri(f"{BASE}.well-known/genid/{re.sub(r'[^A-Za-z0-9]', '-', value)}")
        case "literal" | "typed-literal":
            tag, datatype = term.get("xml:lang"), term.get("datatype")
            if tag is not None and not re.fullmatch(r"[A-Za-z]+(-[A-Za-z0-9]+)*", tag):
                raise ValueError(f"a language tag {tag!r}")
            return _string(value) + (f"@{tag}" if tag else f"^^{_iri(datatype)}" if datatype else "")
    raise ValueError(f"a term of type {term['type']!r}")


def _iri(iri: str) -> str:
    if re.search(r"[\x00-\x20<>\"{}|^`\\]", iri):
        raise ValueError(f"an IRI {iri!r}")
    return f"<{iri}>"


def _string(text: str) -> str:
    for character, escape in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t")):
        text = text.replace(character, escape)
    return f'"{text}"'
