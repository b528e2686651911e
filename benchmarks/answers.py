"""Whether two servers gave the same answer: by value, whatever the bytes and, since all queries allow it, the order."""

import json
from collections import Counter
from collections.abc import Hashable, Iterable
from decimal import Decimal, InvalidOperation

import pyoxigraph as ox

from benchmarks.load import Reply
from benchmarks.questions import TURTLE, Question

XSD = "http://www.w3.org/2001/XMLSchema#"
NUMERIC = {XSD + name for name in ("integer", "decimal", "double", "float", "int", "long", "nonNegativeInteger")}

Answer = Counter[Hashable]


def read_answer(reply: Reply, question: Question) -> Answer:
    """Return an answer as a multiset of rows, or of triples; raises ValueError where it can't be read.

    Any server of W3C's protocol should send what was asked for; another type is an error.
    """
    if reply.type != question.accept:
        raise ValueError(f"sent {reply.type} where {question.accept} was asked for")
    if question.accept == TURTLE:
        return Counter(_triples(reply.body))
    rows = json.loads(reply.body)["results"]["bindings"]
    return Counter(frozenset((name, _term(term)) for name, term in row.items()) for row in rows)


def difference(ours: Answer, theirs: Answer, question: Question) -> str | None:
    """Return in words how two answers differ, or None where they do not."""
    if question.countable:
        if ours.total() == theirs.total():
            return None
        return f"{theirs.total():,} rows, not {ours.total():,}"
    missing, more = (ours - theirs).total(), (theirs - ours).total()
    if not missing and not more:
        return None
    return f"of {ours.total():,} rows {missing:,} are missing, and {more:,} others are there"


def _triples(turtle: bytes) -> Iterable[Hashable]:
    """Yield the triples; two Turtle parsers agree on all but the case of language tags."""
    for quad in set(ox.parse(turtle, format=ox.RdfFormat.TURTLE)):
        value = quad.object
        if isinstance(value, ox.Literal):
            yield str(quad.subject), str(quad.predicate), _literal(value.value, value.language, value.datatype.value)
        else:
            yield str(quad.subject), str(quad.predicate), str(value)


def _term(term: dict[str, str]) -> Hashable:
    if term["type"] == "uri":
        return term["value"], "iri"
    if term["type"] == "bnode":
        raise ValueError("a blank node, where the data has none")
    return _literal(term["value"], term.get("xml:lang"), term.get("datatype", XSD + "string"))


def _literal(text: str, language: str | None, datatype: str) -> Hashable:
    """Return a literal by its value: numbers of whatever type by theirs, tags in whatever case."""
    if language:
        return text, language.lower()
    if datatype in NUMERIC:
        try:
            return Decimal(text).normalize(), "number"
        except InvalidOperation:
            return text, datatype
    return text, datatype
