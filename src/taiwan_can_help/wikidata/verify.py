"""Hold each link against what Wikidata says of its item: what agrees, what is in doubt, and why."""

import json
import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date

import pyoxigraph as ox
from rdflib import OWL, SDO, SKOS, XSD, Literal, URIRef

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.vocabulary import TCH, WIKIDATA
from taiwan_can_help.intake.files import read_managed, write_managed
from taiwan_can_help.languages import recommended_case
from taiwan_can_help.namespaces import short
from taiwan_can_help.wikidata.api import Api
from taiwan_can_help.wikidata.asking import ask
from taiwan_can_help.wikidata.cache import Cache
from taiwan_can_help.wikidata.items import Item, Malformed, fetch, read

EXACT = (str(OWL.sameAs), str(SKOS.exactMatch))
HUMAN, DISAMBIGUATION = "Q5", "Q4167410"

# Wraps the ids to be fetched, to show how far it has come.
Progress = Callable[[Iterator[tuple[str, object]], int], Iterable[tuple[str, object]]]


@dataclass(frozen=True)
class Link:
    """A mapping to an item, with what of our thing the item can be held against."""

    mapping: str
    thing: str
    relation: str
    item: str
    category: str | None
    iso2: str | None
    within: str | None
    names: tuple[str, ...]

    @property
    def is_exact(self) -> bool:
        """Return whether our thing is said to be the same as the item, not only near it."""
        return self.relation in EXACT


@dataclass(frozen=True)
class Outcome:
    """What holding one link against its item gave."""

    mapping: str
    thing: str
    item: str
    revision: int | None
    agreements: tuple[str, ...]
    doubts: tuple[str, ...]


def links_of(store: ox.Store) -> tuple[list[Link], set[str]]:
    """Return the links of a graph, and the languages that our names are in."""
    names: dict[str, list[str]] = defaultdict(list)
    languages = set()
    for row in ask(store, "names"):
        names[row["thing"]].append(row["name"])
        languages.add(recommended_case(row["language"]).lower())
    links = [
        Link(
            row["mapping"],
            row["thing"],
            row["relation"],
            row["item"].removeprefix(WIKIDATA),
            row.get("category"),
            row.get("iso2"),
            row.get("within"),
            tuple(names[row["thing"]]),
        )
        for row in ask(store, "links")
    ]
    return links, languages - {""}


def verify(api: Api, kept: Cache, links: list[Link], languages: set[str], progress: Progress) -> list[Outcome]:
    """Hold every link against its item; raises ApiError where the API can't be asked to the end.

    What was fetched by then is kept, so that the next run asks for the rest only.
    """
    ids = sorted({link.item for link in links}, key=lambda qid: (len(qid), qid))
    entities = dict(progress(fetch(api, kept, ids, languages), len(ids)))
    return [judge(link, entities[link.item]) for link in links]


def judge(link: Link, entity: object) -> Outcome:
    """Hold one link against the API's JSON of its item."""
    try:
        item = read(link.item, entity)
    except Malformed as error:
        doubt = f"Wikidata's answer about {link.item} is not of the documented form: {error}"
        return Outcome(link.mapping, link.thing, link.item, None, (), (doubt,))
    if item.missing:
        doubts = [f"Wikidata has no item {link.item}: it was deleted, or never there"]
        return Outcome(link.mapping, link.thing, link.item, None, (), tuple(doubts))
    judged = [*_redirect(item), *_names(link, item), *_codes(link, item), *_kind(link, item)]
    agreements = tuple(text for agrees, text in judged if agrees)
    doubts = [text for agrees, text in judged if not agrees]
    return Outcome(link.mapping, link.thing, link.item, item.revision, agreements, tuple(doubts))


def _redirect(item: Item) -> Iterator[tuple[bool, str]]:
    if item.redirect:
        yield False, f"{item.id} redirects to {item.redirect} ({item.label}): link that one"


