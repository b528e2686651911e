"""What a query says that matters before it is evaluated: read from its tokens, not from its raw text.

The lexical rules are those of SPARQL 1.1, section 19 (https://www.w3.org/TR/sparql11-query/#sparqlGrammar):
IRIs, strings and comments are passed over, code point escapes are resolved first, keywords are case-insensitive.
"""

import re
from collections.abc import Iterator

_ESCAPE = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_TOKEN = re.compile(
    r"""
    (?P<comment>\#[^\n\r]*)
  | (?P<string>\"{3}(?:[^\"\\]|\\.|\"(?!\"\"))*\"{3} | '{3}(?:[^'\\]|\\.|'(?!''))*'{3}
              | \"(?:[^\"\\\n\r]|\\.)*\" | '(?:[^'\\\n\r]|\\.)*')
  | (?P<iri><[^\s<>\"{}|^`\\]*>)
  | (?P<variable>[?$]\w+)
  | (?P<name>[\w.-]*:(?:[\w.:-]|%[0-9A-Fa-f]{2}|\\.)*)
  | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*)
  | (?P<word>[A-Za-z_]\w*)
  | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_FORMS = {"SELECT", "CONSTRUCT", "DESCRIBE", "ASK"}
_CHANGING = {"RAND", "NOW", "UUID", "STRUUID", "BNODE"}


def calls_service(query: str) -> bool:
    """Return whether the query has the keyword SERVICE (SPARQL 1.1 Federated Query)."""
    return any(word == "SERVICE" for word in _words(query))


def is_repeatable(query: str) -> bool:
    """Return whether the same graph always gives the same answer: no function of chance or of the clock."""
    return not any(word in _CHANGING for word in _words(query))


def query_form(query: str) -> str | None:
    """Return the form of a query, ``SELECT`` for one, or None when it has none: its first keyword decides."""
    return next((word for word in _words(query) if word in _FORMS), None)


def _words(query: str) -> Iterator[str]:
    resolved = _ESCAPE.sub(_character, query)
    for token in _TOKEN.finditer(resolved):
        if token.lastgroup == "word":
            yield token[0].upper()


def _character(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return chr(code) if code <= 0x10FFFF else match[0]
