"""The whole graph in each dump format, the same bytes for the same graph on any machine."""

import re
from collections.abc import Iterable

import pyoxigraph as ox

from taiwan_can_help.dataset.terms import recommended_case, to_graph
from taiwan_can_help.dataset.turtle import write_turtle
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
        f.N_TRIPLES: _lines(ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES) or b""),
        f.JSON_LD: _retag(
            ox.serialize(triples, format=ox.RdfFormat.JSON_LD, prefixes=PREFIXES), rb'("@language":")([^"]+)'
        ),
        f.RDF_XML: _retag(
            ox.serialize(triples, format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES), rb'( xml:lang=")([^"]+)'
        ),
    }
    return {dump_name(format_): data for format_, data in content.items()}


def write_all_graphs(quads: list[ox.Quad], default_graph: bytes) -> dict[str, bytes]:
    """Return the dumps in formats with graphs, by file name; ``default_graph`` is that graph as canonical Turtle."""
    content = {
        f.N_QUADS: _lines(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""),
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
        prefixes = [line for line in turtle.splitlines() if line.startswith("@prefix ")]
        body = "\n".join(line for line in turtle.splitlines() if not line.startswith("@prefix "))
        parts.append("\n".join(prefixes) + f"\n\n{name} {{\n{body.strip()}\n}}\n")
    return "\n".join(parts)


def _lines(content: bytes) -> bytes:
    # The tag stands at the line's end; everything before it is taken as it is, quotes in text included.
    tagged = re.compile(rb'(.*"@)([a-z0-9-]+)((?: <[^>]*>| _:\S+)? \.)$')
    lines = sorted(_retag(line, tagged) if b'"@' in line else line for line in content.splitlines())
    return b"".join(line + b"\n" for line in lines)


def _retag(content: bytes | None, pattern: bytes | re.Pattern[bytes]) -> bytes:
    def cased(match: re.Match[bytes]) -> bytes:
        return match[1] + recommended_case(match[2].decode()).encode() + b"".join(match.groups()[2:])

    return re.sub(pattern, cased, content or b"")
