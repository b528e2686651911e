"""Read the protocol tests: requests and what is expected of their responses, in the W3C's HTTP vocabulary."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pyoxigraph as ox
from rdflib import RDFS, Graph, Literal, Namespace
from rdflib.term import Node

from conformance.manifest import MF, file_of, items, only, read_turtle, short_id, walk

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")


@dataclass(frozen=True)
class Exchange:
    """A request, and the response expected: classes of status (2 for 2xx), truth value, kind of format."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[int]
    boolean: bool | None
    format: str | None

    @property
    def updates(self) -> bool:
        """Return whether the request asks for an update, in whichever way."""
        media_type = self.headers.get("content-type", "").partition(";")[0]
        form = (self.body or b"").decode("latin-1") if media_type == "application/x-www-form-urlencoded" else ""
        parameters = parse_qs(urlsplit(self.path).query) | parse_qs(form)
        return media_type == "application/sparql-update" or "update" in parameters


@dataclass(frozen=True)
class ProtocolTest:
    """One test: its exchanges in their order."""

    id: str
    name: str
    exchanges: tuple[Exchange, ...]

    @property
    def writes(self) -> bool:
        """Return whether the test asks for an update that succeeds."""
        return any(exchange.updates and 2 in exchange.statuses for exchange in self.exchanges)


def read_protocol_tests(path: Path) -> list[ProtocolTest]:
    """Return the tests of a manifest in their order."""
    return [
        ProtocolTest(
            short_id(test, file),
            str(only(graph, test, MF.name)),
            tuple(_exchange(graph, request) for request in items(graph, only(graph, test, MF.action), HT.requests)),
        )
        for graph, test, file in walk(path)
    ]


def read_graphs(path: Path) -> bytes:
    """Return all named graphs that the tests ask for, as N-Quads."""
    graph = read_turtle(path)
    names = {
        str(only(graph, data, RDFS.label)): file_of(only(graph, data, UT.graph))
        for data in graph.objects(None, UT.graphData)
    }
    quads = [
        ox.Quad(quad.subject, quad.predicate, quad.object, ox.NamedNode(name))
        for name, file in sorted(names.items())
        for quad in ox.parse(path=file)
    ]
    return ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""


def _exchange(graph: Graph, request: Node) -> Exchange:
    response = only(graph, request, HT.resp)
    boolean = graph.value(response, MF.expectedBoolean)
    format_ = graph.value(response, MF.expectedFormat)
    return Exchange(
        method=str(only(graph, request, HT.methodName)),
        path=str(only(graph, request, HT.absolutePath)),
        headers={
            str(only(graph, header, HT.fieldName)).lower(): str(only(graph, header, HT.fieldValue))
            for header in items(graph, request, HT.headers)
        },
        body=_body(graph, graph.value(request, HT.body)),
        statuses=frozenset(_class(status) for status in graph.objects(response, MF.expectedStatus)),
        boolean=bool(boolean.toPython()) if isinstance(boolean, Literal) else None,
        format=str(format_) if format_ is not None else None,
    )


def _body(graph: Graph, body: Node | None) -> bytes | None:
    if body is None:
        return None
    return str(only(graph, body, CNT.chars)).encode(str(only(graph, body, CNT.characterEncoding)))


def _class(status: Node) -> int:
    """Return 4 for ``hts:StatusCode4xx``."""
    return int(urlsplit(str(status)).fragment.removeprefix("StatusCode")[0])
