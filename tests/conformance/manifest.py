"""Read W3C test manifests: ``mf:entries`` of a file and of all that it includes."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

MF = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-manifest#")
QT = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/test-query#")


@dataclass(frozen=True)
class Entry:
    """One test: its query, the data it is asked of, and the file that holds the expected result."""

    id: str
    kind: str
    name: str
    query: Path
    data: tuple[Path, ...]
    named_graphs: tuple[Path, ...]
    result: Path | None


def read_manifest(path: Path) -> list[Entry]:
    """Return the query tests of a manifest and of those that it includes, in their order."""
    return [_entry(graph, test, file) for graph, test, file in walk(path)]


def walk(path: Path) -> list[tuple[Graph, Node, Path]]:
    """Return each test of a manifest and its included ones: its graph, its node and its manifest's file."""
    graph = read_turtle(path)
    found: list[tuple[Graph, Node, Path]] = []
    for include in items(graph, None, MF.include):
        found += walk(file_of(include))
    found += [(graph, test, path) for test in items(graph, None, MF.entries)]
    return found


def read_turtle(path: Path) -> Graph:
    """Return the graph of a Turtle file, its relative IRIs resolved against the file."""
    return Graph().parse(path, format="turtle", publicID=path.absolute().as_uri())


def items(graph: Graph, subject: Node | None, predicate: URIRef) -> list[Node]:
    """Return the members of the lists that are a property's values."""
    return [item for head in graph.objects(subject, predicate) for item in Collection(graph, head)]


def only(graph: Graph, subject: Node, predicate: URIRef) -> Node:
    """Return a property's value; raises ValueError when there is none."""
    value = graph.value(subject, predicate)
    if value is None:
        raise ValueError(f"{subject} has no {predicate}")
    return value


def file_of(iri: Node) -> Path:
    """Return the file that a ``file:`` IRI names; raises ValueError for another term."""
    parts = urlsplit(str(iri))
    if not isinstance(iri, URIRef) or parts.scheme != "file":
        raise ValueError(f"{iri!r} names no file")
    return Path(unquote(parts.path))


def short_id(test: Node, manifest: Path) -> str:
    """Return a short name for a test: folder and fragment, for instance ``aggregates/agg01``."""
    return f"{manifest.parent.name}/{urlsplit(str(test)).fragment}"


def _entry(graph: Graph, test: Node, manifest: Path) -> Entry:
    action = only(graph, test, MF.action)
    result = graph.value(test, MF.result)
    return Entry(
        id=short_id(test, manifest),
        kind=urlsplit(str(only(graph, test, RDF.type))).fragment,
        name=str(only(graph, test, MF.name)),
        query=file_of(graph.value(action, QT.query) or action),
        data=tuple(file_of(iri) for iri in graph.objects(action, QT.data)),
        named_graphs=tuple(file_of(iri) for iri in graph.objects(action, QT.graphData)),
        result=file_of(result) if result is not None else None,
    )
