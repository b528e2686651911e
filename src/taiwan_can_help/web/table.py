"""Results as pages show them: SPARQL Results JSON read into rows, IRIs shortened and linked."""

import json
from dataclasses import dataclass

from taiwan_can_help.namespaces import BASE

Term = dict[str, str]


@dataclass(frozen=True)
class Table:
    """The bindings of a SELECT, or the answer of an ASK in ``boolean``."""

    columns: list[str]
    rows: list[dict[str, Term]]
    boolean: bool | None = None

    MOST_ROWS = 1000


def read_table(content: bytes) -> Table:
    """Read SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/)."""
    document = json.loads(content)
    if "boolean" in document:
        return Table([], [], document["boolean"])
    return Table(document["head"]["vars"], document["results"]["bindings"])


def href(iri: str) -> str | None:
    """Return where a link to this IRI goes: our own to this server, others as they are, if they are on the web."""
    if iri.startswith(BASE):
        return "/" + iri.removeprefix(BASE)
    return iri if iri.startswith(("http://", "https://")) else None
