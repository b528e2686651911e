"""The core constraints, judged by pySHACL on an rdflib graph."""

from collections.abc import Iterable

import pyshacl
from pyshacl.errors import ConstraintLoadError, ReportableRuntimeError, ShapeLoadError, ShapeRecursionWarning
from rdflib import RDF, SH, Graph, URIRef

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.errors import InputError
from taiwan_can_help.validation.findings import SEVERITIES, Finding, from_report


def check_core(data: Graph, shapes: Graph, focus: Iterable[str] | None = None) -> list[Finding]:
    """Return what the shapes' core constraints find, of all focus nodes or of those given.

    ``shapes`` is copied, since pySHACL adds to the graph it is handed. Raises InputError when the shapes
    graph itself is wrong.
    """
    check_severities(shapes)
    core = _without_sparql(shapes)
    if not len(core):
        return []
    nodes: list[str | URIRef] | None = None if focus is None else [URIRef(iri) for iri in focus]
    if nodes == []:
        return []
    try:
        _, report, _ = pyshacl.validate(
            data, shacl_graph=core, inference="none", inplace=True, do_owl_imports=False, focus_nodes=nodes
        )
    except (ShapeLoadError, ConstraintLoadError, ReportableRuntimeError, ShapeRecursionWarning) as error:
        raise InputError(f"shapes/: the shapes graph is wrong: {error}") from error
    if not isinstance(report, Graph):
        raise InputError(f"shapes/: the shapes graph can't be used: {report!r}")
    return list(from_report(report))


def check_severities(shapes: Graph) -> None:
    """Raise InputError for a severity that is not one of SHACL's three."""
    for shape, severity in shapes.subject_objects(SH.severity):
        if severity not in SEVERITIES:
            known = ", ".join(f"sh:{name.title()}" for name in SEVERITIES.values())
            raise InputError(f"shapes/: {shape}: unknown severity {severity}; use one of {known}")


def _without_sparql(shapes: Graph) -> Graph:
    """Copy the shapes without their SPARQL constraints: pySHACL parses those anew for every focus node."""
    core = new_graph(shapes)
    for constraint in set(shapes.objects(None, SH.sparql)):
        core.remove((None, SH.sparql, constraint))
        core.remove((constraint, None, None))
    targets = set(core.subjects(SH.targetClass)) | set(core.subjects(SH.targetNode))
    empty = [s for s in targets if all(p in _SAYS_NOTHING for p in core.predicates(s))]
    for shape in empty:
        core.remove((shape, None, None))
    return core


_SAYS_NOTHING = {RDF.type, SH.targetClass, SH.targetNode, SH.severity, SH.message, SH.name, SH.description}
