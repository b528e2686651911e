"""rdflib-endpoint with its Oxigraph store: SPARQL evaluated by rdflib, in Python, over FastAPI."""

import contextlib
from collections.abc import Iterator
from importlib.metadata import distributions
from pathlib import Path

from benchmarks.data import Data
from benchmarks.installing import pip
from benchmarks.peers import Endpoint
from benchmarks.processes import LOOPBACK, free_port, running, wait_until_it_answers

NAME = "rdflib-endpoint"
PACKAGES = ("rdflib-endpoint[cli,oxigraph]==0.6.3", "rdflib==7.6.0", "oxrdflib==0.5.0")


class RdflibEndpoint:
    """``rdflib-endpoint serve --store Oxigraph`` from a virtual environment of its own."""

    name = NAME

    def install(self) -> None:
        """Install it from PyPI."""
        self._bin = pip("rdflib-endpoint", *PACKAGES)

    def version(self) -> str:
        """Return the versions that were installed."""
        (packages,) = self._bin.parent.glob("lib/python*/site-packages")
        found = {each.name: each.version for each in distributions(path=[str(packages)])}
        return f"{found['rdflib-endpoint']}, rdflib {found['rdflib']}, oxrdflib {found['oxrdflib']}"

    @contextlib.contextmanager
    def serving(self, data: Data, folder: Path) -> Iterator[Endpoint]:
        """Serve the graph; see Peer."""
        port, log = free_port(), folder / "rdflib-endpoint.log"
        options = ["--host", LOOPBACK, "--port", str(port), "--store", "Oxigraph"]
        with running([self._bin / "rdflib-endpoint", "serve", *options, data.ntriples], log) as process:
            wait_until_it_answers(f"http://{LOOPBACK}:{port}/", process, log)
            yield Endpoint(f"http://{LOOPBACK}:{port}/", process)
