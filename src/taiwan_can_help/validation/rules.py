"""SPARQL constraints, run once over the whole graph, or once for each focus node where these are few.

SHACL, section 5.3 (https://www.w3.org/TR/shacl/#sparql-constraints-validation) runs the SELECT with ``$this``
bound to one focus node at a time. Run with ``$this`` free, a SELECT without pre-binding in its subselects has the
same solutions for all of them at once; those whose ``$this`` is no focus node of the shape are left out.
docs/validation.md says which queries this holds for; tests compare both ways with each other and with pySHACL.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import SH, Graph
from rdflib.term import Node

from taiwan_can_help.errors import InputError
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

COMPONENT = str(SH.SPARQLConstraintComponent)
# A run for one focus node takes about a fiftieth of one over the whole graph; of the slowest rules, a twentieth.
FEW = 20
_THIS = ox.Variable("this")


@dataclass(frozen=True)
class Rule(Constraint):
    """One SPARQL constraint of a shape."""

    select: str
    messages: Messages


def rules_of(shapes: Graph) -> list[Rule]:
    """Return the SPARQL constraints of the shapes, sorted; raises InputError where one is incomplete."""
    rules = []
    for found in constraints_of(shapes, SH.sparql):
        select = shapes.value(found.node, SH.select)
        if select is None:
            raise InputError(f"shapes/: {found.shape}: its SPARQL constraint has no sh:select")
        messages = messages_of(shapes, found.node, SH.message) or messages_of(shapes, found.shape, SH.message)
        query = _prefixes(shapes, found.node) + str(select)
        rules.append(Rule(found.shape, found.node, found.classes, found.severity, query, messages))
    return rules


def check_rules(store: ox.Store, shapes: Graph, focus: Iterable[str] | None = None) -> list[Finding]:
    """Return what the SPARQL constraints find in the store's default graph, on all focus nodes or on those given.

    Raises InputError for a query that is at fault.
    """
    rules = rules_of(shapes)
    nodes_of = {classes: instances(store, classes) for classes in {rule.classes for rule in rules}}
    if focus is None:
        return [finding for rule in rules for finding in _check_all(store, rule, nodes_of[rule.classes])]
    wanted = {ox.NamedNode(iri) for iri in focus}
    found: list[Finding] = []
    for rule in rules:
        nodes = nodes_of[rule.classes] & wanted
        found += _check_all(store, rule, nodes) if len(nodes) > FEW else _check_each(store, rule, nodes)
    return found


def _check_all(store: ox.Store, rule: Rule, nodes: set[FocusNode]) -> Iterator[Finding]:
    for bindings in _solutions(store, rule):
        this = bindings["this"]
        if isinstance(this, FocusNode) and this in nodes:
            yield rule.finding(COMPONENT, rule.messages, this, bindings)


def _check_each(store: ox.Store, rule: Rule, nodes: Iterable[FocusNode]) -> Iterator[Finding]:
    for this in nodes:
        for bindings in _solutions(store, rule, this):
            yield rule.finding(COMPONENT, rule.messages, this, bindings)


def _solutions(store: ox.Store, rule: Rule, this: FocusNode | None = None) -> Iterator[dict[str, Term | None]]:
    try:
        solutions = store.query(rule.select, substitutions=None if this is None else {_THIS: this})
    except SyntaxError as error:
        raise InputError(f"shapes/: {rule.node}: its sh:select is wrong: {error}") from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise InputError(f"shapes/: {rule.node}: its sh:select is no SELECT query")
    names = [variable.value for variable in solutions.variables]
    if "this" not in names:
        raise InputError(f"shapes/: {rule.node}: its sh:select does not select $this")
    for solution in solutions:
        yield {name: solution[name] for name in names}


def _prefixes(shapes: Graph, constraint: Node) -> str:
    declarations = [
        (str(shapes.value(declaration, SH.prefix)), str(shapes.value(declaration, SH.namespace)))
        for ontology in shapes.objects(constraint, SH.prefixes)
        for declaration in shapes.objects(ontology, SH.declare)
    ]
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(declarations))
