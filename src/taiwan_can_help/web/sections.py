"""Named queries as parts of pages: what they give, the columns that are shown, and where each leads."""

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from taiwan_can_help.columns import Column
from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.web.respond import BEHIND_HTML, read, run
from taiwan_can_help.web.site import site
from taiwan_can_help.web.table import Table, Term

THINGS = f"{BASE}id/"
QUERIES = f"{BASE}queries/"


@dataclass(frozen=True)
class Section:
    """A named query with its result; ``values`` are its parameters as they stand in an address."""

    query: NamedQuery
    table: Table
    values: dict[str, str]

    @property
    def columns(self) -> list[Column]:
        """Return the columns to show: those the query's header names, else all but the labels of others."""
        names = self.query.columns or [name for name in self.table.columns if not _is_label(name)]
        known = site().columns
        return [known.get(name, Column(name)) for name in names]

    def filled(self, rows: list[dict[str, Term]]) -> list[Column]:
        """Return the columns to show for these rows: those that have a value in any."""
        return [
            column
            for column in self.columns
            if any(column.name in row or (column.span and column.span[0] in row) for row in rows)
        ]

    @property
    def is_figures(self) -> bool:
        """Return whether the result is a few figures rather than a table: one row of numbers and dates."""
        rows = self.table.rows
        return len(rows) == 1 and all(rows[0].get(column.name, {}).get("type") != "uri" for column in self.columns)

    def address(self, suffix: str) -> str:
        """Return where the query runs with these parameters, in a format."""
        values = f"?{urlencode(self.values, safe='/')}" if self.values else ""
        return f"/queries/{self.query.name}.{suffix}{values}"

    def thing(self, parameter: str) -> str | None:
        """Return the IRI that a parameter has; None where it has another kind of value."""
        term = self.query.bindings(self.values)[parameter]
        return term[1:-1] if term.startswith("<") else None

    @property
    def editor(self) -> str:
        """Return where the query opens in the editor: in a fragment, which is never sent, so of any length."""
        terms = self.query.bindings(self.values)
        given = "".join(f"VALUES ?{name} {{ {term} }}\n" for name, term in terms.items())
        return "/sparql#query=" + quote(self.query.text + given, safe="")


def section(query: NamedQuery, values: dict[str, str] | None = None) -> Section:
    """Run a named query; ``values`` are its parameters as in an address, the others have their defaults."""
    values = values or {}
    table = read(run(Query(query.text, bindings=query.bindings(values)), BEHIND_HTML))
    return Section(query, table, values)


def named_section(name: str) -> Section | None:
    """Return a named query, with the defaults of its parameters; None where the dataset has none of this name."""
    query = site().queries.get(name)
    return section(query) if query else None


def sections_of(iri: str, about: Iterable[str]) -> list[Section]:
    """Return the sections of a thing's page that have rows.

    First the named queries that the thing refers to, then those whose header places them on the pages of such things;
    ``about`` are its classes and all that it refers to.
    """
    about = set(about)
    found = []
    for query in site().queries.values():
        if f"{QUERIES}{query.name}" in about and query.parameters:
            found.append((0, query, query.parameters[0].name))
        found += [(place.order, query, place.parameter) for place in query.placements if place.of in about]
    found.sort(key=lambda item: (item[0], item[1].name))
    sections = [section(query, {parameter: iri.removeprefix(THINGS)}) for _, query, parameter in found]
    return [each for each in sections if each.table.rows]


def _is_label(name: str) -> bool:
    return name == "label" or name.startswith("label_") or name.endswith("_label")
