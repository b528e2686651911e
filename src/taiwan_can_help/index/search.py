"""Search the index of a release: records by words and by the values of their fields, other things by their names."""

import json
import sqlite3
import sys
from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from itertools import islice

from pyroaring import BitMap

from taiwan_can_help.index.compose import compose
from taiwan_can_help.index.fields import RECORDS, SearchQuery, parse_search_query
from taiwan_can_help.index.records import fields_of, orders_of, searched_fields
from taiwan_can_help.index.text import expression, pairs, words
from taiwan_can_help.namespaces import BASE

RELEVANCE = "relevance"
# Ranking takes a few microseconds for each match, so that more than these would take longer than a page may.
MOST_RANKED = 10_000
_AT_A_TIME = 500


@dataclass(frozen=True)
class Value:
    """A value of a facet: its key in addresses, its term in N-Triples syntax, and which records have it."""

    key: str
    term: str
    records: BitMap

    @property
    def iri(self) -> str | None:
        """Return the IRI, where the value is one."""
        return self.term[1:-1] if self.term.startswith("<") else None


@dataclass(frozen=True)
class Record:
    """A record and its fields, each a list of (value, "iri", "number" or "text")."""

    iri: str
    cells: dict[str, list[tuple[str, str]]]


@dataclass(frozen=True)
class Thing:
    """What is found by its name, and the kind of thing it is."""

    iri: str
    kind: str


@dataclass(frozen=True)
class Choice:
    """What is asked for: all of the words, and one of the values of each facet.

    Without words (None) any record will do; if what was typed has no word (an empty sequence), none.
    """

    words: Sequence[str] | None = None
    values: Mapping[str, Sequence[Value]] = field(default_factory=dict)


@dataclass(frozen=True)
class Hits:
    """The records that a choice selects, and of each facet its values with their records among those of the others.

    They are ``ranked`` by relevance where there are words that not too many records match.
    """

    records: BitMap
    counts: Mapping[str, list[tuple[Value, int]]]
    ranked: bool


