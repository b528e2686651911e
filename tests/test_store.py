"""The store on disk: the same answers as from memory, chosen by setting or by size, checked and written anew."""

import hashlib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from conftest import COMMAND, Client, Running, serving, workers

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.engine import EngineError, Query
from taiwan_can_help.engine.pool import Limits, running_pool
from taiwan_can_help.errors import InputError
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS
from taiwan_can_help.release.build import build
from taiwan_can_help.release.folder import Release, Releases
from taiwan_can_help.release.store import MOST_IN_MEMORY, StoreKind, source_of

QUERIES = [path.stem for path in DatasetFolder.open(default_dataset()).query_files()]
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
GREEDY = "SELECT * WHERE { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?f"
COUNT = Query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }")
CSV = dict.fromkeys(RESULT_FORMATS, f.CSV)


@pytest.fixture(scope="module")
def on_disk(releases: Path) -> Iterator[Running]:
    with serving(releases, "--store", "disk", "--query-timeout", "3", "--query-memory", "64") as running:
        yield running


@pytest.fixture
def release(tmp_path: Path, small: Path) -> Release:
    return build(DatasetFolder.open(small), Releases(tmp_path / "releases", small), lambda _: None)


def hashes(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.iterdir()}


def count(source: Path) -> str:
    with running_pool(source, 1, Limits(5)) as engine:
        return engine.query(COUNT, CSV).read().decode().split()[1]


@pytest.mark.parametrize("query", QUERIES)
def test_named_queries_answer_the_same(client: Client, on_disk: Running, query: str) -> None:
    path = f"/queries/{query}.csv"
    reply = on_disk.client.get(path)
    assert (reply.status, reply.text) == (200, client.get(path).text)


@pytest.mark.parametrize("path", ["/graph-store?default&format=nt", "/dataset.nt", "/shapes.nt"])
def test_graphs_are_the_same(client: Client, on_disk: Running, path: str) -> None:
    lines = on_disk.client.get(path).text.splitlines()
    assert sorted(lines) == sorted(client.get(path).text.splitlines())
    assert len(lines) > 100


@pytest.mark.parametrize("query", [RUNAWAY, GREEDY])
def test_queries_over_a_limit_are_stopped(on_disk: Running, query: str) -> None:
    assert on_disk.client.query(query).status == 503
    assert on_disk.client.query("ASK {}").json()["boolean"] is True


def test_serving_leaves_the_store_as_it_is(releases: Path, on_disk: Running) -> None:
    store = Release.open(next(releases.glob("current-*")).resolve()).store
    before = hashes(store)
    assert on_disk.client.rows("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }") != []
    assert hashes(store) == before


@pytest.mark.parametrize(
    ("kind", "quads", "on_disk"),
    [
        (StoreKind.MEMORY, MOST_IN_MEMORY + 1, False),
        (StoreKind.AUTO, MOST_IN_MEMORY, False),
        (StoreKind.AUTO, MOST_IN_MEMORY + 1, True),
        (StoreKind.DISK, 1, True),
    ],
)
def test_which_store_is_taken(release: Release, kind: StoreKind, quads: int, *, on_disk: bool) -> None:
    source = source_of(replace(release, triples=quads, graphs={}), kind)
    assert source == (release.store if on_disk else release.nquads)
    assert count(source) == str(release.triples)


def test_a_whole_store_is_taken_as_it_is(release: Release) -> None:
    first = source_of(release, StoreKind.DISK)
    before = {path.name: path.stat().st_mtime_ns for path in first.iterdir()}
    assert source_of(release, StoreKind.DISK) == first
    assert {path.name: path.stat().st_mtime_ns for path in first.iterdir()} == before


def truncate(store: Path) -> None:
    largest = max(store.glob("*.sst"), key=lambda path: path.stat().st_size)
    largest.write_bytes(largest.read_bytes()[:-100])


def alter(store: Path) -> None:
    largest = max(store.glob("*.sst"), key=lambda path: path.stat().st_size)
    content = largest.read_bytes()
    largest.write_bytes(bytes([content[0] ^ 1]) + content[1:])


def remove(store: Path) -> None:
    next(store.glob("*.sst")).unlink()


def forget(store: Path) -> None:
    (store / "checksums.json").unlink()


@pytest.mark.parametrize("damage", [truncate, alter, remove, forget])
def test_a_damaged_store_is_written_anew(release: Release, damage: Callable[[Path], None]) -> None:
    store = source_of(release, StoreKind.DISK)
    damage(store)
    assert count(source_of(release, StoreKind.DISK)) == str(release.triples)
    assert not list(release.root.parent.glob(".partial-*"))


def test_a_store_of_another_build_is_written_anew(release: Release) -> None:
    source_of(release, StoreKind.DISK)
    other = replace(release, files={**release.files, "dump.nq": "0" * 64})
    before = (release.store / "checksums.json").read_text()
    source_of(other, StoreKind.DISK)
    assert (release.store / "checksums.json").read_text() != before


def test_look_ups_leave_the_store_in_memory_to_all_workers_together(releases: Path) -> None:
    release = build(DatasetFolder.open(default_dataset()), Releases(releases, default_dataset()), lambda _: None)
    look_up = "SELECT ?p ?o WHERE {{ <https://w3id.org/taiwan-can-help/id/country/palau> ?p ?o }} LIMIT {}"
    with running_pool(release.nquads, 1, Limits(5)) as engine:
        engine.query(Query(look_up.format(1)), CSV).read()
        (worker,) = map(psutil.Process, workers())
        before = worker.memory_full_info().uss  # what it wrote to since it was forked, and so shares with no other
        for number in range(2, 100):
            engine.query(Query(look_up.format(number)), CSV).read()
        assert worker.memory_full_info().uss - before < 1024 * 1024


def test_a_folder_that_is_no_store_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none").mkdir()
    with pytest.raises(EngineError, match="did not start"), running_pool(tmp_path / "none", 1, Limits(5)):
        pass


def test_a_store_that_cannot_be_written_is_a_clear_error(release: Release) -> None:
    release.nquads.write_text("nonsense")
    with pytest.raises(EngineError, match=r"could not be written: SyntaxError"):
        source_of(release, StoreKind.DISK)
    missing = replace(release, root=release.root.parent / "none" / "of" / "these")
    with pytest.raises(InputError, match=r"could not be written: No such file"):
        source_of(missing, StoreKind.DISK)
    assert not list(release.root.parent.glob(".partial-*"))


def test_prune_takes_the_store_along(tmp_path: Path, small: Path, release: Release) -> None:
    store = source_of(release, StoreKind.DISK)
    (small / "data" / "x.ttl").write_text('<http://e.example/a> <http://e.example/p> "two" .\n', "utf-8")
    places = ["--dataset", str(small), "--releases", str(tmp_path / "releases")]
    for words in (["build"], ["releases", "prune", "--keep", "1"]):
        subprocess.run([*COMMAND, *words, *places], check=True, capture_output=True)
    assert not store.exists()
    assert not release.root.exists()
