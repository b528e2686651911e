"""Comunica's SPARQL endpoint, in JavaScript, over the graph as a file."""

import contextlib
import functools
import json
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.data import Data
from benchmarks.installing import node_path, npm
from benchmarks.peers import Endpoint
from benchmarks.processes import LOOPBACK, free_port, running, wait_until_it_answers

NAME = "Comunica"
# The version that the clients in tests have.
PACKAGE = Path(__file__).parents[2] / "tests" / "clients" / "package.json"
TIMEOUT_SECONDS = 120


class Comunica:
    """``comunica-sparql-http`` over a file that it fetches once, from a server of ours, and keeps in memory."""

    name = NAME

    def install(self) -> None:
        """Install it from npm."""
        self._bin = npm("comunica", PACKAGE)

    def version(self) -> str:
        """Return the version that was installed."""
        package = self._bin.parent / "@comunica" / "query-sparql" / "package.json"
        return str(json.loads(package.read_text("utf-8"))["version"])

    @contextlib.contextmanager
    def serving(self, data: Data, folder: Path) -> Iterator[Endpoint]:
        """Serve the graph; see Peer. It listens on all addresses of the machine, and can't be told otherwise."""
        port, log = free_port(), folder / "comunica.log"
        with _files(data.ntriples.parent) as base:
            options = ["--port", str(port), "--workers", "1", "--timeout", str(TIMEOUT_SECONDS)]
            command: list[str | Path] = [self._bin / "comunica-sparql-http", f"{base}/{data.ntriples.name}", *options]
            with running(command, log, node_path()) as process:
                wait_until_it_answers(f"http://{LOOPBACK}:{port}/sparql", process, log)
                yield Endpoint(f"http://{LOOPBACK}:{port}/sparql", process)


class _Quiet(SimpleHTTPRequestHandler):
    extensions_map = {**SimpleHTTPRequestHandler.extensions_map, ".nt": "application/n-triples"}  # noqa: RUF012

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name that the class gives it)
        """Say nothing."""


@contextlib.contextmanager
def _files(folder: Path) -> Iterator[str]:
    with ThreadingHTTPServer((LOOPBACK, 0), functools.partial(_Quiet, directory=str(folder))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://{LOOPBACK}:{server.server_port}"
        finally:
            server.shutdown()
