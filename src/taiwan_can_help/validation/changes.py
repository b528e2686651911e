"""Which subjects' descriptions differ between two states of a dataset."""

import io
import subprocess
import tarfile
import tempfile
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import DATASET_GRAPH

# A record is checked with what belongs to it, and again when something of it changed.
Subject = ox.NamedNode | ox.BlankNode | ox.Triple
_DESCRIPTION = ox.NamedNode(DATASET_GRAPH)
LINKS = "https://w3id.org/taiwan-can-help/ontology#item", "http://purl.org/dc/terms/source"


def changed_subjects(now: Iterable[ox.Quad], before: Iterable[ox.Quad]) -> set[str]:
    """Return the subjects that are described otherwise now, with the item lines and sources of each.

    A record whose item line or source changed is among them. What describes a release does not count: a build adds it.
    """
    quads, old = ({quad for quad in state if quad.graph_name != _DESCRIPTION} for state in (now, before))
    different = {quad.subject for quad in quads ^ old}
    linked: dict[Subject, set[Subject]] = defaultdict(set)
    for quad in quads:
        if quad.predicate.value in LINKS:
            linked[quad.subject].add(quad.object)  # type: ignore[arg-type]
    wanted: set[Subject] = set(different)
    for owner, parts in linked.items():
        if owner in different:
            wanted |= parts
        elif parts & different:
            wanted.add(owner)
    return {subject.value for subject in wanted if isinstance(subject, ox.NamedNode)}


def quads_at(folder: DatasetFolder, revision: str) -> list[ox.Quad]:
    """Return the quads of the dataset's files as they were at a git revision.

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
        return list(read_dataset(DatasetFolder(Path(temporary))))


def _unpack(tar: bytes, target: Path) -> None:
    with tarfile.open(fileobj=io.BytesIO(tar)) as archive:
        archive.extractall(target, filter="data")
