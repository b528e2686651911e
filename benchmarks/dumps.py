"""The Turtle dump from our server, and the same file from nginx."""

import http.client
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.compare import interleave
from benchmarks.data import Data
from benchmarks.load import requests_per_second
from benchmarks.peers import Endpoint
from benchmarks.peers.nginx import NAME as NGINX
from benchmarks.peers.nginx import Nginx
from benchmarks.peers.ours import NAME as OURS
from benchmarks.processes import settle
from benchmarks.questions import TURTLE
from benchmarks.results import Finding, Measurement, Results

DUMP_RATE = "dumps/s"
PATH = "dump.ttl"
CLIENTS, SECONDS = 4, 2


def compare_dumps(data: Data, ours: Endpoint, nginx: Nginx, folder: Path, rounds: int, results: Results) -> None:
    """Measure how many times a second each sends the whole file, one after the other."""
    base = f"http://{urlsplit(ours.url).netloc}"
    root = folder / "files"
    root.mkdir()
    (root / PATH).write_bytes(_fetch(f"{base}/{PATH}"))
    with ExitStack() as stack:
        theirs = stack.enter_context(nginx.serving_files(root, folder))
        work = {OURS: _loading(f"{base}/{PATH}", ours), NGINX: _loading(f"{theirs}/{PATH}", None)}
        samples, failed = interleave(work, rounds)
    for name, text in failed.items():
        results.findings.append(Finding(data.name, name, PATH, text))
    results.add(
        Measurement(data.name, data.triples, PATH, name, DUMP_RATE, tuple(found)) for name, found in samples.items()
    )


def _loading(url: str, endpoint: Endpoint | None) -> Callable[[], float]:
    def sample() -> float:
        rate = requests_per_second(url, TURTLE, CLIENTS, SECONDS)
        if endpoint:
            settle([endpoint.process])
        return rate

    return sample


def _fetch(url: str) -> bytes:
    parts = urlsplit(url)
    with closing(http.client.HTTPConnection(parts.netloc, timeout=60)) as connection:
        connection.request("GET", parts.path, headers={"Accept-Encoding": "identity"})
        return connection.getresponse().read()
