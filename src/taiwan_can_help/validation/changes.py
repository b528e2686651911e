"""Which subjects' descriptions differ between two states of a dataset."""

import io
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import DATASET_GRAPH, PREFIXES
from taiwan_can_help.queries import NamedQuery, read_query

# A record is checked with what belongs to it, and again when something of it changed.
Subject = ox.NamedNode | ox.BlankNode | ox.Triple
_DESCRIPTION = ox.NamedNode(DATASET_GRAPH)
LINKS = "https://w3id.org/taiwan-can-help/ontology#item", "http://purl.org/dc/terms/source"


@dataclass(frozen=True)
class State:
    """What a dataset holds at a time: its quads, and its named queries by name."""

    quads: Iterable[ox.Quad]
    queries: Mapping[str, NamedQuery]


def changed_subjects(now: State, before: State) -> set[str]:
    """Return the subjects that are described otherwise now, with the item lines and sources of each.

    A record whose item line or source changed is among them, and what refers to a named query that changed. What
    describes a release does not count, since a build adds it.
    """
    quads, old = ({q for q in state.quads if q.graph_name != _DESCRIPTION} for state in (now, before))
    queries = {name for name in {*now.queries, *before.queries} if now.queries.get(name) != before.queries.get(name)}
    different = {quad.subject for quad in quads ^ old}
    linked: dict[Subject, set[Subject]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value in LINKS:
            linked[quad.subject].add(quad.object)  # type: ignore[arg-type]
    wanted: set[Subject] = set(different)
    wanted |= referring(quads, queries)
    for owner, parts in linked.items():
        if owner in different:
            wanted |= parts
        elif parts & different:
            wanted.add(owner)
    return {subject.value for subject in wanted if isinstance(subject, ox.NamedNode)}


def referring(quads: Iterable[ox.Quad], queries: Iterable[str]) -> set[Subject]:
    """Return the subjects that refer to any of some named queries, given by name."""
    iris = {ox.NamedNode(PREFIXES["query"] + name) for name in queries}
    return {quad.subject for quad in quads if quad.object in iris}


def queries_of(folder: DatasetFolder) -> dict[str, NamedQuery]:
    """Return the dataset's named queries by name; raises InputError that names the file that is at fault."""
    return {path.stem: read_query(path) for path in folder.query_files()}


def state_at(folder: DatasetFolder, revision: str) -> State:
    """Return what the dataset's files held at a git revision.

    Raises InputError when the folder is in no repository or there is no such revision.
    """
    with tempfile.TemporaryDirectory() as temporary:
        archive = ["git", "-C", str(folder.root), "archive", "--format=tar", revision, "."]
        try:
            tar = subprocess.run(archive, capture_output=True, check=True).stdout  # noqa: S603
        except FileNotFoundError as error:
            raise InputError("git is not installed, so no revision can be compared") from error
        except subprocess.CalledProcessError as error:
            problem = error.stderr.decode(errors="replace").strip()
            raise InputError(f"{folder.root}: no git revision {revision!r} of it: {problem}") from error
        _unpack(tar, Path(temporary))
        then = DatasetFolder(Path(temporary))
        return State(list(read_dataset(then)), queries_of(then))


def _unpack(tar: bytes, target: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        archive.extractall(target, filter="data")