def _names(link: Link, item: Item) -> Iterator[tuple[bool, str]]:
    theirs = {folded(name): name for name in item.names}
    common = [theirs[folded(name)] for name in link.names if folded(name) in theirs]
    if common:
        yield True, f'called "{common[0]}" there too'
    elif link.is_exact:
        called = f'"{item.label}"' + (f" ({item.description})" if item.description else "")
        yield False, f"none of our names is one of the item's, which is called {called}"


def _codes(link: Link, item: Item) -> Iterator[tuple[bool, str]]:
    if link.iso2 and link.is_exact:
        theirs = ", ".join(item.countries) or "none"
        agrees = link.iso2 in item.countries
        yield agrees, f"ISO 3166-1 code {link.iso2}" + ("" if agrees else f" with us, {theirs} there")
    if link.within and link.is_exact and item.subdivisions:
        agrees = any(code.startswith(f"{link.within}-") for code in item.subdivisions)
        theirs = ", ".join(item.subdivisions)
        yield agrees, f"ISO 3166-2 code {theirs}" + ("" if agrees else f" there, but in {link.within} with us")


def _kind(link: Link, item: Item) -> Iterator[tuple[bool, str]]:
    is_human = HUMAN in item.instance_of
    if link.category == str(SDO.Person):
        yield is_human, "a human there" if is_human else "a person with us, but no human there"
    elif is_human:
        yield False, "a human there, but no person with us"
    if DISAMBIGUATION in item.instance_of:
        yield False, "a disambiguation page there"
    if item.countries and link.category not in (str(SDO.Country), str(SDO.Place), None):
        yield False, f"a country's item there (ISO 3166-1 code {', '.join(item.countries)}), but no country with us"


def folded(name: str) -> str:
    """Return a name without what spellings differ in: case, accents, punctuation, and what is put in brackets."""
    plain = unicodedata.normalize("NFKD", re.sub(r"\s*[(（].*?[)）]", "", name))
    letters = "".join(character for character in plain if not unicodedata.combining(character))
    return re.sub(r"[\W_]+", " ", letters.casefold()).strip()


def write(folder: DatasetFolder, outcomes: Iterable[Outcome], today: date) -> list[str]:
    """Write what was found into the mappings' evidence; returns the names of the files that changed."""
    graph = read_managed(folder)
    for outcome in outcomes:
        mapping = URIRef(outcome.mapping)
        graph.set((mapping, TCH.checkedOn, Literal(today.isoformat(), datatype=XSD.date)))
        graph.remove((mapping, TCH.checkedRevision, None))
        graph.remove((mapping, TCH.doubt, None))
        if outcome.revision is not None:
            graph.add((mapping, TCH.checkedRevision, Literal(str(outcome.revision), datatype=XSD.integer)))
        for doubt in outcome.doubts:
            graph.add((mapping, TCH.doubt, Literal(doubt, lang="en")))
    return write_managed(folder, graph, dry_run=False)


def as_text(outcomes: list[Outcome]) -> str:
    """Return the doubts, one a line, and how many links agree."""
    lines = [
        f"doubt: {short(outcome.thing)} {outcome.item}: {doubt}" for outcome in outcomes for doubt in outcome.doubts
    ]
    doubtful = sum(bool(outcome.doubts) for outcome in outcomes)
    lines.append(f"{len(outcomes)} links checked: {len(outcomes) - doubtful} agree, {doubtful} in doubt")
    return "\n".join(lines) + "\n"


def as_json(outcomes: list[Outcome]) -> str:
    """Return every outcome, with what agrees and what is in doubt."""
    doubtful = sum(bool(outcome.doubts) for outcome in outcomes)
    report = {"checked": len(outcomes), "in_doubt": doubtful, "links": [asdict(outcome) for outcome in outcomes]}
    return json.dumps(report, ensure_ascii=False, indent=2) + "\n"
