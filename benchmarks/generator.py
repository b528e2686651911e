"""Datasets of any size that look like ours: its records told again, with new names, dates and quantities.

Each made record has a real one as its pattern, with as many lines and sources, the same kind, places, agents,
supplies and units. Links to other records go to records made before it. The same seed gives the same bytes.
"""

import random
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.engine.tags import recaser
from taiwan_can_help.namespaces import BASE, PREFIXES
from taiwan_can_help.protocol.formats import N_TRIPLES

# What every record refers to; the records themselves are made, so nothing that speaks of the real ones is kept.
KEPT = ("ontology", "data/places.ttl", "data/agents.ttl", "data/dataset.trig", "data/queries")
RECORDS_IN_A_FILE = 20_000
MOST_DAYS_MOVED = 60

_TCH = PREFIXES["tch"]
_TITLE = PREFIXES["dcterms"] + "title"
_EARLIEST, _LATEST = _TCH + "earliest", _TCH + "latest"
_DATES = {_EARLIEST: "EARLIEST", _LATEST: "LATEST"}
# Derived at build: what a record counts and why; the label of a line in two languages.
_DERIVED_OF_RECORD, _DERIVED_OF_LINE = 2, 2


@dataclass(frozen=True)
class Pattern:
    """A real record as N-Triples with places for what differs, and what stood in those places."""

    text: str
    earlier: int
    quantities: tuple[int, ...]
    earliest: date
    latest: date
    triples: int


def generate(source: DatasetFolder, target: Path, triples: int, seed: int) -> None:
    """Write a dataset folder whose release has about so many triples in its default graph; ``target`` is new.

    ``triples`` count those that the rules derive at build. There are no shapes, since a gate over millions of
    records would be measured instead of what is asked.
    """
    for name in KEPT:
        path = target / name
        path.parent.mkdir(parents=True, exist_ok=True)
        copy = shutil.copytree if (source.root / name).is_dir() else shutil.copy
        copy(source.root / name, path)
    kept = sum(quad.graph_name == ox.DefaultGraph() for quad in read_dataset(DatasetFolder(target)))
    folder = target / "data" / "activities"
    folder.mkdir()
    written, number = kept, 0
    records = _records(patterns_of(source), random.Random(seed))  # noqa: S311 (it has to give the same again)
    while written < triples:
        with (folder / f"made-{number // RECORDS_IN_A_FILE + 1:04}.nt").open("w", encoding="utf-8") as stream:
            for text, count in records:
                stream.write(text)
                number, written = number + 1, written + count
                if written >= triples or number % RECORDS_IN_A_FILE == 0:
                    break


def patterns_of(source: DatasetFolder) -> list[Pattern]:
    """Return every record of a dataset as a pattern, in the order of their names."""
    about: dict[str, list[ox.Quad]] = defaultdict(list)
    for quad in read_dataset(source):
        if isinstance(quad.subject, ox.NamedNode):
            about[quad.subject.value].append(quad)
    records = sorted(iri for iri in about if iri.startswith(f"{BASE}id/activity/"))
    return [_pattern(iri, about) for iri in records]


def _pattern(record: str, about: dict[str, list[ox.Quad]]) -> Pattern:
    """Put a name in place of each thing that belongs to the record, and of each that is another record's."""
    names = _names(record, about[record])
    own = [iri for iri, name in names.items() if not name.startswith("EARLIER")]
    quads = [quad for iri in own for quad in about[iri]]
    quantities: list[int] = []
    made = [_named(quad, names, quantities) for quad in quads]
    text = recaser(N_TRIPLES)(ox.serialize(made, format=ox.RdfFormat.N_TRIPLES) or b"").decode()
    text = re.sub(r'"(EARLIEST|LATEST|QUANTITY\d+)"', r'"%(\1)s"', text.replace("%", "%%"))
    dates = {quad.predicate.value: cast("ox.Literal", quad.object).value for quad in about[record] if _is_date(quad)}
    derived = _DERIVED_OF_RECORD + _DERIVED_OF_LINE * sum("/item/" in iri for iri in own)
    return Pattern(
        re.sub(r"made-([A-Z]+\d*)", r"made-%(\1)07d", text),
        len(names) - len(own),
        tuple(quantities),
        date.fromisoformat(dates[_EARLIEST]),
        date.fromisoformat(dates[_LATEST]),
        len(quads) + derived,
    )


