"""What a prefix may become: entities, types and properties, by name or by id.

See section 6 of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

from collections.abc import Iterable, Mapping
from typing import TypeVar

from taiwan_can_help.reconciliation.entities import Entity, Property, Type
from taiwan_can_help.reconciliation.folding import fold
from taiwan_can_help.reconciliation.index import Index
from taiwan_can_help.reconciliation.names import Level

PAGE = 20

Listed = TypeVar("Listed", Type, Property)


def suggest_entities(index: Index, prefix: str, skipped: int) -> list[Entity]:
    """Return a page of the entities that the prefix may become: exact names and ids, then beginnings, then words."""
    text = prefix.strip()
    matches = index.names.match(text)
    whole = [id_ for id_, match in matches.items() if match.level not in (Level.MISSPELT, Level.SIMILAR)]
    whole.sort(key=lambda id_: (-matches[id_].score, id_))
    by_id = sorted(id_ for id_ in index.entities if text and id_.startswith(text))
    ids = list(dict.fromkeys([*whole, *by_id, *index.names.starting(text)]))
    return [index.entities[id_] for id_ in ids[skipped : skipped + PAGE]]


def suggest_types(index: Index, prefix: str, skipped: int) -> list[Type]:
    """Return a page of the types that the prefix may become; of all of them for an empty one."""
    return _listed(index.types, prefix)[skipped : skipped + PAGE]


def suggest_properties(index: Index, prefix: str, skipped: int) -> list[Property]:
    """Return a page of the properties that the prefix may become; of all of them for an empty one."""
    return _listed(index.properties, prefix)[skipped : skipped + PAGE]


def properties_of(index: Index, type_: str) -> Iterable[Property]:
    """Return the properties that entities of the type have, in the type itself or in a broader one; of none, all."""
    above = [type_]
    for id_ in above:  # grows as broader ones are met
        above += [broader for broader in index.types[id_].broader if broader not in above] if id_ else []
    return (p for p in index.properties.values() if not type_ or not set(above).isdisjoint(p.types))


def _listed(listed: Mapping[str, Listed], prefix: str) -> list[Listed]:
    """Return those whose id or name starts with the prefix, then those that have a word which does."""
    asked = "".join(fold(prefix))

    def place(item: Listed) -> int:
        if item.id.startswith(prefix.strip()) or "".join(fold(item.name)).startswith(asked):
            return 0
        return 1 if any(word.startswith(asked) for word in fold(item.name)) else 2

    return sorted((item for item in listed.values() if place(item) < 2), key=place)
