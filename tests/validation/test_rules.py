"""A rule run once over the whole graph finds what pySHACL finds focus node by focus node."""

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import SH, Graph, URIRef

from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.validation.findings import Finding, from_report
from taiwan_can_help.validation.rules import check_rules, rules_of

from .corpus import CASES, Case, Surroundings, alone, real_shapes


def key(finding: Finding) -> tuple[str, str, str | None]:
    return finding.focus, finding.rule, finding.value


RULE_CASES = [case for case in CASES if (URIRef(case.expects), SH.sparql, None) in real_shapes()]


@pytest.mark.parametrize("case", RULE_CASES, ids=lambda case: case.path.stem)
def test_a_rule_finds_what_pyshacl_finds(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    triples, shapes = Surroundings(case).triples, alone(case.expects)
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in triples)
    ours = {key(finding) for finding in check_rules(store, shapes)}
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # pySHACL switches it on and leaves it
    _, report, _ = pyshacl.validate(to_graph(triples), shacl_graph=shapes, inference="none", do_owl_imports=False)
    assert isinstance(report, Graph)
    assert {key(finding) for finding in from_report(report)} == ours
    assert ours


def test_each_rule_is_compared() -> None:
    assert {rule.shape for rule in rules_of(real_shapes())} == {case.expects for case in RULE_CASES}
