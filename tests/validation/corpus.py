"""The corpus of broken records, and the part of the real graph that each is checked in.

Each file of ``broken/`` has one fault and says so in its first lines: the shape that finds it, the focus node, and a
part of the message. ``also`` names whatever else is found, as shape and focus node: other findings of the same fault,
or that a made-up thing on its own is named by nobody. ``beside`` names what the fault clashes with, where the file
does not refer to it. The files share their IRIs, so each is checked alone.
"""

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyoxigraph as ox
from rdflib import RDF, SH, Graph, URIRef

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.namespaces import PREFIXES, SHAPES
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.validation.changes import queries_of
from taiwan_can_help.validation.core import check_core
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.rules import check_rules
from taiwan_can_help.validation.validate import shapes_of

FOLDER = Path(__file__).parent / "broken"
HEADER = re.compile(r"^# (expects|at|says|also|beside): (.+)$", re.MULTILINE)
# How many real records each file is checked with, and how many may share a value that means something.
SOUND_RECORDS = 3
FEW = 5

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Case:
    """What a broken file says of itself."""

    path: Path
    expects: str
    at: str
    says: str
    also: frozenset[tuple[str, str]]
    beside: str | None


def read_case(path: Path) -> Case:
    lines = HEADER.findall(path.read_text("utf-8"))
    said = dict(lines)
    also = frozenset(_shape_and_node(text) for name, text in lines if name == "also")
    beside = _iri(said["beside"]) if "beside" in said else None
    return Case(path, SHAPES + said["expects"], _iri(said["at"]), said["says"], also, beside)


def _shape_and_node(text: str) -> tuple[str, str]:
    shape, node = text.split()
    return SHAPES + shape, _iri(node)


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


@cache
def alone(shape: str) -> Graph:
    """Return what the shape states, what it refers to, and what of other shapes leads to it."""
    shapes = real_shapes()
    within = set(shapes.transitive_objects(URIRef(shape), None))
    leading = set(shapes.transitive_subjects(None, URIRef(shape)))
    return new_graph(
        (subject, predicate, value)
        for subject, predicate, value in shapes
        if subject in within or (subject in leading and (value in leading or predicate in _AIMS))
    )


_AIMS = {RDF.type, SH.path, SH.targetClass, SH.targetNode, SH.targetSubjectsOf, SH.targetObjectsOf}


class Surroundings:
    """A broken file amid what it refers to, what refers to it, what is alike, and some sound records."""

    def __init__(self, case: Case) -> None:
        broken = [quad.triple for quad in read_file(case.path, case.path.name)]
        self._focus = {triple.subject.value for triple in broken if isinstance(triple.subject, ox.NamedNode)}
        self._focus |= {case.at} | {node for _, node in case.also}
        named = [ox.NamedNode(iri) for iri in (*self._focus, *([case.beside] if case.beside else ()))]
        self.triples = list({*broken, *_around(broken, named)})
        self._graph = to_graph(self.triples)
        self._store = ox.Store()
        self._store.extend(ox.Quad(triple.subject, triple.predicate, triple.object) for triple in self.triples)

    def findings(self, shapes: Graph) -> list[Finding]:
        """Return what the shapes find on the things that the file tells of."""
        found = check_core(self._graph, shapes, self._focus) + check_rules(self._store, shapes)
        return [finding for finding in found if finding.focus in self._focus]


def _around(broken: list[ox.Triple], named: list[ox.NamedNode]) -> Iterator[ox.Triple]:
    real = _real()
    reach: set[Term] = {*real.records, *named}
    for triple in broken:
        alike = real.to.get(triple.object, [])
        reach |= {triple.object, *(other.subject for other in alike if len(alike) <= FEW)}
    reached: set[Term] = set()
    while reach:
        subject = reach.pop()
        reached.add(subject)
        yield from real.of.get(subject, [])
        reach |= {triple.object for triple in real.of.get(subject, [])} - reached
    for node in named:
        for triple in real.to.get(node, []):
            yield from real.of[triple.subject]


@dataclass(frozen=True)
class Real:
    """The real graph's triples by subject and by object, and its first few records."""

    of: dict[Term, list[ox.Triple]]
    to: dict[Term, list[ox.Triple]]
    records: list[Term]


@cache
def _real() -> Real:
    of: defaultdict[Term, list[ox.Triple]] = defaultdict(list)
    to: defaultdict[Term, list[ox.Triple]] = defaultdict(list)
    for quad in real_quads():
        if quad.graph_name == ox.DefaultGraph():
            of[quad.subject].append(quad.triple)
            to[quad.object].append(quad.triple)
    records = sorted((subject for subject in of if "/id/activity/" in str(subject)), key=str)
    return Real(dict(of), dict(to), records[:SOUND_RECORDS])
