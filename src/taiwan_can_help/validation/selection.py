"""What a validation looks at: the whole dataset, some files, or what changed."""

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import RDF_SUFFIXES, DatasetFolder
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.dataset.reading import read_dataset, read_file
from taiwan_can_help.errors import InputError
from taiwan_can_help.queries import NamedQuery, read_query
from taiwan_can_help.validation.changes import State, changed_subjects, queries_of, referring, state_at
from taiwan_can_help.validation.location import Place, files_of, places_of

QUERY_SUFFIX = ".rq"


@dataclass(frozen=True)
class Selection:
    """The quads and named queries to check, the focus nodes (None: all), and where subjects stand."""

    quads: list[ox.Quad]
    queries: dict[str, NamedQuery]
    focus: set[str] | None
    places: dict[str, Place]


def select(folder: DatasetFolder, paths: tuple[Path, ...], since: str | None, before: State | None) -> Selection:
    """Return what to check: the subjects of ``paths``, what differs, or everything.

    Of a query among ``paths`` the subjects are those that refer to it. ``since`` is a git revision and ``before``
    another state to differ from.

    Raises InputError that names the file that can't be read.
    """
    files = _files(folder, paths)
    given = [read_query(path) for path in files if path.suffix == QUERY_SUFFIX]
    extra = {str(path): path for path in files if path.suffix in RDF_SUFFIXES}
    within = {path.resolve() for path in files_of(folder).values()}
    outside = {name: path for name, path in extra.items() if path.resolve() not in within}
    queries = queries_of(folder) | {query.name: query for query in given}
    quads = graph_of(folder, lambda _: None, outside)
    places = places_of({**outside, **files_of(folder)})
    focus = None
    if paths:
        described = [quad.subject for name, path in extra.items() for quad in read_file(path, name)]
        subjects = {*described, *referring(quads, [query.name for query in given])}
        focus = {subject.value for subject in subjects if isinstance(subject, ox.NamedNode)}
    elif since:
        focus = changed_subjects(State(read_dataset(folder), queries), state_at(folder, since))
    elif before:
        focus = changed_subjects(State(quads, queries), before)
    return Selection(quads, queries, focus, places)


def _files(folder: DatasetFolder, paths: tuple[Path, ...]) -> list[Path]:
    suffixes = (*RDF_SUFFIXES, QUERY_SUFFIX)
    named_queries = {path.resolve() for path in folder.query_files()}
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        if path.is_dir():
            # A rule that derives triples ends in .rq as well, but nothing refers to it.
            files += sorted(p for p in path.rglob("*") if p.suffix in RDF_SUFFIXES or p.resolve() in named_queries)
        elif path.suffix in suffixes:
            files.append(path)
        else:
            raise InputError(f"{path}: neither RDF nor a query; the name ends in one of {', '.join(suffixes)}")
    return files
