"""``/search``: records by words and facets, and other things by their names, as a page, JSON or CSV."""

import csv
import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from io import StringIO
from urllib.parse import quote

from flask import Blueprint, Response, request, stream_with_context
from flask_babel import gettext as _
from flask_babel import ngettext

from taiwan_can_help.index.fields import SearchQuery
from taiwan_can_help.index.read import Text
from taiwan_can_help.index.search import RELEVANCE, Hits, Record, Value
from taiwan_can_help.index.write import IRI
from taiwan_can_help.namespaces import short
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.languages import language
from taiwan_can_help.web.pages import label, page, pick
from taiwan_can_help.web.respond import not_acceptable
from taiwan_can_help.web.search_request import Asked, read_request
from taiwan_can_help.web.site import site

blueprint = Blueprint("search", __name__)

FORMATS = (f.JSON, f.CSV, f.HTML)
# As many values of a facet as are offered.
MOST_VALUES = 500
MOST_THINGS = 6
# A query of more records than these says so and leaves the words out; a longer address is sent in a body.
MOST_LISTED = 200
LONGEST_ADDRESS = 6_000
_CHUNK = 200


@dataclass(frozen=True)
class Option:
    """A value of a facet as a page offers it: with its name, and how many records it would give."""

    value: Value
    name: Text
    records: int
    chosen: bool


@dataclass(frozen=True)
class Facet:
    """A facet as a page offers it; ``left`` is how many values there are besides."""

    name: str
    title: Text
    options: list[Option]
    left: int = 0


@dataclass(frozen=True)
class AsSparql:
    """The query that gives the same records, ``whole`` where it has all conditions.

    The editor takes one of any length from the address, by a script; without, ``result`` has it where it is short.
    """

    text: str
    editor: str
    result: str | None
    whole: bool


@blueprint.get("/search", defaults={"suffix": None})
@blueprint.get("/search.<suffix>")
def search(suffix: str | None) -> Response:
    """Answer a search."""
    chosen = _format(suffix)
    asked = read_request(site().index.search)
    if chosen == f.HTML:
        return _page(asked)
    if asked.unknown:
        asked.faults.append(_("There is no parameter “%(name)s”.", name=asked.unknown[0]))
    if asked.faults:
        raise Problem(400, "Bad parameter", " ".join(asked.faults), {"Vary": "Accept, Accept-Language"})
    hits = site().index.search.hits(asked.choice)
    _must_reach(asked, hits)
    chunks = _csv(asked, hits) if chosen == f.CSV else iter([_json(asked, hits)])
    content_type = chosen.content_type if chosen == f.CSV else "application/json"
    response = Response(stream_with_context(chunks), content_type=content_type)
    key = [site().release.id, chosen.name, language(), request.full_path]
    response.set_etag(hashlib.sha256("\0".join(key).encode()).hexdigest()[:32])
    response.headers["Cache-Control"] = "public, no-cache"
    response.vary.update(("Accept", "Accept-Language"))
    response.make_conditional(request)
    return response


def _format(suffix: str | None) -> Format:
    if suffix is None:
        chosen = choose(request.headers.get("Accept"), FORMATS)
        if chosen is None:
            raise not_acceptable((f.JSON, f.CSV))
        return chosen
    for format_ in FORMATS:
        if format_.suffix == suffix:
            return format_
    known = ", ".join(format_.suffix for format_ in FORMATS)
    raise Problem(404, "No such format", f"The search does not come as {suffix!r}, but as {known}.")


def _must_reach(asked: Asked, hits: Hits) -> None:
    last = _pages(asked, hits)
    if asked.page > last:
        detail = ngettext("There is %(num)s page.", "There are %(num)s pages.", last)
        raise Problem(404, "No such page", detail, {"Vary": "Accept, Accept-Language"})


