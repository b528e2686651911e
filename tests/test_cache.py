"""The cache as clients see it: by Cache-Status, over real connections, and by what the engine had to do."""

import contextlib
import re
import socket
import subprocess
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

import pytest
from conftest import COMMAND, LONG, RUNAWAY, Client, Reply, Running, metric, serving, settled, write_dataset

from taiwan_can_help.cache.middleware import LONG_BYTES, Cache
from taiwan_can_help.cache.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

HIT, STORED, BYPASS = "tch; hit", "tch; fwd=miss; stored", "tch; fwd=bypass"
JSON, CSV = "application/sparql-results+json", "text/csv"
DATA = "<http://e.example/a> <http://e.example/p> {} .\n"
ALL = "SELECT ?o WHERE {{ ?s <http://e.example/p> ?o }} # {}"
NAMED = "# title: All\n\nSELECT ?o WHERE { ?s <http://e.example/p> ?o }\n"
SLOW = LONG.replace("SELECT *", "SELECT (COUNT(*) AS ?n)").removesuffix("}") + "VALUES ?c { 1 2 3 4 5 } }"


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """Serve a graph of two triples, with a cache of 4 MB."""
    folder = tmp_path_factory.mktemp("cache")
    dataset = write_dataset(folder / "dataset", {"data/x.ttl": DATA.format("1, 2"), "data/queries/all.rq": NAMED})
    with serving(folder / "releases", "--dataset", str(dataset), "--cache-size", "4") as server:
        yield server


@pytest.fixture
def client(running: Running) -> Client:
    return running.client


def status(reply: Reply) -> str | None:
    return reply.headers["Cache-Status"]


def target(query: str, **parameters: str) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters})


class Wire:
    """A connection on which requests and answers are bytes."""

    def __init__(self, client: Client, buffer: int | None = None) -> None:
        parts = urlsplit(client.base)
        self.socket = socket.socket()
        self.socket.settimeout(20)
        if buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.connect((str(parts.hostname), parts.port or 80))
        self.left = b""

    def __enter__(self) -> "Wire":
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, path: str, *headers: str, version: str = "1.1") -> None:
        self.socket.sendall(request(path, *headers, version=version))

    def answer(self) -> tuple[str, bytes]:
        """Return the next head and its body, by Content-Length."""
        while b"\r\n\r\n" not in self.left:
            self._receive()
        head, _, self.left = self.left.partition(b"\r\n\r\n")
        length = re.search(rb"Content-Length: (\d+)", head)
        assert length, head
        while len(self.left) < int(length[1]):
            self._receive()
        body, self.left = self.left[: int(length[1])], self.left[int(length[1]) :]
        return head.decode(), body

    def _receive(self) -> None:
        piece = self.socket.recv(65536)
        assert piece, "the server closed the connection"
        self.left += piece

    def is_closed(self) -> bool:
        return self.left == b"" and self.socket.recv(1) == b""


