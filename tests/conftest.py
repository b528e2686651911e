"""The server as it runs in production, on free ports of this machine, and a plain HTTP client for it."""

import contextlib
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urlencode, urlsplit

import pytest
from prometheus_client.parser import text_string_to_metric_families

COMMAND = [sys.executable, "-m", "taiwan_can_help"]
READY = re.compile(r"Serving release \w+ at (http://127\.0\.0\.1:\d+)/")
# A query that never ends, and one with a million rows, whatever the data.
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE {" + " ".join(f"?a{n} ?b{n} ?c{n} ." for n in range(30)) + "}"
NUMBERS = " ".join(str(number) for number in range(1000))
LONG = f"SELECT * WHERE {{ VALUES ?a {{ {NUMBERS} }} VALUES ?b {{ {NUMBERS} }} }}"


@dataclass(frozen=True)
class Reply:
    """An HTTP response, read to its end."""

    status: int
    headers: Message
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()

    @property
    def type(self) -> str:
        return self.headers.get_content_type()

    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Sends single requests and follows no redirect."""

    base: str

    def send(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float = 30,
    ) -> Reply:
        connection = http.client.HTTPConnection(urlsplit(self.base).netloc, timeout=timeout)
        with contextlib.closing(connection):
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            return Reply(response.status, response.headers, response.read())

    def get(self, path: str, accept: str | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        return self.send("GET", path, headers={**({} if accept is None else {"Accept": accept}), **(headers or {})})

    def query(self, text: str, accept: str | None = None) -> Reply:
        return self.get("/sparql?" + urlencode({"query": text}), accept)

    def rows(self, text: str) -> list[dict[str, str]]:
        """Return the values of a SELECT."""
        reply = self.query(text)
        assert reply.status == 200, reply.text
        bindings = reply.json()["results"]["bindings"]
        return [{name: term["value"] for name, term in row.items()} for row in bindings]


def metrics(client: Client) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Return what the server counts, by name and labels."""
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(client.get("/metrics").text)
        for sample in family.samples
    }


def metric(client: Client, name: str, **labels: str) -> float:
    """Return the sum of a metric's values, of those with these labels."""
    found = metrics(client).items()
    return sum(value for (known, having), value in found if known == name and labels.items() <= dict(having).items())


def settled(value: Callable[[], float], wanted: float) -> float:
    """Return a value once it is what is wanted, or as it is after five seconds: counts come a moment late."""
    deadline = time.monotonic() + 5
    while (found := value()) != wanted and time.monotonic() < deadline:
        time.sleep(0.05)
    return found


@dataclass(frozen=True)
class Running:
    """A server that answers; the process leads a session of its own."""

    client: Client
    process: "subprocess.Popen[str]"

    def processes(self) -> list[int]:
        """Return the living processes of the server's session: itself, its web workers and its engine."""
        return [pid for pid, session in _sessions() if session == self.process.pid]

    def wait_until_gone(self) -> list[int]:
        """Give the processes ten seconds to end; return those that did not."""
        deadline = time.monotonic() + 10
        while (left := self.processes()) and time.monotonic() < deadline:
            time.sleep(0.05)
        return left


def children(pid: int) -> list[int]:
    """Return the processes that the process has started; none where it is gone."""
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def workers() -> set[int]:
    """Return the workers of the pool that was started last."""
    youngest = children(os.getpid())[-1]  # they stand by their age, where numbers begin anew at some time
    return set(children(youngest))


def _sessions() -> Iterator[tuple[int, int]]:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            state, _, _, session = stat.read_text().rpartition(")")[2].split()[:4]
            if state != "Z":
                yield int(stat.parent.name), int(session)


@contextlib.contextmanager
def serving(releases: Path, *options: str, quiet: bool = True) -> Iterator[Running]:
    """Run ``serve`` on a free port; at the end none of its processes may be left, nor a traceback where ``quiet``."""
    command = [*COMMAND, "serve", "--port", "0", "--releases", str(releases), *options]
    log = releases.with_name(f"{releases.name}-{time.monotonic_ns()}.log")
    with (
        log.open("w") as errors,
        subprocess.Popen(command, stdout=subprocess.PIPE, stderr=errors, text=True, start_new_session=True) as process,
    ):
        assert process.stdout
        try:
            line = process.stdout.readline()
            match = READY.match(line)
            assert match, line + log.read_text()
            running = Running(Client(match[1]), process)
            assert running.client.get("/health").status == 200
            yield running
            process.send_signal(signal.SIGTERM)
            assert process.wait(timeout=30) in (0, -signal.SIGKILL), log.read_text()
            assert running.wait_until_gone() == []
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
    assert not (quiet and "Traceback" in log.read_text()), log.read_text()


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of releases that every test of the real dataset shares, so that it is built once."""
    return tmp_path_factory.mktemp("real") / "releases"


@pytest.fixture(scope="session")
def server(releases: Path) -> Iterator[str]:
    """Serve the real dataset and yield the base URL."""
    with serving(releases) as running:
        yield running.client.base


@pytest.fixture(scope="session")
def client(server: str) -> Client:
    return Client(server)


Listener = TypeVar("Listener", bound=ThreadingHTTPServer)


@contextlib.contextmanager
def listening(server: Listener) -> Iterator[Listener]:
    """Run a server of a test's own, which the one that is tested may call, in a thread."""
    with server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


DATASET = {
    "ontology/terms.ttl": "<http://e.example/C> a <http://www.w3.org/2002/07/owl#Class> .\n",
    "data/x.ttl": (
        '<http://e.example/a> <http://e.example/p> "one", "貓"@zh-Hant, 1.50 ;'
        " <http://e.example/q> <http://e.example/b> .\n"
    ),
    "data/queries/all.rq": "# title: All\n\nSELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o\n",
}


def write_dataset(root: Path, files: dict[str, str]) -> Path:
    """Write the files of a dataset folder."""
    root.mkdir(parents=True, exist_ok=True)
    for name, content in files.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content, "utf-8")
    return root


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """Return the folder of a small dataset of our own making."""
    return write_dataset(tmp_path / "small", DATASET)
