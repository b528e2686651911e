"""A rule run once over the whole graph finds what pySHACL finds focus node by focus node."""

from collections.abc import Iterable

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import SH, Graph, URIRef

from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.validation import rules
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.results import from_report
from taiwan_can_help.validation.rules import check_rules, rules_of

from .corpus import CASES, Case, Surroundings, alone, real_quads, real_shapes


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
def test_a_rule_finds_what_pyshacl_finds(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    triples, shapes = Surroundings(case).triples, alone(case.expects)
    store = store_of(triples)
    ours = {key(finding) for finding in check_rules(store, shapes)}
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # pySHACL switches it on and leaves it
    _, report, _ = pyshacl.validate(to_graph(triples), shacl_graph=shapes, inference="none", do_owl_imports=False)
    assert isinstance(report, Graph)
    assert {key(finding) for finding in from_report(report)} == ours
    assert ours


@pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: case.path.stem)
def test_a_rule_finds_the_same_focus_node_by_focus_node(case: Case) -> None:
    triples, shapes = Surroundings(case).triples, alone(case.expects)
    store = store_of(triples)
    nodes = {triple.subject.value for triple in triples if isinstance(triple.subject, ox.NamedNode)}
    assert in_groups(store, shapes, nodes) == set(check_rules(store, shapes))


def test_the_real_records_have_the_same_findings_alone_as_among_all() -> None:
    store = store_of(quad.triple for quad in real_quads() if quad.graph_name == ox.DefaultGraph())
    found = set(check_rules(store, real_shapes()))
    assert in_groups(store, real_shapes(), {finding.focus for finding in found}) == found


def test_each_rule_is_compared() -> None:
    assert {str(rule.shape) for rule in rules_of(real_shapes())} == {case.expects for case in RULE_CASES}
