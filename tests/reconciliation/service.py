"""A client of ``/reconcile`` that speaks as OpenRefine does: JSON in forms, batches of ten."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from conftest import Client, Reply

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
BATCH = 10
Json = dict[str, Any]


def gold() -> list[dict[str, str]]:
    """Return the held table: a name, the id of the entity that it means (or none), how it differs."""
    with Path(__file__).with_name("gold.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def post(client: Client, **form: str) -> Reply:
    return client.send("POST", "/reconcile", urlencode(form).encode(), FORM)


def send(client: Client, queries: Any) -> Reply:
    return post(client, queries=json.dumps(queries))


def candidates(client: Client, text: str | None = None, **query: Any) -> list[Json]:
    """Return the candidates of one query."""
    reply = send(client, {"q": query if text is None else {"query": text, **query}})
    assert reply.status == 200, reply.text
    found: list[Json] = reply.json()["q"]["result"]
    return found


def matched(found: Sequence[Json]) -> str | None:
    """Return the id of the candidate that the service is sure of."""
    return next((candidate["id"] for candidate in found if candidate["match"]), None)


def match(client: Client, text: str | None = None, **query: Any) -> str | None:
    return matched(candidates(client, text, **query))


def match_column(client: Client, names: Sequence[str], **query: Any) -> dict[str, str | None]:
    """Return for each name of a column what it is matched with, asked in batches."""
    found: dict[str, str | None] = {}
    for start in range(0, len(names), BATCH):
        batch = {f"q{n}": {"query": name, **query} for n, name in enumerate(names[start : start + BATCH])}
        reply = send(client, batch)
        assert reply.status == 200, reply.text
        results = reply.json()
        found |= {asked["query"]: matched(results[key]["result"]) for key, asked in batch.items()}
    return found


def extend(client: Client, ids: Sequence[str], properties: Sequence[str]) -> Mapping[str, Mapping[str, list[Json]]]:
    """Return the values of properties, by entity and property."""
    query = {"ids": list(ids), "properties": [{"id": property_} for property_ in properties]}
    reply = post(client, extend=json.dumps(query))
    assert reply.status == 200, reply.text
    rows: dict[str, dict[str, list[Json]]] = reply.json()["rows"]
    return rows
