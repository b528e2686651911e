"""Propose items for things without one, by the public reconciliation and search APIs, with scores and reasons."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from typing import Any

import pyoxigraph as ox

from taiwan_can_help.wikidata.api import Api, ApiError
from taiwan_can_help.wikidata.asking import ask
from taiwan_can_help.wikidata.verify import folded

BATCH = 10  # queries in one request to a reconciliation service
CANDIDATES = 5


@dataclass(frozen=True)
class Thing:
    """One of ours that no item is known for."""

    kind: str
    slug: str
    label: str
    predicate: str
    category: str
    names: tuple[tuple[str, str], ...]

    @property
    def local_name(self) -> tuple[str, str] | None:
        """Return the first name in another language than English, with that language."""
        return next(((name, tag) for name, tag in self.names if tag and not tag.startswith("en")), None)


@dataclass(frozen=True)
class Candidate:
    """An item that may be the thing.

    The score is the reconciliation service's own where it gave one, else how alike the names are; of 100.
    """

    qid: str
    label: str
    description: str
    score: float
    reasons: tuple[str, ...]


def things_of(store: ox.Store) -> list[Thing]:
    """Return the agents, places and supplies that have no item, sorted by IRI."""
    names: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for row in ask(store, "names"):
        names[row["thing"]].append((row["name"], row["language"].lower()))
    return [
        Thing(row["kind"], row["slug"], row["label"], row["predicate"], row["category"], tuple(names[row["thing"]]))
        for row in ask(store, "unlinked")
    ]


def propose(search: Api, service: Api, things: Sequence[Thing]) -> Iterator[tuple[Thing, list[Candidate]]]:
    """Yield each thing with its candidates, the best first; raises ApiError where an API gives no sense."""
    for start in range(0, len(things), BATCH):
        some = things[start : start + BATCH]
        reconciled = _reconcile(service, some)
        for thing, candidates in zip(some, reconciled, strict=True):
            found = {candidate.qid: candidate for candidate in candidates}
            for candidate in _search(search, thing):
                known = found.get(candidate.qid)
                found[candidate.qid] = _both(known, candidate) if known else candidate
            best = sorted(found.values(), key=lambda candidate: (-candidate.score, candidate.qid))
            yield thing, [_with_name(thing, candidate) for candidate in best[:CANDIDATES]]


def _reconcile(service: Api, things: Sequence[Thing]) -> list[list[Candidate]]:
    """Ask a reconciliation service (https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/)."""
    queries = {f"q{number}": {"query": thing.label, "limit": CANDIDATES} for number, thing in enumerate(things)}
    answer = service.ask({"queries": json.dumps(queries, ensure_ascii=False)}, post=True)
    return [[_reconciled(service, one) for one in _list(service, answer.get(name), "result")] for name in queries]


def _reconciled(service: Api, found: dict[str, Any]) -> Candidate:
    qid, label, score = _text(service, found, "id"), _text(service, found, "name"), found.get("score")
    if isinstance(score, bool) or not isinstance(score, int | float):
        raise ApiError(f"{service.address}: the score of {qid} is no number")
    reason = f"reconciliation score {score:g}" + (", a match" if found.get("match") is True else "")
    return Candidate(qid, label, str(found.get("description") or ""), float(score), (reason,))


def _search(search: Api, thing: Thing) -> Iterator[Candidate]:
    for name, language in filter(None, ((thing.label, "en"), thing.local_name)):
        parameters = {
            "action": "wbsearchentities",
            "search": name,
            "language": language,
            "uselang": "en",
            "type": "item",
            "limit": str(CANDIDATES),
            "maxlag": "5",
            "format": "json",
        }
        for found in _list(search, search.ask(parameters), "search"):
            label = str(found.get("label") or "")
            alike = round(100 * SequenceMatcher(None, folded(name), folded(label)).ratio(), 1)
            reason = f'found by searching for "{name}"'
            description = str(found.get("description") or "")
            yield Candidate(_text(search, found, "id"), label, description, alike, (reason,))


def _both(known: Candidate, again: Candidate) -> Candidate:
    reasons = tuple(dict.fromkeys((*known.reasons, *again.reasons)))
    return replace(known, description=known.description or again.description, reasons=reasons)


def _with_name(thing: Thing, candidate: Candidate) -> Candidate:
    names = {folded(name) for name, _ in thing.names}
    same = folded(candidate.label) in names
    return replace(candidate, reasons=(*candidate.reasons, "the same name")) if same else candidate


def _list(api: Api, answer: Any, member: str) -> list[dict[str, Any]]:
    found = answer.get(member) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(one, dict) for one in found):
        raise ApiError(f"{api.address}: its answer has no list {member!r} of objects")
    return found


def _text(api: Api, found: dict[str, Any], member: str) -> str:
    value = found.get(member)
    if not isinstance(value, str):
        raise ApiError(f"{api.address}: a candidate has no text {member!r}")
    return value
