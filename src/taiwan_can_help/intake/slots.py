"""Slots: the parts of a description that the fields of a row fill.

A slot is a subject, a predicate and, for text, a language. Importing a row fills its slots anew and leaves
every other statement alone, so what a curator added by hand in Turtle stays.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pyoxigraph as ox
from rdflib import RDF, SKOS, XSD, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.intake.batch import Row
from taiwan_can_help.intake.dates import Span, span
from taiwan_can_help.intake.known import Known, UnknownReference
from taiwan_can_help.intake.names import CountryNames
from taiwan_can_help.namespaces import thing


@dataclass(frozen=True)
class Slot:
    """The values of one predicate of a subject.

    ``language`` limits the slot to text in that language, ``only`` to that one value, there or not.
    """

    subject: URIRef
    predicate: URIRef
    values: tuple[Node, ...]
    language: str | None = None
    only: Node | None = None


@dataclass(frozen=True)
class Context:
    """What statements look up beyond their own row."""

    known: Known
    names: CountryNames
    round_of_date: dict[str, URIRef]


class FieldError(Exception):
    """A field's value is at fault in a way that only its meaning shows."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(field, problem)
        self.field = field
        self.problem = problem


class Skipped(Exception):
    """A row that can't become statements, for a reason that no edit of the row would mend."""


def text(subject: URIRef, predicate: URIRef, content: str | None, language: str) -> Slot:
    """Return the slot of a text in one language; None leaves it empty."""
    return Slot(subject, predicate, (Literal(content, lang=language),) if content else (), language)


def one(subject: URIRef, predicate: URIRef, value: Node | None) -> Slot:
    """Return a slot of at most one value; None leaves it empty."""
    return Slot(subject, predicate, (value,) if value is not None else ())


def number(value: float | Decimal) -> Literal:
    """Return a number as xsd:integer or xsd:decimal, in the digits it was written with."""
    digits = format(Decimal(str(value)), "f")
    return Literal(digits, datatype=XSD.decimal if "." in digits else XSD.integer)


def given(row: Row, fields: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield the fields that the row gives, with their values: a field left out leaves its slot alone."""
    return ((field, row.values[field]) for field in fields if field in row.values)


def references(row: Row, field: str, refer: Callable[[str], URIRef]) -> tuple[Node, ...]:
    """Return the things that a field's list of ids names."""
    return tuple(refer(slug) for slug in row.values.get(field) or ())


def checked_span(field: str, text: str) -> Span:
    """Return the days of a partial date; raises FieldError where the calendar has no such date."""
    try:
        return span(text)
    except ValueError as error:
        raise FieldError(field, f"{text!r} is no date of the calendar ({error}); correct it") from error


def checked_tag(field: str, tag: str) -> str:
    """Return a language tag; raises FieldError where a reader of RDF would not take it."""
    try:
        ox.Literal("", language=tag)
    except ValueError as error:
        raise FieldError(field, f"{tag!r} is no language tag ({error}); give one such as zh-Hant") from error
    return tag


def code(row: Row, field: str, kind: str, known: Known) -> URIRef:
    """Return the concept that a field's code names in the value list of that kind."""
    try:
        return known.refer(row.values[field], kind)
    except UnknownReference as error:
        # Two fields of a row may hold the same code; only here is it plain which one is at fault.
        raise FieldError(field, f"{row.values[field]!r} is no code of id/{kind}; give one that is") from error


def country(field: str, code: str, known: Known) -> URIRef:
    """Return the country or territory with an ISO code; raises FieldError when there is none."""
    if code not in known.place_of_iso2:
        raise FieldError(field, f"no country or territory has the code {code!r}; add the place first")
    return known.place_of_iso2[code]


def concept(subject: URIRef, scheme: str) -> Iterator[Slot]:
    """Yield what makes a subject a concept of one of the schemes under ``id/``."""
    yield one(subject, RDF.type, SKOS.Concept)
    yield one(subject, SKOS.inScheme, URIRef(thing(scheme, "").rstrip("/")))


def with_evidence(row: Row, kind: str, known: Known) -> None:
    """Raise FieldError for a Wikidata id that no row of wikidata-matches gives evidence for."""
    qid = row.values.get("qid")
    if qid and URIRef(thing("mapping", f"{kind}-{row.id}-{qid.lower()}")) not in known.things:
        raise FieldError("qid", f"{qid} has no evidence; add a row to wikidata-matches, or leave it empty")
