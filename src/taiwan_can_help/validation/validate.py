"""Validate a graph: all of it, or the records that changed."""

from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor

import pyoxigraph as ox
from rdflib import Graph

from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.namespaces import SHAPES_GRAPH
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.validation.core import check_core, check_severities
from taiwan_can_help.validation.findings import Finding, in_order
from taiwan_can_help.validation.named import check_named
from taiwan_can_help.validation.rules import check_rules


def validate(
    quads: list[ox.Quad], queries: Mapping[str, NamedQuery], focus: Iterable[str] | None = None
) -> list[Finding]:
    """Return the findings of the shapes graph over the default graph, in order.

    ``queries`` are the dataset's named queries by name. With ``focus``, only the findings on these nodes.
    Raises InputError when the shapes are wrong.
    """
    nodes = None if focus is None else set(focus)
    shapes = shapes_of(quads)
    if not shapes:
        return []
    check_severities(shapes)
    data = to_graph(quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph())
    store = ox.Store()
    store.bulk_extend(quads)
    # Oxigraph lets Python go on while it evaluates; its own objects stay in the thread that made them.
    with ThreadPoolExecutor(1) as beside:
        core = beside.submit(check_core, data, shapes, nodes)
        found = [*check_rules(store, shapes, nodes), *check_named(store, shapes, queries, nodes), *core.result()]
    return in_order(finding for finding in found if nodes is None or finding.focus in nodes)


def shapes_of(quads: list[ox.Quad]) -> Graph:
    """Return the shapes graph."""
    return to_graph(quad.triple for quad in quads if quad.graph_name == ox.NamedNode(SHAPES_GRAPH))
