"""``export sssom``: the mappings as a table that an SSSOM library reads without a fault."""

from pathlib import Path

import pytest
import sssom_pydantic
from click.testing import CliRunner

from taiwan_can_help.cli import main


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory, releases: Path) -> Path:
    path = tmp_path_factory.mktemp("sssom") / "links.sssom.tsv"
    result = CliRunner().invoke(main, ["export", "sssom", "-o", str(path), "--releases", str(releases)])
    assert result.exit_code == 0, result.output
    return path


def test_a_library_of_the_standard_reads_every_mapping(table: Path) -> None:
    mappings, _, described, errors = sssom_pydantic.read(table, return_errors=True)
    assert errors == []
    assert str(described.id) == "https://w3id.org/taiwan-can-help/dataset#mappings"
    assert str(described.license) == "https://creativecommons.org/licenses/by/4.0/"
    assert len(mappings) == 1005
    for mapping in mappings:
        assert mapping.justification.prefix == "semapv"
        assert mapping.confidence in (0.95, 0.7, 0.4)
        assert mapping.mapping_date
        assert mapping.comment


def test_what_was_looked_for_in_vain_is_in_the_table(table: Path) -> None:
    mappings, *_ = sssom_pydantic.read(table, return_errors=True)
    (ministry,) = [mapping for mapping in mappings if mapping.subject.identifier == "mofa-taiwan"]
    assert (ministry.object.prefix, ministry.object.identifier) == ("sssom", "NoTermFound")
    palau = [mapping for mapping in mappings if mapping.subject.identifier == "palau"]
    assert [mapping.object.identifier for mapping in palau] == ["Q695"]


def test_a_dataset_that_describes_no_set_is_told_so(small: Path, tmp_path: Path) -> None:
    command = ["export", "sssom", "--dataset", str(small), "--releases", str(tmp_path / "releases")]
    result = CliRunner().invoke(main, command)
    assert result.exit_code == 1
    assert "one sssom:MappingSet" in result.output
