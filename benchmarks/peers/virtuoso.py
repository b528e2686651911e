"""Virtuoso 7, open source, from Debian: a column store in C."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

from benchmarks.data import Data
from benchmarks.installing import debian, run, said
from benchmarks.peers import Endpoint, Unavailable
from benchmarks.processes import LOOPBACK, NotServing, free_port, running, wait_until_it_answers

NAME = "Virtuoso 7"
PACKAGE = "virtuoso-opensource-7-bin"
GRAPH = "https://w3id.org/taiwan-can-help/"
# Memory as its manual advises for 2 GB, every row of a result, and queries on as many threads as fit two cores.
SETTINGS = """
[Database]
DatabaseFile = {folder}/virtuoso.db
ErrorLogFile = {folder}/virtuoso.log
LockFile = {folder}/virtuoso.lck
TransactionFile = {folder}/virtuoso.trx
xa_persistent_file = {folder}/virtuoso.pxa
[TempDatabase]
DatabaseFile = {folder}/virtuoso-temp.db
TransactionFile = {folder}/virtuoso-temp.trx
[Parameters]
ServerPort = {sql}
DirsAllowed = {data}
NumberOfBuffers = 170000
MaxDirtyBuffers = 130000
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = {http}
ServerThreads = 20
[SPARQL]
ResultSetMaxRows = 100000000
"""


class Virtuoso:
    """``virtuoso-t`` in a folder of its own, the graph loaded by its bulk loader."""

    name = NAME

    def install(self) -> None:
        """Install the program, without the service that the package ``virtuoso-opensource-7`` starts."""
        self._server, self._client = debian(PACKAGE, "virtuoso-t"), debian(PACKAGE, "isql-vt")

    def version(self) -> str:
        """Return what the program says."""
        words = said([str(self._server), "--help"]).split()
        return words[words.index("Version") + 1]

    @contextlib.contextmanager
    def serving(self, data: Data, folder: Path) -> Iterator[Endpoint]:
        """Serve the graph; see Peer."""
        http, sql = f"{LOOPBACK}:{free_port()}", f"{LOOPBACK}:{free_port()}"
        settings, log = folder / "virtuoso.ini", folder / "virtuoso.out"
        text = SETTINGS.format(folder=folder, sql=sql, http=http, data=data.ntriples.parent)
        settings.write_text(text, "utf-8")
        with running([self._server, "+foreground", "+configfile", settings], log) as process:
            wait_until_it_answers(f"http://{http}/sparql", process, log)
            self._load(sql, data.ntriples)
            yield Endpoint(f"http://{http}/sparql", process, (("default-graph-uri", GRAPH),))

    def _load(self, sql: str, ntriples: Path) -> None:
        statements = f"ld_dir('{ntriples.parent}', '{ntriples.name}', '{GRAPH}'); rdf_loader_run(); checkpoint;"
        try:
            run([str(self._client), sql, "dba", "dba", "VERBOSE=OFF", "ERRORS=STDOUT", f"EXEC={statements}"])
        except Unavailable as error:
            raise NotServing(f"did not load: {error}") from error
