"""Each fault of the corpus is found, at its place, in words that tell what to do."""

from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.namespaces import SHAPES
from taiwan_can_help.validation.selection import select
from taiwan_can_help.validation.validate import validate

from .corpus import CASES, FOLDER, Beside, Case, real_quads, real_queries, real_shapes


@pytest.fixture(scope="module")
def beside() -> Beside:
    return Beside()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_the_fault_is_found_where_it_is_and_in_words(case: Case, beside: Beside) -> None:
    at_the_place = [finding for finding in beside.findings(case) if finding.focus == case.at]
    found = [finding for finding in at_the_place if finding.shape == case.expects]
    assert found, [finding.rule for finding in at_the_place]
    assert any(case.says in finding.message("en") for finding in found), found
    assert all(finding.message("zh-Hant") != finding.message("en") for finding in found)


def test_each_rule_and_each_constraint_component_has_a_case() -> None:
    """Without a rule its case's test fails, since the case names the shape that must find it."""
    shapes = real_shapes()
    named = {case.expects for case in CASES}
    assert {str(rule) for rule in shapes.subjects(SH.sparql)} - named == set()
    used = {str(predicate) for shape in shapes.subjects(RDF.type, SH.PropertyShape) for predicate in _of(shapes, shape)}
    tried = {str(predicate) for shape in named for predicate in _of(shapes, shape)}
    assert used - tried == set()


def _of(shapes: Graph, shape: object) -> set[Node]:
    says_nothing = {RDF.type, SH.path, SH.name, SH.description, SH.message, SH.severity, SH.flags}
    # A helper shape, such as that of a code list, is tried through the shapes that use it.
    helped = {SH.hasValue} if (None, SH.node, None) in shapes else set()
    return set(shapes.predicates(URIRef(str(shape)))) - says_nothing - helped


def test_the_facts_as_delivered_have_the_foretold_warnings_and_no_violation() -> None:
    found = validate(real_quads(), real_queries())
    assert [finding for finding in found if finding.severity == "violation"] == []
    rules = [finding.rule.removeprefix(SHAPES) for finding in found]
    assert rules.count("EarlyPart-query") == 53
    assert rules.count("ExceededWhole-query") == 9


@pytest.mark.parametrize("name", ["source-without-address", "rule-part-of-itself"])
def test_validate_names_a_broken_file_and_exits_1(name: str) -> None:
    path = FOLDER / f"{name}.ttl"
    result = CliRunner().invoke(main, ["validate", str(path)])
    assert result.exit_code == 1, result.output
    assert f"{path}:" in result.output


def test_a_file_outside_the_dataset_is_read_for_that_run_only(tmp_path: Path) -> None:
    outside = tmp_path / "new.ttl"
    outside.write_text("<https://example.org/x> <https://example.org/p> 1 .", "utf-8")
    folder = DatasetFolder.open(default_dataset())
    subject = ox.NamedNode("https://example.org/x")
    assert subject in {quad.subject for quad in select(folder, (outside,), None, None).quads}
    assert subject not in {quad.subject for quad in select(folder, (), None, None).quads}
