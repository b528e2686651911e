"""Wikidata's items: fetched by fifties, and read into what a link can be held against."""

import contextlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from jsonschema import Draft202012Validator

from taiwan_can_help.wikidata.api import Api, ApiError
from taiwan_can_help.wikidata.cache import Cache

BATCH = 50  # what wbgetentities takes of one who is not logged in
INSTANCE_OF, ISO_3166_1, ISO_3166_2 = "P31", "P297", "P300"


class Malformed(Exception):
    """An answer about an item that is not of the form that the API's documentation gives."""


@dataclass(frozen=True)
class Item:
    """What a link is held against; ``redirect`` is the item that stands in its place, if another does."""

    id: str
    missing: bool = False
    redirect: str | None = None
    revision: int | None = None
    label: str | None = None
    description: str | None = None
    names: tuple[str, ...] = ()
    instance_of: tuple[str, ...] = ()
    countries: tuple[str, ...] = ()
    subdivisions: tuple[str, ...] = ()


def fetch(api: Api, kept: Cache, ids: Sequence[str], languages: Iterable[str]) -> Iterator[tuple[str, Any]]:
    """Yield each id with what the API says of it, from the cache where it is there; raises ApiError."""
    wanted = []
    for qid in ids:
        entity = kept.get(qid)
        if entity is None:
            wanted.append(qid)
        else:
            yield qid, entity
    codes = "|".join(sorted({"en", *languages}))
    for start in range(0, len(wanted), BATCH):
        for qid, entity in _batch(api, wanted[start : start + BATCH], codes):
            with contextlib.suppress(Malformed):  # that is no answer to keep
                read(qid, entity)
                kept.put(qid, entity)
            yield qid, entity


def _batch(api: Api, ids: list[str], languages: str) -> Iterator[tuple[str, Any]]:
    while ids:
        parameters = {
            "action": "wbgetentities",
            "ids": "|".join(ids),
            "props": "info|labels|descriptions|aliases|claims",
            "languages": languages,
            "redirects": "yes",
            "maxlag": "5",
            "format": "json",
        }
        try:
            entities = api.ask(parameters).get("entities")
            break
        except ApiError as error:
            # One id that the API can't take fails the batch; without it the others are answered.
            if error.code != "no-such-entity" or error.entity not in ids:
                raise
            ids = [qid for qid in ids if qid != error.entity]
            yield str(error.entity), {"id": error.entity, "missing": ""}
    else:
        return
    if not isinstance(entities, dict):
        raise ApiError(f"{api.address}: its answer has no object 'entities'")
    for qid in ids:
        # Of an item that was merged, what it is now; by the id that was asked for, or by the new one.
        yield qid, entities.get(qid, next((e for e in entities.values() if _redirects_from(e) == qid), None))


def _redirects_from(entity: Any) -> Any:
    redirects = entity.get("redirects") if isinstance(entity, dict) else None
    return redirects.get("from") if isinstance(redirects, dict) else None


def read(asked: str, entity: Any) -> Item:
    """Return an item from the API's JSON; raises Malformed where it is not of the documented form."""
    faults = sorted(_validator().iter_errors(entity), key=lambda error: error.json_path)
    if faults:
        raise Malformed(f"{faults[0].json_path}: {faults[0].message[:200]}")
    if "missing" in entity:
        return Item(asked, missing=True)
    names = [text["value"] for text in entity.get("labels", {}).values()]
    names += [text["value"] for texts in entity.get("aliases", {}).values() for text in texts]
    claims = entity.get("claims", {})
    return Item(
        asked,
        redirect=entity["id"] if entity["id"] != asked else None,
        revision=entity.get("lastrevid"),
        label=entity.get("labels", {}).get("en", {}).get("value") or (names[0] if names else None),
        description=entity.get("descriptions", {}).get("en", {}).get("value"),
        names=tuple(names),
        instance_of=tuple(_values(claims.get(INSTANCE_OF, ()))),
        countries=tuple(_values(claims.get(ISO_3166_1, ()))),
        subdivisions=tuple(_values(claims.get(ISO_3166_2, ()))),
    )


def _values(statements: Iterable[Any]) -> Iterator[str]:
    """Yield the texts, or the ids of the items, that statements give as values, but not deprecated ones."""
    for statement in statements:
        value = statement["mainsnak"].get("datavalue", {}).get("value")
        text = value.get("id") if isinstance(value, dict) else value
        if isinstance(text, str) and statement["rank"] != "deprecated":
            yield text


@cache
def _validator() -> Any:
    schema = files("taiwan_can_help.wikidata").joinpath("schemas", "entity.json").read_text("utf-8")
    return Draft202012Validator(json.loads(schema))
