"""The core constraints, judged by pySHACL on an rdflib graph."""

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace

import pyshacl
import rdflib
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError, ShapeRecursionWarning
from rdflib import RDF, RDFS, SH, Graph, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.errors import InputError
from taiwan_can_help.validation.findings import SEVERITIES, Finding, from_report


def check_core(data: Graph, shapes: Graph, focus: Iterable[str] | None = None) -> list[Finding]:
    """Return what the shapes' core constraints find, of all focus nodes or of those given.

    ``shapes`` is copied, since pySHACL adds to the graph it is handed. Raises InputError when the shapes
    graph itself is wrong.
    """
    check_severities(shapes)
    core = _bare(shapes)
    if not len(core):
        return []
    if focus is not None:
        _aim(core, data, {URIRef(iri) for iri in focus})
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ShapeRecursionWarning)
            _, report, _ = pyshacl.validate(
                data, shacl_graph=core, inference="none", inplace=True, do_owl_imports=False
            )
    except _SHAPES_ERRORS as error:
        raise InputError(f"shapes/: the shapes graph is wrong: {error}") from error
    finally:
        rdflib.NORMALIZE_LITERALS = False  # pySHACL leaves it switched on
    if not isinstance(report, Graph):
        raise InputError(f"shapes/: the shapes graph can't be used: {report!r}")
    return [_with_message(finding, shapes) for finding in from_report(report)]


def check_severities(shapes: Graph) -> None:
    """Raise InputError for a severity that is not one of SHACL's three."""
    for shape, severity in shapes.subject_objects(SH.severity):
        if severity not in SEVERITIES:
            known = ", ".join(f"sh:{name.title()}" for name in SEVERITIES.values())
            raise InputError(f"shapes/: {shape}: unknown severity {severity}; use one of {known}")


def _with_message(finding: Finding, shapes: Graph) -> Finding:
    texts = [text for text in shapes.objects(URIRef(finding.shape), SH.message) if isinstance(text, Literal)]
    messages = tuple(sorted((text.language or "", str(text)) for text in texts))
    return replace(finding, messages=messages or finding.messages)


def _bare(shapes: Graph) -> Graph:
    """Copy what pySHACL needs of the shapes.

    It parses a SPARQL constraint anew for every focus node, and holds each annotation of a shape against its list
    of constraint parameters each time it comes to the shape: both are left out, and messages put back afterwards.
    """
    core = new_graph(triple for triple in shapes if triple[1] not in _ANNOTATIONS)
    for constraint in set(shapes.objects(None, SH.sparql)):
        core.remove((None, SH.sparql, constraint))
        core.remove((constraint, None, None))
    targets = set(core.subjects(SH.targetClass)) | set(core.subjects(SH.targetNode))
    empty = [s for s in targets if all(p in _SAYS_NOTHING for p in core.predicates(s))]
    for shape in empty:
        core.remove((shape, None, None))
    return core


def _aim(core: Graph, data: Graph, focus: set[URIRef]) -> None:
    """Make the nodes of ``focus`` the shapes' only targets.

    pySHACL's own ``focus_nodes`` would hold for nested shapes as well: a value that is not among them passes
    every sh:node, sh:or and sh:qualifiedValueShape unseen.
    """
    for predicate, nodes_of in _TARGETS.items():
        for shape, target in list(core.subject_objects(predicate)):
            core.remove((shape, predicate, target))
            for node in nodes_of(data, target) & focus:
                core.add((shape, SH.targetNode, node))


def _instances(data: Graph, target: Node) -> set[Node]:
    classes = set(data.transitive_subjects(RDFS.subClassOf, target))
    return {node for class_ in classes for node in data.subjects(RDF.type, class_)}


# SHACL, section 2.1.3 (https://www.w3.org/TR/shacl/#targets).
_TARGETS: dict[URIRef, Callable[[Graph, Node], set[Node]]] = {
    SH.targetNode: lambda _data, target: {target},
    SH.targetClass: _instances,
    SH.targetSubjectsOf: lambda data, target: set(data.subjects(target)),
    SH.targetObjectsOf: lambda data, target: set(data.objects(None, target)),
}
# re.error: pySHACL compiles a sh:pattern only when it comes to a value.
_SHAPES_ERRORS = (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError, ShapeRecursionWarning, re.error)
_ANNOTATIONS = {RDFS.label, RDFS.comment, RDFS.isDefinedBy, SH.name, SH.description, SH.message}
_SAYS_NOTHING = {RDF.type, SH.targetClass, SH.targetNode, SH.severity}
