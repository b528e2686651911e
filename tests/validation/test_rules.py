"""A rule run once over the whole graph finds what pySHACL finds focus node by focus node."""

from collections.abc import Iterable

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import SH, Graph, URIRef

from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.validation import rules
from taiwan_can_help.validation.findings import Finding, from_report
from taiwan_can_help.validation.rules import check_rules, rules_of

from .corpus import CASES, Case, real_quads, real_shapes

RECORDS_BESIDE = 3
FEW = 5


@pytest.fixture(scope="module")
def by_subject() -> dict[object, list[ox.Triple]]:
    found: dict[object, list[ox.Triple]] = {}
    for quad in real_quads():
        if quad.graph_name == ox.DefaultGraph():
            found.setdefault(quad.subject, []).append(quad.triple)
    return found


def small_graph(case: Case, by_subject: dict[object, list[ox.Triple]]) -> list[ox.Triple]:
    """Collect the ontology, some sound records, the broken one, those alike, and all that these refer to."""
    broken = [quad.triple for quad in read_file(case.path, case.path.name)]
    records = sorted((subject for subject in by_subject if "/id/activity/2020-04" in str(subject)), key=str)
    reach: list[object] = [term for triple in broken for term in (triple.subject, triple.object)]
    reach += records[:RECORDS_BESIDE] + [subject for subject in by_subject if "/ontology#" in str(subject)]
    reach += [ox.NamedNode(case.beside)] if case.beside else []
    said = {(triple.predicate, triple.object) for triple in broken}
    alike = [
        [subject for subject in by_subject if any((t.predicate, t.object) == pair for t in by_subject[subject])]
        for pair in said
    ]
    reach += [subject for few in alike if len(few) <= FEW for subject in few]
    wanted: set[object] = set()
    while reach:
        subject = reach.pop()
        if subject in by_subject and subject not in wanted:
            wanted.add(subject)
            reach += [triple.object for triple in by_subject[subject]]
    return broken + [triple for subject in wanted for triple in by_subject[subject]]


def rule_alone(case: Case) -> Graph:
    """Return the shapes graph with nothing but the rule that the case names."""
    shapes, rule = real_shapes(), URIRef(case.expects)
    kept = new_graph()
    for predicate in (SH.sparql, SH.targetClass, SH.severity, SH.message):
        for value in shapes.objects(rule, predicate):
            kept.add((rule, predicate, value))
    for constraint in shapes.objects(rule, SH.sparql):
        described = [constraint, *shapes.objects(constraint, SH.prefixes), *shapes.objects(None, SH.declare)]
        for node in described:
            for triple in shapes.triples((node, None, None)):
                kept.add(triple)
    return kept


def store_of(triples: Iterable[ox.Triple]) -> ox.Store:
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    return store


def key(finding: Finding) -> tuple[str, str, str | None]:
    return finding.focus, finding.rule, finding.value


def in_groups(store: ox.Store, shapes: Graph, nodes: set[str]) -> set[Finding]:
    """Return what is found on the nodes, few at a time, so that each rule is run for each of them alone."""
    some = sorted(nodes)
    groups = [some[start : start + rules.FEW] for start in range(0, len(some), rules.FEW)]
    return {finding for group in groups for finding in check_rules(store, shapes, group)}


RULE_CASES = [case for case in CASES if (URIRef(case.expects), SH.sparql, None) in real_shapes()]


@pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: case.path.stem)
def test_a_rule_finds_what_pyshacl_finds(
    case: Case, by_subject: dict[object, list[ox.Triple]], monkeypatch: pytest.MonkeyPatch
) -> None:
    triples, shapes = small_graph(case, by_subject), rule_alone(case)
    store = store_of(triples)
    ours = {key(finding) for finding in check_rules(store, shapes)}
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # pySHACL switches it on and leaves it
    _, report, _ = pyshacl.validate(to_graph(triples), shacl_graph=shapes, inference="none", do_owl_imports=False)
    assert isinstance(report, Graph)
    assert {key(finding) for finding in from_report(report)} == ours
    assert ours


@pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: case.path.stem)
def test_a_rule_finds_the_same_focus_node_by_focus_node(case: Case, by_subject: dict[object, list[ox.Triple]]) -> None:
    triples, shapes = small_graph(case, by_subject), rule_alone(case)
    store = store_of(triples)
    nodes = {triple.subject.value for triple in triples if isinstance(triple.subject, ox.NamedNode)}
    assert in_groups(store, shapes, nodes) == set(check_rules(store, shapes))


def test_the_real_records_have_the_same_findings_alone_as_among_all() -> None:
    store = store_of(quad.triple for quad in real_quads() if quad.graph_name == ox.DefaultGraph())
    found = set(check_rules(store, real_shapes()))
    assert in_groups(store, real_shapes(), {finding.focus for finding in found}) == found


def test_each_rule_is_compared() -> None:
    assert {str(rule.shape) for rule in rules_of(real_shapes())} == {case.expects for case in RULE_CASES}
