"""Each fault of the corpus is found, at its place, in words that tell what to do."""

from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.namespaces import SHAPES, short
from taiwan_can_help.validation.selection import select
from taiwan_can_help.validation.validate import validate

from .corpus import CASES, FOLDER, Case, Surroundings, real_quads, real_queries, real_shapes


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.path.stem)
def test_the_one_fault_is_found_where_it_is_and_in_words(case: Case) -> None:
    findings = Surroundings(case).findings(real_shapes())
    places = {(finding.shape, finding.focus) for finding in findings}
    assert shortened(places) == shortened({(case.expects, case.at), *case.also})
    found = [finding for finding in findings if (finding.shape, finding.focus) == (case.expects, case.at)]
    assert any(case.says in finding.message("en") for finding in found), found
    assert all(finding.message("zh-Hant") != finding.message("en") for finding in found)


def shortened(places: Iterable[tuple[str, str]]) -> list[str]:
    return sorted(f"{short(shape)} {short(focus)}" for shape, focus in places)


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
