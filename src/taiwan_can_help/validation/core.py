"""The core constraints, judged by pySHACL on an rdflib graph."""

import re
import warnings
from collections.abc import Callable, Iterable
from dataclasses import replace

import pyshacl
import rdflib
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError, ShapeRecursionWarning
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, URIRef
from rdflib.collection import Collection
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.errors import InputError
from taiwan_can_help.validation.findings import SEVERITIES, Finding
from taiwan_can_help.validation.results import SEVERITY_OF, from_report


def check_core(data: Graph, shapes: Graph, focus: Iterable[str] | None = None) -> list[Finding]:
    """Return what the shapes' core constraints find, of all focus nodes or of those given.

    ``shapes`` is copied, since pySHACL adds to the graph it is handed. Raises InputError when the shapes
    graph itself is wrong.
    """
    core = _bare(shapes)
    if not len(core):
        return []
    if focus is not None:
        _aim(core, data, {URIRef(iri) for iri in focus})
    _spread_targets(core)
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
        if severity not in SEVERITY_OF:
            known = ", ".join(f"sh:{name.title()}" for name in SEVERITIES)
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


def _spread_targets(core: Graph) -> None:
    """Give the targets of a node shape to its property shapes, and take these out of it.

    The results are the same, since the value node of a node shape is its focus node (SHACL, section 4.7.2,
    https://www.w3.org/TR/shacl/#PropertyShapeComponent). But pySHACL judges the nodes that a shape targets all at
    once, and those that another shape hands to it one by one, which takes twice the time. Left as they are: a shape
    that others refer to, one that is switched off or may be a class, and one whose property shapes look at each other.
    """
    for shape in set(core.subjects(SH.property)):
        targets = [(predicate, target) for predicate in _TARGETS for target in core.objects(shape, predicate)]
        property_shapes = list(core.objects(shape, SH.property))
        if (
            not targets
            or (None, None, shape) in core
            or (shape, SH.deactivated, None) in core
            or set(core.objects(shape, RDF.type)) != {SH.NodeShape}
            or not all(_stands_alone(core, property_shape) for property_shape in property_shapes)
        ):
            continue
        if (shape, SH.closed, None) in core:
            _ignore_properties(core, shape, [path for each in property_shapes for path in core.objects(each, SH.path)])
        for property_shape in property_shapes:
            core.remove((shape, SH.property, property_shape))
            for target in targets:
                core.add((property_shape, *target))


def _stands_alone(core: Graph, property_shape: Node) -> bool:
    disjoint = (property_shape, SH.qualifiedValueShapesDisjoint, None) in core
    return (property_shape, SH.path, None) in core and not disjoint


def _ignore_properties(core: Graph, shape: Node, paths: list[Node]) -> None:
    """Let a closed shape allow ``paths`` without the property shapes that have them."""
    already = [path for listed in core.objects(shape, SH.ignoredProperties) for path in core.items(listed)]
    core.remove((shape, SH.ignoredProperties, None))
    core.add((shape, SH.ignoredProperties, Collection(core, BNode(), [*already, *paths]).uri))


def _aim(core: Graph, data: Graph, focus: set[URIRef]) -> None:
    """Make the nodes of ``focus`` the shapes' only targets.

    pySHACL's own ``focus_nodes`` would hold for nested shapes as well: a value that is not among them passes
    every sh:node, sh:or and sh:qualifiedValueShape unseen.
    """
    for predicate, is_target in _TARGETS.items():
        for shape, target in list(core.subject_objects(predicate)):
            core.remove((shape, predicate, target))
            for node in focus:
                if is_target(data, target, node):
                    core.add((shape, SH.targetNode, node))


def _is_instance(data: Graph, class_: Node, node: Node) -> bool:
    types = data.objects(node, RDF.type)
    return any(class_ in data.transitive_objects(type_, RDFS.subClassOf) for type_ in types)


# SHACL, section 2.1.3 (https://www.w3.org/TR/shacl/#targets).
_TARGETS: dict[URIRef, Callable[[Graph, Node, Node], bool]] = {
    SH.targetNode: lambda _data, target, node: node == target,
    SH.targetClass: _is_instance,
    SH.targetSubjectsOf: lambda data, target, node: (node, target, None) in data,
    SH.targetObjectsOf: lambda data, target, node: (None, target, node) in data,
}
# re.error: pySHACL compiles a sh:pattern only when it comes to a value.
_SHAPES_ERRORS = (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError, ShapeRecursionWarning, re.error)
_ANNOTATIONS = {RDFS.label, RDFS.comment, RDFS.isDefinedBy, SH.name, SH.description, SH.message}
_SAYS_NOTHING = {RDF.type, SH.targetClass, SH.targetNode, SH.severity}
