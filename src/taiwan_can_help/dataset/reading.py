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

# RDFC-1.0 walks from blank node to blank node; a chain of tens of thousands exhausts the stack.
MOST_NESTED = 1000


def read_file(path: Path, shown_as: str) -> Iterator[ox.Quad]:
    """Yield the quads of one RDF file.

    Raises InputError that names file, line and column where the syntax is at fault, or that says
    the file could not be read, nests blank nodes deeper than MOST_NESTED, or has too long a term.
    """
    child_of: dict[ox.BlankNode, ox.BlankNode] = {}
    try:
        for quad in ox.parse(
            path=str(path),
            format=RDF_SUFFIXES[path.suffix],
            base_iri=path.absolute().as_uri(),
            rename_blank_nodes=True,
        ):
            if isinstance(quad.subject, ox.BlankNode) and isinstance(quad.object, ox.BlankNode):
                child_of[quad.subject] = quad.object
            yield quad
    except SyntaxError as error:
        place = f"line {error.lineno}, column {error.offset}: " if error.lineno else ""
        raise InputError(f"{shown_as}: {place}{error.msg}") from error
    except MemoryError as error:  # how the parser says that its buffer is full
        raise InputError(f"{shown_as}: a word or text in it is longer than 16 MiB; shorten it") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{shown_as}: not UTF-8 ({error}); save the file as UTF-8") from error
    except OSError as error:
        raise InputError(f"{shown_as}: cannot be read: {error.strerror or error}") from error
    if _is_too_deep(child_of):
        raise InputError(f"{shown_as}: nests blank nodes more than {MOST_NESTED:,} deep; give the inner ones IRIs")


def _is_too_deep(child_of: dict[ox.BlankNode, ox.BlankNode]) -> bool:
    """Return whether a chain of blank nodes is so long that labelling them would exhaust the stack."""
    depth_of: dict[ox.BlankNode, int] = {}
    for start in child_of:
        chain, node = [start], start
        seen = {start}
        while node in child_of and node not in depth_of and child_of[node] not in seen and len(chain) <= MOST_NESTED:
            node = child_of[node]
            chain.append(node)
            seen.add(node)
        deepest = depth_of.get(node, 0)
        for above, link in enumerate(reversed(chain)):
            depth_of.setdefault(link, deepest + above)
        if depth_of[start] >= MOST_NESTED:
            return True
    return False


def read_dataset(folder: DatasetFolder) -> Iterator[ox.Quad]:
    """Yield every quad of the dataset's files, part by part and file by file in sorted order."""
    for part, graph in GRAPH_OF_PART.items():
        for path in folder.rdf_files(part):
            for quad in read_file(path, folder.relative(path)):
                named = quad.graph_name != ox.DefaultGraph()
                yield quad if named else ox.Quad(quad.subject, quad.predicate, quad.object, graph)
