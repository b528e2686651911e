"""Write the index of a release: the same quads give the same file."""

import json
import sqlite3
import sys
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from contextlib import closing
from functools import lru_cache

import pyoxigraph as ox
from pyroaring import BitMap

from taiwan_can_help.index.fields import RECORD, SearchQuery
from taiwan_can_help.index.records import (
    Found,
    Term,
    fields_of,
    find_records,
    find_things,
    is_numeric,
    names_of,
    orders_of,
    put_in_order,
    searched_fields,
)
from taiwan_can_help.index.text import tokens
from taiwan_can_help.languages import recommended_case
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.rdf import node

INDEX = "index.sqlite"
# In this order where a thing has several.
LABELS = (node("skos:prefLabel"), node("dcterms:title"), node("rdfs:label"))
# How an IRI, a number and any other text are marked where the values of a field are kept.
IRI, NUMBER, TEXT = "iri", "number", "text"

_TABLES = """
CREATE TABLE label (
    iri TEXT NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL, PRIMARY KEY (iri, language)
) WITHOUT ROWID;
CREATE TABLE search_query (name TEXT PRIMARY KEY, text TEXT NOT NULL) WITHOUT ROWID;
-- Ids are the places in the first order; cells are the values of its fields, but for those that are
-- only searched, as [value, IRI, NUMBER or TEXT].
CREATE TABLE record (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, cells TEXT NOT NULL);
CREATE TABLE choice (
    field TEXT NOT NULL, key TEXT NOT NULL, term TEXT NOT NULL, records BLOB NOT NULL, PRIMARY KEY (field, key)
) WITHOUT ROWID;
CREATE TABLE in_order (name TEXT PRIMARY KEY, ids BLOB NOT NULL) WITHOUT ROWID;
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT NOT NULL, kind TEXT NOT NULL, names TEXT NOT NULL);
"""
# Only what is found is kept of a text, not the text; ASCII knows no letters beyond it, so that it cuts at spaces only.
_FULL_TEXT = "CREATE VIRTUAL TABLE {table} USING fts5({columns}, content='', tokenize='ascii', prefix='1 2 3');"


def write_index(quads: list[ox.Quad], queries: Mapping[str, SearchQuery]) -> bytes:
    """Return the index of a release's quads as the content of a file; ``queries`` are those of ``data/search/``."""
    store = ox.Store()
    store.bulk_extend(quads)
    names = names_of(quads)
    with closing(sqlite3.connect(":memory:")) as database:
        database.executescript(_TABLES)
        database.executemany("INSERT OR IGNORE INTO label VALUES (?, ?, ?)", sorted_labels(quads))
        texts = [(name, query.text) for name, query in sorted(queries.items())]
        database.executemany("INSERT INTO search_query VALUES (?, ?)", texts)
        _write_records(database, find_records(store, queries), fields_of(queries), names)
        _write_things(database, find_things(store, queries), names)
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


def _write_records(
    database: sqlite3.Connection,
    records: list[Found],
    fields: Mapping[str, SearchQuery],
    names: Mapping[str, list[str]],
) -> None:
    kept = [name for name in sorted(fields) if fields[name].numbers.keys() - {"weight"}]
    rows = ((number, record.iri, _cells(record, kept)) for number, record in enumerate(records))
    database.executemany("INSERT INTO record VALUES (?, ?, ?)", rows)
    for name in sorted(fields):
        if "facet" in fields[name].numbers:
            database.executemany("INSERT INTO choice VALUES (?, ?, ?, ?)", _choices(name, records))
    ids = {record.iri: number for number, record in enumerate(records)}
    for name, descending in orders_of(fields):
        order = array("I", [ids[record.iri] for record in put_in_order(records, name, descending=descending)])
        if sys.byteorder == "big":
            order.byteswap()
        database.execute("INSERT INTO in_order VALUES (?, ?)", (("-" if descending else "") + name, order.tobytes()))
    searched = [query.name for query in searched_fields(fields)]
    columns = ", ".join([f'"{name}"' for name in (RECORD, *searched)])
    database.execute(_FULL_TEXT.format(table="record_text", columns=columns))
    values = ", ".join("?" for _ in (RECORD, *searched))
    statement = f"INSERT INTO record_text (rowid, {columns}) VALUES (?, {values})"  # noqa: S608 (names of files)
    for number, record in enumerate(records):
        texts = [_tokens(_texts(record.terms.get(name, []), names)) for name in searched]
        database.execute(statement, (number, _tokens(names.get(record.iri, [])), *texts))
    database.execute("INSERT INTO record_text (record_text) VALUES ('optimize')")


def _write_things(database: sqlite3.Connection, things: list[tuple[str, str]], names: Mapping[str, list[str]]) -> None:
    database.execute(_FULL_TEXT.format(table="thing_text", columns="names"))
    for number, (iri, kind) in enumerate(things):
        called = names.get(iri, [])
        database.execute("INSERT INTO thing VALUES (?, ?, ?, ?)", (number, iri, kind, json.dumps(called)))
        database.execute("INSERT INTO thing_text (rowid, names) VALUES (?, ?)", (number, _tokens(called)))
    database.execute("INSERT INTO thing_text (thing_text) VALUES ('optimize')")


def _cells(record: Found, kept: Iterable[str]) -> str:
    cells = {name: [_cell(term) for term in record.terms[name]] for name in kept if name in record.terms}
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def _cell(term: Term) -> tuple[str, str]:
    if isinstance(term, ox.NamedNode):
        return term.value, IRI
    return term.value, NUMBER if is_numeric(term) else TEXT


def _choices(name: str, records: list[Found]) -> Iterator[tuple[str, str, str, bytes]]:
    """Yield each value of a facet: its key in addresses, the term, and which records have it."""
    having: dict[Term, list[int]] = defaultdict(list)
    for number, record in enumerate(records):
        for term in record.terms.get(name, []):
            having[term].append(number)
    same = Counter(map(_last, having))
    for term, numbers in having.items():
        # Two things may end in the same: a country and a territory.
        key = _last(term) if same[_last(term)] == 1 else term.value.removeprefix(f"{BASE}id/")
        yield name, key, str(term), BitMap(numbers).serialize()


def _last(term: Term) -> str:
    return term.value.replace("#", "/").rpartition("/")[2] if isinstance(term, ox.NamedNode) else term.value


def _texts(terms: list[Term], names: Mapping[str, list[str]]) -> Iterator[str]:
    for term in terms:
        if isinstance(term, ox.NamedNode):
            yield from names.get(term.value, [])
        else:
            yield term.value


def _tokens(texts: Iterable[str]) -> str:
    return " ".join(map(_cut, texts))


@lru_cache(10_000)
def _cut(text: str) -> str:
    """Return the tokens of one text; the names of things come again and again."""
    return " ".join(tokens(text))