class Search:
    """The search over one index, from any thread."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        rows = database.execute("SELECT name, text FROM search_query ORDER BY name").fetchall()
        self.queries = {name: parse_search_query(name, text) for name, text in rows}
        self.orders = [("-" if descending else "") + name for name, descending in orders_of(self.queries)]

    def fields(self, use: str) -> list[SearchQuery]:
        """Return the fields that have a place among the ``facet``, ``column`` or ``shown`` ones, in their order."""
        having = [query for query in fields_of(self.queries).values() if use in query.numbers]
        return sorted(having, key=lambda query: (query.numbers[use], query.name))

    @cached_property
    def values(self) -> dict[str, dict[str, Value]]:
        """Return the values of each facet by their keys."""
        found: dict[str, dict[str, Value]] = {query.name: {} for query in self.fields("facet")}
        for facet, key, term, records in self._database.execute("SELECT field, key, term, records FROM choice"):
            found[facet][key] = Value(key, term, BitMap.deserialize(records))
        return found

    def value(self, facet: str, text: str) -> Value | None:
        """Return the value of a facet with this key, or with this IRI, also without the start that ours share."""
        values = self.values[facet]
        return values.get(text) or self._by_term[facet].get(text) or self._by_term[facet].get(f"{BASE}id/{text}")

    @cached_property
    def _by_term(self) -> dict[str, dict[str, Value]]:
        return {
            facet: {value.iri: value for value in values.values() if value.iri} for facet, values in self.values.items()
        }

    @cached_property
    def everything(self) -> BitMap:
        """Return all records."""
        (number,) = self._database.execute("SELECT COUNT(*) FROM record").fetchone()
        return BitMap(range(number))

    def hits(self, choice: Choice) -> Hits:
        """Return what a choice selects."""
        matched = self._matched(choice.words)
        chosen = {facet: BitMap.union(*(v.records for v in values)) for facet, values in choice.values.items()}
        counts = {}
        for facet, values in self.values.items():
            others = reduce(BitMap.__and__, (found for name, found in chosen.items() if name != facet), matched)
            counts[facet] = [(value, value.records.intersection_cardinality(others)) for value in values.values()]
        ranked = bool(choice.words) and len(matched) <= MOST_RANKED
        return Hits(reduce(BitMap.__and__, chosen.values(), matched), counts, ranked)

    def alone(self, text: str) -> dict[str, int]:
        """Return what of a text that no record matches as a whole has records by itself, with how many."""
        found: dict[str, int] = {}
        for part in text.split():
            number = len(self._matched(words(part)))
            found |= {part: number} if number else {pair: len(self._matched(words(pair))) for pair in pairs(part)}
        return {part: number for part, number in found.items() if number}

    def records(
        self, hits: Hits, order: str, wanted: Sequence[str] | None, start: int = 0, most: int | None = None
    ) -> Iterator[Record]:
        """Yield the records from number ``start``, in an order that there is or by relevance, read bit by bit."""
        ids = islice(self._ids(hits, order, wanted), start, None if most is None else start + most)
        while some := list(islice(ids, _AT_A_TIME)):
            yield from self._records(some)

    def things(self, wanted: Sequence[str] | None, most: int) -> list[Thing]:
        """Return the things whose names match these words, at most so many.

        Those that are called just so come first, then those that most records have in one of their facets.
        """
        if not wanted:
            return []
        found = self._database.execute(
            "SELECT thing.iri, thing.kind, thing.names FROM thing_text JOIN thing ON thing.id = thing_text.rowid"
            " WHERE thing_text MATCH ? ORDER BY rank, thing.id LIMIT ?",
            (expression(list(wanted)), 20 * most),
        ).fetchall()
        said = "".join(wanted)
        exact = [any("".join(words(name)) == said for name in json.loads(names)) for _, _, names in found]
        in_order = sorted(range(len(found)), key=lambda place: (not exact[place], -self._used(found[place][0])))
        return [Thing(found[place][0], found[place][1]) for place in in_order[:most]]

    def _used(self, iri: str) -> int:
        return max((len(values[iri].records) for values in self._by_term.values() if iri in values), default=0)

    def sparql(self, choice: Choice, listed: Iterable[Record] | None = None) -> str:
        """Return the SPARQL query that gives the same as the facets of a choice; of ``listed`` records, if given."""
        chosen = [(self.queries[facet], [v.term for v in values]) for facet, values in choice.values.items()]
        terms = None if listed is None else [f"<{record.iri}>" for record in listed]
        return compose(self.queries[RECORDS], chosen, terms)

    def _matched(self, wanted: Sequence[str] | None) -> BitMap:
        if wanted is None:
            return self.everything
        if not wanted:
            return BitMap()
        rows = self._database.execute(
            "SELECT rowid FROM record_text WHERE record_text MATCH ?", (expression(list(wanted)),)
        )
        return BitMap([number for (number,) in rows])

    def _ids(self, hits: Hits, order: str, wanted: Sequence[str] | None) -> Iterator[int]:
        if order == RELEVANCE and wanted and hits.ranked:
            yield from (number for number in self._by_rank(wanted) if number in hits.records)
        elif order in (RELEVANCE, *self.orders[:1]):
            yield from hits.records
        else:
            yield from (number for number in self._order(order) if number in hits.records)

    def _by_rank(self, wanted: Sequence[str]) -> list[int]:
        weights = ", ".join(["1", *(str(query.numbers["weight"]) for query in searched_fields(self.queries))])
        rows = self._database.execute(
            "SELECT rowid FROM record_text WHERE record_text MATCH ? AND rank MATCH ? ORDER BY rank, rowid",
            (expression(list(wanted)), f"bm25({weights})"),
        )
        return [number for (number,) in rows]

    def _order(self, name: str) -> "array[int]":
        (ids,) = self._database.execute("SELECT ids FROM in_order WHERE name = ?", (name,)).fetchone()
        numbers = array("I", ids)
        if sys.byteorder == "big":
            numbers.byteswap()
        return numbers

    def _records(self, ids: list[int]) -> Iterator[Record]:
        places = ", ".join("?" for _ in ids)
        statement = f"SELECT id, iri, cells FROM record WHERE id IN ({places})"  # noqa: S608 (question marks)
        found = {
            number: Record(iri, json.loads(cells)) for number, iri, cells in self._database.execute(statement, ids)
        }
        yield from (found[number] for number in ids)
