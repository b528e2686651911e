"""Read RDF files into quads, each in the graph that its place in the dataset gives it."""

from collections.abc import Iterator
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import RDF_SUFFIXES, DatasetFolder
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import SHAPES_GRAPH

# Where the triples of a part go; quads keep the graph they name.
GRAPH_OF_PART: dict[str, ox.NamedNode | ox.DefaultGraph] = {
    "ontology": ox.DefaultGraph(),
    "data": ox.DefaultGraph(),
    "shapes": ox.NamedNode(SHAPES_GRAPH),
}


def read_file(path: Path, shown_as: str) -> Iterator[ox.Quad]:
    """Yield the quads of one RDF file.

    Raises InputError that names file, line and column where the syntax is at fault, or that says
    the file could not be read.
    """
    try:
        yield from ox.parse(
            path=str(path),
            format=RDF_SUFFIXES[path.suffix],
            base_iri=path.absolute().as_uri(),
            rename_blank_nodes=True,
        )
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}: " if error.lineno else ""
        raise InputError(f"{shown_as}: {place}{error.msg}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{shown_as}: not UTF-8 ({error}); save the file as UTF-8") from error
    except OSError as error:
        raise InputError(f"{shown_as}: cannot be read: {error.strerror or error}") from error


def read_dataset(folder: DatasetFolder) -> Iterator[ox.Quad]:
    """Yield every quad of the dataset's files, part by part and file by file in sorted order."""
    for part, graph in GRAPH_OF_PART.items():
        for path in folder.rdf_files(part):
            for quad in read_file(path, folder.relative(path)):
                named = quad.graph_name != ox.DefaultGraph()
                yield quad if named else ox.Quad(quad.subject, quad.predicate, quad.object, graph)
