"""Each property of 200 valid records in turn is dropped, doubled, retyped, left dangling, negated or swapped.

Every mutation is found by a shape, or stands in HARMLESS with the reason why it makes no wrong record.
"""

import random
from collections import Counter, defaultdict
from dataclasses import dataclass, field

import pyoxigraph as ox
import pytest

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.graph import graph_of
from taiwan_can_help.namespaces import BASE, PREFIXES, short, thing
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.validate import validate

from .corpus import real_queries
from .harmless import HARMLESS

SEED = 2020
RECORDS = 200
XSD = PREFIXES["xsd"]
NUMBERS = {f"{XSD}integer", f"{XSD}decimal"}
# Derived by rules at build: a mutated record's ledger entry is not its curator's doing.
DERIVED = {"tch:countedAs", "tch:countedQuantity"}
Term = ox.NamedNode | ox.Literal | ox.BlankNode | ox.Triple
Description = dict[str, list[Term]]


@dataclass
class Mutant:
    """A copy of a record under an IRI of its own, with one property changed, or none."""

    record: str
    number: int
    description: Description
    lines: dict[str, Description]
    changed: str = ""
    operation: str = ""
    findings: set[tuple[str, str | None]] = field(default_factory=set)

    @property
    def iri(self) -> str:
        return thing("activity", f"zz-mutant-{self.number}")

    def line_iri(self, line: str) -> str:
        return thing("item", f"zz-mutant-{self.number}-{line.rsplit('-', 1)[1]}")

    def quads(self) -> list[ox.Quad]:
        renamed = {line: ox.NamedNode(self.line_iri(line)) for line in self.lines}
        blocks = [(self.iri, self.description)] + [(self.line_iri(line), about) for line, about in self.lines.items()]
        return [
            ox.Quad(ox.NamedNode(subject), ox.NamedNode(predicate), renamed.get(getattr(value, "value", ""), value))
            for subject, about in blocks
            for predicate, values in about.items()
            for value in values
        ]


@pytest.fixture(scope="module")
def quads() -> list[ox.Quad]:
    return graph_of(DatasetFolder.open(default_dataset()), lambda _: None)


@pytest.fixture(scope="module")
def mutants(quads: list[ox.Quad]) -> list[Mutant]:
    """Make the mutants, validate them all at once, and give each what was found on it."""
    about: dict[str, Description] = defaultdict(lambda: defaultdict(list))
    for quad in quads:
        if isinstance(quad.subject, ox.NamedNode) and quad.graph_name == ox.DefaultGraph():
            about[quad.subject.value][quad.predicate.value].append(quad.object)
    records = sorted(iri for iri in about if iri.startswith(thing("activity", "")))
    pool: Description = defaultdict(list)
    for iri in about:
        for predicate, values in about[iri].items():
            pool[predicate].extend(values)
    made = list(_make(random.Random(SEED), random.Random(SEED).sample(records, RECORDS), about, pool))
    everything = quads + [quad for mutant in made for quad in mutant.quads()]
    nodes = {mutant.iri: mutant for mutant in made}
    nodes |= {mutant.line_iri(line): mutant for mutant in made for line in mutant.lines}
    for finding in validate(everything, real_queries(), set(nodes)):
        nodes[finding.focus].findings.add(_what(finding))
    return made


def _what(finding: Finding) -> tuple[str, str | None]:
    return finding.rule, finding.path


def _make(
    chance: random.Random, records: list[str], about: dict[str, Description], pool: Description
) -> "list[Mutant]":
    made: list[Mutant] = []
    for index, record in enumerate(records):
        made.append(_copy(record, len(made), about))
        for shift, operation in enumerate(_OPERATION):
            mutant = _copy(record, len(made), about)
            blocks = [mutant.description, *mutant.lines.values()]
            places = [
                (block, predicate)
                for block in blocks
                for predicate in sorted(block)
                if short(predicate) not in DERIVED | {"rdfs:label"}
            ]
            # In turn: another property for each record and operation; the first that the operation fits.
            start = index + shift * 7
            for block, predicate in places[start % len(places) :] + places[: start % len(places)]:
                if _mutate(chance, block, predicate, operation, pool):
                    mutant.changed, mutant.operation = predicate, operation
                    made.append(mutant)
                    break
    return made


def _copy(record: str, number: int, about: dict[str, Description]) -> Mutant:
    description = {predicate: list(values) for predicate, values in about[record].items()}
    lines = [value.value for value in description.get(PREFIXES["tch"] + "item", []) if isinstance(value, ox.NamedNode)]
    return Mutant(record, number, description, {line: {p: list(v) for p, v in about[line].items()} for line in lines})


