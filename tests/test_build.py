"""Builds: same content, same bytes; a fault names its place and leaves the release before in use."""

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import COMMAND, DATASET, write_dataset

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import DATASET_GRAPH, SHAPES_GRAPH
from taiwan_can_help.release.build import build, release_id
from taiwan_can_help.release.folder import Release, Releases

RULE = "CONSTRUCT { ?s <http://e.example/derived> ?o } WHERE { ?s <http://e.example/q> ?o }\n"


def silent(_: str) -> None:
    return None


def built(dataset: Path, releases: Path) -> Release:
    return build(DatasetFolder.open(dataset), Releases(releases, dataset), silent)


def content(release: Release) -> dict[str, bytes]:
    files = (path for path in release.root.rglob("*") if path.is_file())
    return {path.relative_to(release.root).as_posix(): path.read_bytes() for path in files}


def quads(release: Release) -> set[ox.Quad]:
    """Return the dataset's quads, without the description of the release that every build adds."""
    found = ox.parse(path=str(release.nquads), format=ox.RdfFormat.N_QUADS)
    return {quad for quad in found if quad.graph_name != ox.NamedNode(DATASET_GRAPH)}


def current(releases: Path, dataset: Path) -> str:
    return Releases(releases, dataset).current().id


@pytest.mark.parametrize("seed", ["0", "4711"])
@pytest.mark.parametrize("blank", ["_:x <http://e.example/p> _:y .\n", "<x:s> <x:p> <x:o> _:g .\n"])
def test_same_content_same_bytes(tmp_path: Path, small: Path, seed: str, blank: str) -> None:
    write_dataset(small, {"ontology/rules/one.rq": RULE, "data/blank.nq": blank})
    first = built(small, tmp_path / "one")
    copy = shutil.copytree(small, tmp_path / "elsewhere" / "copy")
    second = tmp_path / "two"
    subprocess.run(
        [*COMMAND, "build", "--dataset", str(copy), "--releases", str(second)],
        env={**os.environ, "PYTHONHASHSEED": seed},
        check=True,
        capture_output=True,
    )
    assert current(second, copy) == first.id
    assert content(Releases(second, copy).current()) == content(first)


def test_a_second_build_does_nothing(tmp_path: Path, small: Path) -> None:
    said: list[str] = []
    first = built(small, tmp_path / "releases")
    before = (first.root / "manifest.json").stat()
    assert build(DatasetFolder.open(small), Releases(tmp_path / "releases", small), said.append) == first
    assert said == []
    assert (first.root / "manifest.json").stat().st_ino == before.st_ino


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("data/x.ttl", "<http://e.example/a> <http://e.example/p> 2 .\n"),
        ("data/new.nt", "<http://e.example/a> <http://e.example/p> <http://e.example/c> .\n"),
        ("shapes/s.ttl", "<http://e.example/S> a <http://www.w3.org/ns/shacl#NodeShape> .\n"),
        ("ontology/rules/one.rq", RULE),
        ("data/queries/all.rq", "# title: Other\n\nASK {}\n"),
    ],
)
def test_changed_content_is_another_release(tmp_path: Path, small: Path, name: str, text: str) -> None:
    releases = tmp_path / "releases"
    old = built(small, releases)
    before = content(old)
    write_dataset(small, {name: text})
    new = built(small, releases)
    assert new.id != old.id
    assert current(releases, small) == new.id
    assert content(old) == before
    assert {path.name for path in releases.iterdir()} == {Releases(releases, small).link.name, old.id, new.id}
    write_dataset(small, {name: DATASET[name]}) if name in DATASET else (small / name).unlink()
    assert built(small, releases).id == current(releases, small) == old.id


def test_other_files_change_nothing(small: Path) -> None:
    before = release_id(DatasetFolder.open(small))
    write_dataset(small, {"README.md": "x", "data/notes.txt": "x"})
    assert release_id(DatasetFolder.open(small)) == before


