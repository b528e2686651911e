"""Where a subject's block stands: file and line."""

import re
from dataclasses import dataclass
from pathlib import Path

from taiwan_can_help.dataset.folder import DatasetFolder

_PREFIX = re.compile(r"@prefix\s+([\w-]*):\s*<([^>]*)>|PREFIX\s+([\w-]*):\s*<([^>]*)>", re.IGNORECASE)
_SUBJECT = re.compile(r"(?:<([^>]+)>|([\w-]*):((?:[\w%-]|\\.|\.(?=\w))*))(?=\s|$)")


@dataclass(frozen=True)
class Place:
    """A line of a file, counted from 1."""

    file: str
    line: int


def places_of(paths: dict[str, Path]) -> dict[str, Place]:
    """Return where each subject's first block starts, for the Turtle and N-Triples files by shown name."""
    places: dict[str, Place] = {}
    for shown_as, path in paths.items():
        if path.suffix in (".ttl", ".nt", ".trig", ".nq"):
            for iri, line in _subjects(path):
                places.setdefault(iri, Place(shown_as, line))
    return places


def files_of(folder: DatasetFolder) -> dict[str, Path]:
    """Return the dataset's files by the name to show."""
    # Records first: what refers to a thing in passing must not pass for its own block.
    paths = [path for part in ("data", "ontology", "shapes") for path in folder.rdf_files(part)]
    return {folder.relative(path): path for path in paths}


def _subjects(path: Path) -> list[tuple[str, int]]:
    prefixes: dict[str, str] = {}
    found = []
    for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), start=1):
        if prefix := _PREFIX.match(line.strip()):
            prefixes[prefix[1] or prefix[3] or ""] = prefix[2] or prefix[4]
        # A block starts at the margin; its other lines are indented.
        elif subject := _SUBJECT.match(line):
            if subject[1]:
                found.append((subject[1], number))
            elif subject[2] in prefixes:
                found.append((prefixes[subject[2]] + subject[3].replace("\\", ""), number))
    return found
