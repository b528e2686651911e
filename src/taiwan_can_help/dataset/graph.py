"""From a dataset's files to its graph: parsed, its rules run, in canonical order."""

from collections.abc import Callable, Iterable, Mapping
from itertools import chain, groupby
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset, read_file
from taiwan_can_help.errors import InputError

Say = Callable[[str], None]


def graph_of(folder: DatasetFolder, say: Say, more: Mapping[str, Path] | None = None) -> list[ox.Quad]:
    """Return all quads of the dataset, with those that its rules derive, in canonical order.

    ``more`` are files to read as if they were the dataset's, by the name to show.
    """
    say("Reading the files")
    added = (quad for name, path in (more or {}).items() for quad in read_file(path, name))
    quads = canonical(chain(read_dataset(folder), added))
    store = ox.Store()
    store.bulk_extend(quads)
    derived: list[ox.Quad] = []
    for path in folder.rule_files():
        say(f"Running the rule {path.name}")
        try:
            results = store.query(path.read_text("utf-8"))
        except SyntaxError as error:
            raise InputError(f"{folder.relative(path)}: {error}") from error
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{folder.relative(path)}: cannot be read: {error}") from error
        if not isinstance(results, ox.QueryTriples):
            raise InputError(f"{folder.relative(path)}: a rule is a CONSTRUCT query")
        new = [ox.Quad(triple.subject, triple.predicate, triple.object) for triple in results]
        store.extend(new)
        derived.extend(new)
    return canonical([*quads, *derived])


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return the quads without repetition, blank nodes labelled by RDFC-1.0, sorted as N-Quads lines."""
    found: Iterable[ox.Quad] = list(quads)
    if any(isinstance(term, ox.BlankNode) for quad in found for term in (quad.subject, quad.object, quad.graph_name)):
        dataset = ox.Dataset(found)
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
        found = dataset
    return [quad for quad, _ in groupby(sorted(found, key=str))]
