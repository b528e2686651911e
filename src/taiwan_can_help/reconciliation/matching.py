"""From a query to its candidates: names, types and properties weighed as docs/reconciliation.md says."""

from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace
from enum import StrEnum

from taiwan_can_help.reconciliation.entities import Entity, Reference
from taiwan_can_help.reconciliation.index import Index
from taiwan_can_help.reconciliation.names import SCORES, Level, NameMatch

# A candidate is matched from this score on, if the next is at least so much behind.
THRESHOLD = 84.0
MARGIN = 3.0
# No property makes a match of a name that is another one altogether.
_LEAST_NAME = 40.0
_LEAST_SCORE = 40.0
# What is missing to 100 is reduced by each hint that agrees: more where only one entity has the value.
_LEFT_BY_SHARED_VALUE = 0.5
_LEFT_BY_OWN_VALUE = 0.1
_LESS_FOR_CONTRADICTION = 20.0


class Strictness(StrEnum):
    """What ``type_strict`` asks for: one of the types, all of them, or none of them for certain."""

    ANY = "any"
    ALL = "all"
    SHOULD = "should"


@dataclass(frozen=True)
class Hint:
    """A property that the entity has by the query, with values of which one should agree."""

    property: str
    values: tuple[str | Reference, ...]


@dataclass(frozen=True)
class ReconciliationQuery:
    """One query of a batch; without a text it is answered by its hints alone."""

    text: str | None
    types: tuple[str, ...]
    strictness: Strictness
    hints: tuple[Hint, ...]
    limit: int


@dataclass(frozen=True)
class Candidate:
    """An entity that may be meant; ``features`` say what its score is made of."""

    entity: Entity
    score: float
    match: bool
    features: Mapping[str, bool | float]


def reconcile(index: Index, query: ReconciliationQuery) -> list[Candidate]:
    """Return the candidates of a query, best first."""
    holding = [index.holding(hint.property, hint.values) for hint in query.hints]
    elsewhere = _is_elsewhere(index, query)
    pool = _by_name(index, query.text, holding) if query.text is not None else _by_hints(holding)
    candidates = [
        _weigh(index.entities[id_], name, query, holding, elsewhere)
        for id_, name in pool.items()
        if _is_typed(index.entities[id_], query)
    ]
    candidates = [candidate for candidate in candidates if candidate.score >= _LEAST_SCORE]
    candidates.sort(key=lambda candidate: (-candidate.score, len(candidate.entity.name), candidate.entity.id))
    return _with_match(candidates)[: query.limit]


def _by_name(index: Index, text: str, holding: Iterable[Set[str]]) -> dict[str, NameMatch | None]:
    found: dict[str, NameMatch | None] = dict(index.names.match(text))
    for ids in holding:
        if len(ids) == 1:
            (only,) = ids
            found.setdefault(only, index.names.likeness(text, only))
    if text.strip() in index.entities:
        found[text.strip()] = NameMatch(SCORES[Level.IDENTIFIER], Level.IDENTIFIER)
    return found


def _by_hints(holding: Iterable[Set[str]]) -> dict[str, NameMatch | None]:
    return {id_: None for ids in holding for id_ in sorted(ids)}


def _is_typed(entity: Entity, query: ReconciliationQuery) -> bool:
    if not query.types or query.strictness is Strictness.SHOULD:
        return True
    has = [type_ in entity.types for type_ in query.types]
    return all(has) if query.strictness is Strictness.ALL else any(has)


def _is_elsewhere(index: Index, query: ReconciliationQuery) -> bool:
    """Return whether the query names a country or territory that is none of the entities, and may mean that."""
    if query.text is None or not index.names.names_another_territory(query.text):
        return False
    return not query.types or not index.territory_types.isdisjoint(query.types)


def _weigh(
    entity: Entity, name: NameMatch | None, query: ReconciliationQuery, holding: Sequence[Set[str]], elsewhere: bool
) -> Candidate:
    features: dict[str, bool | float] = {}
    missing = 100.0 - name.score if name else 0.0
    if name:
        features |= {"name": name.score, name.level: True}
    agreed = [entity.id in ids for ids in holding]
    contradictions = 0
    if query.types:
        features["type"] = any(type_ in entity.types for type_ in query.types)
        contradictions += not features["type"]
    for hint, ids in zip(query.hints, holding, strict=True):
        if entity.id in ids:
            missing *= _LEFT_BY_OWN_VALUE if len(ids) == 1 else _LEFT_BY_SHARED_VALUE
        elif hint.property in entity.values or not name:
            contradictions += 1
        else:
            continue  # nothing is known, which speaks neither for nor against
        features[f"property:{hint.property}"] = entity.id in ids
    score = max(0.0, round(100.0 - missing - _LESS_FOR_CONTRADICTION * contradictions, 1))
    doubtful = contradictions or (name and name.score < _LEAST_NAME) or (elsewhere and not any(agreed))
    return Candidate(entity, score, score >= THRESHOLD and not doubtful, features)


def _with_match(candidates: list[Candidate]) -> list[Candidate]:
    """Let only the first be a match, and only where the next is clearly behind."""
    alone = len(candidates) == 1 or (len(candidates) > 1 and candidates[0].score - candidates[1].score >= MARGIN)
    return [
        replace(candidate, match=candidate.match and alone and place == 0) for place, candidate in enumerate(candidates)
    ]