def request(path: str, *headers: str, version: str = "1.1") -> bytes:
    lines = [f"GET {path} HTTP/{version}", "Host: x", f"Accept: {JSON}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def test_the_second_time_an_answer_comes_from_the_cache_and_is_the_same(client: Client) -> None:
    first, second, third = (client.query(ALL.format("twice"), JSON) for _ in range(3))
    assert [status(reply) for reply in (first, second, third)] == [STORED, HIT, HIT]
    assert first.body == second.body == third.body
    assert len(first.json()["results"]["bindings"]) == 2
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin", "Content-Length"):
        assert first.headers[name] == second.headers[name] == third.headers[name]
        assert first.headers[name]
    assert "Cache-Status" in first.headers["Access-Control-Expose-Headers"]


def test_order_and_spelling_of_parameters_do_not_matter(client: Client) -> None:
    query = ALL.format("spelt")
    assert status(client.get(target(query, format="csv"))) == STORED
    assert status(client.get("/sparql?" + urlencode({"format": "csv", "query": query}))) == HIT


def test_formats_do_not_mix(client: Client) -> None:
    accepts = {JSON: "{", "application/sparql-results+xml": "<?xml", CSV: "o\r\n", "text/html": "<!doctype"}
    for _ in range(2):
        for accept, start in accepts.items():
            reply = client.query(ALL.format("formats"), accept)
            assert reply.type == accept
            assert reply.text.lower().replace("\n", "\r\n").replace("\r\r", "\r").startswith(start)
    assert status(client.query(ALL.format("formats"), f"{CSV};q=0.9, image/png;q=0.1")) == HIT


def test_conditions_and_head_are_answered_from_the_cache(client: Client) -> None:
    whole = client.query(ALL.format("head"), JSON)
    path = target(ALL.format("head"))
    same = client.get(path, JSON, {"If-None-Match": f'"other", W/{whole.headers["ETag"]}'})
    assert (same.status, same.body, status(same)) == (304, b"", HIT)
    assert same.headers["ETag"] == whole.headers["ETag"]
    assert same.headers["Vary"] == "Accept"
    other = client.get(path, JSON, {"If-None-Match": '"other"'})
    assert (other.status, other.body, status(other)) == (200, whole.body, HIT)
    head = client.send("HEAD", path, headers={"Accept": JSON})
    assert (head.status, head.body, status(head)) == (200, b"", HIT)
    assert head.headers["Content-Length"] == str(len(whole.body))


def test_a_head_of_what_is_not_there_puts_nothing_there(client: Client) -> None:
    path = target(ALL.format("headless"))
    assert client.send("HEAD", path).status == 200
    reply = client.get(path)
    assert status(reply) == STORED
    assert reply.body


def test_a_post_has_its_body_in_the_key(client: Client) -> None:
    headers = {"Content-Type": "application/sparql-query", "Accept": CSV}
    ask = [client.send("POST", "/sparql", f"SELECT ({n} AS ?n) {{}}".encode(), headers) for n in (1, 2, 1)]
    assert [reply.text.split() for reply in ask] == [["n", "1"], ["n", "2"], ["n", "1"]]
    assert [status(reply) for reply in ask] == [STORED, STORED, HIT]
    form = {"Content-Type": "application/x-www-form-urlencoded", "Accept": CSV}
    body = urlencode({"query": "SELECT (1 AS ?n) {}"}).encode()
    assert [status(client.send("POST", "/sparql", body, form)) for _ in range(2)] == [STORED, HIT]


@pytest.mark.parametrize("function", ["NOW()", "RAND()", "STRUUID()"])
def test_what_may_differ_each_time_is_computed_each_time(client: Client, function: str) -> None:
    replies = [client.query(f"SELECT ({function} AS ?x) {{}}", CSV) for _ in range(2)]
    assert [status(reply) for reply in replies] == [BYPASS, BYPASS]
    assert replies[0].body != replies[1].body


@pytest.mark.parametrize(
    ("path", "code"),
    [(target("nonsense"), 400), ("/sparql?query=ASK+{}&format=none", 400), ("/queries/none", 404), ("/id/none", 404)],
)
def test_errors_are_not_stored(client: Client, path: str, code: int) -> None:
    replies = [client.get(path) for _ in range(2)]
    assert [(reply.status, status(reply)) for reply in replies] == [(code, BYPASS)] * 2


def test_a_stopped_query_is_not_stored(client: Client) -> None:
    replies = [client.get(target(RUNAWAY, timeout="0.3")) for _ in range(2)]
    assert [(reply.status, status(reply)) for reply in replies] == [(503, BYPASS)] * 2


def test_a_result_that_breaks_off_is_not_stored(tmp_path: Path, small: Path) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small), "--result-size", "1") as server:
        for _ in range(2):
            with Wire(server.client) as wire:
                wire.send(target(LONG, format="csv"))
                received = b""
                while piece := wire.socket.recv(65536):
                    received += piece
            assert received.startswith(b"HTTP/1.1 200")
            assert not received.endswith(b"0\r\n\r\n")
            assert b"Cache-Status: tch; fwd=miss\r\n" in received


def test_a_result_that_its_client_did_not_take_to_the_end_is_not_stored() -> None:
    asked = []

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [("ETag", '"x"')])
        return iter([b"one", b"two"])

    cache = Cache(app, lambda _: "release", Store(1_000_000))
    for leaves in (True, True, False, False):
        body = iter(ask(cache, "/"))
        taken = [next(body)] if leaves else list(body)
        assert b"".join(taken) == (b"one" if leaves else b"onetwo")
        if hasattr(body, "close"):
            body.close()
    assert len(asked) == 3


def ask(cache: Cache, path: str) -> Iterable[bytes]:
    environ = {"REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": ""}
    return cache(environ, lambda *_: lambda _: None)


