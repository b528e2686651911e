"""How well a text agrees with the names of entities: the levels of docs/reconciliation.md, best first."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from rapidfuzz import fuzz, process
from rapidfuzz.distance import OSA

from taiwan_can_help.reconciliation.entities import Name, NameKind
from taiwan_can_help.reconciliation.folding import fold
from taiwan_can_help.reconciliation.territories import known_territories, territory_codes, territory_names

# Below this a name of the same words in part is no candidate.
LEAST_SIMILARITY = 55.0
_LEAST_SHARED_WORDS = 70.0
# A longer text is no name, and would take long to compare: it is only looked up as it is.
_LONGEST_COMPARED = 300
_LESS_FOR_A_SECOND_EDIT = 2.0
_MOST_EDITS = 2
# Words that are shorter differ by a letter and mean another thing (Iran, Iraq), unless the letter is a plural's.
_SHORTEST_PLURAL = 4
_SHORTEST_MISSPELT = 5
_SHORTEST_MISSPELT_TWICE = 10


class Level(StrEnum):
    """In what way a text agrees with a name; the value is the id of the feature."""

    IDENTIFIER = "identifier"
    EXACT = "exact"
    FOLDED = "folded"
    ALIAS = "alias"
    FOLDED_ALIAS = "folded_alias"
    REORDERED = "reordered"
    MISSPELT = "misspelt"
    SIMILAR = "similar"


# A label is ahead of another entity's alias by more than the margin of a sure match, and either of a misspelt name.
SCORES = {
    Level.IDENTIFIER: 100.0,
    Level.EXACT: 100.0,
    Level.FOLDED: 98.0,
    Level.ALIAS: 94.0,
    Level.FOLDED_ALIAS: 93.0,
    Level.REORDERED: 90.0,
    Level.MISSPELT: 86.0,
    Level.SIMILAR: 80.0,  # the most, for a similarity of 100
}


@dataclass(frozen=True)
class NameMatch:
    """How a text agrees with the best of an entity's names."""

    score: float
    level: Level