def _names(record: str, quads: list[ox.Quad]) -> dict[str, str]:
    """Return new names by IRI: RECORD for the record and its first source, RECORD-1 and on for its lines.

    The other sources and records that it links to become an earlier record's: EARLIER0 and on.
    """
    names = {record: "RECORD"}
    lines = sources = earlier = 0
    for quad in quads:
        iri = quad.object.value if isinstance(quad.object, ox.NamedNode) else ""
        kind = iri.removeprefix(f"{BASE}id/").partition("/")[0]
        if iri in names or kind not in ("activity", "item", "source"):
            continue
        sources += kind == "source"
        if kind == "item":
            lines += 1
            names[iri] = f"RECORD-{lines}"
        elif kind == "source" and sources == 1:
            names[iri] = "RECORD"
        else:
            names[iri] = f"EARLIER{earlier}"
            earlier += 1
    return names


def _is_date(quad: ox.Quad) -> bool:
    return quad.predicate.value in _DATES


def _named(quad: ox.Quad, names: dict[str, str], quantities: list[int]) -> ox.Quad:
    """Return the statement with names for what differs; a whole number goes into ``quantities``."""

    def renamed(iri: str) -> ox.NamedNode:
        kind = iri.removeprefix(f"{BASE}id/").partition("/")[0]
        return ox.NamedNode(f"{BASE}id/{kind}/made-{names[iri]}" if iri in names else iri)

    value = quad.object
    if isinstance(value, ox.NamedNode):
        value = renamed(value.value)
    elif isinstance(value, ox.Literal) and _is_date(quad):
        value = ox.Literal(_DATES[quad.predicate.value], datatype=value.datatype)
    elif isinstance(value, ox.Literal) and quad.predicate.value == _TCH + "quantity" and value.value.isdigit():
        quantities.append(int(value.value))
        value = ox.Literal(f"QUANTITY{len(quantities) - 1}", datatype=value.datatype)
    elif isinstance(value, ox.Literal) and quad.predicate.value == _TITLE:
        value = ox.Literal(f"{value.value} (made-RECORD)", language=value.language)
    return ox.Quad(renamed(cast("ox.NamedNode", quad.subject).value), quad.predicate, value)


def _records(patterns: list[Pattern], chance: random.Random) -> Iterator[tuple[str, int]]:
    """Yield made records without end, each with its number of triples."""
    number = 0
    while True:
        yield _record(patterns[_below(chance, len(patterns))], number, chance)
        number += 1


def _below(chance: random.Random, limit: int) -> int:
    """Return a number from 0; of all its methods ``random`` alone gives the same in every version of Python."""
    return int(chance.random() * limit)


def _record(pattern: Pattern, number: int, chance: random.Random) -> tuple[str, int]:
    moved = timedelta(_below(chance, 2 * MOST_DAYS_MOVED + 1) - MOST_DAYS_MOVED)
    values: dict[str, object] = {
        "RECORD": number,
        "EARLIEST": pattern.earliest + moved,
        "LATEST": pattern.latest + moved,
    }
    values |= {f"EARLIER{place}": _below(chance, max(1, number)) for place in range(pattern.earlier)}
    values |= {
        f"QUANTITY{place}": max(1, quantity * (50 + _below(chance, 101)) // 100)
        for place, quantity in enumerate(pattern.quantities)
    }
    return pattern.text % values, pattern.triples
