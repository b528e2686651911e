"""Read query results in every form the suites and the server use, as values that can be compared.

The readers share no code with the engine under test, which writes its results with pyoxigraph.
"""

import csv
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from xml.etree import ElementTree as ET

from rdflib import RDF, XSD, BNode, Dataset, Graph, Literal, Namespace
from rdflib.term import Node

RS = Namespace("http://www.w3.org/2001/sw/DataAccess/tests/result-set#")
SRX = "{http://www.w3.org/2005/sparql-results#}"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

# A blank node, or any other term written as a string in which equal values look equal.
Term = BNode | str
Row = tuple[tuple[str, Term], ...]


@dataclass(frozen=True)
class Result:
    """A table, a truth value (``boolean``) or a graph, which is a table of its triples."""

    variables: frozenset[str]
    rows: tuple[Row, ...]
    boolean: bool | None = None


def read_xml(content: bytes, base: str) -> Result:  # noqa: ARG001 (every reader has the same signature)
    """Read SPARQL Query Results XML."""
    root = ET.fromstring(content)
    boolean = root.findtext(f"{SRX}boolean")
    if boolean is not None:
        return _truth(boolean.strip())
    variables = [element.attrib["name"] for element in root.iterfind(f"{SRX}head/{SRX}variable")]
    return _table(
        variables,
        (
            {binding.attrib["name"]: _xml_term(binding[0]) for binding in result.iterfind(f"{SRX}binding")}
            for result in root.iterfind(f"{SRX}results/{SRX}result")
        ),
    )


def _xml_term(element: ET.Element) -> Term:
    text = element.text or ""
    match element.tag.removeprefix(SRX):
        case "uri":
            return iri(text)
        case "bnode":
            return BNode(text)
        case "literal":
            return literal(text, element.get(XML_LANG), element.get("datatype"))
    raise ValueError(f"unknown element {element.tag}")


def read_json(content: bytes, base: str) -> Result:  # noqa: ARG001
    """Read SPARQL Query Results JSON."""
    document = json.loads(content)
    if "boolean" in document:
        return _truth(str(document["boolean"]).lower())
    return _table(
        document["head"]["vars"],
        ({name: _json_term(value) for name, value in binding.items()} for binding in document["results"]["bindings"]),
    )


def _json_term(value: Mapping[str, str]) -> Term:
    match value["type"]:
        case "uri":
            return iri(value["value"])
        case "bnode":
            return BNode(value["value"])
        case "literal" | "typed-literal":
            return literal(value["value"], value.get("xml:lang"), value.get("datatype"))
    raise ValueError(f"unknown type {value['type']}")


def read_csv(content: bytes, base: str) -> Result:  # noqa: ARG001
    """Read SPARQL results CSV, which has no types: what looks like a number is compared as one."""
    if content in (b"true", b"false"):
        return _truth(content.decode())
    variables, *lines = csv.reader(content.decode().splitlines(keepends=True), strict=True)
    return _table(
        variables,
        ({name: _csv_term(cell) for name, cell in zip(variables, line, strict=True) if cell} for line in lines),
    )


def _csv_term(cell: str) -> Term:
    return BNode(cell[2:]) if cell.startswith("_:") else _plain(Decimal, cell)


def read_tsv(content: bytes, base: str) -> Result:  # noqa: ARG001
    """Read SPARQL results TSV; a cell holds a term in Turtle's syntax."""
    first, *lines = content.decode().removesuffix("\n").split("\n")
    if first in ("true", "false"):  # a variable would start with a question mark
        return _truth(first)
    variables = [name.removeprefix("?") for name in first.split("\t") if name]
    return _table(
        variables,
        (
            {name: _tsv_term(cell) for name, cell in zip(variables, _cells(line, variables), strict=True) if cell}
            for line in lines
        ),
    )


def _cells(line: str, variables: list[str]) -> list[str]:
    return line.split("\t") if variables else []


