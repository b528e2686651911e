"""The records of a release and their fields, as the queries of ``data/search/`` find them."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import pyoxigraph as ox

from taiwan_can_help.errors import InputError
from taiwan_can_help.index.fields import RECORD, RECORDS, THINGS, SearchQuery
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.rdf import node

Term = ox.NamedNode | ox.Literal
# What a thing is called and found by, in whatever language.
NAMES = (node("skos:prefLabel"), node("dcterms:title"), node("rdfs:label"), node("skos:altLabel"))
_NUMERIC = {node(f"xsd:{name}") for name in ("integer", "decimal", "double", "float")}


@dataclass
class Found:
    """A record and the terms of its fields, each sorted."""

    iri: str
    terms: dict[str, list[Term]] = field(default_factory=dict)


def find_records(store: ox.Store, queries: Mapping[str, SearchQuery]) -> list[Found]:
    """Return the records with their fields, the first of the first order first."""
    if RECORDS not in queries:
        return []
    records = {
        row[RECORD].value: Found(row[RECORD].value)
        for row in _rows(store, queries[RECORDS])
        if isinstance(row[RECORD], ox.NamedNode)
    }
    for name, query in fields_of(queries).items():
        found: dict[str, set[Term]] = defaultdict(set)
        for row in _rows(store, query):
            if row[RECORD].value in records and isinstance(row[name], Term):
                found[row[RECORD].value].add(row[name])
        for iri, terms in found.items():
            records[iri].terms[name] = sorted(terms, key=str)
    in_order = sorted(records.values(), key=lambda record: record.iri)
    for name, descending in orders_of(queries)[:1]:
        in_order = put_in_order(in_order, name, descending=descending)
    return in_order


def fields_of(queries: Mapping[str, SearchQuery]) -> dict[str, SearchQuery]:
    """Return the queries that are fields."""
    return {name: query for name, query in queries.items() if name not in (RECORDS, THINGS)}


def searched_fields(queries: Mapping[str, SearchQuery]) -> list[SearchQuery]:
    """Return the fields whose texts full-text search looks at, in the order of its columns."""
    return [query for _, query in sorted(fields_of(queries).items()) if "weight" in query.numbers]


def orders_of(queries: Mapping[str, SearchQuery]) -> list[tuple[str, bool]]:
    """Return the orders that there are: a field, and whether its largest comes first; by the place of its column."""
    fields = sorted(fields_of(queries).values(), key=lambda query: (query.numbers.get("column", 0), query.name))
    return [
        (query.name, direction == "descending")
        for query in fields
        for direction in ("descending", "ascending")
        if direction in query.orders
    ]


def put_in_order(records: Iterable[Found], name: str, *, descending: bool) -> list[Found]:
    """Return the records in the order of a field, those without it last; of equals the order stays."""
    records = list(records)
    having = [record for record in records if record.terms.get(name)]
    lacking = [record for record in records if not record.terms.get(name)]
    return sorted(having, key=lambda record: _key(record.terms[name][0]), reverse=descending) + lacking


def find_things(store: ox.Store, queries: Mapping[str, SearchQuery]) -> list[tuple[str, str]]:
    """Return what else is found by its name: (IRI, IRI of its kind), sorted, one kind for each."""
    found = {(row["thing"], row["kind"]) for row in _rows(store, queries[THINGS])}
    pairs = [(a.value, b.value) for a, b in found if isinstance(a, ox.NamedNode) and isinstance(b, ox.NamedNode)]
    return list({iri: (iri, kind) for iri, kind in sorted(pairs, reverse=True)}.values())[::-1]


def names_of(quads: Iterable[ox.Quad]) -> dict[str, list[str]]:
    """Return the names of every thing that has any, in all languages, each once, sorted."""
    found: dict[str, set[str]] = defaultdict(set)
    for quad in quads:
        if quad.predicate in NAMES and isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.Literal):
            found[quad.subject.value].add(quad.object.value)
    return {iri: sorted(names) for iri, names in found.items()}


def is_numeric(term: Term) -> bool:
    """Return whether a term is a number."""
    return isinstance(term, ox.Literal) and term.datatype in _NUMERIC


def _key(term: Term) -> tuple[float, str]:
    return (float(term.value), "") if is_numeric(term) else (0.0, term.value)


def _rows(store: ox.Store, query: SearchQuery) -> Iterable[ox.QuerySolution]:
    try:
        results = store.query(query.text, base_iri=BASE)
    except SyntaxError as error:
        raise InputError(f"{query.name}.rq: {error}") from error
    assert isinstance(results, ox.QuerySolutions)  # noqa: S101 (for the type checker: only a SELECT is read)
    return results
