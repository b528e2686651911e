"""Files and shapes that can't be used are named errors, never a traceback or a crash."""

from pathlib import Path

import pytest
from click.testing import CliRunner

from taiwan_can_help.cli import main

PREFIX = "@prefix sh: <http://www.w3.org/ns/shacl#> .\n<x:s> a sh:NodeShape ; sh:targetClass <x:C> ;\n"
DEEP = 20_000

FILES = {
    "nested blank nodes": (b"<x:s> <x:p> " + b"[ <x:p> " * DEEP + b"1" + b" ]" * DEEP + b" .", "deep"),
    "nested lists": (b"<x:s> <x:p> " + b"(" * DEEP + b")" * DEEP + b" .", "deep"),
    "not UTF-8": ('<x:s> <x:p> "caf\u00e9" .'.encode("latin-1"), "UTF-8"),
    "one long word": (b"x" * 50_000_000, "16 MiB"),
    "one long text": (b'<x:s> <x:p> "' + b"x" * 50_000_000 + b'" .', "16 MiB"),
    "not Turtle": (b"<x:s> <x:p> .", "line 1, column"),
}
SHAPES = {
    "unknown severity": ("sh:severity <x:Bad> ; sh:property [ sh:path <x:p> ; sh:minCount 1 ] .", "unknown severity"),
    "unknown severity of a query": (
        'sh:severity <x:Bad> ; sh:sparql <x:c> . <x:c> sh:select "SELECT $this WHERE { $this ?x ?y }" .',
        "unknown severity",
    ),
    "no path": ("sh:property <x:q> . <x:q> a sh:PropertyShape ; sh:minCount 1 .", "sh:path"),
    "count in words": ('sh:property [ sh:path <x:p> ; sh:minCount "one" ] .', "sh:minCount"),
    "broken query": ('sh:sparql <x:c> . <x:c> sh:select "SELECT $this WHERE {" .', "x:c"),
    "query without focus": ('sh:sparql <x:c> . <x:c> sh:select "SELECT ?x WHERE { ?x ?y ?z }" .', "$this"),
    "broken pattern": ('sh:property [ sh:path <x:p> ; sh:pattern "(" ] .', "shapes/"),
    "recursion": ("sh:node <x:s> .", "shapes/"),
}


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    for part in ("data", "shapes"):
        (tmp_path / part).mkdir()
    (tmp_path / "data" / "a.ttl").write_text('<x:a> a <x:C> ; <x:p> "v" .', "utf-8")
    return tmp_path


def complaint(dataset: Path) -> str:
    result = CliRunner().invoke(main, ["validate", "--dataset", str(dataset)])
    assert result.exit_code == 1, result.output
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result.output


@pytest.mark.parametrize("fault", FILES)
def test_a_file_that_cannot_be_used_is_named(fault: str, dataset: Path) -> None:
    content, said = FILES[fault]
    (dataset / "data" / "b.ttl").write_bytes(content)
    output = complaint(dataset)
    assert "data/b.ttl" in output
    assert said in output


@pytest.mark.parametrize("fault", SHAPES)
def test_shapes_that_are_wrong_are_named(fault: str, dataset: Path) -> None:
    shape, said = SHAPES[fault]
    (dataset / "shapes" / "s.ttl").write_text(PREFIX + shape, "utf-8")
    assert said in complaint(dataset)


def test_blank_nodes_in_a_ring_are_no_fault(dataset: Path) -> None:
    (dataset / "data" / "b.ttl").write_text("_:a <x:p> _:b . _:b <x:p> _:a .", "utf-8")
    result = CliRunner().invoke(main, ["validate", "--dataset", str(dataset)])
    assert result.exit_code == 0, result.output
