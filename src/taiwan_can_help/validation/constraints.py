"""Constraints that are judged over an Oxigraph store: where they are declared, on which nodes, in what words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import short
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.results import SEVERITY_OF

FocusNode = ox.NamedNode | ox.BlankNode
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
Messages = tuple[tuple[str, str], ...]

_DEFAULT = ox.DefaultGraph()
_TYPE = ox.NamedNode(str(RDF.type))
_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))


@dataclass(frozen=True)
class Constraint:
    """A constraint of a shape, as nodes of the shapes graph, and the IRIs of the shape's target classes."""

    shape: Node
    node: Node
    classes: tuple[str, ...]
    severity: str

    def finding(
        self, component: str, messages: Messages, focus: FocusNode, bindings: Mapping[str, Term | None]
    ) -> Finding:
        """Return a result on a focus node, each ``{?name}`` of its messages replaced by what the name is bound to.

        Of a node shape the value is the focus node, unless ``value`` is bound to another (SHACL, section 5.3.2,
        https://www.w3.org/TR/shacl/#sparql-constraints-validation).
        """

        def shown(match: re.Match[str]) -> str:
            term = bindings.get(match[1])
            return match[0] if term is None else short(getattr(term, "value", str(term)))

        path, value = bindings.get("path"), bindings.get("value") or focus
        return Finding(
            self.severity,
            focus.value,
            None if path is None else str(path),
            str(value),
            str(self.shape),
            component,
            tuple((language, re.sub(r"\{[?$](\w+)\}", shown, text)) for language, text in messages),
            str(self.node),
        )


def constraints_of(shapes: Graph, predicate: URIRef) -> list[Constraint]:
    """Return the constraints that shapes declare with a predicate, those that are switched off left out.

    Raises InputError for a shape without a target class, since no other target is looked up.
    """
    found = []
    for shape, node in shapes.subject_objects(predicate):
        if _is_deactivated(shapes, shape) or _is_deactivated(shapes, node):
            continue
        classes = sorted(str(value) for value in shapes.objects(shape, SH.targetClass))
        if not classes:
            raise InputError(f"shapes/: {shape}: a shape with {short(str(predicate))} needs a sh:targetClass")
        severity = shapes.value(node, SH.severity) or shapes.value(shape, SH.severity) or SH.Violation
        found.append(Constraint(shape, node, tuple(classes), SEVERITY_OF[severity]))
    return sorted(found, key=lambda each: (each.shape, each.node))


def messages_of(shapes: Graph, subject: Node, predicate: URIRef) -> Messages:
    """Return the texts that a subject has for a predicate, by language tag."""
    texts = [text for text in shapes.objects(subject, predicate) if isinstance(text, Literal)]
    return tuple(sorted((text.language or "", str(text)) for text in texts))


def instances(store: ox.Store, classes: tuple[str, ...]) -> set[FocusNode]:
    """Return the instances of some classes and of all their subclasses, in the default graph."""
    known: set[Term] = set()
    reach: list[Term] = [ox.NamedNode(name) for name in classes]
    found: set[FocusNode] = set()
    while reach:
        class_ = reach.pop()
        if class_ not in known:
            known.add(class_)
            reach.extend(quad.subject for quad in store.quads_for_pattern(None, _SUBCLASS, class_, _DEFAULT))
            found.update(_subjects(store, class_))
    return found


def _subjects(store: ox.Store, class_: Term) -> set[FocusNode]:
    quads = store.quads_for_pattern(None, _TYPE, class_, _DEFAULT)
    return {quad.subject for quad in quads if isinstance(quad.subject, FocusNode)}


def _is_deactivated(shapes: Graph, node: Node) -> bool:
    return any(str(value) == "true" for value in shapes.objects(node, SH.deactivated))