def _pages(asked: Asked, hits: Hits) -> int:
    return max(1, -(-len(hits.records) // asked.size))


def _page(asked: Asked) -> Response:
    found = site().index.search
    hits = found.hits(asked.choice)
    pages = _pages(asked, hits)
    beyond = asked.page > pages
    order = asked.order(found, hits)
    start = (asked.page - 1) * asked.size
    records = [] if asked.faults or beyond else list(found.records(hits, order, asked.words, start, asked.size))
    return page(
        "search.html",
        status=400 if asked.faults else 404 if beyond else 200,
        asked=asked,
        selected=len(hits.records),
        total=len(found.everything),
        start=start,
        pages=pages,
        records=records,
        things=_things(asked) if asked.page == 1 else [],
        alone=found.alone(asked.text) if asked.words and not hits.records and not asked.values else {},
        facets=_facets(asked, hits),
        shown=found.fields("shown"),
        orders=_orders(hits),
        order=order,
        sparql=_as_sparql(asked, hits),
    )


def _facets(asked: Asked, hits: Hits) -> list[Facet]:
    """Return the facets with the values that records have; numbers in their order, others by how many records."""
    facets = []
    for query in site().index.search.fields("facet"):
        chosen = {value.key for value in asked.values.get(query.name, ())}
        options = [
            Option(value, _name(value), number, value.key in chosen)
            for value, number in hits.counts[query.name]
            if number or value.key in chosen
        ]
        if all(option.value.iri is None for option in options):
            options.sort(key=lambda option: option.name.text)
        else:
            options.sort(key=lambda option: (not option.chosen, -option.records, option.name.text))
        facets.append(Facet(query.name, pick(query.titles), options[:MOST_VALUES], len(options[MOST_VALUES:])))
    return facets


def _name(value: Value) -> Text:
    return Text(value.key, "") if value.iri is None else label(value.iri) or Text(short(value.iri), "")


def _things(asked: Asked) -> list[dict[str, object]]:
    """Return what else is found by its name, with the facets that it is a value of."""
    found = site().index.search
    return [
        {
            "iri": thing.iri,
            "kind": label(thing.kind),
            "facets": [
                (query, value) for query in found.fields("facet") if (value := found.value(query.name, thing.iri))
            ],
        }
        for thing in found.things(asked.words, MOST_THINGS)
    ]


def _orders(hits: Hits) -> dict[str, str]:
    queries = site().index.search.queries
    names = {RELEVANCE: _("Best match first")} if hits.ranked else {}
    for name in site().index.search.orders:
        direction = "descending" if name.startswith("-") else "ascending"
        names[name] = pick(queries[name.removeprefix("-")].orders[direction]).text
    return names


def _as_sparql(asked: Asked, hits: Hits) -> AsSparql | None:
    found = site().index.search
    if asked.faults or not found.everything:
        return None
    whole = asked.words is None or len(hits.records) <= MOST_LISTED
    listed = (
        found.records(hits, found.orders[0] if found.orders else RELEVANCE, None) if asked.words and whole else None
    )
    text = found.sparql(asked.choice, listed)
    endpoint, query = f"{request.script_root}/sparql", f"query={quote(text, safe='')}"
    short_enough = len(query) <= LONGEST_ADDRESS
    return AsSparql(text, f"{endpoint}#{query}", f"{endpoint}?{query}" if short_enough else None, whole)


def _json(asked: Asked, hits: Hits) -> str:
    found = site().index.search
    order, pages = asked.order(found, hits), _pages(asked, hits)
    records = found.records(hits, order, asked.words, (asked.page - 1) * asked.size, asked.size)
    sparql = _as_sparql(asked, hits)
    content = {
        "query": asked.text,
        "sort": order,
        "total": len(hits.records),
        "page": asked.page,
        "pages": pages,
        "records": [_as_member(record) for record in records],
        "things": [
            _named(thing.iri) | {"kind": _named(thing.kind)} for thing in found.things(asked.words, MOST_THINGS)
        ],
        "facets": [
            {
                "name": facet.name,
                "title": facet.title.text,
                "values": [
                    {"key": option.value.key, "label": option.name.text, "records": option.records}
                    | ({"id": option.value.iri} if option.value.iri else {})
                    | ({"chosen": True} if option.chosen else {})
                    for option in facet.options
                ],
            }
            for facet in _facets(asked, hits)
        ],
        "sparql": sparql.text if sparql and sparql.whole else None,
        "links": {
            "csv": asked.address(".csv"),
            "page": asked.address(page=asked.page),
            "next": asked.address(".json", page=asked.page + 1) if asked.page < pages else None,
        },
    }
    return json.dumps(content, ensure_ascii=False)


def _as_member(record: Record) -> dict[str, object]:
    return {"id": record.iri} | {
        name: [_named(value) if kind == IRI else value for value, kind in cells] for name, cells in record.cells.items()
    }


def _named(iri: str) -> dict[str, object]:
    text = label(iri)
    return {"id": iri, "label": text.text if text else short(iri)}


def _csv(asked: Asked, hits: Hits) -> Iterator[str]:
    """Yield the columns of all records that are selected; several values of one are set apart by semicolons."""
    found = site().index.search
    columns = found.fields("column")
    buffer = StringIO()
    writer = csv.writer(buffer)
    writer.writerow(["record", *(query.name for query in columns)])
    for number, record in enumerate(found.records(hits, asked.order(found, hits), asked.words)):
        writer.writerow([record.iri, *(_cell(record.cells, query) for query in columns)])
        if number % _CHUNK == 0:
            yield _taken(buffer)
    yield _taken(buffer)


def _cell(cells: Mapping[str, list[tuple[str, str]]], query: SearchQuery) -> str:
    return "; ".join(str(_named(value)["label"]) if kind == IRI else value for value, kind in cells.get(query.name, []))


def _taken(buffer: StringIO) -> str:
    text = buffer.getvalue()
    buffer.seek(0)
    buffer.truncate()
    return text