@cache
def _tsv_term(cell: str) -> Term:
    if cell.startswith("_:"):
        return BNode(cell[2:])
    (term,) = Graph().parse(data=f"[] <urn:x> {cell} .", format="turtle").objects()
    return from_rdflib(term)


def read_turtle_result(content: bytes, base: str) -> Result:
    """Read Turtle: a result set in the vocabulary of the W3C's tests, or a graph as it is."""
    graph = Graph().parse(data=content, format="turtle", publicID=base)
    result_set = graph.value(None, RDF.type, RS.ResultSet)
    if result_set is None:
        return of_graph(graph)
    boolean = graph.value(result_set, RS.boolean)
    if boolean is not None:
        return _truth(str(boolean))
    return _table(
        [str(name) for name in graph.objects(result_set, RS.resultVariable)],
        (
            {
                str(graph.value(binding, RS.variable)): from_rdflib(graph.value(binding, RS.value))
                for binding in graph.objects(solution, RS.binding)
            }
            for solution in graph.objects(result_set, RS.solution)
        ),
    )


def graph_reader(format_: str) -> Callable[[bytes, str], Result]:
    """Return what reads a graph, or the default graph of a dataset, in a format by rdflib's name of it."""

    def read(content: bytes, base: str) -> Result:
        if format_ in ("nquads", "trig"):
            dataset = Dataset().parse(data=content, format=format_, publicID=base)
            return of_graph(dataset.default_graph)
        return of_graph(Graph().parse(data=content, format=format_, publicID=base))

    return read


def of_graph(graph: Graph) -> Result:
    """Return a graph as a table of its triples."""
    names = ("subject", "predicate", "object")
    return _table(names, (dict(zip(names, map(from_rdflib, triple), strict=True)) for triple in graph))


def from_rdflib(term: Node | None) -> Term:
    """Return one of rdflib's terms as a comparable one."""
    if isinstance(term, BNode):
        return term
    if isinstance(term, Literal):
        return literal(str(term), term.language, term.datatype)
    return iri(str(term))


def iri(text: str) -> Term:
    """Return an IRI as a comparable term."""
    return f"<{text}>"


def literal(text: str, language: str | None, datatype: str | None) -> Term:
    """Return a literal as a comparable term: language in lower case, numbers and truth values by their value.

    The types derived from xsd:integer share its values, so they count as xsd:integer.
    """
    if language:
        return f'"{text}"@{language.lower()}'
    name = (datatype or str(XSD.string)).removeprefix(str(XSD))
    if name.lower().endswith(("integer", "long", "int", "short", "byte")):
        name = "integer"
    return f'"{_canonical(text, name)}"^^<{name}>'


def _canonical(text: str, name: str) -> str:
    if name == "boolean":
        return {"1": "true", "0": "false"}.get(text, text)
    if name in ("double", "float"):
        return _plain(float, text)
    if name in ("decimal", "integer"):
        return _plain(Decimal, text)
    return text


def _plain(number: Callable[[str], float | Decimal], text: str) -> str:
    """Return a number in one form for each value; text that is no number stays as it is."""
    try:
        value = number(text)
    except (ValueError, ArithmeticError):
        return text
    return f"{value.normalize():f}" if isinstance(value, Decimal) else repr(value)


def _truth(text: str) -> Result:
    return Result(frozenset(), (), {"true": True, "false": False}[text])


def _table(variables: Iterable[str], rows: Iterable[Mapping[str, Term]]) -> Result:
    return Result(frozenset(variables), tuple(tuple(sorted(row.items())) for row in rows))


READERS: dict[str, Callable[[bytes, str], Result]] = {
    "srx": read_xml,
    "srj": read_json,
    "csv": read_csv,
    "tsv": read_tsv,
    "ttl": read_turtle_result,
    "nt": graph_reader("nt"),
    "nq": graph_reader("nquads"),
    "trig": graph_reader("trig"),
    "jsonld": graph_reader("json-ld"),
    "rdf": graph_reader("xml"),
}
