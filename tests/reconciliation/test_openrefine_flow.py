"""The way of a table through OpenRefine: read the manifest, guess a type, match a column, extend it, see a cell."""

import json
import re
from collections import Counter
from urllib.parse import quote

from conftest import Client

from reconciliation.service import BATCH, extend, gold, match_column, send


def test_a_column_of_recipients_is_matched_and_extended(client: Client) -> None:
    manifest = client.get("/reconcile").json()
    column = [row["name"] for row in gold()]
    assert len(column) >= 200
    assert manifest["batchSize"] >= BATCH

    # OpenRefine asks for the types that the first names have, and lets its user choose.
    sample = send(client, {f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(column[:BATCH])}).json()
    guessed = Counter(type_["id"] for r in sample.values() for c in r["result"] for type_ in c["type"])
    assert guessed.most_common(1)[0][0] == "Agent"

    # A choice of several types, as it sends it: one that should be.
    types = [type_["id"] for type_ in manifest["defaultTypes"]]
    matches = match_column(client, column, type=types, type_strict="should")
    ids = sorted({id_ for id_ in matches.values() if id_})
    assert len(ids) > 100

    service = manifest["extend"]["propose_properties"]
    address = service["service_url"] + service["service_path"] + "?type=Country"
    proposed = client.get(address.removeprefix(client.base)).json()["properties"]
    assert {"iso2", "wikidata", "masksReceived"} <= {property_["id"] for property_ in proposed}

    table: dict[str, dict[str, list[dict[str, object]]]] = {}
    for start in range(0, len(ids), BATCH):
        table |= {
            id_: dict(row) for id_, row in extend(client, ids[start : start + BATCH], ["wikidata", "iso2"]).items()
        }
    assert sorted(table) == ids
    items = {id_: row["wikidata"][0]["str"] for id_, row in table.items() if row["wikidata"]}
    assert items["country/palau"] == "Q695"
    assert table["country/palau"]["iso2"] == [{"str": "PW"}]
    assert all(re.fullmatch(r"Q[1-9][0-9]*", str(item)) for item in items.values())
    assert all(id_ in items for id_ in ids if id_.startswith("country/"))
    stated = client.rows(
        "SELECT ?thing ?item WHERE { ?thing <http://www.w3.org/2002/07/owl#sameAs> ?item"
        ' FILTER(STRSTARTS(STR(?item), "http://www.wikidata.org/entity/")) }'
    )
    known = {row["thing"].partition("/id/")[2]: row["item"].rpartition("/")[2] for row in stated}
    assert all(known[id_] == item for id_, item in items.items() if not id_.startswith("supply/"))


def test_a_cell_is_seen_and_opened(client: Client) -> None:
    manifest = client.get("/reconcile").json()
    id_ = quote("country/palau", safe="")
    preview = client.get(manifest["preview"]["url"].replace("{{id}}", id_).removeprefix(client.base))
    assert (preview.status, preview.type) == (200, "text/html")
    assert "帛琉" in preview.text
    policy = preview.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src" not in policy
    assert "frame-ancestors" not in policy  # it is made to be shown in a frame elsewhere
    view = client.get(manifest["view"]["url"].replace("{{id}}", id_).removeprefix(client.base), "text/html")
    assert (view.status, view.headers["Location"].endswith("/id/country/palau.html")) == (303, True)


def test_a_property_column_is_a_hint(client: Client) -> None:
    """Ministries of many countries go by one name; the column beside it tells which is meant."""
    rows = {"Paraguay": "paraguay", "Guatemala": "guatemala", "Nicaragua": "nicaragua"}
    batch = {
        country: {"query": "Ministry of Foreign Affairs", "properties": [{"pid": "country", "v": country}]}
        for country in rows
    }
    results = json.loads(send(client, batch).body)
    for country, slug in rows.items():
        assert results[country]["result"][0]["id"] == f"agent/ministry-of-foreign-affairs-{slug}"
