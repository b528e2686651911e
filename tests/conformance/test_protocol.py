"""The 34 tests of the SPARQL 1.1 Protocol, over a socket to the server as it runs in production.

27 ask queries, or ask what must be refused, and are held to what the suite expects. 7 ask for updates
that succeed; this server takes none, so each must be refused with a reason and leave no trace.
"""

from collections.abc import Iterator

import pytest
from conftest import Client, Reply, serving

from conformance.exchanges import Exchange, ProtocolTest, read_graphs, read_protocol_tests
from conformance.results import READERS
from conformance.suite import parameters, sparql11

MANIFEST = sparql11() / "protocol" / "manifest.ttl"
TESTS = read_protocol_tests(MANIFEST)
READ_TESTS = [test for test in TESTS if not test.writes]
UPDATE_TESTS = [test for test in TESTS if test.writes]

SUFFIXES = {"application/sparql-results+json": "srj", "application/sparql-results+xml": "srx"}
FORMATS = {
    "boolean": set(SUFFIXES),
    "tabular": {*SUFFIXES, "text/csv", "text/tab-separated-values"},
    "RDF": {"text/turtle", "application/n-triples", "application/rdf+xml"},
}


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Serve the graphs that the tests name, and nothing else."""
    root = tmp_path_factory.mktemp("protocol")
    data = root / "dataset" / "data"
    data.mkdir(parents=True)
    (data / "graphs.nq").write_bytes(read_graphs(MANIFEST))
    with serving(root / "releases", "--dataset", str(data.parent)) as running:
        yield running.client


def test_the_suite_is_whole() -> None:
    assert (len(READ_TESTS), len(UPDATE_TESTS)) == (27, 7)


@pytest.mark.parametrize("test", parameters(READ_TESTS))
def test_read(test: ProtocolTest, endpoint: Client) -> None:
    for exchange in test.exchanges:
        reply = send(endpoint, exchange)
        assert reply.status in exchange.statuses, reply.text
        if exchange.format:
            assert reply.type in FORMATS[exchange.format]
        if exchange.boolean is not None:
            assert truth(reply) == exchange.boolean
        if reply.status >= 400:
            assert_says_why(reply)


@pytest.mark.parametrize("test", parameters(UPDATE_TESTS))
def test_update_is_refused(test: ProtocolTest, endpoint: Client) -> None:
    for exchange in test.exchanges:
        reply = send(endpoint, exchange)
        if exchange.updates:
            assert reply.status == 403
            assert_says_why(reply)
            assert "read-only" in reply.json()["detail"]
        else:
            # The suite asks here whether the update was done.
            assert truth(reply) is False


def send(endpoint: Client, exchange: Exchange) -> Reply:
    path = exchange.path.replace("/sparql/", "/sparql", 1)
    return endpoint.send(exchange.method, path, exchange.body, exchange.headers)


def truth(reply: Reply) -> bool | None:
    return READERS[SUFFIXES[reply.type]](reply.body, "").boolean


def assert_says_why(reply: Reply) -> None:
    assert reply.type == "application/problem+json"
    problem = reply.json()
    assert problem["status"] == reply.status
    assert problem["title"]
    assert problem["detail"]
