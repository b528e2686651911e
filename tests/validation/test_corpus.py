"""The corpus of broken records: each fault is found, at its place, in words that tell what to do.

Each file of ``broken/`` has one fault and says so in its first lines: the shape or constraint that finds it, the
focus node, and a part of the message. All files are checked in one run, beside the real dataset.
"""

import re
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner
from rdflib import RDF, SH, Graph, URIRef

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.namespaces import PREFIXES, SHAPES
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.selection import select
from taiwan_can_help.validation.validate import shapes_of, validate

FOLDER = Path(__file__).parent / "broken"
HEADER = re.compile(r"^# (expects|at|says): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """What a broken file says of itself."""

    path: Path
    expects: str
    at: str
    says: str


def read_case(path: Path) -> Case:
    said = dict(HEADER.findall(path.read_text("utf-8")))
    prefix, _, name = said["at"].strip("<>").partition(":")
    focus = PREFIXES[prefix] + name if prefix in PREFIXES else said["at"].strip("<>")
    return Case(path, SHAPES + said["expects"].removeprefix("tchs:"), focus, said["says"])


CASES = [read_case(path) for path in sorted(FOLDER.glob("*.ttl"))]


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    selection = select(DatasetFolder.open(default_dataset()), (FOLDER,), None, None)
    return validate(selection.quads, selection.focus)


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return shapes_of(graph_of(DatasetFolder.open(default_dataset()), lambda _: None))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_the_fault_is_found_where_it_is_and_in_words(case: Case, findings: list[Finding]) -> None:
    at_the_place = [finding for finding in findings if finding.focus == case.at]
    found = [finding for finding in at_the_place if finding.rule == case.expects]
    assert found, [finding.rule for finding in at_the_place]
    assert any(case.says in finding.message("en") for finding in found)
    assert all(finding.message("zh-Hant") != finding.message("en") for finding in found)


def test_each_shape_has_a_case_that_only_it_finds(shapes: Graph) -> None:
    """Without the shape its case's test fails, since a case names the shape that must find it."""
    constraining = {str(shape) for shape in shapes.subjects(RDF.type, SH.PropertyShape) if _constrains(shapes, shape)}
    constraining |= {str(constraint) for constraint in shapes.objects(None, SH.sparql)}
    assert constraining - {case.expects for case in CASES} == set()


def _constrains(shapes: Graph, shape: object) -> bool:
    says_nothing = {RDF.type, SH.path, SH.name, SH.description, SH.message, SH.severity, SH.order, SH.group}
    used_as_node = {str(node) for node in shapes.objects(None, SH.node)}
    parents = {str(parent) for parent in shapes.subjects(SH.property, URIRef(str(shape)))}
    # A property shape of a helper shape is tested through the shapes that use the helper.
    return not parents <= used_as_node and any(p not in says_nothing for p in shapes.predicates(URIRef(str(shape))))


def test_the_facts_as_delivered_have_the_foretold_warnings_and_no_violation() -> None:
    quads = graph_of(DatasetFolder.open(default_dataset()), lambda _: None)
    found = validate(quads)
    assert [finding for finding in found if finding.severity == "violation"] == []
    rules = [finding.rule.removeprefix(SHAPES) for finding in found]
    assert rules.count("EarlyPart-query") == 53
    assert rules.count("ExceededWhole-query") == 9


def test_validate_names_each_broken_file_and_exits_1() -> None:
    result = CliRunner().invoke(main, ["validate", "--strict", str(FOLDER)])
    assert result.exit_code == 1, result.output
    for case in CASES:
        assert f"{case.path}:" in result.output


def test_quads_of_a_file_outside_the_dataset_are_not_kept(tmp_path: Path) -> None:
    outside = tmp_path / "new.ttl"
    outside.write_text("<https://example.org/x> <https://example.org/p> 1 .", "utf-8")
    folder = DatasetFolder.open(default_dataset())
    assert ox.NamedNode("https://example.org/x") in {q.subject for q in select(folder, (outside,), None, None).quads}
    assert ox.NamedNode("https://example.org/x") not in {q.subject for q in select(folder, (), None, None).quads}
