"""Which file holds which subject, and how the files that an import manages are read and written."""

import re
from collections import defaultdict
from pathlib import Path

import pyoxigraph as ox
from rdflib import Graph, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset, read_file
from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.writing import whole

FILE_OF_KIND = {
    "agent": "data/agents.ttl",
    "country": "data/places.ttl",
    "territory": "data/places.ttl",
    "place": "data/places.ttl",
    "group": "data/places.ttl",
    "world-region": "data/places.ttl",
    "source": "data/sources.ttl",
    "claim": "data/claims.ttl",
    "mapping": "data/mappings.ttl",
    "supply": "ontology/supplies.ttl",
    "unit": "ontology/units.ttl",
}
ACTIVITIES = "data/activities"


def read_managed(folder: DatasetFolder) -> Graph:
    """Read the files that imports write into one graph; raises InputError that names file and line."""
    graph = new_graph()
    for path in _managed_files(folder):
        name = folder.relative(path)
        for _ in read_file(path, name):  # for its errors, which name line and column
            pass
        graph.parse(path, format="turtle", publicID=BASE)
    return graph


def subjects(folder: DatasetFolder) -> set[str]:
    """Return the IRIs that the whole dataset says something about, value lists and all."""
    return {quad.subject.value for quad in read_dataset(folder) if isinstance(quad.subject, ox.NamedNode)}


def write_managed(folder: DatasetFolder, graph: Graph, *, dry_run: bool) -> list[str]:
    """Write each file whose bytes change, whole or not at all, and return the names of those files."""
    parts: dict[str, Graph] = defaultdict(new_graph)
    file_of = _Placement(graph)
    for triple in graph:
        parts[file_of(triple[0])].add(triple)
    try:
        return _write_parts(folder, parts, dry_run=dry_run)
    except OSError as error:
        raise InputError(f"{error.filename}: cannot be written: {error.strerror}") from error


def _write_parts(folder: DatasetFolder, parts: dict[str, Graph], *, dry_run: bool) -> list[str]:
    changed = []
    gone = {folder.relative(path) for path in _managed_files(folder)} - set(parts)
    for name, part in sorted(parts.items()):
        content = write_turtle(part).encode()
        path = folder.root / name
        if not path.exists() or path.read_bytes() != content:
            changed.append(name)
            if not dry_run:
                path.parent.mkdir(parents=True, exist_ok=True)
                with whole(path) as target:
                    target.write(content)
    for name in sorted(gone):
        changed.append(name)
        if not dry_run:
            (folder.root / name).unlink()
    return changed


class _Placement:
    """Says which file a subject's block belongs in."""

    def __init__(self, graph: Graph) -> None:
        self._month: dict[Node, str] = {
            activity: f"{ACTIVITIES}/{str(day)[:7]}.ttl" for activity, day in graph.subject_objects(TCH.earliest)
        }
        for activity, line in graph.subject_objects(TCH.item):
            if activity not in self._month:
                raise InputError(f"{activity}: has item lines but no tch:earliest; give it its dates")
            self._month[line] = self._month[activity]

    def __call__(self, subject: Node) -> str:
        if subject in self._month:
            return self._month[subject]
        match = re.match(re.escape(BASE) + r"id/([a-z-]+)/", subject) if isinstance(subject, URIRef) else None
        if match and match[1] in FILE_OF_KIND:
            return FILE_OF_KIND[match[1]]
        if match and match[1] == "item":
            raise InputError(f"{subject}: an item line that no record has; remove it")
        raise InputError(f"{subject}: stands in a file that imports write, but is of no kind they know; move it")


def _managed_files(folder: DatasetFolder) -> list[Path]:
    names = set(FILE_OF_KIND.values())
    return [
        path
        for part in ("ontology", "data")
        for path in folder.rdf_files(part)
        if path.suffix == ".ttl" and ((name := folder.relative(path)) in names or name.startswith(f"{ACTIVITIES}/"))
    ]
