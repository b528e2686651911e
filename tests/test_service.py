"""The server as a set of processes: limits, clients that leave, and an end that leaves nothing behind."""

import contextlib
import http.client
import os
import signal
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from conftest import Client, Running, serving

RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
# Gives a first piece at once, in rows that are long and few (a page shows 1,000, or 4 MB), and then computes for ever:
# each triple that is found is looked for anew, five times, among all of them.
PATTERNS = " . ".join(f"?s{n} ?p{n} ?o{n}" for n in range(6))
EQUAL = " && ".join(f"?s{n} = ?s{n + 1} && ?p{n} = ?p{n + 1} && ?o{n} = ?o{n + 1}" for n in range(5))
STARTS_WELL = f"""SELECT * WHERE {{
  VALUES ?k {{ 1 2 }} BIND(REPLACE("{"x" * 100}", "x", "{"y" * 700}") AS ?long) {PATTERNS} FILTER(?k = 1 && {EQUAL})
}}"""
# Has nothing to give before all is computed.
SORTED = "SELECT ?a WHERE { ?a ?b ?c . ?d ?e ?f FILTER(STRLEN(STR(?a)) > 1000 + STRLEN(STR(?d))) } ORDER BY ?a"
ENDLESS = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f }"
LOOKUP = "ASK { <https://w3id.org/taiwan-can-help/id/country/palau> ?p ?o }"
WORKERS = max(4, 2 * (os.cpu_count() or 1))


@pytest.fixture(scope="module")
def hasty(releases: Path) -> Iterator[Running]:
    """Serve the real dataset with a limit of one second; every query is a worker's."""
    with serving(releases, "--query-timeout", "1", "--cache-size", "0", quiet=False) as running:
        yield running


def answers(client: Client) -> bool:
    return client.query(LOOKUP).json()["boolean"] is True


@pytest.mark.parametrize("query", [RUNAWAY, SORTED], ids=["count", "order"])
@pytest.mark.parametrize("accept", [None, "text/html", "text/csv"])
def test_a_runaway_query_is_stopped(hasty: Running, query: str, accept: str | None) -> None:
    started = time.monotonic()
    reply = hasty.client.query(query, accept)
    assert time.monotonic() - started < 2
    assert reply.status == 503
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.type == ("text/html" if accept == "text/html" else "application/problem+json")
    assert "1 second" in reply.text
    assert answers(hasty.client)


def test_a_lookup_beside_runaway_queries_answers(hasty: Running) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(hasty.client.query(RUNAWAY).status)) for _ in range(WORKERS - 1)
    ]
    for thread in threads:
        thread.start()
    time.sleep(0.2)
    started = time.monotonic()
    assert answers(hasty.client)
    assert time.monotonic() - started < 0.7
    for thread in threads:
        thread.join()
    assert set(statuses) == {503}
    assert answers(hasty.client)


def test_more_runaway_queries_than_workers(hasty: Running) -> None:
    statuses: list[int] = []
    threads = [
        threading.Thread(target=lambda: statuses.append(hasty.client.query(RUNAWAY).status)) for _ in range(2 * WORKERS)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert set(statuses) == {503}
    assert answers(hasty.client)


def test_a_result_that_stops_half_way_does_not_look_whole(hasty: Running) -> None:
    with pytest.raises((http.client.IncompleteRead, ConnectionError)):
        hasty.client.query(STARTS_WELL, "text/csv")
    page = hasty.client.query(STARTS_WELL, "text/html")
    assert (page.status, page.type) == (503, "text/html")
    assert answers(hasty.client)


def test_head_requests_hold_no_worker(hasty: Running) -> None:
    for _ in range(WORKERS + 1):
        head = hasty.client.send("HEAD", "/sparql?" + urlencode({"query": STARTS_WELL, "format": "csv"}))
        assert head.status == 200
    assert answers(hasty.client)


def test_a_client_may_leave_at_any_time(hasty: Running) -> None:
    address = urlsplit(hasty.client.base)
    for query, read in [(ENDLESS, 1000), (ENDLESS, 0), (RUNAWAY, 0)] * WORKERS:
        with socket.create_connection((address.hostname, address.port), timeout=10) as connection:
            target = "/sparql?" + urlencode({"query": query, "format": "csv"})
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            if read:
                assert connection.recv(read).startswith(b"HTTP/1.1 200")
    deadline = time.monotonic() + 5
    while hasty.client.query(LOOKUP).status != 200 and time.monotonic() < deadline:
        time.sleep(0.1)
    assert answers(hasty.client)


def test_readers_that_stall_hold_no_worker(hasty: Running) -> None:
    address = urlsplit(hasty.client.base)
    target = "/sparql?" + urlencode({"query": ENDLESS, "format": "csv"})
    with contextlib.ExitStack() as stalled:
        for _ in range(WORKERS):
            connection = stalled.enter_context(socket.create_connection((address.hostname, address.port), timeout=10))
            connection.sendall(f"GET {target} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            assert connection.recv(100).startswith(b"HTTP/1.1 200")
        time.sleep(2)
        assert answers(hasty.client)


def test_two_requests_on_one_connection(client: Client) -> None:
    connection = http.client.HTTPConnection(urlsplit(client.base).netloc, timeout=10)
    with contextlib.closing(connection):
        for path in ("/health", "/queries/masks-total.csv", "/nowhere", "/health"):
            connection.request("GET", path)
            response = connection.getresponse()
            response.read()
            assert response.status == (404 if path == "/nowhere" else 200)


def test_a_small_dataset_is_served(tmp_path: Path, small: Path) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small), "--workers", "1") as running:
        client = running.client
        assert client.get("/health").json()["triples"] == 5
        lines = client.get("/queries/all.csv").text.splitlines()
        assert lines[0] == "s,p,o"
        assert len(lines) == 6
        for path in ("/", "/queries"):
            assert client.get(path, "text/html").status == 200
        assert client.get("/ontology").status == 404
        assert "zh-Hant" in client.get("/dump.ttl").text


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_all_processes(tmp_path: Path, small: Path, sent: signal.Signals) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small)) as running:
        assert len(running.processes()) > WORKERS
        running.process.send_signal(sent)
        running.process.wait(timeout=30)
        assert running.wait_until_gone() == []


def test_a_killed_server_leaves_nothing(tmp_path: Path, small: Path) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small)) as running:
        running.process.kill()
        running.process.wait(timeout=10)
        assert running.wait_until_gone() == []
