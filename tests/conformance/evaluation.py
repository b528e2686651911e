"""Ask a test's query of a test's data through our HTTP layer and our engine."""

import re
import sqlite3
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from werkzeug.test import TestResponse

from conformance.manifest import Entry
from conformance.matching import difference, same
from conformance.results import READERS, Result
from taiwan_can_help.engine.memory import MemoryEngine
from taiwan_can_help.index.fields import read_search_queries
from taiwan_can_help.index.read import Index
from taiwan_can_help.index.write import write_index
from taiwan_can_help.release.folder import Release
from taiwan_can_help.web.app import create_app
from taiwan_can_help.web.site import Site

MEDIA_TYPES = {
    "srx": "application/sparql-results+xml",
    "srj": "application/sparql-results+json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ttl": "text/turtle",
}


def ask(entry: Entry, accept: str) -> TestResponse:
    """POST the test's query to ``/sparql`` of an application that holds the test's data and nothing else.

    The base IRI of a query is its own file's, as in the manifests; the request can only say so in the query.
    """
    release = Release(root=Path(), id="conformance", triples=0, graphs={}, files={})
    site = Site(
        release=release,
        queries={},
        columns={},
        charts={},
        findings=[],
        engine=MemoryEngine(_store(entry)),
        index=_empty_index(),
    )
    client = create_app(lambda: site).test_client()
    return client.post(
        "/sparql",
        data=f"BASE <{entry.query.as_uri()}>\n".encode() + entry.query.read_bytes(),
        content_type="application/sparql-query",
        headers={"Accept": accept},
    )


@cache
def _empty_index() -> Index:
    """Return the index of a release without a single quad."""
    database = sqlite3.connect(":memory:")
    database.deserialize(write_index([], read_search_queries([])))
    return Index(database)


def check(entry: Entry, suffixes: tuple[str, ...]) -> None:
    """Assert that the query gives the expected result in each of these formats."""
    assert entry.result is not None
    expected = _read(entry.result.read_bytes(), entry.result)
    for suffix in suffixes:
        response = ask(entry, MEDIA_TYPES[suffix])
        assert response.status_code == 200, response.get_data(as_text=True)
        assert response.mimetype == MEDIA_TYPES[suffix]
        actual = READERS[suffix](response.data, entry.query.as_uri())
        assert same(expected, actual, ordered=_ordered(entry, expected)), difference(expected, actual)


def is_graph(entry: Entry) -> bool:
    """Return whether the test's query gives a graph."""
    return re.search(r"\b(construct|describe)\b", _text(entry), re.IGNORECASE) is not None


def _store(entry: Entry) -> ox.Store:
    store = ox.Store()
    for path in entry.data:
        store.load(path=path, base_iri=path.as_uri())
    for path in entry.named_graphs:
        store.load(path=path, base_iri=path.as_uri(), to_graph=ox.NamedNode(path.as_uri()))
    return store


def _read(content: bytes, path: Path) -> Result:
    return READERS[path.suffix.removeprefix(".")](content, path.as_uri())


def _ordered(entry: Entry, expected: Result) -> bool:
    """Return whether the order counts: the query's last clause sorts, and the expected form keeps order."""
    sorts = re.search(r"\border\s+by\b[^}]*$", _text(entry), re.IGNORECASE) is not None
    return sorts and expected.boolean is None and entry.result is not None and entry.result.suffix != ".ttl"


def _text(entry: Entry) -> str:
    return entry.query.read_text("utf-8")
