"""``/id/<kind>``: the list of the things of a kind, such as ``/id/country``, page by page."""

from dataclasses import dataclass

from flask import Response, request

from taiwan_can_help.namespaces import BASE
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.sections import section
from taiwan_can_help.web.site import site

ROWS = 100


@dataclass(frozen=True)
class Pages:
    """Where in a list a page stands; pages count from 1."""

    number: int
    last: int


def is_kind(name: str) -> bool:
    """Return whether there are things of a kind, by the segment after ``id/``."""
    return "/" not in name and bool(_query_of(name) or site().index.below(f"{BASE}id/{name}/", 1, 0))


def list_page(kind: str) -> Response:
    """Show the things of a kind: by the dataset's query where it has one, else by the labels in the index."""
    query = _query_of(kind)
    if query:
        listed = section(query)
        rows = len(listed.table.rows)
        pages = _pages(rows)
        start = (pages.number - 1) * ROWS
        shown = listed.table.rows[start : start + ROWS]
        return page("list.html", kind=kind, listed=listed, shown=shown, rows=rows, pages=pages, iris=[])
    prefix = f"{BASE}id/{kind}/"
    rows = site().index.count(prefix)
    pages = _pages(rows)
    iris = site().index.below(prefix, ROWS, (pages.number - 1) * ROWS)
    return page("list.html", kind=kind, listed=None, shown=[], rows=rows, pages=pages, iris=iris)


def _query_of(kind: str) -> NamedQuery | None:
    return next((query for query in site().queries.values() if query.lists == kind), None)


def _pages(rows: int) -> Pages:
    last = max(1, -(-rows // ROWS))
    text = request.args.get("page", "1")
    if not (text.isascii() and text.isdigit()):
        raise Problem(400, "Bad page", f"page={text[:40]!r} is no number; pages count from 1 to {last}.")
    number = int(text[:10])
    if not 1 <= number <= last:
        raise Problem(404, "No such page", f"There is no page {number}; this list has pages 1 to {last}.")
    return Pages(number, last)