@pytest.mark.parametrize(
    ("name", "text", "says"),
    [
        (
            "data/bad.ttl",
            "<http://e.example/a> a <http://e.example/C> .\n<a> <p> ; .\n",
            "data/bad.ttl: line 2, column",
        ),
        ("data/bad.nt", "<http://e.example/a> nonsense .\n", "data/bad.nt: line 1, column"),
        ("ontology/deep/bad.trig", "\n\n{ <http://e.example/a> }", "ontology/deep/bad.trig: line 3, column"),
        ("shapes/bad.jsonld", "{", "shapes/bad.jsonld"),
        ("ontology/rules/bad.rq", "CONSTRUCT { ?s ?p } WHERE {}", "ontology/rules/bad.rq"),
        ("ontology/rules/bad.rq", "SELECT * WHERE { ?s ?p ?o }", "ontology/rules/bad.rq: a rule is a CONSTRUCT"),
        ("ontology/rules/bad.rq", "ASK {}", "ontology/rules/bad.rq: a rule is a CONSTRUCT"),
        ("data/queries/bad.rq", "ASK {}", "bad.rq: has no title"),
        ("data/queries/bad.rq", "# title: A\n# parameter: ?x <not an iri> X\nASK {}", "bad.rq: line 2"),
    ],
)
def test_a_fault_names_its_place(tmp_path: Path, small: Path, name: str, text: str, says: str) -> None:
    releases = tmp_path / "releases"
    old = built(small, releases)
    write_dataset(small, {name: text})
    with pytest.raises(InputError) as caught:
        built(small, releases)
    assert says in str(caught.value)
    assert name.endswith(".rq") or "\n" not in str(caught.value)
    assert current(releases, small) == old.id
    assert {path.name for path in releases.iterdir()} == {Releases(releases, small).link.name, old.id}


@pytest.mark.parametrize("name", ["data/bad.ttl", "data/queries/bad.rq", "ontology/rules/bad.rq"])
def test_a_file_that_is_not_utf8(tmp_path: Path, small: Path, name: str) -> None:
    write_dataset(small, {name: ""})
    (small / name).write_bytes('<http://e.example/a> <http://e.example/p> "臺灣" .'.encode("big5"))
    with pytest.raises(InputError, match=Path(name).name):
        built(small, tmp_path / "releases")


def damage_truncate(root: Path) -> None:
    (root / "dump.nq").write_bytes((root / "dump.nq").read_bytes()[:-10])


def damage_remove(root: Path) -> None:
    (root / "dump.ttl").unlink()


def damage_manifest(root: Path) -> None:
    (root / "manifest.json").write_text("{}")


def damage_no_manifest(root: Path) -> None:
    (root / "manifest.json").unlink()


@pytest.mark.parametrize("damage", [damage_truncate, damage_remove, damage_manifest, damage_no_manifest])
def test_a_damaged_release_is_built_anew(tmp_path: Path, small: Path, damage: Callable[[Path], None]) -> None:
    release = built(small, tmp_path / "releases")
    whole = content(release)
    damage(release.root)
    assert content(built(small, tmp_path / "releases")) == whole


