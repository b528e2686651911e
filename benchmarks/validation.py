"""How long validation takes: everything by stage, one changed record after load, and the command as a user runs it."""

import shutil
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

import click
import pyoxigraph as ox
from rdflib import Graph

from benchmarks.data import COMMAND, Data
from benchmarks.measure import RUNS, Timing, machine, measure, show, together
from benchmarks.peers.ours import NAME as OURS
from benchmarks.results import Measurement
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.namespaces import short
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.validation.changes import LINKS, State, changed_subjects, queries_of
from taiwan_can_help.validation.core import check_core
from taiwan_can_help.validation.named import check_named
from taiwan_can_help.validation.rules import check_rules
from taiwan_can_help.validation.validate import shapes_of

VALIDATION = "validation, s"
WHOLE, ONE = "everything", "one changed record after load"


def main() -> None:
    """Measure and print."""
    folder = DatasetFolder.open(default_dataset())
    click.echo(machine())
    quads, queries = graph_of(folder, lambda _: None), queries_of(folder)
    shapes = shapes_of(quads)
    reading = measure("read the files, derive, sort", lambda: graph_of(folder, lambda _: None))
    converting = [
        measure("convert to rdflib", lambda: _data(quads)),
        measure("fill the store", lambda: _store(quads)),
        measure("take out the shapes", lambda: shapes_of(quads)),
    ]
    data, store = _data(quads), _store(quads)
    checks = [
        measure("core constraints", lambda: check_core(data, shapes)),
        measure("SPARQL constraints", lambda: check_rules(store, shapes)),
        measure("named queries of claims", lambda: check_named(store, shapes, queries)),
    ]
    stages = [reading, *converting, *checks]
    show(f"Everything: {len(quads):,} statements", [*stages, together("in all", stages)])

    title, stages = _one_record(quads, queries, RUNS)
    show(f"One changed record after load: {title}", [*stages, together("in all", stages)])
    show("The command, from start to exit", _commands(folder, RUNS))


def measure_validation(data: Data, rounds: int) -> list[Measurement]:
    """Measure the command over the whole dataset, and the check of one changed record after load."""
    quads = graph_of(data.dataset, lambda _: None)
    _, stages = _one_record(quads, queries_of(data.dataset), rounds)
    whole, _ = _commands(data.dataset, rounds)
    one = together("one changed record", stages)
    return [
        Measurement(data.name, data.triples, what, OURS, VALIDATION, timing.seconds)
        for what, timing in ((WHOLE, whole), (ONE, one))
    ]


def _one_record(quads: list[ox.Quad], queries: dict[str, NamedQuery], runs: int) -> tuple[str, list[Timing]]:
    """Return what record it is, and the stages of its check."""
    data, store, shapes = _data(quads), _store(quads), shapes_of(quads)
    record = _largest_record(quads)
    now, before = State(quads, queries), State([quad for quad in quads if quad.subject != record], queries)
    focus = changed_subjects(now, before)
    stages = [
        measure("see what changed", lambda: changed_subjects(now, before), runs),
        measure("core constraints", lambda: check_core(data, shapes, focus), runs),
        measure("SPARQL constraints", lambda: check_rules(store, shapes, focus), runs),
        measure("named queries of claims", lambda: check_named(store, shapes, queries, focus), runs),
    ]
    return f"{short(record.value)}, {len(focus)} focus nodes with lines and sources", stages


def _data(quads: list[ox.Quad]) -> Graph:
    return to_graph(quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph())


def _store(quads: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.bulk_extend(quads)
    return store


def _largest_record(quads: list[ox.Quad]) -> ox.NamedNode:
    """Return the subject with the most parts that are checked together with it."""
    parts = Counter(quad.subject for quad in quads if quad.predicate.value in LINKS)
    return max((subject for subject in parts if isinstance(subject, ox.NamedNode)), key=lambda each: parts[each])


def _commands(folder: DatasetFolder, runs: int) -> list[Timing]:
    """Time the command on a copy of the dataset in which one file differs from the release."""
    with tempfile.TemporaryDirectory() as temporary:
        copy, releases = Path(temporary) / "dataset", Path(temporary) / "releases"
        for part in ("ontology", "shapes", "data"):
            shutil.copytree(folder.root / part, copy / part)
        where = ["--dataset", str(copy), "--releases", str(releases)]
        _run([*COMMAND, "build", *where])
        first, *_ = DatasetFolder.open(copy).rdf_files("data")
        first.write_text(first.read_text("utf-8").replace('"@en', '."@en', 1), "utf-8")
        return [
            measure("validate", lambda: _run([*COMMAND, "validate", *where]), runs),
            measure("validate --changed", lambda: _run([*COMMAND, "validate", "--changed", *where]), runs),
        ]


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True)  # noqa: S603 (our own command)


if __name__ == "__main__":
    main()
