"""Read tests of protocols: requests and what is expected of their responses, in the W3C's HTTP vocabulary."""

from collections.abc import Iterable
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from rdflib import RDFS, Graph, Literal, Namespace
from rdflib.term import Node

from conformance.manifest import MF, file_of, items, only, read_turtle, short_id, walk

HT = Namespace("http://www.w3.org/2011/http#")
CNT = Namespace("http://www.w3.org/2011/content#")
UT = Namespace("http://www.w3.org/2009/sparql/tests/test-update#")


@dataclass(frozen=True)
class Exchange:
    """A request, and the response expected: statuses, truth value, kind of format, or media type and content."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes | None
    statuses: frozenset[int]
    boolean: bool | None
    format: str | None
    content_type: str | None
    content: bytes | None

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
        return any(exchange.updates and 200 in exchange.statuses for exchange in self.exchanges)


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
    return as_nquads((name, Graph().parse(file)) for name, file in sorted(names.items()))


def as_nquads(graphs: Iterable[tuple[str | None, Graph]]) -> bytes:
    """Return graphs as N-Quads, under their names; None is the default graph."""
    return "".join(
        f"{line.removesuffix('.')}{f'<{name}> ' if name else ''}.\n"
        for name, graph in graphs
        for line in graph.serialize(format="nt").splitlines()
    ).encode()


def _exchange(graph: Graph, request: Node) -> Exchange:
    response = only(graph, request, HT.resp)
    boolean = graph.value(response, MF.expectedBoolean)
    format_ = graph.value(response, MF.expectedFormat)
    return Exchange(
        method=str(only(graph, request, HT.methodName)),
        path=str(only(graph, request, HT.absolutePath)),
        headers=_headers(graph, request),
        body=_body(graph, graph.value(request, HT.body)),
        statuses=frozenset(code for name in graph.objects(response, MF.expectedStatus) for code in _codes(name)),
        boolean=bool(boolean.toPython()) if isinstance(boolean, Literal) else None,
        format=str(format_) if format_ is not None else None,
        content_type=_headers(graph, response).get("content-type"),
        content=_body(graph, graph.value(response, HT.body)),
    )


def _headers(graph: Graph, message: Node) -> dict[str, str]:
    return {
        str(only(graph, header, HT.fieldName)).lower(): str(only(graph, header, HT.fieldValue))
        for header in items(graph, message, HT.headers)
    }


def _body(graph: Graph, body: Node | None) -> bytes | None:
    if body is None:
        return None
    return str(only(graph, body, CNT.chars)).encode(str(only(graph, body, CNT.characterEncoding)))


def _codes(status: Node) -> Iterable[int]:
    """Return 404 for ``hts:NotFound`` and 400 to 499 for ``hts:StatusCode4xx``."""
    name = urlsplit(str(status)).fragment
    if name.startswith("StatusCode"):
        first = 100 * int(name.removeprefix("StatusCode")[0])
        return range(first, first + 100)
    return [next(code.value for code in HTTPStatus if code.name.replace("_", "").lower() == name.lower())]