class Names:
    """The names of all entities, to look a text up in."""

    def __init__(self, names: Sequence[Name]) -> None:
        self._exact: dict[str, dict[str, Level]] = defaultdict(dict)
        self._folded: dict[str, dict[str, Level]] = defaultdict(dict)
        self._reordered: dict[str, dict[str, Level]] = defaultdict(dict)
        self._words: dict[str, set[tuple[str, ...]]] = defaultdict(set)
        self.codes: dict[str, set[str]] = defaultdict(set)
        for name in names:
            self._add(name)
        self._elsewhere = self._names_elsewhere(
            {name.text: name.entity for name in names if name.kind is NameKind.TERRITORY}
        )
        compared = [(id_, words) for id_, found in self._words.items() for words in found]
        self._ids = [id_ for id_, _ in compared]
        self._compared = [words for _, words in compared]
        self._texts = [" ".join(words) for words in self._compared]

    def _names_elsewhere(self, ours: Mapping[str, str]) -> set[str]:
        """Return the folded names of all territories but those (entities by code) that we have."""
        own = set(ours.values())
        names = (text for code in known_territories() - ours.keys() for text in territory_names(code)) if ours else ()
        return {key for key in map(_key, names) if own.isdisjoint(self._folded.get(key, ()))}

    def _add(self, name: Name) -> None:
        if name.kind is NameKind.CODE:
            self._add_code(name.entity, name.text)
        elif name.kind is NameKind.TERRITORY:
            for code in territory_codes(name.text):
                self._add_code(name.entity, code)
            for text in territory_names(name.text):
                # Names in so many languages are found as they are, and not by their likeness.
                self._add_text(name.entity, text, Level.ALIAS, Level.FOLDED_ALIAS)
        else:
            label = name.kind is NameKind.LABEL
            levels = (Level.EXACT, Level.FOLDED) if label else (Level.ALIAS, Level.FOLDED_ALIAS)
            words = self._add_text(name.entity, name.text, *levels)
            self._words[name.entity].add(words)

    def _add_code(self, entity: str, code: str) -> None:
        self.codes[entity].add(code)
        _keep_best(self._exact[code], entity, Level.ALIAS)

    def _add_text(self, entity: str, text: str, exact: Level, folded: Level) -> tuple[str, ...]:
        words = fold(text)
        _keep_best(self._exact[text], entity, exact)
        _keep_best(self._folded["".join(words)], entity, folded)
        _keep_best(self._reordered["".join(sorted(words))], entity, Level.REORDERED)
        return words

    def keys(self, entity: str) -> set[str]:
        """Return the folded names of an entity, without spaces."""
        return {"".join(words) for words in self._words[entity]}

    def names_another_territory(self, text: str) -> bool:
        """Return whether the text is a name of a country or territory of the CLDR that is none of the entities."""
        return _key(text) in self._elsewhere

    def match(self, text: str) -> dict[str, NameMatch]:
        """Return for each entity that may be meant how its best name agrees with the text."""
        text = text.strip()
        words = fold(text)
        found = self._similar(words)
        for levels in (
            self._reordered.get("".join(sorted(words)), {}),
            self._folded.get("".join(words), {}),
            # A code is also written with points: U.S.
            self._exact.get(text.replace(".", ""), {}),
            self._exact.get(text, {}),
        ):
            for entity, level in levels.items():
                if entity not in found or found[entity].score < SCORES[level]:
                    found[entity] = NameMatch(SCORES[level], level)
        return found

    def likeness(self, text: str, entity: str) -> NameMatch:
        """Return how a text agrees with an entity that is a candidate for another reason than its name."""
        asked = " ".join(fold(text))
        best = max((_similarity(asked, " ".join(words)) for words in self._words[entity]), default=0.0)
        return NameMatch(round(SCORES[Level.SIMILAR] * best / 100, 1), Level.SIMILAR)

    def starting(self, text: str) -> list[str]:
        """Return the entities a name of which starts with the text, or has a word that does; the former first."""
        prefix = _key(text)
        # By place of the word, then by length: what is asked for is sooner found among short names.
        ranks: dict[str, tuple[bool, int]] = {}
        for id_, words in zip(self._ids, self._compared, strict=True):
            places = [n for n in range(len(words)) if "".join(words[n:]).startswith(prefix)]
            if places:
                rank = (places[0] > 0, sum(map(len, words)))
                ranks[id_] = min(rank, ranks.get(id_, rank))
        return sorted(ranks, key=lambda id_: (ranks[id_], id_))

    def _similar(self, words: tuple[str, ...]) -> dict[str, NameMatch]:
        asked = " ".join(words)
        found: dict[str, NameMatch] = {}
        if not 0 < len(asked) <= _LONGEST_COMPARED:
            return found
        for name, _, number in process.extract(
            asked, self._texts, scorer=fuzz.token_set_ratio, score_cutoff=_LEAST_SHARED_WORDS, limit=None
        ):
            match = self._compare(words, self._compared[number], _similarity(asked, name))
            if match and (self._ids[number] not in found or found[self._ids[number]].score < match.score):
                found[self._ids[number]] = match
        return found

    def _compare(self, asked: tuple[str, ...], name: tuple[str, ...], similarity: float) -> NameMatch | None:
        if similarity < LEAST_SIMILARITY:
            return None
        edits = _edits(asked, name)
        if edits:
            return NameMatch(SCORES[Level.MISSPELT] - _LESS_FOR_A_SECOND_EDIT * (edits - 1), Level.MISSPELT)
        return NameMatch(round(SCORES[Level.SIMILAR] * similarity / 100, 1), Level.SIMILAR)


def _similarity(asked: str, name: str) -> float:
    """Return the mean of how alike the shared words are and how alike all are, from 0 to 100."""
    return (fuzz.token_set_ratio(asked, name) + fuzz.token_sort_ratio(asked, name)) / 2


def _edits(asked: tuple[str, ...], name: tuple[str, ...]) -> int | None:
    """Return by how many slips of the pen the words differ, or None where they differ by more.

    Only words of Latin letters are misspelt so, never in their first letter; in Chinese another character is
    another name.
    """
    if len(asked) != len(name):
        return None
    total = 0
    for one, other in zip(asked, name, strict=True):
        if one == other:
            continue
        distance = OSA.distance(one, other)
        if distance > _allowed(one, other):
            return None
        total += distance
    return total if total <= _MOST_EDITS else None


def _allowed(one: str, other: str) -> int:
    latin = one.isascii() and other.isascii() and one.isalpha() and other.isalpha()
    if not latin or one[0] != other[0]:
        return 0
    shorter = min(one, other, key=len)
    if len(shorter) >= _SHORTEST_MISSPELT:
        return 2 if len(shorter) >= _SHORTEST_MISSPELT_TWICE else 1
    return int(len(shorter) >= _SHORTEST_PLURAL and max(one, other, key=len) == f"{shorter}s")


def _key(text: str) -> str:
    return "".join(fold(text))


def _keep_best(levels: dict[str, Level], entity: str, level: Level) -> None:
    if entity not in levels or SCORES[levels[entity]] < SCORES[level]:
        levels[entity] = level
