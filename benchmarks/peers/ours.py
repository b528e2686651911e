"""Our own server, as its command runs it."""

import contextlib
import sys
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from benchmarks.data import COMMAND, Data
from benchmarks.peers import Endpoint
from benchmarks.processes import LOOPBACK, free_port, running, wait_until_it_answers

NAME = "ours"
# So high that no question is stopped, however large the graph: the limits are measured apart.
NO_LIMITS = ("--query-timeout", "120", "--query-memory", "4096", "--result-size", "8192")


class Ours:
    """``taiwan-can-help serve`` with its defaults, but for the limits on a query."""

    name = NAME

    def __init__(self, *options: str) -> None:
        self._options = options or NO_LIMITS

    def install(self) -> None:
        """Do nothing: it is what runs this."""

    def version(self) -> str:
        """Return the package's version."""
        return f"{version('taiwan-can-help')}, Python {sys.version.split()[0]}, pyoxigraph {version('pyoxigraph')}"

    @contextlib.contextmanager
    def serving(self, data: Data, folder: Path) -> Iterator[Endpoint]:
        """Serve the release; see Peer."""
        port, log = free_port(), folder / "ours.log"
        where = ["--dataset", str(data.dataset.root), "--releases", str(data.releases)]
        command = [*COMMAND, "serve", "--host", LOOPBACK, "--port", str(port), *where, *self._options]
        base = f"http://{LOOPBACK}:{port}"
        with running(command, log, {"PYTHONUNBUFFERED": "1"}) as process:
            wait_until_it_answers(f"{base}/health", process, log)
            yield Endpoint(f"{base}/sparql", process)
