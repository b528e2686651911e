"""What the server says of itself at /metrics."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

import pytest
from conftest import LONG, RUNAWAY, Client, metric, metrics, serving, settled, write_dataset


@pytest.fixture(scope="module", params=["1", "2"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Serve a small graph from one web process, and from two."""
    folder = tmp_path_factory.mktemp("metrics")
    dataset = write_dataset(folder / "dataset", {"data/x.ttl": "<http://e.example/a> <http://e.example/p> 1, 2 .\n"})
    with serving(folder / "releases", "--dataset", str(dataset), "--workers", request.param) as server:
        yield server.client


def test_it_is_prometheus_text_and_names_the_release(client: Client) -> None:
    reply = client.get("/metrics")
    assert (reply.status, reply.type) == (200, "text/plain")
    assert reply.headers["Cache-Control"] == "no-store"
    release = client.get("/health").json()["release"]
    assert metric(client, "tch_release_info", id=release) == 1


def test_requests_are_counted_by_route_and_status(client: Client) -> None:
    def counted(route: str, status: str) -> float:
        return metric(client, "tch_requests_total", route=route, status=status)

    before = counted("/sparql", "200"), counted("/sparql", "400"), counted("/id/<path:name>", "404")
    for number in range(4):
        client.query("ASK {} # counted")
        client.query(f"nonsense {number}")
        client.get(f"/id/none/{number}")
    kinds = [("/sparql", "200"), ("/sparql", "400"), ("/id/<path:name>", "404")]
    for kind, then in zip(kinds, before, strict=True):
        assert settled(partial(counted, *kind), then + 4) == then + 4
    unknown = counted("none", "404")
    for number in range(4):
        client.get(f"/nowhere/{number}")
    assert settled(lambda: counted("none", "404"), unknown + 4) == unknown + 4


def test_what_the_cache_does_is_counted(client: Client) -> None:
    def counted() -> float:
        return sum(metric(client, "tch_cache_lookups_total", result=result) for result in ("hit", "miss stored"))

    before, hits = counted(), metric(client, "tch_cache_lookups_total", result="hit")
    bypassed = metric(client, "tch_cache_lookups_total", result="bypass")
    for _ in range(5):
        client.query("ASK {} # cached")
    client.query("SELECT (RAND() AS ?x) {}")
    assert settled(counted, before + 5) == before + 5
    assert metric(client, "tch_cache_lookups_total", result="hit") >= hits + 3
    assert settled(lambda: metric(client, "tch_cache_lookups_total", result="bypass") - bypassed, 1) >= 1


def test_queries_are_counted_by_lane_and_outcome(client: Client) -> None:
    def ended(lane: str, outcome: str) -> float:
        return metric(client, "tch_queries_ended_total", lane=lane, outcome=outcome)

    kinds = [("light", "answered"), ("light", "refused"), ("heavy", "timeout"), ("heavy", "answered")]
    before = [ended(*kind) for kind in kinds]
    killed = metric(client, "tch_queries_killed_total", lane="heavy")
    assert client.query("ASK {} # lanes").status == 200
    assert client.query("nonsense").status == 400
    assert client.get("/sparql?" + urlencode({"query": RUNAWAY, "timeout": "0.5"})).status == 503
    assert client.query(LONG, "text/csv").status == 200
    for kind, then in zip(kinds, before, strict=True):
        assert settled(partial(ended, *kind), then + 1) == then + 1
    assert metric(client, "tch_queries_killed_total", lane="heavy") == killed + 1
    assert metric(client, "tch_query_seconds_count", lane="heavy") >= 2
    for lane in ("light", "heavy"):
        for state in ("waiting", "running"):
            assert settled(partial(metric, client, "tch_queries", lane=lane, state=state), 0) == 0


def test_labels_have_few_values(client: Client) -> None:
    for number in range(50):
        client.get(f"/queries/{number}")
        client.get(f"/{number}")
        client.send("BREW", f"/{number}")
    routes = {dict(labels).get("route") for name, labels in metrics(client) if name == "tch_requests_total"}
    assert len(routes) < 20


def test_a_request_that_can_not_be_read_is_counted(client: Client) -> None:
    before = metric(client, "tch_requests_total", route="none", status="414")
    assert client.get("/" + "x" * 9000).status == 414
    assert settled(lambda: metric(client, "tch_requests_total", route="none", status="414"), before + 1) == before + 1
