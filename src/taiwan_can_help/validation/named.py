"""Constraints by named query: a query of the dataset that a focus node names has to answer for this node.

SHACL has no constraint that runs a query which the data names, so ``tchs:query`` extends it, as ``sh:sparql``
extends the core; other processors pass over it. docs/validation.md defines the terms. The shapes say which
property names the query, which parameter takes the focus node, and which variables have to be bound.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import Graph, Namespace, URIRef

from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import BASE, PREFIXES, SHAPES
from taiwan_can_help.protocol.scan import calls_service
from taiwan_can_help.queries import NamedQuery, parse_term
from taiwan_can_help.validation.constraints import (
    Constraint,
    FocusNode,
    Messages,
    Term,
    constraints_of,
    instances,
    messages_of,
)
from taiwan_can_help.validation.findings import Finding

TERMS = Namespace(SHAPES)
COMPONENT = str(TERMS.QueryConstraintComponent)
# What a query can lack, each the name of the property that holds the message.
MISSING, NO_PARAMETER, FAILS, NO_ROW, UNBOUND = FAULTS = "missing", "noParameter", "fails", "noRow", "unbound"

# A fault and what its message tells of it, by the name of the placeholder.
Fault = tuple[str, dict[str, str]]


@dataclass(frozen=True)
class QueryConstraint(Constraint):
    """One constraint by named query; ``messages`` are by fault."""

    named_by: ox.NamedNode
    parameter: str
    variables: tuple[str, ...]
    messages: Mapping[str, Messages]


def constraints_by_query(shapes: Graph) -> list[QueryConstraint]:
    """Return the constraints by named query, sorted; raises InputError where one is incomplete."""
    constraints = []
    for found in constraints_of(shapes, TERMS["query"]):
        named_by, parameter = (shapes.value(found.node, TERMS[name]) for name in ("namedBy", "parameter"))
        if not isinstance(named_by, URIRef) or parameter is None:
            raise InputError(f"shapes/: {found.node}: needs tchs:namedBy, a property, and tchs:parameter, a name")
        constraints.append(
            QueryConstraint(
                found.shape,
                found.node,
                found.classes,
                found.severity,
                ox.NamedNode(str(named_by)),
                str(parameter),
                tuple(sorted(str(name) for name in shapes.objects(found.node, TERMS.variable))),
                {fault: messages_of(shapes, found.node, TERMS[fault]) for fault in FAULTS},
            )
        )
    return constraints


def check_named(
    store: ox.Store, shapes: Graph, queries: Mapping[str, NamedQuery], focus: Iterable[str] | None = None
) -> list[Finding]:
    """Return what the constraints by named query find, on all focus nodes or on those given.

    ``store`` holds the whole dataset and ``queries`` its named queries by name. A query that can't be run is a
    finding; InputError is raised where a constraint is incomplete.
    """
    by_iri = {ox.NamedNode(PREFIXES["query"] + name): query for name, query in queries.items()}
    wanted = None if focus is None else {ox.NamedNode(iri) for iri in focus}
    found = []
    for constraint in constraints_by_query(shapes):
        nodes = instances(store, constraint.classes)
        for node in nodes if wanted is None else nodes & wanted:
            for quad in store.quads_for_pattern(node, constraint.named_by, None, ox.DefaultGraph()):
                query = by_iri.get(quad.object) if isinstance(quad.object, ox.NamedNode) else None
                for fault, details in _faults(store, constraint, node, query):
                    bindings: dict[str, Term] = {name: ox.Literal(text) for name, text in details.items()}
                    bindings |= {"path": constraint.named_by, "value": quad.object}
                    found.append(constraint.finding(COMPONENT, constraint.messages[fault], node, bindings))
    return found


def _faults(store: ox.Store, constraint: QueryConstraint, node: FocusNode, query: NamedQuery | None) -> Iterator[Fault]:
    if query is None:
        yield MISSING, {}
    elif constraint.parameter not in {parameter.name for parameter in query.parameters}:
        yield NO_PARAMETER, {}
    else:
        try:
            rows = _rows(store, query, {constraint.parameter: node.value})
        except (SyntaxError, ValueError, RuntimeError, OSError) as error:
            yield FAILS, {"error": " ".join(str(error).split())}
            return
        if not rows:
            yield NO_ROW, {}
        for variable in constraint.variables:
            if any(row.get(variable) is None for row in rows):
                yield UNBOUND, {"variable": variable}


def _rows(store: ox.Store, query: NamedQuery, values: dict[str, str]) -> list[dict[str, Term | None]]:
    """Run a query as the server does; raises what pyoxigraph raises, and ValueError for what it must not be."""
    if calls_service(query.text):
        raise ValueError("it calls SERVICE, which is refused")
    bindings: dict[ox.Variable, Term] = {
        ox.Variable(name): parse_term(term) for name, term in query.bindings(values).items()
    }
    solutions = store.query(query.text, base_iri=BASE, substitutions=bindings)
    if not isinstance(solutions, ox.QuerySolutions):
        raise ValueError("it is no SELECT query")
    names = [variable.value for variable in solutions.variables]
    return [{name: solution[name] for name in names} for solution in solutions]
