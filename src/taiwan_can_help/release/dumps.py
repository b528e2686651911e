"""The whole graph in each dump format, the same bytes for the same graph on any machine."""

import re
from collections.abc import Iterable

import pyoxigraph as ox

from taiwan_can_help.dataset.terms import to_graph
from taiwan_can_help.dataset.turtle import write_turtle
from taiwan_can_help.engine.memory import RDF_FORMAT
from taiwan_can_help.engine.tags import recaser
from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format


def write_default_graph(triples: list[ox.Triple]) -> dict[str, bytes]:
    """Return the dumps in formats without graphs, by file name: they hold the default graph.

    pyoxigraph lower-cases language tags; here they are written in the case that RFC 5646 section 2.1.1
    recommends (zh-Hant).
    """
    content = {
        f.TURTLE: _turtle(triples).encode(),
        f.N_TRIPLES: _sorted(_serialised(triples, f.N_TRIPLES)),
        f.JSON_LD: _serialised(triples, f.JSON_LD),
        f.RDF_XML: _serialised(triples, f.RDF_XML),
    }
    return {dump_name(format_): data for format_, data in content.items()}


def write_all_graphs(quads: list[ox.Quad], default_graph: bytes) -> dict[str, bytes]:
    """Return the dumps in formats with graphs, by file name; ``default_graph`` is that graph as canonical Turtle."""
    content = {
        f.N_QUADS: _sorted(_serialised(quads, f.N_QUADS)),
        f.TRIG: _trig(quads, default_graph.decode()).encode(),
    }
    return {dump_name(format_): data for format_, data in content.items()}


def dump_name(format_: Format) -> str:
    """Return the file name of a dump."""
    return f"dump.{format_.suffix}"


def _turtle(triples: Iterable[ox.Triple]) -> str:
    return write_turtle(to_graph(triples))


def _trig(quads: list[ox.Quad], default_graph: str) -> str:
    parts = [default_graph]
    for name in sorted({quad.graph_name for quad in quads} - {ox.DefaultGraph()}, key=str):
        turtle = _turtle(quad.triple for quad in quads if quad.graph_name == name)
        prefixes = re.match(r"(?:@prefix .*\n)*", turtle)
        end = prefixes.end() if prefixes else 0
        parts.append(f"{turtle[:end]}\n{name} {{\n{turtle[end:].strip()}\n}}\n")
    return "\n".join(parts)


def _serialised(statements: Iterable[ox.Triple] | Iterable[ox.Quad], format_: Format) -> bytes:
    return recaser(format_)(ox.serialize(statements, format=RDF_FORMAT[format_], prefixes=PREFIXES) or b"")


def _sorted(lines: bytes) -> bytes:
    return b"".join(line + b"\n" for line in sorted(lines.splitlines()))
