"""A choice of records as the SPARQL query that gives the same."""

import re
from collections.abc import Iterable, Mapping

from taiwan_can_help.index.fields import RECORD, SearchQuery

_INTEGER = re.compile(r'"(\d+)"\^\^<http://www\.w3\.org/2001/XMLSchema#integer>')


def compose(
    records: SearchQuery, chosen: Iterable[tuple[SearchQuery, Iterable[str]]], listed: Iterable[str] | None = None
) -> str:
    """Return ``records`` with a condition for each field that is chosen by, whose value is one of the terms.

    Terms are in N-Triples syntax, ``listed`` the only records to give. Every condition stands in a subquery, so that
    the variables of one do not meet those of another.
    """
    prefixes, conditions = dict(records.prefixes), []
    for field, terms in chosen:
        prefixes |= field.prefixes
        short = " ".join(_INTEGER.sub(r"\1", term) for term in terms)
        values = f"    VALUES ?{field.name} {{ {short} }}\n"
        pattern = "".join(f"  {line}\n" for line in field.pattern.splitlines())
        conditions.append(
            f"  # {field.titles['en']}\n  {{ SELECT DISTINCT ?{RECORD} WHERE {{\n{pattern}{values}  }} }}\n"
        )
    if listed is not None:
        terms = "".join(f"    {term}\n" for term in listed)
        conditions.append(f"  VALUES ?{RECORD} {{\n{terms}  }}\n")
    body = records.pattern + "".join(conditions)
    return f"{_prologue(prefixes)}\nSELECT DISTINCT {records.projection}\nWHERE {{\n{body}}}{records.modifiers}"


def _prologue(prefixes: Mapping[str, str]) -> str:
    return "".join(f"PREFIX {name}: <{space}>\n" for name, space in prefixes.items())
