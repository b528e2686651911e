"""What a client meets at the server's limits: true errors, and others who go on being served."""

import contextlib
import http.client
import os
import signal
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from conftest import LONG, RUNAWAY, Client, Running, children, serving, write_dataset

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
LONG_GRAPH = LONG.replace("SELECT *", "CONSTRUCT { <http://e.example/a> ?a ?b . [] <http://e.example/p> ?a, ?b }")
HUNGRY = LONG + " ORDER BY ?b ?a"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve a graph of two triples with tight limits; every query is a worker's."""
    folder = tmp_path_factory.mktemp("limited")
    dataset = write_dataset(folder / "dataset", {"data/x.ttl": "<http://e.example/a> <http://e.example/p> 1, 2 .\n"})
    limits = ["--query-timeout", "3", "--query-memory", "16", "--result-size", "2", "--cache-size", "0"]
    with serving(folder / "releases", "--dataset", str(dataset), *limits) as running:
        yield running


@pytest.fixture
def client(limited: Running) -> Client:
    return limited.client


def target(query: str, **parameters: str) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters})


METHODS = pytest.mark.parametrize("method", ["GET", "POST"])


def send(base: str, query: str, method: str) -> socket.socket:
    """Send a query and return the connection, nothing read."""
    parts = urlsplit(base)
    connection = socket.create_connection((str(parts.hostname), parts.port or 80))
    if method == "GET":
        connection.sendall(f"GET {target(query)} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        return connection
    body = urlencode({"query": query}).encode()
    headers = {"Host": "x", "Content-Type": "application/x-www-form-urlencoded", "Content-Length": str(len(body))}
    head = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    connection.sendall(f"POST /sparql HTTP/1.1\r\n{head}\r\n".encode() + body)
    return connection


@pytest.mark.parametrize(("query", "says"), [(RUNAWAY, "limit of 3 seconds"), (HUNGRY, "memory")])
def test_over_a_limit_is_a_problem_to_ask_again_about(client: Client, query: str, says: str) -> None:
    reply = client.query(query)
    assert (reply.status, reply.type) == (503, "application/problem+json")
    assert says in reply.json()["detail"]
    assert int(reply.headers["Retry-After"]) > 0
    assert reply.headers["Cache-Control"] == "no-store"


def test_a_client_may_ask_for_less_time(client: Client) -> None:
    started = time.monotonic()
    reply = client.get(target(RUNAWAY, timeout="0.5"))
    assert (reply.status, time.monotonic() - started < 2) == (503, True)
    assert "0.5 seconds" in reply.json()["detail"]


@pytest.mark.parametrize("seconds", ["0", "-1", "soon", "1e3", "nan", "", "1&timeout=2"])
def test_a_time_that_is_none_is_refused(client: Client, seconds: str) -> None:
    reply = client.get(target("ASK {}") + "&timeout=" + seconds)
    assert reply.status == 400
    assert "timeout" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (LONG, "application/sparql-results+json"),
        (LONG, "application/sparql-results+xml"),
        (LONG, "text/csv"),
        (LONG_GRAPH, "text/turtle"),
        (LONG_GRAPH, "application/n-triples"),
    ],
)
def test_a_result_that_is_broken_off_never_ends_as_if_whole(client: Client, query: str, accept: str) -> None:
    with pytest.raises(http.client.IncompleteRead) as broken:
        client.send("POST", "/sparql", query.encode(), {"Content-Type": "application/sparql-query", "Accept": accept})
    assert len(broken.value.partial) > 100_000
    # Nothing else is said in its place: words of an error could pass for data.
    assert b"limit" not in broken.value.partial


def test_a_page_shows_the_first_rows_of_a_long_result(client: Client) -> None:
    headers = {"Content-Type": "application/sparql-query", "Accept": "text/html"}
    reply = client.send("POST", "/sparql", LONG.encode(), headers)
    assert (reply.status, reply.type) == (200, "text/html")
    assert reply.text.count("<tr>") == 1001
    assert "there are more" in reply.text
    few = client.send("POST", "/sparql", (LONG + " LIMIT 1000").encode(), headers)
    assert few.text.count("<tr>") == 1001
    assert "there are more" not in few.text


@METHODS
def test_long_queries_beyond_what_there_is_room_for_are_refused_and_lookups_go_on(client: Client, method: str) -> None:
    with contextlib.ExitStack() as stack:
        asked = [stack.enter_context(send(client.base, f"{RUNAWAY} # {number}", method)) for number in range(12)]
        for _ in range(20):
            assert client.query(COUNT).status == 200
        answers = [connection.recv(4096).decode() for connection in asked]
    assert all(" 503 " in answer.splitlines()[0] for answer in answers)
    assert any("too many long queries are waiting" in answer for answer in answers)
    assert any("limit of 3 seconds" in answer for answer in answers)


@METHODS
def test_clients_that_leave_make_room(client: Client, method: str) -> None:
    for _ in range(4):
        for connection in [send(client.base, RUNAWAY, method) for _ in range(4)]:
            connection.close()
        time.sleep(1)
        reply = client.get(target(RUNAWAY, timeout="0.5"))
        assert "0.5 seconds" in reply.json()["detail"]


@METHODS
def test_clients_that_read_nothing_stop_no_others(client: Client, method: str) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(20):
            stack.enter_context(send(client.base, LONG, method))
        for _ in range(20):
            assert client.query(COUNT).status == 200


def test_a_hundred_clients_who_ask_for_something_light_at_once_are_all_answered(client: Client) -> None:
    with ThreadPoolExecutor(100) as threads:
        replies = threads.map(
            lambda number: client.get(target(f"SELECT ({number} AS ?n) {{}}", format="csv")), range(300)
        )
        assert [reply.text.split() for reply in replies] == [["n", str(number)] for number in range(300)]


def test_a_request_that_comes_before_the_last_is_answered_waits_for_it(client: Client) -> None:
    with send(client.base, RUNAWAY, "GET") as connection:
        time.sleep(0.2)
        connection.sendall(f"GET {target('SELECT (7 AS ?n) {}', format='csv')} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        received = b""
        while b"n\r\n7\r\n" not in received:
            piece = connection.recv(4096)
            assert piece, received
            received += piece
    assert received.startswith(b"HTTP/1.1 503 ")
    assert received.count(b"HTTP/1.1 200 ") == 1


def test_a_web_process_that_ends_is_replaced_and_takes_nothing_along(limited: Running) -> None:
    web = [pid for pid in children(limited.process.pid) if "keeper" not in Path(f"/proc/{pid}/cmdline").read_text()]
    os.kill(web[0], signal.SIGTERM)
    deadline = time.monotonic() + 15
    while web[0] in limited.processes():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    for _ in range(20):
        assert limited.client.query(COUNT).status == 200


def test_nothing_is_left_behind(limited: Running) -> None:
    """After all this the server has the processes that it had, and none that goes on with a query."""
    deadline = time.monotonic() + 10
    while _busy(limited) and time.monotonic() < deadline:
        time.sleep(0.2)
    assert _busy(limited) == []


def _busy(running: Running) -> list[int]:
    def ticks(pid: int) -> int:
        with contextlib.suppress(OSError):
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            return int(fields[11]) + int(fields[12])
        return 0

    before = {pid: ticks(pid) for pid in running.processes()}
    time.sleep(0.5)
    return [pid for pid in running.processes() if ticks(pid) - before.get(pid, 0) > 20]
