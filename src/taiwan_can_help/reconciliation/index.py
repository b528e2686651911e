"""The index of a release: its entities, their names, types and properties, kept in memory."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from taiwan_can_help.reconciliation.entities import (
    Entity,
    NameKind,
    Property,
    Reference,
    Row,
    Type,
    Value,
    read_entities,
    read_names,
    read_properties,
    read_types,
)
from taiwan_can_help.reconciliation.folding import fold
from taiwan_can_help.reconciliation.names import Names

# The queries whose rows make up an index, ``reconciliation-<name>.rq``.
QUERIES = ("types", "entities", "names", "properties", "values")


@dataclass(frozen=True)
class Index:
    """All that can be reconciled.

    ``holders`` are the entities that have a value, by property and key of the value; ``territory_types`` the types that
    entities with a code of a territory have.
    """

    entities: Mapping[str, Entity]
    types: Mapping[str, Type]
    properties: Mapping[str, Property]
    names: Names
    holders: Mapping[tuple[str, str], frozenset[str]]
    territory_types: frozenset[str]

    @classmethod
    def build(cls, rows: Mapping[str, Iterable[Row]], space: str) -> "Index":
        """Return the index of the rows of each of QUERIES; ``space`` with an id makes an entity's IRI."""
        types = read_types(rows["types"])
        entities = read_entities(rows["entities"], rows["values"], types, space)
        read = [name for name in read_names(rows["names"]) if name.entity in entities]
        territories = {name.entity for name in read if name.kind is NameKind.TERRITORY}
        names = Names(read)
        holders: dict[tuple[str, str], set[str]] = defaultdict(set)
        for entity in entities.values():
            for property_, values in entity.values.items():
                for key in (key for value in values for key in _keys(value, names)):
                    holders[property_, key].add(entity.id)
        frozen = {key: frozenset(ids) for key, ids in holders.items()}
        typed = frozenset(type_ for id_ in territories for type_ in entities[id_].types)
        return cls(entities, types, read_properties(rows["properties"]), names, frozen, typed)

    def holding(self, property_: str, values: Iterable[str | Reference]) -> frozenset[str]:
        """Return the entities that have one of the values; a text also stands for an entity of that name or code."""
        keys = (key for value in values for key in _asked(value))
        return frozenset().union(*(self.holders.get((property_, key), frozenset()) for key in keys))


# A key starts with "=" where it counts only as it is written, so that no folded name is taken for a code.
def _keys(value: Value, names: Names) -> Iterator[str]:
    match value:
        case Reference(id=id_):
            yield f"={id_}"
            yield from (f"={code}" for code in names.codes.get(id_, ()))
            yield from names.keys(id_)
        case str():
            yield f"={value}"
            yield "".join(fold(value))
        case _:
            yield f"={value}"


def _asked(value: str | Reference) -> Iterator[str]:
    if isinstance(value, Reference):
        yield f"={value.id}"
    else:
        yield f"={value.strip()}"
        yield "".join(fold(value))
