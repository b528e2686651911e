"""Write the index of a release: the same quads give the same file."""

import sqlite3
from collections.abc import Iterable
from contextlib import closing

import pyoxigraph as ox

from taiwan_can_help.dataset.terms import recommended_case
from taiwan_can_help.rdf import node

INDEX = "index.sqlite"
# In this order where a thing has several.
LABELS = (node("skos:prefLabel"), node("dcterms:title"), node("rdfs:label"))

_TABLES = """
CREATE TABLE label (
    iri TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (iri, language)
) WITHOUT ROWID;
"""


def write_index(quads: Iterable[ox.Quad]) -> bytes:
    """Return the index of a release's quads as the content of a file."""
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_TABLES)
        database.executemany("INSERT OR IGNORE INTO label VALUES (?, ?, ?)", sorted_labels(quads))
        database.commit()
        database.execute("VACUUM")
        return database.serialize()


def sorted_labels(quads: Iterable[ox.Quad]) -> list[tuple[str, str, str]]:
    """Return (IRI, language, text) of every label, the one to prefer of a thing's several in a language first."""
    found = set()
    for quad in quads:
        match quad.subject, quad.object:
            case ox.NamedNode(value=iri), ox.Literal(value=text, language=language) if quad.predicate in LABELS:
                found.add((iri, recommended_case(language or ""), LABELS.index(quad.predicate), text))
    return [(iri, language, text) for iri, language, _, text in sorted(found)]
