"""Canonical Turtle: fixed prefixes, one block a subject, everything sorted; same graph, same bytes."""

from collections.abc import Iterable
from io import BytesIO

from rdflib import Graph
from rdflib.namespace import RDF
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from taiwan_can_help.namespaces import PREFIXES


class CanonicalTurtleSerializer(TurtleSerializer):
    """rdflib's Turtle, with an order that depends on nothing but the triples.

    rdflib orders subjects by how often they are referred to, so one new record would move others.
    """

    def orderSubjects(self) -> list[Node]:  # noqa: N802 (rdflib's name)
        """Return the subjects by IRI, in code point order."""
        return sorted({subject for subject in self.store.subjects() if isinstance(subject, Node)}, key=str)

    def sortProperties(self, properties: dict[Node, list[Node]]) -> list[Node]:  # noqa: N802
        """Return the predicates by IRI, ``rdf:type`` first; sorts each one's objects as well."""
        for objects in properties.values():
            objects.sort(key=lambda term: term.n3())
        return sorted(properties, key=lambda predicate: (predicate != RDF.type, str(predicate)))


def new_graph(triples: Iterable[tuple[Node, Node, Node]] = ()) -> Graph:
    """Return an rdflib graph that knows the project's prefixes and no others."""
    graph = Graph(bind_namespaces="none")
    for prefix, namespace in PREFIXES.items():
        graph.bind(prefix, namespace)
    for triple in triples:
        graph.add(triple)
    return graph


def write_turtle(graph: Graph) -> str:
    """Return the graph as canonical Turtle, with the prefixes that it uses, sorted."""
    stream = BytesIO()
    CanonicalTurtleSerializer(graph).serialize(stream, encoding="utf-8")
    return stream.getvalue().decode()
