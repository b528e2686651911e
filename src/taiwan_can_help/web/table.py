"""Results as pages show them: SPARQL Results TSV read into rows, IRIs shortened and linked."""

from collections.abc import Iterable
from dataclasses import dataclass

import pyoxigraph as ox

from taiwan_can_help.languages import recommended_case
from taiwan_can_help.namespaces import BASE

Term = dict[str, str]
_STRING = ox.NamedNode("http://www.w3.org/2001/XMLSchema#string")


@dataclass(frozen=True)
class Table:
    """The bindings of a SELECT, or the answer of an ASK in ``boolean``; ``more`` where these rows are not all."""

    columns: list[str]
    rows: list[dict[str, Term]]
    boolean: bool | None = None
    more: bool = False

    MOST_ROWS = 1000
    MOST_BYTES = 4 * 1024 * 1024


def read_table(chunks: Iterable[bytes]) -> Table:
    """Read SPARQL 1.1 Query Results TSV (https://www.w3.org/TR/sparql11-results-csv-tsv/), no more than a page shows.

    A row is a line: the format escapes the line breaks within a literal.
    """
    content, lines = bytearray(), 0
    for chunk in chunks:
        content += chunk
        lines += chunk.count(b"\n")
        if lines > Table.MOST_ROWS + 1 or len(content) > Table.MOST_BYTES:
            break
    *whole, rest = bytes(content).split(b"\n")
    shown = whole[: Table.MOST_ROWS + 1]
    # The answer of an ASK has no line break; after a SELECT's last one there is something only where it was cut.
    text = b"".join(line + b"\n" for line in shown) or rest
    more = len(whole) > len(shown) or bool(shown and rest)
    results = ox.parse_query_results(text, format=ox.QueryResultsFormat.TSV)
    if isinstance(results, ox.QueryBoolean):
        return Table([], [], bool(results))
    columns = [variable.value for variable in results.variables]
    rows = [{name: _term(value) for name in columns if (value := solution[name]) is not None} for solution in results]
    return Table(columns, rows, more=more)


def read_text(chunks: Iterable[bytes]) -> tuple[str, bool]:
    """Return as many of the lines of a graph in Turtle as a page shows, and whether there are more."""
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > Table.MOST_BYTES:
            return bytes(content[: content.rfind(b"\n") + 1]).decode(), True
    return content.decode(), False


def href(iri: str) -> str | None:
    """Return where a link to this IRI goes: our own to this server, others as they are, if they are on the web."""
    if iri.startswith(BASE):
        return "/" + iri.removeprefix(BASE)
    return iri if iri.startswith(("http://", "https://")) else None


def _term(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Term:
    """Return a term with the members that SPARQL Results JSON gives it; a triple as a term shows as it is written."""
    match term:
        case ox.NamedNode():
            return {"type": "uri", "value": term.value}
        case ox.BlankNode():
            return {"type": "bnode", "value": term.value}
        case ox.Literal() if term.language:
            return {"type": "literal", "value": term.value, "xml:lang": recommended_case(term.language)}
        case ox.Literal() if term.datatype != _STRING:
            return {"type": "literal", "value": term.value, "datatype": term.datatype.value}
        case ox.Literal():
            return {"type": "literal", "value": term.value}
    return {"type": "literal", "value": str(term)}
