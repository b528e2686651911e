"""Rules run once over the whole graph find what pySHACL finds focus node by focus node."""

from pathlib import Path

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import SH, Graph

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.validation.findings import Finding, from_report
from taiwan_can_help.validation.rules import check_rules, rules_of
from taiwan_can_help.validation.validate import shapes_of

BROKEN = sorted((Path(__file__).parent / "broken").glob("*.ttl"))
FEW = 12


@pytest.fixture(scope="module")
def quads() -> list[ox.Quad]:
    return graph_of(DatasetFolder.open(default_dataset()), lambda _: None)


@pytest.fixture(scope="module")
def shapes(quads: list[ox.Quad]) -> Graph:
    return shapes_of(quads)


@pytest.fixture(scope="module")
def small(quads: list[ox.Quad]) -> list[ox.Triple]:
    """Collect the ontology, some records and all that they refer to, and every broken record."""
    default = [quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph()]
    by_subject: dict[object, list[ox.Triple]] = {}
    for triple in default:
        by_subject.setdefault(triple.subject, []).append(triple)
    broken = [quad.triple for path in BROKEN for quad in read_file(path, path.name)]
    records = [subject for subject in by_subject if "/id/activity/" in str(subject)]
    wanted: set[object] = {subject for subject in by_subject if "/ontology#" in str(subject)}
    wanted |= set(sorted(records, key=str)[:: len(records) // FEW])
    reach = [*wanted, *(triple.object for triple in broken)]
    while reach:
        subject = reach.pop()
        for triple in by_subject.get(subject, []):
            if triple.object in by_subject and triple.object not in wanted:
                wanted.add(triple.object)
                reach.append(triple.object)
    wanted |= {triple.object for triple in broken}
    return broken + [triple for subject in wanted for triple in by_subject.get(subject, [])]


def only_rules(shapes: Graph) -> Graph:
    """Leave the shapes with SPARQL constraints, without their other constraints."""
    kept = new_graph()
    for shape in set(shapes.subjects(SH.sparql)):
        for predicate in (SH.sparql, SH.targetClass, SH.severity, SH.message):
            for value in shapes.objects(shape, predicate):
                kept.add((shape, predicate, value))
    described = [
        *shapes.objects(None, SH.sparql),
        *shapes.objects(None, SH.prefixes),
        *shapes.objects(None, SH.declare),
    ]
    for node in described:
        for triple in shapes.triples((node, None, None)):
            kept.add(triple)
    return kept


def key(finding: Finding) -> tuple[str, str, str | None]:
    return finding.focus, finding.rule, finding.value


def test_each_rule_finds_what_pyshacl_finds(
    small: list[ox.Triple], shapes: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    rules = only_rules(shapes)
    store = ox.Store()
    store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in small)
    ours = {key(finding) for finding in check_rules(store, rules)}
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # pySHACL switches it on and leaves it
    _, report, _ = pyshacl.validate(to_graph(small), shacl_graph=rules, inference="none", do_owl_imports=False)
    assert isinstance(report, Graph)
    theirs = {key(finding) for finding in from_report(report)}
    assert ours == theirs
    silent = {rule.constraint for rule in rules_of(rules)} - {constraint for _, constraint, _ in ours}
    assert not silent, "rules that the small graph does not put to the test"
