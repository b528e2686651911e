"""The whole graph in each dump format, the same bytes for the same graph on any machine."""

from collections.abc import Iterable, Iterator
from itertools import chain, groupby
from operator import attrgetter
from pathlib import Path
from typing import IO, TypeVar, cast

import pyoxigraph as ox

from taiwan_can_help.engine.memory import RDF_FORMAT
from taiwan_can_help.engine.tags import RecasedOutput
from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format
from taiwan_can_help.rdf import node
from taiwan_can_help.release.folder import dump_name

Statement = TypeVar("Statement", ox.Triple, ox.Quad)
TYPE = node("rdf:type")


def write_default_graph(folder: Path, quads: list[ox.Quad]) -> list[Path]:
    """Write the default graph of quads in canonical order, in the formats without graphs; returns the files.

    pyoxigraph lower-cases language tags; here they are written in the case that RFC 5646 section 2.1.1
    recommends (zh-Hant).
    """
    default = [quad for quad in quads if quad.graph_name == ox.DefaultGraph()]
    return [
        _write(folder, f.TURTLE, _type_first(quad.triple for quad in default)),
        *(
            _write(folder, format_, (quad.triple for quad in default))
            for format_ in (f.N_TRIPLES, f.JSON_LD, f.RDF_XML)
        ),
    ]


def write_all_graphs(folder: Path, quads: list[ox.Quad]) -> list[Path]:
    """Write all of the quads, in canonical order, in the formats with graphs; returns the files."""
    graphs: dict[object, list[ox.Quad]] = {ox.DefaultGraph(): []}
    for quad in quads:
        graphs.setdefault(quad.graph_name, []).append(quad)
    by_graph = chain.from_iterable(graphs.values())
    return [_write(folder, f.N_QUADS, quads), _write(folder, f.TRIG, _type_first(by_graph))]


def _type_first(statements: Iterable[Statement]) -> Iterator[Statement]:
    """Yield the statements with the classes of each subject before what else is said of it, as readers expect."""
    for _, block in groupby(statements, key=attrgetter("subject")):
        yield from sorted(block, key=lambda statement: statement.predicate != TYPE)


def _write(folder: Path, format_: Format, statements: Iterable[ox.Triple] | Iterable[ox.Quad]) -> Path:
    path = folder / dump_name(format_)
    with path.open("wb") as stream:
        output = RecasedOutput(stream, format_)
        ox.serialize(statements, cast("IO[bytes]", output), RDF_FORMAT[format_], prefixes=PREFIXES)
        output.finish()
    return path
