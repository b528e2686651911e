"""pyoxigraph's memory store, called directly."""

import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from io import BytesIO
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from taiwan_can_help.engine import Answer, EngineError, Formats, NotAcceptable, Query, QueryError
from taiwan_can_help.engine.tags import RecasedOutput
from taiwan_can_help.namespaces import BASE, PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format, ResultKind
from taiwan_can_help.queries import parse_term

RESULTS_FORMAT = {
    f.JSON: ox.QueryResultsFormat.JSON,
    f.XML: ox.QueryResultsFormat.XML,
    f.CSV: ox.QueryResultsFormat.CSV,
    f.TSV: ox.QueryResultsFormat.TSV,
}
RDF_FORMAT = {
    f.TURTLE: ox.RdfFormat.TURTLE,
    f.N_TRIPLES: ox.RdfFormat.N_TRIPLES,
    f.N_QUADS: ox.RdfFormat.N_QUADS,
    f.TRIG: ox.RdfFormat.TRIG,
    f.JSON_LD: ox.RdfFormat.JSON_LD,
    f.RDF_XML: ox.RdfFormat.RDF_XML,
}

# Writes the whole result to a binary stream; evaluation goes on as it writes.
Write = Callable[[IO[bytes]], None]


def load(nquads: Path) -> ox.Store:
    """Return a memory store with the quads of a release.

    It is loaded in a thread of its own, to which glibc gives a heap of its own: queries then get their memory from
    this thread's, all in one place, and not from what loading left free between the quads, all over the store. There
    each would write to other pages, and a forked worker have a copy made of every one.
    """
    store = ox.Store()
    with ThreadPoolExecutor(1) as thread:
        thread.submit(store.bulk_load, path=str(nquads), format=ox.RdfFormat.N_QUADS).result()
    return store


def evaluate(store: ox.Store, query: Query, formats: Formats) -> tuple[ResultKind, Format, Write]:
    """Start a query and return its kind, its format and what writes it.

    Query and write in the same thread: pyoxigraph aborts the process otherwise. Raises QueryError,
    NotAcceptable or EngineError.
    """
    default_graphs: list[ox.NamedNode | ox.BlankNode | ox.DefaultGraph] | None = _graphs(query.default_graphs)
    named_graphs: list[ox.NamedNode | ox.BlankNode] | None = _graphs(query.named_graphs)
    try:
        results = store.query(
            query.text,
            base_iri=BASE,
            default_graph=default_graphs,
            named_graphs=named_graphs,
            substitutions={ox.Variable(name): parse_term(term) for name, term in query.bindings.items()},
        )
    except (SyntaxError, ValueError, RuntimeError) as error:  # RuntimeError: a function that there is not
        raise QueryError(str(error)) from error
    except OSError as error:
        raise EngineError(str(error)) from error
    kind = _kind(results)
    chosen = formats[kind]
    if chosen is None:
        raise NotAcceptable(kind)
    return kind, chosen, _writer(results, chosen)


class MemoryEngine:
    """Evaluates in this process, without limits: for the command line, builds and tests."""

    def __init__(self, store: ox.Store) -> None:
        self._store = store

    def query(self, query: Query, formats: Formats, client: socket.socket | None = None) -> Answer:  # noqa: ARG002
        """Evaluate the query; see Engine.query."""
        kind, chosen, write = evaluate(self._store, query, formats)
        output = BytesIO()
        write(output)
        content = output.getvalue()
        return Answer(kind, chosen, iter([content]), len(content))


def _graphs(iris: tuple[str, ...] | None) -> list[Any] | None:
    try:
        return None if iris is None else [ox.NamedNode(iri) for iri in iris]
    except ValueError as error:
        raise QueryError(f"a graph is named by an absolute IRI: {error}") from error


def _kind(results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples) -> ResultKind:
    if isinstance(results, ox.QuerySolutions):
        return ResultKind.BINDINGS
    return ResultKind.BOOLEAN if isinstance(results, ox.QueryBoolean) else ResultKind.GRAPH


def _writer(results: ox.QuerySolutions | ox.QueryBoolean | ox.QueryTriples, chosen: Format) -> Write:
    def write(output: IO[bytes]) -> None:
        recased = RecasedOutput(output, chosen)
        try:
            if isinstance(results, ox.QueryTriples):
                ox.serialize(results, cast("IO[bytes]", recased), RDF_FORMAT[chosen], prefixes=PREFIXES)
            else:
                results.serialize(cast("IO[bytes]", recased), RESULTS_FORMAT[chosen])
            recased.finish()
        except ConnectionError:
            raise  # the reader left; the engine is well
        except (RuntimeError, ValueError, OSError) as error:
            raise EngineError(str(error)) from error

    return write
