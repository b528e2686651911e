"""The engine in this process: pyoxigraph called directly, the limit of what a server in front of it can reach."""

import io
import time

import pyoxigraph as ox

from benchmarks.data import Data

NAME = "engine in process"


class InProcess:
    """A memory store with the graph."""

    def __init__(self, data: Data) -> None:
        self._store = ox.Store()
        self._store.bulk_load(path=str(data.ntriples), format=ox.RdfFormat.N_TRIPLES)

    def ask(self, text: str, accept: str) -> tuple[float, bytes]:
        """Return the seconds that query and serialisation took, and what came out."""
        output = io.BytesIO()
        started = time.perf_counter()
        results = self._store.query(text)
        if isinstance(results, ox.QueryTriples):
            ox.serialize(results, output, ox.RdfFormat.from_media_type(accept) or ox.RdfFormat.TURTLE)
        else:
            results.serialize(output, ox.QueryResultsFormat.from_media_type(accept))
        return time.perf_counter() - started, output.getvalue()