def _mutate(chance: random.Random, block: Description, predicate: str, operation: str, pool: Description) -> bool:
    """Change the block in place; return whether the operation fits the property and changed anything."""
    return _OPERATION[operation](chance, block, predicate, pool)


def _drop(_chance: random.Random, block: Description, predicate: str, _pool: Description) -> bool:
    del block[predicate]
    return True


def _duplicate(chance: random.Random, block: Description, predicate: str, pool: Description) -> bool:
    others = sorted({str(other): other for other in pool[predicate] if other not in block[predicate]}.items())
    if others:
        block[predicate].append(chance.choice(others)[1])
    return bool(others)


def _retype(_chance: random.Random, block: Description, predicate: str, _pool: Description) -> bool:
    first = block[predicate][0]
    iri = isinstance(first, ox.NamedNode)
    block[predicate][0] = ox.Literal(str(first)) if iri else ox.NamedNode("urn:example:retyped")
    return True


def _dangle(_chance: random.Random, block: Description, predicate: str, _pool: Description) -> bool:
    first = block[predicate][0]
    if not isinstance(first, ox.NamedNode) or not first.value.startswith(BASE):
        return False
    block[predicate][0] = ox.NamedNode(first.value.rpartition("/")[0] + "/nowhere")
    return True


def _negate(_chance: random.Random, block: Description, predicate: str, _pool: Description) -> bool:
    negated = _negated(block[predicate][0])
    if negated is not None:
        block[predicate][0] = negated
    return negated is not None


def _swap(_chance: random.Random, block: Description, predicate: str, _pool: Description) -> bool:
    values = block[predicate]
    other = next((name for name in sorted(block) if name != predicate and block[name] != values), None)
    if other is not None:
        block[predicate], block[other] = block[other], values
    return other is not None


_OPERATION = {
    "drop": _drop,
    "duplicate": _duplicate,
    "retype": _retype,
    "dangle": _dangle,
    "negate": _negate,
    "swap": _swap,
}


def _negated(value: Term) -> ox.Literal | None:
    if not isinstance(value, ox.Literal):
        return None
    kind = value.datatype.value
    if kind in NUMBERS:
        return ox.Literal(f"-{value.value}", datatype=value.datatype)
    if kind == f"{XSD}boolean":
        return ox.Literal("false" if value.value == "true" else "true", datatype=value.datatype)
    if kind == f"{XSD}date":
        return ox.Literal(f"1920{value.value[4:]}", datatype=value.datatype)
    return ox.Literal("", language=value.language) if value.language else ox.Literal("")


def _tally(mutants: list[Mutant]) -> tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]]:
    unchanged = {mutant.record: mutant.findings for mutant in mutants if not mutant.operation}
    tried: Counter[tuple[str, str]] = Counter()
    missed: Counter[tuple[str, str]] = Counter()
    for mutant in mutants:
        if mutant.operation:
            key = (short(mutant.changed), mutant.operation)
            tried[key] += 1
            missed[key] += not mutant.findings - unchanged[mutant.record]
    return tried, missed


def _table(tried: Counter[tuple[str, str]], missed: Counter[tuple[str, str]]) -> str:
    """Return what was tried and found, by property and operation; what is not found, HARMLESS explains."""
    heading = f"\n{'property':<24}{'operation':<12}{'tried':>7}{'found':>7}{'harmless':>10}"
    rows = [
        f"{of:<24}{how:<12}{n:>7}{n - missed[of, how]:>7}{missed[of, how]:>10}"
        for (of, how), n in sorted(tried.items())
    ]
    found = tried.total() - missed.total()
    return "\n".join([heading, *rows, f"{'in all':<36}{tried.total():>7}{found:>7}{missed.total():>10}"])


def test_every_mutation_is_found_or_harmless(mutants: list[Mutant]) -> None:
    tried, missed = _tally(mutants)
    unexplained = {key: f"{missed[key]} of {tried[key]}" for key in tried if missed[key] and key not in HARMLESS}
    print(_table(tried, missed))  # noqa: T201 (the table that a run with -s is for)
    assert not unexplained
    assert sum(tried.values()) > 5 * RECORDS


def test_what_is_called_harmless_was_tried_and_not_found(mutants: list[Mutant]) -> None:
    _, missed = _tally(mutants)
    assert {key for key in HARMLESS if not missed[key]} == set()
