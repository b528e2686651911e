"""The core constraints, however they are run, find what plain pySHACL finds."""

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from rdflib import SH, Graph

from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.validation.core import check_core
from taiwan_can_help.validation.findings import Finding, in_order
from taiwan_can_help.validation.results import from_report

from .corpus import CASES, real_quads, real_shapes

Key = tuple[str, str, str, str, str | None, str | None]

# What decides how a shape's property shapes are judged: each of these has a fault that one way could miss.
SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<x:plain> a sh:NodeShape ; sh:targetClass <x:C> ; sh:property <x:named>, <x:counted> ;
    sh:closed true ; sh:ignoredProperties ( <http://www.w3.org/1999/02/22-rdf-syntax-ns#type> ) .
<x:off> a sh:NodeShape ; sh:targetClass <x:C> ; sh:deactivated true ; sh:property <x:never> .
<x:within> a sh:NodeShape ; sh:targetClass <x:C> ; sh:property <x:part> .
<x:Whole> a sh:NodeShape, rdfs:Class ; sh:targetNode <x:part1> ; sh:property <x:counted> .
<x:each> a sh:NodeShape ; sh:targetSubjectsOf <x:hand> ; sh:property <x:left>, <x:right> .
<x:either> a sh:NodeShape ; sh:targetObjectsOf <x:part> ; sh:or ( <x:within> <x:hasHand> ) .
<x:handed> a sh:NodeShape ; sh:targetClass <x:Left> ; sh:targetSubjectsOf <x:hand> ; sh:property <x:counted> .
<x:named> a sh:PropertyShape ; sh:path <x:name> ; sh:minCount 1 ; sh:severity sh:Warning .
<x:counted> a sh:PropertyShape ; sh:path <x:count> ; sh:maxCount 1 ; sh:nodeKind sh:Literal .
<x:never> a sh:PropertyShape ; sh:path <x:name> ; sh:minCount 9 .
<x:part> a sh:PropertyShape ; sh:path <x:part> ; sh:node <x:within> ; sh:property <x:named> .
<x:hasHand> a sh:PropertyShape ; sh:path <x:hand> ; sh:minCount 1 .
<x:left> a sh:PropertyShape ; sh:path <x:hand> ; sh:qualifiedValueShape <x:isLeft> ; sh:qualifiedMinCount 1 ;
    sh:qualifiedValueShapesDisjoint true .
<x:right> a sh:PropertyShape ; sh:path <x:hand> ; sh:qualifiedValueShape <x:isRight> ; sh:qualifiedMinCount 1 ;
    sh:qualifiedValueShapesDisjoint true .
<x:isLeft> a sh:NodeShape ; sh:class <x:Left> .
<x:isRight> a sh:NodeShape ; sh:class <x:Right> .
"""
DATA = """
<x:a> a <x:C> ; <x:count> 1, 2 ; <x:other> 3 ; <x:part> <x:part1> .
<x:b> a <x:D> ; <x:count> <x:c> ; <x:hand> <x:both> .
<x:e> <x:hand> <x:both> ; <x:count> 1, 2 .
<x:w> a <x:Whole> ; <x:count> 1, 2 .
<x:part1> <x:part> <x:part2> ; <x:name> "one" ; <x:count> 1, 2 .
<x:both> a <x:Left>, <x:Right> .
<x:D> <http://www.w3.org/2000/01/rdf-schema#subClassOf> <x:C> .
"""


def key(finding: Finding) -> Key:
    return finding.severity, finding.focus, finding.shape, finding.component, finding.path, finding.value


def plain(data: Graph, shapes: Graph, monkeypatch: pytest.MonkeyPatch) -> set[Key]:
    """Return what pySHACL finds, its shapes graph untouched but for the SPARQL constraints."""
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # pySHACL switches it on and leaves it
    core = new_graph(triple for triple in shapes if triple[1] != SH.sparql)
    _, report, _ = pyshacl.validate(data, shacl_graph=core, inference="none", do_owl_imports=False)
    assert isinstance(report, Graph)
    return {key(finding) for finding in from_report(report)}


@pytest.fixture(scope="module")
def all_broken() -> Graph:
    """Return every broken file at once, with all that they refer to."""
    triples = {quad.triple for case in CASES for quad in read_file(case.path, case.path.name)}
    reach = {term for triple in triples for term in (triple.subject, triple.object)}
    known: set[object] = set()
    real = [quad.triple for quad in real_quads() if quad.graph_name == ox.DefaultGraph()]
    while reach - known:
        known |= reach
        near = {triple for triple in real if triple.subject in reach}
        triples |= near
        reach = {triple.object for triple in near}
    return to_graph(triples)


def test_a_graph_of_every_fault(all_broken: Graph, monkeypatch: pytest.MonkeyPatch) -> None:
    found = plain(all_broken, real_shapes(), monkeypatch)
    assert {key(finding) for finding in check_core(all_broken, real_shapes())} == found
    assert len(found) > len(CASES) / 2  # the files share their IRIs, so some faults hide others


def test_some_focus_nodes_have_the_findings_that_they_have_among_all(
    all_broken: Graph, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = plain(all_broken, real_shapes(), monkeypatch)
    focus = set(sorted({focus for _, focus, *_ in found})[::3])
    some = {key(finding) for finding in check_core(all_broken, real_shapes(), focus)}
    assert some == {finding for finding in found if finding[1] in focus}


def test_shapes_of_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    data, shapes = Graph().parse(data=DATA, format="turtle"), Graph().parse(data=SHAPES, format="turtle")
    found = plain(data, shapes, monkeypatch)
    assert {key(finding) for finding in check_core(data, shapes)} == found
    names = ("plain", "named", "counted", "part", "left", "right", "either")
    assert {shape for _, _, shape, *_ in found} == {f"x:{name}" for name in names}


def test_findings_that_differ_in_their_component_alone_have_an_order_too() -> None:
    components = [f"{SH}{name}ConstraintComponent" for name in ("Class", "Datatype", "In", "NodeKind", "Or", "Pattern")]
    findings = [Finding("violation", "x:a", "<x:p>", "<x:v>", "x:shape", each, ()) for each in reversed(components)]
    assert [finding.component for finding in in_order(findings)] == components
