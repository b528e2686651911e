"""The whole graph in each dump format, the same bytes for the same graph on any machine."""

import re
from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import BNode, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format


def canonical(quads: Iterable[ox.Quad]) -> list[ox.Quad]:
    """Return the quads without repetition, blank nodes labelled by RDFC-1.0, sorted as N-Quads lines."""
    dataset = ox.Dataset(quads)
    if any(isinstance(term, ox.BlankNode) for quad in dataset for term in (quad.subject, quad.object)):
        dataset.canonicalize(ox.CanonicalizationAlgorithm.RDFC_1_0)
    return sorted(dataset, key=str)


def write_dumps(quads: list[ox.Quad]) -> dict[str, bytes]:
    """Return the bytes of each dump by file name.

    Formats without graphs hold the default graph, the others all of them. pyoxigraph lower-cases language
    tags; here they are written in the case that RFC 5646 section 2.1.1 recommends (zh-Hant).
    """
    default = [quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph()]
    content = {
        f.TURTLE: _turtle(default).encode(),
        f.N_TRIPLES: _lines(ox.serialize(default, format=ox.RdfFormat.N_TRIPLES) or b""),
        f.N_QUADS: _lines(ox.serialize(quads, format=ox.RdfFormat.N_QUADS) or b""),
        f.TRIG: _trig(quads, default).encode(),
        f.JSON_LD: _retag(
            ox.serialize(default, format=ox.RdfFormat.JSON_LD, prefixes=PREFIXES), rb'("@language":")([^"]+)'
        ),
        f.RDF_XML: _retag(
            ox.serialize(default, format=ox.RdfFormat.RDF_XML, prefixes=PREFIXES), rb'( xml:lang=")([^"]+)'
        ),
    }
    return {dump_name(format_): data for format_, data in content.items()}


def dump_name(format_: Format) -> str:
    """Return the file name of a dump."""
    return f"dump.{format_.suffix}"


def recommended_case(tag: str) -> str:
    """Return a language tag in the case of RFC 5646: script in title case, region in capitals."""
    first, *rest = tag.lower().split("-")
    cased = [
        part.title() if len(part) == 4 and part.isalpha() else part.upper() if len(part) == 2 else part for part in rest
    ]
    return "-".join([first, *cased])


def _turtle(triples: Iterable[ox.Triple]) -> str:
    return write_turtle(new_graph((_rdflib(t.subject), _rdflib(t.predicate), _rdflib(t.object)) for t in triples))


def _rdflib(term: object) -> Node:
    match term:
        case ox.NamedNode(value=value):
            return URIRef(value)
        case ox.BlankNode(value=value):
            return BNode(value)
        case ox.Literal() if term.language:
            return Literal(term.value, lang=recommended_case(term.language))
        case ox.Literal() if term.datatype.value == "http://www.w3.org/2001/XMLSchema#string":
            return Literal(term.value)
        case ox.Literal():
            return Literal(term.value, datatype=URIRef(term.datatype.value))
    raise TypeError(term)


def _trig(quads: list[ox.Quad], default: list[ox.Triple]) -> str:
    parts = [_turtle(default)]
    for name in sorted({quad.graph_name for quad in quads} - {ox.DefaultGraph()}, key=str):
        turtle = _turtle(quad.triple for quad in quads if quad.graph_name == name)
        prefixes = [line for line in turtle.splitlines() if line.startswith("@prefix ")]
        body = "\n".join(line for line in turtle.splitlines() if not line.startswith("@prefix "))
        parts.append("\n".join(prefixes) + f"\n\n{name} {{\n{body.strip()}\n}}\n")
    return "\n".join(parts)


def _lines(content: bytes) -> bytes:
    # The tag stands at the line's end; everything before it is taken as it is, quotes in text included.
    tagged = re.compile(rb'(.*"@)([a-z0-9-]+)((?: <[^>]*>| _:\S+)? \.)')
    lines = sorted(_retag(line, tagged) if b'"@' in line else line for line in content.splitlines())
    return b"".join(line + b"\n" for line in lines)


def _retag(content: bytes | None, pattern: bytes | re.Pattern[bytes]) -> bytes:
    def cased(match: re.Match[bytes]) -> bytes:
        return match[1] + recommended_case(match[2].decode()).encode() + b"".join(match.groups()[2:])

    return re.sub(pattern, cased, content or b"")
