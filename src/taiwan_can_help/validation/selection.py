"""What a validation looks at: the whole dataset, some files, or what changed."""

from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import RDF_SUFFIXES, DatasetFolder
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.dataset.reading import read_dataset, read_file
from taiwan_can_help.errors import InputError
from taiwan_can_help.validation.changes import changed_subjects, quads_at
from taiwan_can_help.validation.location import Place, files_of, places_of


@dataclass(frozen=True)
class Selection:
    """The quads to check, the focus nodes (None: all), and where subjects stand."""

    quads: list[ox.Quad]
    focus: set[str] | None
    places: dict[str, Place]


def select(folder: DatasetFolder, paths: tuple[Path, ...], since: str | None, before: Path | None) -> Selection:
    """Return what to check: the subjects of ``paths``, what differs, or everything.

    ``since`` is a git revision and ``before`` a file of N-Quads to differ from.

    Raises InputError that names the file that can't be read.
    """
    extra = {str(path): path for path in _files(paths)}
    within = {path.resolve() for path in files_of(folder).values()}
    outside = {name: path for name, path in extra.items() if path.resolve() not in within}
    quads = graph_of(folder, lambda _: None, outside)
    places = places_of({**outside, **files_of(folder)})
    focus = None
    if extra:
        focus = {
            quad.subject.value
            for name, path in extra.items()
            for quad in read_file(path, name)
            if isinstance(quad.subject, ox.NamedNode)
        }
    elif since:
        focus = changed_subjects(read_dataset(folder), quads_at(folder, since))
    elif before:
        focus = changed_subjects(quads, ox.parse(path=str(before), format=ox.RdfFormat.N_QUADS))
    return Selection(quads, focus, places)


def _files(paths: tuple[Path, ...]) -> list[Path]:
    files: list[Path] = []
    for path in paths:
        if not path.exists():
            raise InputError(f"{path}: no such file or folder")
        found = [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.suffix in RDF_SUFFIXES)
        if path.is_file() and path.suffix not in RDF_SUFFIXES:
            raise InputError(f"{path}: no RDF file; the name ends in one of {', '.join(RDF_SUFFIXES)}")
        files.extend(found)
    return files
