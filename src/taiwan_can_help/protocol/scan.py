"""What a query says that matters before it is evaluated: read from its tokens, not from its raw text.

The lexical rules are those of SPARQL 1.1, section 19 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar):
IRIs, strings and comments are passed over, keywords are case-insensitive. Two readings count: with code point
escapes resolved first, as section 19.2 has it, and with those outside of IRIs and strings left, as Oxigraph does.

Oxigraph wants no space around keywords either, so tokens can't tell all that it takes for SERVICE; what slips
through here finds no socket in the engine's worker.
"""

import re
from collections.abc import Iterator
from functools import lru_cache

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
# No quantifier gives back what it took: the time to scan grows with the query's length, not with its square.
TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*+)
  | (?P<string>\"{3}(?:[^\"\\]|\\.|\"(?!\"\"))*+\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*+'{3}
              | \"(?!\"\")(?:[^\"\\\n\r]|\\.)*+\" | '(?!'')(?:[^'\\\n\r]|\\.)*+')
  | (?P<unclosed>[\"'].*+)
  | (?P<iri><(?:[^\s<>\"{}|^`\\]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>)
  | (?P<variable>[?$]\w++)
  | (?P<tag>@[A-Za-z]++(?:-[A-Za-z0-9]++)*+)
  | (?P<words>[\w.-]++)(?!:)
  | (?P<prefix>[\w.-]*+):(?:(?:[\w:]|%[0-9A-Fa-f]{2}|\\.)(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*+)?+
    (?P<braced>(?:\s|\#[^\n\r]*+)*+\{(?!\|))?+
  | (?P<other>\S)
    """,
    re.VERBOSE | re.DOTALL,
)
# The keyword that calls another endpoint, and those that make an answer another one each time.
KEYWORDS = ("SERVICE", "RAND", "NOW", "UUID", "BNODE")
QUERY_FORMS = {"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"}
_BEFORE_A_GRAPH = ("GRAPH", "FROM", "NAMED", "DESCRIBE")
_CALL = re.compile(r"\b(\w++)\(")


def calls_service(query: str) -> bool:
    """Return whether the query has the keyword SERVICE (SPARQL 1.1 Federated Query)."""
    return "SERVICE" in _said(query)


def is_repeatable(query: str) -> bool:
    """Return whether the same graph always gives the same answer: no function of chance or of the clock."""
    return not _said(query) - {"SERVICE"}


def query_form(query: str) -> str | None:
    """Return the form of a query, ``SELECT`` for one, or None when it has none: its first such keyword decides."""
    words = (token[0].upper() for token in TOKEN.finditer(query) if token.lastgroup == "words")
    return next((word for word in words if word in QUERY_FORMS), None)


@lru_cache(maxsize=64)
def _said(query: str) -> frozenset[str]:
    """Return which of KEYWORDS a query has, in either reading."""
    said: set[str] = set()
    for reading in {query, _ESCAPE.sub(_character, query)} if "\\" in query else (query,):
        upper = reading.upper()
        present = [keyword for keyword in KEYWORDS if keyword in upper]
        said.update(keyword for word in (_words(reading) if present else ()) for keyword in present if keyword in word)
    return frozenset(said)


def _words(text: str) -> Iterator[str]:
    word = ""
    for token in TOKEN.finditer(text):
        if token.lastgroup == "comment":
            continue
        before, word = word, ""
        match token.lastgroup:
            case "words":
                word = token[0].upper()
                yield word
            case "unclosed":  # all that follows: Oxigraph reads """one" as two strings
                yield token[0].upper()
            case "braced" if not before.endswith(_BEFORE_A_GRAPH):  # SERVICE:x { is the keyword and the name :x
                yield token["prefix"].upper()
            case "iri":  # or "less than" and "greater than": ?a<RAND()&&?b>1
                yield from (call[1].upper() for call in _CALL.finditer(token[0]))


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