def test_of_the_long_results_asked_for_again_one_at_a_time_is_gathered() -> None:
    piece = bytes(LONG_BYTES)
    asked = []

    def app(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterator[bytes]:
        asked.append(environ["PATH_INFO"])
        start_response("200 OK", [("ETag", '"x"')])
        return iter([piece, piece])

    def whole(path: str) -> None:
        with closing_body(ask(cache, path)) as body:
            assert b"".join(body) == 2 * piece

    cache = Cache(app, lambda _: "release", Store(20 * LONG_BYTES))
    whole("/first")
    whole("/second")
    for _ in range(2):
        with closing_body(ask(cache, "/first")) as first:
            taken = [next(iter(first)), next(iter(first))]
            whole("/second")
            assert b"".join(taken) == 2 * piece
    whole("/second")
    whole("/second")
    assert asked[2:] == ["/first", "/second", "/first", "/second", "/second"]


@contextlib.contextmanager
def closing_body(body: Iterable[bytes]) -> Iterator[Iterable[bytes]]:
    """Close a body after use, as a WSGI server does."""
    try:
        yield body
    finally:
        if hasattr(body, "close"):
            body.close()


def test_many_who_ask_for_the_same_at_once_have_it_computed_once(client: Client) -> None:
    before = metric(client, "tch_queries_ended_total")
    with ThreadPoolExecutor(17) as threads:
        replies = list(threads.map(lambda _: client.query(SLOW, CSV), range(17)))
    assert {(reply.status, reply.text.split()[1]) for reply in replies} == {(200, "5000000")}
    assert settled(lambda: metric(client, "tch_queries_ended_total"), before + 1) == before + 1
    found = Counter(status(reply) for reply in replies)
    assert found.pop(STORED) == 1
    assert found.pop("tch; fwd=miss; collapsed") > 0
    assert set(found) <= {HIT}  # who came to it when it was there


def test_who_waits_for_a_client_that_leaves_is_answered(client: Client) -> None:
    query = SLOW + " # left"
    with Wire(client) as leaves, ThreadPoolExecutor(5) as threads:
        leaves.send(target(query))
        time.sleep(0.1)
        waiting = [threads.submit(client.query, query, CSV) for _ in range(5)]
        time.sleep(0.1)
        leaves.socket.close()
        assert {answer.result().status for answer in waiting} == {200}


def test_what_fails_for_one_fails_for_each_in_its_own_time(client: Client) -> None:
    started = time.monotonic()
    with ThreadPoolExecutor(4) as threads:
        replies = list(threads.map(lambda _: client.get(target(RUNAWAY + " # all", timeout="1")), range(4)))
    assert {reply.status for reply in replies} == {503}
    assert time.monotonic() - started < 4


def test_the_bound_holds_and_long_results_pass_by(client: Client) -> None:
    for number in range(30):
        assert client.get(target(f"{LONG} LIMIT {20_000 + number}", format="csv")).status == 200
        assert metric(client, "tch_cache_bytes") <= 4 * 1024 * 1024
    assert metric(client, "tch_cache_entries") > 1
    long = [client.get(target(f"{LONG} LIMIT 400000", format="csv")) for _ in range(2)]
    assert long[0].body == long[1].body
    assert len(long[0].body) > 2 * 1024 * 1024
    assert "hit" not in str(status(long[1]))


def test_the_sites_own_queries_are_there_before_anybody_asks(tmp_path: Path, small: Path) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small)) as server:
        deadline = time.monotonic() + 20
        while metric(server.client, "tch_cache_entries") < 2 and time.monotonic() < deadline:
            time.sleep(0.1)
        for accept in (None, "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"):
            assert status(server.client.get("/queries/all", accept)) == HIT


def test_without_a_cache_nothing_is_said_of_one(tmp_path: Path, small: Path) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small), "--cache-size", "0") as server:
        replies = [server.client.query("ASK {}") for _ in range(2)]
        assert [(reply.status, status(reply)) for reply in replies] == [(200, None)] * 2


def test_an_answer_names_the_address_that_it_was_asked_at(client: Client) -> None:
    for host in ("one.example", "two.example", "one.example"):
        assert f"<http://{host}/sparql>" in client.get("/sparql", "text/turtle", {"Host": host}).text


def test_a_connection_is_kept_and_each_request_on_it_answered(client: Client) -> None:
    paths = [target(ALL.format(f"kept {number}"), format="csv") for number in range(3)]
    bodies = [client.get(path, JSON).body for path in paths]
    with Wire(client) as wire:
        for _ in range(4):
            for path, body in zip(paths, bodies, strict=True):
                wire.send(path)
                head, received = wire.answer()
                assert received == body
                assert f"Cache-Status: {HIT}" in head
                assert "Connection: keep-alive" in head
                assert re.search(r"Date: \w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT", head)


