"""SPARQL constraints, each run once over the whole graph instead of once for each focus node.

SHACL, section 5.3 (https://www.w3.org/TR/shacl/#sparql-constraints-validation) runs the SELECT with ``$this``
bound to one focus node at a time. Run with ``$this`` free, a SELECT without pre-binding in its subselects has the
same solutions for all of them at once; those whose ``$this`` is no focus node of the shape are left out.
docs/validation.md says which queries this holds for, and a test compares it with pySHACL's own answer.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pyoxigraph as ox
from rdflib import RDF, RDFS, SH, Graph
from rdflib.term import Node

from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import short
from taiwan_can_help.validation.findings import SEVERITIES, Finding

COMPONENT = str(SH.SPARQLConstraintComponent)
_TYPE = ox.NamedNode(str(RDF.type))
_SUBCLASS = ox.NamedNode(str(RDFS.subClassOf))


@dataclass(frozen=True)
class Rule:
    """One SPARQL constraint of a shape."""

    shape: str
    constraint: str
    classes: tuple[str, ...]
    select: str
    severity: str
    messages: tuple[tuple[str, str], ...]


def rules_of(shapes: Graph) -> list[Rule]:
    """Return the SPARQL constraints of the shapes, sorted; raises InputError where one is incomplete."""
    rules = []
    for shape, constraint in shapes.subject_objects(SH.sparql):
        if any(str(value) == "true" for value in shapes.objects(constraint, SH.deactivated)):
            continue
        select = shapes.value(constraint, SH.select)
        classes = sorted(str(value) for value in shapes.objects(shape, SH.targetClass))
        if select is None or not classes:
            missing = "sh:select" if select is None else "sh:targetClass"
            raise InputError(f"shapes/: {shape}: its SPARQL constraint has no {missing}")
        severity = shapes.value(constraint, SH.severity) or shapes.value(shape, SH.severity) or SH.Violation
        messages = list(shapes.objects(constraint, SH.message)) or list(shapes.objects(shape, SH.message))
        rules.append(
            Rule(
                str(shape),
                str(constraint),
                tuple(classes),
                _prefixes(shapes, constraint) + str(select),
                SEVERITIES[severity],  # type: ignore[index]
                tuple(sorted((getattr(text, "language", None) or "", str(text)) for text in messages)),
            )
        )
    return sorted(rules, key=lambda rule: (rule.shape, rule.constraint))


def check_rules(store: ox.Store, shapes: Graph) -> list[Finding]:
    """Return what the SPARQL constraints find in the store's default graph."""
    return [finding for rule in rules_of(shapes) for finding in _check(store, rule)]


def _check(store: ox.Store, rule: Rule) -> Iterator[Finding]:
    try:
        solutions = store.query(rule.select)
    except SyntaxError as error:
        raise InputError(f"shapes/: {rule.constraint}: its sh:select is wrong: {error}") from error
    if not isinstance(solutions, ox.QuerySolutions):
        raise InputError(f"shapes/: {rule.constraint}: its sh:select is no SELECT query")
    names = [variable.value for variable in solutions.variables]
    if "this" not in names:
        raise InputError(f"shapes/: {rule.constraint}: its sh:select does not select $this")
    found = [{name: solution[name] for name in names} for solution in solutions]
    focus_nodes = _focus_nodes(store, rule) if found else set()
    for bindings in found:
        if bindings["this"] in focus_nodes:
            yield _finding(rule, bindings)


def _focus_nodes(store: ox.Store, rule: Rule) -> set[object]:
    """Return the instances of the shape's target classes and of all their subclasses."""
    classes: set[object] = set()
    reach: list[ox.NamedNode | ox.BlankNode | ox.Triple] = [ox.NamedNode(name) for name in rule.classes]
    while reach:
        class_ = reach.pop()
        if class_ not in classes:
            classes.add(class_)
            reach.extend(quad.subject for quad in store.quads_for_pattern(None, _SUBCLASS, class_))
    return {quad.subject for quad in store.quads_for_pattern(None, _TYPE, None) if quad.object in classes}


def _finding(rule: Rule, bindings: dict[str, ox.NamedNode | ox.BlankNode | ox.Literal | None]) -> Finding:
    def shown(match: re.Match[str]) -> str:
        term = bindings.get(match[1])
        return match[0] if term is None else short(term.value)

    # Of a node shape the value is the focus node, unless the query selects another (section 5.3.2).
    path, value = bindings.get("path"), bindings.get("value") or bindings["this"]
    return Finding(
        rule.severity,
        str(getattr(bindings["this"], "value", "")),
        None if path is None else str(path),
        str(value),
        rule.shape,
        COMPONENT,
        tuple((language, re.sub(r"\{[?$](\w+)\}", shown, text)) for language, text in rule.messages),
        rule.constraint,
    )


def _prefixes(shapes: Graph, constraint: Node) -> str:
    declarations = [
        (str(shapes.value(declaration, SH.prefix)), str(shapes.value(declaration, SH.namespace)))
        for ontology in shapes.objects(constraint, SH.prefixes)
        for declaration in shapes.objects(ontology, SH.declare)
    ]
    return "".join(f"PREFIX {prefix}: <{namespace}>\n" for prefix, namespace in sorted(declarations))
