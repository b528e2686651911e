"""Every query in every format gives what Oxigraph's own server gives: by value, whatever the bytes.

The queries in ``queries/`` have each a feature that users rely on; the named queries of the dataset come on top.
Rows are compared as a multiset, or in order where a query says ``# order: total``.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from conformance.matching import difference, same
from conformance.results import READERS, Result
from conftest import Client, Reply

from differential.reference import serving_reference
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.queries import NamedQuery, read_query

QUERIES = sorted((Path(__file__).parent / "queries").glob("*.rq"))
NAMED_QUERIES = [read_query(path) for path in DatasetFolder.open(default_dataset()).query_files()]
MEDIA_TYPES = {
    "srj": "application/sparql-results+json",
    "srx": "application/sparql-results+xml",
    "tsv": "text/tab-separated-values",
    "csv": "text/csv",
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
# The reference is read from one format for all that lose nothing. CSV loses types.
REFERENCE = {"srj": "srj", "srx": "srj", "tsv": "srj", "csv": "csv"}
SUFFIXES = {"srj": "json", "srx": "xml", "tsv": "tsv", "csv": "csv"}

CARRIAGE_RETURN = "pyoxigraph 0.5.13 writes U+000D as it is, and XML parsers read it as U+000A"
# Both servers write with the same library, and these are its faults; one that is mended fails the run.
KNOWN_FAULTS = {
    ("carriage-return", "srx"): CARRIAGE_RETURN,
    ("construct-carriage-return", "rdf"): CARRIAGE_RETURN,
    ("comma-in-iri", "csv"): "pyoxigraph 0.5.13 puts no quotes around an IRI that has a comma",
}

# rdflib's readers use what rdflib deprecates.
pytestmark = [
    pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated"),
    pytest.mark.filterwarnings("ignore:Dataset.default_context is deprecated"),
]


@pytest.fixture(scope="module")
def reference(client: Client) -> Iterator[Client]:
    with serving_reference(client.get("/dump.nq").body) as reference:
        yield reference


def formats_of(query: Path) -> list[str]:
    gives_graph = query.stem.startswith(("construct", "describe"))
    return [name for name in MEDIA_TYPES if (name in REFERENCE) is not gives_graph]


def case(query: Path, name: str) -> object:
    fault = KNOWN_FAULTS.get((query.stem, name))
    marks = [pytest.mark.xfail(strict=True, raises=(AssertionError, ValueError), reason=fault)] if fault else []
    return pytest.param(query, name, id=f"{query.stem}-{name}", marks=marks)


@pytest.mark.parametrize(("query", "name"), [case(query, name) for query in QUERIES for name in formats_of(query)])
def test_query(client: Client, reference: Client, query: Path, name: str) -> None:
    text = query.read_text("utf-8")
    ours = result(post(client, "/sparql", text, name), name)
    other = REFERENCE.get(name, "nt")
    theirs = result(post(reference, "/query", text, other), other)
    assert same(theirs, ours, ordered="# order: total\n" in text), difference(theirs, ours)
    assert says_something(query, ours)


@pytest.mark.parametrize("name", REFERENCE)
@pytest.mark.parametrize("query", [pytest.param(query, id=query.name) for query in NAMED_QUERIES])
def test_named_query(client: Client, reference: Client, query: NamedQuery, name: str) -> None:
    ours = result(client.get(f"/queries/{query.name}.{SUFFIXES[name]}"), name)
    # Oxigraph's server has no parameters: their values stand after the query instead.
    values = "".join(f"\nVALUES ?{variable} {{ {term} }}" for variable, term in query.bindings({}).items())
    theirs = result(post(reference, "/query", query.text + values, REFERENCE[name]), REFERENCE[name])
    assert same(theirs, ours, ordered="ORDER BY" in query.text), difference(theirs, ours)
    assert ours.rows


def post(client: Client, path: str, query: str, name: str) -> Reply:
    headers = {"Content-Type": "application/sparql-query", "Accept": MEDIA_TYPES[name]}
    return client.send("POST", path, query.encode(), headers)


def result(reply: Reply, name: str) -> Result:
    assert (reply.status, reply.type) == (200, MEDIA_TYPES[name]), reply.text
    return READERS[name](reply.body, "")


def says_something(query: Path, answer: Result) -> bool:
    """Return whether the answer has rows, so that the comparison is of something, but where it is to have none."""
    empty = query.stem in ("select-empty", "construct-nothing")
    return answer.boolean is not None or bool(answer.rows) is not empty
