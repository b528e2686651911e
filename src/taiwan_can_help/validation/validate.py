"""Validate a graph: all of it, or the records that changed."""

from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import Graph

from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.namespaces import SHAPES_GRAPH
from taiwan_can_help.validation.core import check_core
from taiwan_can_help.validation.findings import Finding, in_order
from taiwan_can_help.validation.rules import check_rules


def validate(quads: list[ox.Quad], focus: Iterable[str] | None = None) -> list[Finding]:
    """Return the findings of the shapes graph over the default graph, in order.

    With ``focus``, only those of these nodes. Raises InputError when the shapes are wrong.
    """
    shapes = shapes_of(quads)
    nodes = None if focus is None else set(focus)
    default = [quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph()]
    store = ox.Store()
    store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in default)
    found = check_core(to_graph(default), shapes, nodes) + check_rules(store, shapes, nodes)
    return in_order(finding for finding in found if nodes is None or finding.focus in nodes)


def shapes_of(quads: list[ox.Quad]) -> Graph:
    """Return the shapes graph."""
    return to_graph(quad.triple for quad in quads if quad.graph_name == ox.NamedNode(SHAPES_GRAPH))