def test_an_empty_folder(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    release = built(tmp_path / "empty", tmp_path / "releases")
    assert release.triples == 0
    assert quads(release) == set()
    assert release.queries() == {}
    for suffix in ("ttl", "nt", "nq", "trig", "jsonld", "rdf"):
        assert (release.root / f"dump.{suffix}").exists()


NAMED = "<http://e.example/g>"
TRIPLE = "<http://e.example/a> <http://e.example/p> <http://e.example/b>"


@pytest.mark.parametrize(
    ("name", "text", "graph"),
    [
        ("data/x.trig", f"{NAMED} {{ {TRIPLE} }}", NAMED),
        ("data/x.nq", f"{TRIPLE} {NAMED} .", NAMED),
        ("shapes/x.trig", f"{NAMED} {{ {TRIPLE} }}", NAMED),
        ("data/x.nq", f"{TRIPLE} .", ""),
        ("ontology/x.nt", f"{TRIPLE} .", ""),
        ("data/deep/er/x.ttl", f"{TRIPLE} .", ""),
        ("shapes/x.ttl", f"{TRIPLE} .", f"<{SHAPES_GRAPH}>"),
        (
            "data/x.jsonld",
            '{"@id": "http://e.example/a", "http://e.example/p": {"@id": "http://e.example/b"}}',
            "",
        ),
    ],
)
def test_where_quads_go(tmp_path: Path, name: str, text: str, graph: str) -> None:
    release = built(write_dataset(tmp_path / "d", {name: text}), tmp_path / "releases")
    assert [str(quad).removesuffix(" .").strip() for quad in quads(release)] == [f"{TRIPLE} {graph}".strip()]
    assert release.triples == (0 if graph else 1)
    trig = ox.parse((release.root / "dump.trig").read_bytes(), format=ox.RdfFormat.TRIG)
    assert set(trig) == set(ox.parse(path=str(release.nquads), format=ox.RdfFormat.N_QUADS))


def test_blank_nodes_of_two_files_are_two(tmp_path: Path) -> None:
    files = {f"data/{n}.nt": f'_:x <http://e.example/p> "{n}" .\n' for n in "ab"}
    release = built(write_dataset(tmp_path / "d", files), tmp_path / "releases")
    assert len({quad.subject for quad in quads(release)}) == 2


def test_language_tags_and_texts_come_out_as_written(tmp_path: Path) -> None:
    texts = ['plain "@zh-hant .', ' xml:lang="zh-hant"', '"@language":"zh-hant"', "x\r\ny", "臺灣 \U0001f637"]
    literals = [ox.Literal(text) for text in texts] + [ox.Literal(text, language="zh-Hant") for text in texts]
    subject, predicate = ox.NamedNode("http://e.example/a"), ox.NamedNode("http://e.example/p")
    triples = [ox.Triple(subject, predicate, literal) for literal in literals]
    data = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert data is not None
    release = built(write_dataset(tmp_path / "d", {"data/x.nt": data.decode()}), tmp_path / "releases")
    parsers = [
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("nq", ox.RdfFormat.N_QUADS),
        ("ttl", ox.RdfFormat.TURTLE),
        ("trig", ox.RdfFormat.TRIG),
        ("jsonld", ox.RdfFormat.JSON_LD),
        ("rdf", ox.RdfFormat.RDF_XML),
    ]
    for suffix, format_ in parsers:
        dump = (release.root / f"dump.{suffix}").read_bytes()
        parsed = ox.parse(dump, format=format_)
        assert {quad.triple for quad in parsed if quad.graph_name == ox.DefaultGraph()} == set(triples), suffix
        assert dump.count(b"zh-Hant") == len(texts), suffix


def test_texts_of_named_graphs_come_out_as_written(tmp_path: Path) -> None:
    graph = ox.NamedNode("http://e.example/g")
    texts = ['plain "@zh-hant <', "x\n@prefix y\u2028z\x85"]
    subject, predicate = ox.NamedNode("http://e.example/a"), ox.NamedNode("http://e.example/p")
    wanted = {ox.Quad(subject, predicate, ox.Literal(text), graph) for text in texts}
    data = ox.serialize(wanted, format=ox.RdfFormat.N_QUADS)
    assert data is not None
    release = built(write_dataset(tmp_path / "d", {"data/x.nq": data.decode()}), tmp_path / "releases")
    for suffix, format_ in (("nq", ox.RdfFormat.N_QUADS), ("trig", ox.RdfFormat.TRIG)):
        parsed = ox.parse((release.root / f"dump.{suffix}").read_bytes(), format=format_)
        assert {quad for quad in parsed if quad.graph_name == graph} == wanted, suffix


def test_no_such_dataset(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such folder"):
        DatasetFolder.open(tmp_path / "none")


def test_a_releases_folder_that_cannot_be_written(tmp_path: Path, small: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be written"):
        built(small, tmp_path / "file" / "releases")


def test_a_current_that_cannot_be_switched(tmp_path: Path, small: Path) -> None:
    releases = Releases(tmp_path / "releases", small)
    releases.link.mkdir(parents=True)
    with pytest.raises(InputError, match=releases.link.name):
        built(small, releases.root)
