"""Canonical Turtle: fixed prefixes, one block a subject, everything sorted; same graph, same bytes."""

import re
from collections.abc import Iterable, Mapping
from io import BytesIO

import rdflib
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import RDF, XSD
from rdflib.plugins.serializers.turtle import TurtleSerializer
from rdflib.term import Node

from taiwan_can_help.namespaces import PREFIXES

# A literal stays as it was written: 1.50 is not rewritten to 1.5.
rdflib.NORMALIZE_LITERALS = False

_PREFIX_OF = {namespace: prefix for prefix, namespace in PREFIXES.items()}
_LOCAL_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]*")
# The literals that need no quotes: rdflib reads 01 as 1, and .5 as 0.5.
_PLAIN = {
    XSD.integer: re.compile(r"0|-?[1-9][0-9]*"),
    XSD.decimal: re.compile(r"-?(0|[1-9][0-9]*)\.[0-9]{1,6}"),
    XSD.boolean: re.compile(r"true|false"),
}


class CanonicalTurtleSerializer(TurtleSerializer):
    """rdflib's Turtle, with an order that depends on nothing but the triples.

    rdflib orders subjects by how often they are referred to, so one new record would move others; it makes up
    prefixes (ns1, ns2) in the order it meets them; and it writes "5"^^xsd:decimal as 5.0, another literal.
    """

    def orderSubjects(self) -> list[Node]:  # noqa: N802 (rdflib's name)
        """Return the subjects by IRI, in code point order."""
        return sorted({subject for subject in self.store.subjects() if isinstance(subject, Node)}, key=str)

    def sortProperties(self, properties: Mapping[Node, list[Node]]) -> list[Node]:  # noqa: N802
        """Return the predicates by IRI, ``rdf:type`` first; sorts each one's objects as well."""
        for objects in properties.values():
            objects.sort(key=lambda term: term.n3())
        return sorted(properties, key=lambda predicate: (predicate != RDF.type, str(predicate)))

    def get_pname(self, uri: Node, gen_prefix: bool = True) -> str | None:  # noqa: ARG002 (rdflib's signature)
        """Return the IRI with one of the project's prefixes, or None where it has to be written out."""
        if not isinstance(uri, URIRef):
            return None
        cut = max(uri.rfind("/"), uri.rfind("#")) + 1
        namespace, local = uri[:cut], uri[cut:]
        prefix = _PREFIX_OF.get(namespace)
        if prefix is None or not _LOCAL_NAME.fullmatch(local):
            return None
        self.addNamespace(prefix, URIRef(namespace))
        return f"{prefix}:{local}"

    def label(self, node: Node, position: int) -> str:
        """Return a term as Turtle; a literal without quotes only where that reads back as the same."""
        if isinstance(node, Literal):
            plain = node.datatype in _PLAIN and _PLAIN[node.datatype].fullmatch(node) is not None
            return node._literal_n3(use_plain=plain, qname_callback=self.get_pname)
        return super().label(node, position)


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
