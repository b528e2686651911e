"""Partial dates: a month or a year is a span of days, never its first day."""

import calendar
from dataclasses import dataclass
from datetime import date

from rdflib import XSD, Literal

PRECISION = {4: "year", 7: "month", 10: "day"}
DATATYPE = {4: XSD.gYear, 7: XSD.gYearMonth, 10: XSD.date}


@dataclass(frozen=True)
class Span:
    """The earliest and the latest day that a partial date allows."""

    earliest: date
    latest: date


def span(text: str) -> Span:
    """Return the span of ``YYYY``, ``YYYY-MM`` or ``YYYY-MM-DD``; raises ValueError for no such date."""
    parts = [int(part) for part in text.split("-")]
    match parts:
        case [year]:
            return Span(date(year, 1, 1), date(year, 12, 31))
        case [year, month]:
            return Span(date(year, month, 1), date(year, month, calendar.monthrange(year, month)[1]))
        case [year, month, day]:
            return Span(date(year, month, day), date(year, month, day))
    raise ValueError(text)


def date_literal(text: str) -> Literal:
    """Return a partial date as xsd:gYear, xsd:gYearMonth or xsd:date, as precise as it is written."""
    return Literal(text, datatype=DATATYPE[len(text)])
