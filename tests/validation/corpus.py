"""The corpus of broken records, and the dataset that each is checked beside.

Each file of ``broken/`` has one fault and says so in its first lines: the shape that finds it, the focus node, and a
part of the message; ``beside`` names what it clashes with, where it does not refer to it. The files share their
IRIs, so each is checked alone.
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.namespaces import PREFIXES, SHAPES
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.validation.changes import queries_of
from taiwan_can_help.validation.core import check_core
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.rules import check_rules
from taiwan_can_help.validation.validate import shapes_of

FOLDER = Path(__file__).parent / "broken"
HEADER = re.compile(r"^# (expects|at|says|beside): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Case:
    """What a broken file says of itself."""

    path: Path
    expects: str
    at: str
    says: str
    beside: str | None


def read_case(path: Path) -> Case:
    said = dict(HEADER.findall(path.read_text("utf-8")))
    shape = SHAPES + said["expects"].removeprefix("tchs:")
    beside = _iri(said["beside"]) if "beside" in said else None
    return Case(path, shape, _iri(said["at"]), said["says"], beside)


def _iri(text: str) -> str:
    prefix, _, name = text.strip("<>").partition(":")
    return PREFIXES[prefix] + name if prefix in PREFIXES else text.strip("<>")


CASES = [read_case(path) for path in sorted(FOLDER.glob("*.ttl"))]


@cache
def real_quads() -> list[ox.Quad]:
    """Return the real dataset's quads, derived ones included."""
    return graph_of(DatasetFolder.open(default_dataset()), lambda _: None)


@cache
def real_queries() -> dict[str, NamedQuery]:
    """Return the real dataset's named queries."""
    return queries_of(DatasetFolder.open(default_dataset()))


@cache
def real_shapes() -> Graph:
    """Return the real shapes."""
    return shapes_of(real_quads())


class Beside:
    """The real graph, to which one broken file at a time is added."""

    def __init__(self) -> None:
        triples = [quad.triple for quad in real_quads() if quad.graph_name == ox.DefaultGraph()]
        self._graph = to_graph(triples)
        self._store = ox.Store()
        self._store.bulk_extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)

    def findings(self, case: Case) -> list[Finding]:
        """Return what is found on the things that the file describes."""
        quads = [quad for quad in read_file(case.path, case.path.name) if quad not in self._store]
        focus = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)} | {case.at}
        with self._added(quads):
            found = check_core(self._graph, real_shapes(), focus) + check_rules(self._store, real_shapes())
        return [finding for finding in found if finding.focus in focus]

    @contextmanager
    def _added(self, quads: list[ox.Quad]) -> Iterator[None]:
        more = to_graph(quad.triple for quad in quads)
        self._store.extend(quads)
        for triple in more:
            self._graph.add(triple)
        yield
        for quad in quads:
            self._store.remove(quad)
        for triple in more:
            self._graph.remove(triple)