def test_requests_that_come_together_or_in_pieces_are_answered_in_order(client: Client) -> None:
    one, two = (target(f"SELECT ({number} AS ?n) {{}} # wire", format="csv") for number in (1, 2))
    with Wire(client) as wire:
        for path in (one, two, one, two):
            wire.send(path)
            wire.answer()
        wire.socket.sendall(request(one) + request(two) + request(one))
        assert [wire.answer()[1].split()[1] for _ in range(3)] == [b"1", b"2", b"1"]
        whole = request(two)
        wire.socket.sendall(whole[:20])
        time.sleep(0.2)
        wire.socket.sendall(whole[20:] + request(one)[:30])
        time.sleep(0.2)
        wire.socket.sendall(request(one)[30:])
        assert [wire.answer()[1].split()[1] for _ in range(2)] == [b"2", b"1"]


def test_a_body_behind_a_head_that_was_answered_before_is_no_request(client: Client) -> None:
    path = target("ASK {} # body", format="csv")
    with Wire(client) as wire:
        for _ in range(3):
            wire.send(path, "Content-Length: 5")
            time.sleep(0.1)
            wire.socket.sendall(b"GET /")
            assert wire.answer()[0].startswith("HTTP/1.1 200")


@pytest.mark.parametrize(("version", "header"), [("1.1", "Connection: close"), ("1.0", "X: y")])
def test_a_connection_closes_where_it_is_asked_to(client: Client, version: str, header: str) -> None:
    for _ in range(4):
        with Wire(client) as wire:
            wire.send(target("ASK {} # close", format="csv"), header, version=version)
            head, body = wire.answer()
            assert "Connection: close" in head
            assert body
            assert wire.is_closed()


def test_a_client_of_http_1_0_is_answered_as_such(client: Client) -> None:
    with Wire(client) as wire:
        for _ in range(4):
            wire.send(target("ASK {} # old", format="csv"), "Connection: keep-alive", version="1.0")
            assert wire.answer()[0].startswith("HTTP/1.0 200")


def test_who_reads_slowly_keeps_nobody_waiting(client: Client) -> None:
    path = target(LONG + " LIMIT 100000", format="csv")
    body = client.get(path, JSON).body
    assert status(client.get(path, JSON)) == HIT
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(Wire(client, buffer=4096)) for _ in range(3)]
        for wire in slow:
            for _ in range(6):  # together more than the kernel takes for a client that does not read
                wire.send(path)
                time.sleep(0.05)
        for number in range(10):
            assert client.query(ALL.format(number % 2), JSON).status == 200
        for wire in slow:
            assert [wire.answer()[1] == body for _ in range(6)] == [True] * 6


def test_connections_that_send_nothing_keep_nobody_waiting(client: Client) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(100):
            stack.enter_context(Wire(client))
        started = time.monotonic()
        assert client.query(ALL.format("idle"), JSON).status == 200
        assert time.monotonic() - started < 4


def test_a_new_release_is_answered_from_at_once(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "dataset", {"data/x.ttl": DATA.format('"first"'), "data/queries/all.rq": NAMED})
    places = ["--dataset", str(dataset), "--releases", str(tmp_path / "releases")]
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as server, Wire(server.client) as wire:

        def answers() -> tuple[str, ...]:
            """Return the release by name, and what three ways say, the first of them without parser or thread."""
            before = str(server.client.get("/health").json()["release"])
            wire.send(target(ALL.format("switch"), format="csv"))
            found = wire.answer()[1].decode().split()[1]
            others = [
                server.client.get(path).text.split()[1] for path in ("/queries/all.csv", "/queries/all?format=csv")
            ]
            return (before, found, *others) if server.client.get("/health").json()["release"] == before else answers()

        first = [answers() for _ in range(3)]
        assert {entry[1:] for entry in first} == {("first",) * 3}
        write_dataset(dataset, {"data/x.ttl": DATA.format('"second"')})
        subprocess.run([*COMMAND, "build", *places], check=True, capture_output=True)
        deadline = time.monotonic() + 20
        while (now := answers())[0] == first[0][0]:
            assert now[1:] == ("first",) * 3
            assert time.monotonic() < deadline
        assert now[1:] == ("second",) * 3
        assert answers()[1:] == ("second",) * 3
