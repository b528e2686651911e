"""The 13 tests of the Graph Store Protocol, over a socket to the server as it runs in production.

12 of them write first. This server takes no writes, so here each request is held by itself: one that reads must
get what the suite expects, from a server that holds what the writes before it would have made; one that writes
must be refused with a reason and leave the graph as it is.
"""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from conftest import Client, Reply, serving
from rdflib import Graph
from rdflib.compare import isomorphic

from conformance.exchanges import as_nquads, read_protocol_tests
from conformance.graph_store import Step, steps_of
from conformance.suite import parameters, sparql11

TESTS = read_protocol_tests(sparql11() / "graph-store-protocol" / "manifest.ttl")
STEPS = [step for test in TESTS for step in steps_of(test)]
READ_STEPS = [step for step in STEPS if not step.writes]
WRITE_STEPS = [step for step in STEPS if step.writes]


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Serve the graphs that the requests find, and nothing else."""
    root = tmp_path_factory.mktemp("graph-store")
    data = root / "dataset" / "data"
    data.mkdir(parents=True)
    # The default graph has no name of a request's own, so it holds what those that read it are to find.
    graphs = [(name, graph) for step in STEPS for name, graph in step.before.items() if name or not step.writes]
    (data / "graphs.nq").write_bytes(as_nquads(graphs))
    with serving(root / "releases", "--dataset", str(data.parent)) as running:
        yield running.client


def test_the_suite_is_whole() -> None:
    assert (len(TESTS), len(READ_STEPS), len(WRITE_STEPS)) == (13, 18, 21)
    assert sum(1 for test in TESTS if not any(step.writes for step in steps_of(test))) == 1
    assert len({step.id for step in STEPS}) == 39
    assert [step.id for step in READ_STEPS if step.graph is None] == ["put-get-default-2-GET"]


@pytest.mark.parametrize("step", parameters(READ_STEPS))
def test_read(step: Step, store: Client) -> None:
    asked = step.exchange
    reply = store.send(asked.method, asked.path, asked.body, asked.headers)
    assert reply.status in asked.statuses, reply.text
    if asked.content_type:
        assert reply.headers["Content-Type"] == asked.content_type
    if asked.content:
        assert isomorphic(graph_of(reply.body), graph_of(asked.content))
    if asked.method == "HEAD":
        assert reply.body == b""


@pytest.mark.parametrize("step", parameters(WRITE_STEPS))
def test_write_is_refused(step: Step, store: Client) -> None:
    asked = step.exchange
    before = found(step, store)
    assert (before.status == 200) == (step.graph is None or step.graph in step.before)
    reply = store.send(asked.method, asked.path, asked.body, asked.headers)
    assert (reply.status, reply.type) == (405, "application/problem+json")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert asked.method in reply.json()["detail"]
    after = found(step, store)
    assert after.status == before.status
    if after.status == 200:
        assert isomorphic(graph_of(after.body), graph_of(before.body))


def found(step: Step, store: Client) -> Reply:
    """Ask for the graph that a request wants to change."""
    return store.get(f"/graph-store?graph={quote(step.graph, safe='')}" if step.graph else "/graph-store?default")


def graph_of(content: bytes) -> Graph:
    return Graph().parse(data=content, format="turtle")
