"""Oxigraph's own server, in memory: the engine that ours embeds, behind HTTP in Rust."""

import contextlib
import http.client
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.data import Data
from benchmarks.installing import said
from benchmarks.peers import Endpoint, Unavailable
from benchmarks.processes import LOOPBACK, NotServing, free_port, running, wait_until_it_answers

NAME = "Oxigraph server"


class Oxigraph:
    """``oxigraph serve`` without a folder; the command comes with the wheel ``oxigraph``."""

    name = NAME
    _command = Path(sys.executable).with_name("oxigraph")

    def install(self) -> None:
        """See that the wheel's command is there: the project's extra ``dev`` has it."""
        if not self._command.exists():
            raise Unavailable("no oxigraph beside this Python; install the extra dev")

    def version(self) -> str:
        """Return what the command says."""
        return said([str(self._command), "--version"]).split()[-1]

    @contextlib.contextmanager
    def serving(self, data: Data, folder: Path) -> Iterator[Endpoint]:
        """Serve the graph from memory; see Peer."""
        address, log = f"{LOOPBACK}:{free_port()}", folder / "oxigraph.log"
        with running([self._command, "serve", "--bind", address], log) as process:
            wait_until_it_answers(f"http://{address}/", process, log)
            _load(f"http://{address}/store?default", data.ntriples)
            yield Endpoint(f"http://{address}/query", process)


def _load(url: str, ntriples: Path) -> None:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=600)
    headers = {"Content-Type": "application/n-triples", "Content-Length": str(ntriples.stat().st_size)}
    with contextlib.closing(connection), ntriples.open("rb") as stream:
        connection.request("POST", f"{parts.path}?{parts.query}", stream, headers)
        response = connection.getresponse()
        if response.status not in (201, 204):
            raise NotServing(f"did not load: {response.status} {response.read(200)!r}")
