"""What can be reconciled, as the rows of the queries ``reconciliation-*.rq`` have it."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

# A row of SPARQL 1.1 Query Results JSON (https://www.w3.org/TR/sparql11-results-json/#select-encode-terms).
Row = Mapping[str, Mapping[str, str]]

_XSD = "http://www.w3.org/2001/XMLSchema#"


class NameKind(StrEnum):
    """What a name is to its entity; ``reconciliation-names.rq`` says what each means."""

    LABEL = "label"
    ALIAS = "alias"
    CODE = "code"
    TERRITORY = "territory"


@dataclass(frozen=True)
class Name:
    """A name of an entity."""

    entity: str
    text: str
    kind: NameKind


@dataclass(frozen=True)
class Type:
    """A type, with the ids of those just above it."""

    id: str
    name: str
    description: str
    broader: tuple[str, ...]


@dataclass(frozen=True)
class Property:
    """A property, with the ids of the types that it is proposed for."""

    id: str
    name: str
    description: str
    types: tuple[str, ...]


@dataclass(frozen=True)
class Reference:
    """An entity as the value of a property."""

    id: str


Value = str | int | float | Reference


@dataclass(frozen=True)
class Entity:
    """An entity; ``types`` has the broader ones too, the most specific first; ``values`` are by property."""

    id: str
    name: str
    chinese: str | None
    description: str
    types: tuple[str, ...]
    values: Mapping[str, tuple[Value, ...]]


def read_types(rows: Iterable[Row]) -> dict[str, Type]:
    """Return the types by id, in the order of the rows; a broader one that has no row of its own is left out."""
    types = _by_id(rows)
    return {
        id_: Type(
            id_,
            _text(group[0], "name"),
            _text(group[0], "description"),
            tuple(above for above in _several(group, "broader") if above in types),
        )
        for id_, group in types.items()
    }


def read_properties(rows: Iterable[Row]) -> dict[str, Property]:
    """Return the properties by id, in the order of the rows."""
    return {
        id_: Property(id_, _text(group[0], "name"), _text(group[0], "description"), _several(group, "type"))
        for id_, group in _by_id(rows).items()
    }


def read_names(rows: Iterable[Row]) -> list[Name]:
    """Return the names."""
    return [Name(_text(row, "id"), _text(row, "name"), NameKind(_text(row, "kind"))) for row in rows]


def read_entities(
    rows: Iterable[Row], value_rows: Iterable[Row], types: Mapping[str, Type], space: str
) -> dict[str, Entity]:
    """Return the entities by id; ``space`` with an id makes an entity's IRI."""
    entities = _by_id(rows)
    values: dict[str, dict[str, list[Value]]] = defaultdict(lambda: defaultdict(list))
    for row in value_rows:
        values[_text(row, "id")][_text(row, "property")].append(_value(row["value"], entities, space))
    return {
        id_: Entity(
            id_,
            _text(group[0], "name"),
            _several(group, "name_zh")[0] if "name_zh" in group[0] else None,
            _text(group[0], "description"),
            _with_broader(_several(group, "type"), types),
            {property_: tuple(found) for property_, found in values[id_].items()},
        )
        for id_, group in entities.items()
    }


def _with_broader(direct: tuple[str, ...], types: Mapping[str, Type]) -> tuple[str, ...]:
    found = [type_ for type_ in direct if type_ in types]
    for id_ in found:  # grows as broader ones are met
        found += [above for above in types[id_].broader if above not in found]
    return tuple(found)


def _value(term: Mapping[str, str], entities: Mapping[str, object], space: str) -> Value:
    text = term["value"]
    if term["type"] == "uri":
        id_ = text.removeprefix(space)
        return Reference(id_) if id_ in entities else text
    datatype = term.get("datatype")
    if datatype == f"{_XSD}integer":
        return int(text)
    if datatype in (f"{_XSD}decimal", f"{_XSD}double"):
        number = float(text)
        if not math.isfinite(number):
            return text  # JSON has no such number
        return int(number) if number.is_integer() else number
    return text


def _by_id(rows: Iterable[Row]) -> dict[str, list[Row]]:
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[_text(row, "id")].append(row)
    return dict(groups)


def _text(row: Row, variable: str) -> str:
    return row[variable]["value"]


def _several(rows: Iterable[Row], variable: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_text(row, variable) for row in rows if variable in row))
