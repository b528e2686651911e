"""The service over HTTP: manifest, suggestions, properties and their values, JSONP, and how faults are told."""

import json
from typing import Any
from urllib.parse import quote, urlencode

import pytest
from conftest import Client, Reply

from reconciliation.service import FORM, extend, match, post, send


def suggestions(client: Client, kind: str, prefix: str, **parameters: object) -> list[dict[str, Any]]:
    reply = client.get(f"/reconcile/suggest/{kind}?" + urlencode({"prefix": prefix, **parameters}))
    assert (reply.status, reply.type) == (200, "application/json"), reply.text
    found: list[dict[str, Any]] = reply.json()["result"]
    return found


def ids(found: list[dict[str, Any]]) -> list[str]:
    return [item["id"] for item in found]


def test_the_manifest_says_what_there_is_and_where(client: Client) -> None:
    reply = client.get("/reconcile")
    assert (reply.status, reply.type, reply.headers["Access-Control-Allow-Origin"]) == (200, "application/json", "*")
    manifest = reply.json()
    assert manifest["versions"] == ["0.2"]
    assert manifest["identifierSpace"] == "https://w3id.org/taiwan-can-help/id/"
    assert manifest["schemaSpace"] == "https://w3id.org/taiwan-can-help/ontology#"
    assert ids(manifest["defaultTypes"]) == ["Agent", "Place", "Supply"]
    for suggest in manifest["suggest"].values():
        address = suggest["service_url"] + suggest["service_path"]
        assert client.get(address.removeprefix(client.base) + "?prefix=a").status == 200


def test_get_and_post_answer_alike(client: Client) -> None:
    queries = json.dumps({"q0": {"query": "Guatamala"}})
    by_url, by_form = client.get(f"/reconcile?queries={quote(queries)}"), post(client, queries=queries)
    assert by_url.status == by_form.status == 200
    assert by_url.body == by_form.body


def test_a_browser_elsewhere_may_ask(client: Client) -> None:
    preflight = client.send("OPTIONS", "/reconcile", headers={"Origin": "http://refine.example"})
    assert preflight.headers["Access-Control-Allow-Origin"] == "*"
    assert "POST" in preflight.headers["Access-Control-Allow-Methods"]
    assert send(client, {"q": {"query": "Palau"}}).headers["Access-Control-Allow-Origin"] == "*"
    assert send(client, {"q": {}}).headers["Access-Control-Allow-Origin"] == "*"


def test_an_older_client_gets_a_call_of_its_function(client: Client) -> None:
    reply = client.get("/reconcile?callback=jQuery17.done&_=1606262400")
    assert reply.type == "text/javascript"
    assert reply.text.startswith("/**/jQuery17.done({")
    assert reply.text.endswith("});")
    assert client.get("/reconcile?callback=alert(1)//").status == 400


def test_entities_are_suggested_by_name_and_id(client: Client) -> None:
    assert ids(suggestions(client, "entity", "Palau"))[0] == "country/palau"
    assert ids(suggestions(client, "entity", "pal"))[0] == "country/palau"
    assert ids(suggestions(client, "entity", "帛"))[0] == "country/palau"
    assert ids(suggestions(client, "entity", "country/palau")) == ["country/palau"]
    assert ids(suggestions(client, "entity", "country/pal")) == ["country/palau"]
    assert "agent/palau-red-cross-society" in ids(suggestions(client, "entity", "red cross"))
    assert suggestions(client, "entity", "Palau")[0]["notable"] == [{"id": "Country", "name": "Country"}]
    assert suggestions(client, "entity", "zzzz") == []


def test_suggestions_go_on_where_the_cursor_says(client: Client) -> None:
    first = ids(suggestions(client, "entity", "ta"))
    second = ids(suggestions(client, "entity", "ta", cursor=len(first)))
    assert len(first) == 20
    assert second
    assert not set(first) & set(second)
    assert ids(suggestions(client, "entity", "ta", cursor=1))[:19] == first[1:]


def test_types_are_suggested_with_what_is_broader(client: Client) -> None:
    found = suggestions(client, "type", "cou")
    assert ids(found)[0] == "Country"
    assert ids(found[0]["broader"]) == ["Place"]
    every = ids(suggestions(client, "type", "")) + ids(suggestions(client, "type", "", cursor=20))
    assert {"Agent", "Country", "Group", "Place", "Supply", "Territory", "WorldRegion", "city", "state"} <= set(every)
    assert "agent-type/ngo" in every


def test_properties_are_suggested_and_proposed_by_type(client: Client) -> None:
    assert ids(suggestions(client, "property", "wikid")) == ["wikidata"]
    assert "iso2" in ids(suggestions(client, "property", "iso"))
    proposal = client.get("/reconcile/properties?type=Supply").json()
    assert {"broader", "records", "wikidata"} <= set(ids(proposal["properties"]))
    assert "iso2" not in ids(proposal["properties"])
    country = client.get("/reconcile/properties?type=Country&limit=2").json()
    assert (country["type"], country["limit"], len(country["properties"])) == ("Country", 2, 2)
    assert len(client.get("/reconcile/properties").json()["properties"]) > 10


def test_values_have_the_form_of_what_they_are(client: Client) -> None:
    asked = ["iso2", "wikidata", "label-en", "label-zh-Hant", "memberOf", "masksReceived", "broader"]
    palau = extend(client, ["country/palau"], asked)["country/palau"]
    assert palau["iso2"] == [{"str": "PW"}]
    assert palau["wikidata"] == [{"str": "Q695"}]
    assert palau["label-en"] == [{"str": "Palau"}]
    assert palau["label-zh-Hant"] == [{"str": "帛琉"}]
    assert {"id": "group/diplomatic-allies", "name": "Diplomatic allies of Taiwan"} in palau["memberOf"]
    assert palau["broader"] == []
    mask = extend(client, ["supply/surgical-mask"], ["broader"])["supply/surgical-mask"]
    assert mask["broader"] == [{"id": "supply/mask", "name": "Mask"}]


def test_totals_are_those_of_the_ledger(client: Client) -> None:
    """Where no gift went to several countries or territories, the total is that of the named query."""
    listed = client.get("/queries/masks-by-country.csv").text.splitlines()[1:]
    totals = {line.split(",")[0].partition("/id/")[2]: int(line.split(",")[-1]) for line in listed}
    shown = ["country/palau", "country/poland", "country/japan", "country/guatemala"]
    rows = extend(client, shown, ["masksReceived"])
    assert {id_: row["masksReceived"][0]["int"] for id_, row in rows.items()} == {id_: totals[id_] for id_ in shown}


def test_an_entity_that_there_is_not_has_no_values(client: Client) -> None:
    assert extend(client, ["country/atlantis"], ["iso2"]) == {"country/atlantis": {"iso2": []}}


DEEP = "[" * 100_000
MANY = {f"q{n}": {"query": "Palau"} for n in range(101)}
FAULTS: dict[str, tuple[str, int, str]] = {
    "no JSON": ("{", 400, "not JSON"),
    "not a number": ('{"q": {"query": "a", "limit": NaN}}', 400, "NaN"),
    "too deep": (DEEP, 400, "nested"),
    "half a character": ('{"\\ud800": {"query": "a"}}', 400, "not JSON"),
    "a list": ("[]", 400, "queries"),
    "a query that is a text": ('{"q": "Palau"}', 400, "queries.q"),
    "neither query nor properties": ('{"q": {"limit": 1}}', 400, "'query' is a required property"),
    "no properties": ('{"q": {"properties": []}}', 400, "'query' is a required property"),
    "an empty text": ('{"q": {"query": ""}}', 400, "queries.q.query"),
    "a number as text": ('{"q": {"query": 5}}', 400, "queries.q.query"),
    "a long text": (json.dumps({"q": {"query": "a" * 1001}}), 400, "queries.q.query"),
    "no limit": ('{"q": {"query": "a", "limit": 0}}', 400, "queries.q.limit"),
    "half a limit": ('{"q": {"query": "a", "limit": 1.5}}', 400, "queries.q.limit"),
    "an endless limit": ('{"q": {"query": "a", "limit": 1e999}}', 400, "queries.q.limit"),
    "a misnamed field": ('{"q": {"query": "a", "props": []}}', 400, "props"),
    "a strictness that there is not": ('{"q": {"query": "a", "type_strict": "must"}}', 400, "type_strict"),
    "a type that there is not": ('{"q": {"query": "a", "type": "Q5"}}', 400, "no type 'Q5'"),
    "a type that is a number": ('{"q": {"query": "a", "type": 5}}', 400, "queries.q.type"),
    "a property that there is not": ('{"q": {"properties": [{"pid": "x", "v": 1}]}}', 400, "no property 'x'"),
    "a property without a value": ('{"q": {"properties": [{"pid": "iso2"}]}}', 400, "'v' is a required property"),
    "a malformed id": ('{"q": {"properties": [{"pid": "country", "v": {"id": "Q 695"}}]}}', 400, "country/palau"),
    "a large batch": (json.dumps(MANY), 413, "101 queries"),
}


def assert_problem(reply: Reply, status: int, words: str) -> None:
    assert (reply.status, reply.type) == (status, "application/problem+json"), reply.text
    problem = reply.json()
    assert problem["status"] == status
    assert words in problem["detail"], problem["detail"]


@pytest.mark.parametrize(("queries", "status", "words"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_told_with_its_place(client: Client, queries: str, status: int, words: str) -> None:
    assert_problem(post(client, queries=queries), status, words)


def test_one_bad_query_is_named_among_good_ones(client: Client) -> None:
    assert_problem(send(client, {"good": {"query": "Palau"}, "bad": {"query": []}}), 400, "queries.bad.query")


@pytest.mark.parametrize(
    ("extension", "words"),
    [
        ("{", "not JSON"),
        ('{"ids": ["country/palau"]}', "'properties' is a required property"),
        ('{"ids": "country/palau", "properties": []}', "extend.ids"),
        ('{"ids": ["Palau"], "properties": []}', "extend.ids.0"),
        ('{"ids": ["country/palau"], "properties": [{"id": "p31"}]}', "no property 'p31'"),
        (json.dumps({"ids": ["a/b"] * 1001, "properties": []}), "extend.ids"),
    ],
)
def test_a_fault_of_a_data_extension_query_is_told(client: Client, extension: str, words: str) -> None:
    assert_problem(post(client, extend=extension), 400, words)


@pytest.mark.parametrize(
    ("path", "status", "words"),
    [
        ("/reconcile?queries=%7B%7D&queries=%7B%7D", 400, "'queries' 2 times"),
        ("/reconcile?queries=%7B%7D&extend=%7B%7D", 400, "'extend' 1 times"),
        ("/reconcile?queries=%FF", 400, "UTF-8"),
        ("/reconcile/suggest/entity?prefix=a&cursor=-1", 400, "'cursor'"),
        ("/reconcile/suggest/entity?prefix=a&cursor=first", 400, "'cursor'"),
        (f"/reconcile/suggest/entity?prefix={'a' * 1001}", 400, "'prefix'"),
        ("/reconcile/suggest/people?prefix=a", 404, "not found"),
        ("/reconcile/properties?type=Q5", 400, "no type 'Q5'"),
        ("/reconcile/properties?limit=0", 400, "'limit'"),
        ("/reconcile/preview", 400, "country/palau"),
        ("/reconcile/preview?id=Palau", 400, "country/palau"),
        ("/reconcile/preview?id=country/atlantis", 404, "country/atlantis"),
    ],
)
def test_a_faulty_address_is_told(client: Client, path: str, status: int, words: str) -> None:
    assert_problem(client.get(path), status, words)


def test_a_post_is_a_form_with_one_of_two_fields(client: Client) -> None:
    body = b'{"q": {"query": "Palau"}}'
    assert_problem(client.send("POST", "/reconcile", body, {"Content-Type": "application/json"}), 415, "posted as")
    assert_problem(client.send("POST", "/reconcile", body), 415, "without Content-Type")
    assert_problem(client.send("POST", "/reconcile", b"query=Palau", FORM), 400, "give one of them")
    assert_problem(client.send("POST", "/reconcile", b"queries=%FF", FORM), 400, "UTF-8")
    assert_problem(client.send("POST", "/reconcile", b"queries=" + b"a" * 1024 * 1024, FORM), 413, "limit")
    assert client.send("PUT", "/reconcile", body).status == 405


def test_what_is_a_good_request_at_the_edge_of_the_limits(client: Client) -> None:
    batch = dict(list(MANY.items())[:100])
    assert len(send(client, batch).json()) == 100
    assert send(client, {}).json() == {}
    assert match(client, "a" * 1000) is None
    assert match(client, " \u200b—!? ") is None
    assert match(client, "Palau", limit=10**30) == "country/palau"
    assert match(client, "Palau", properties=[{"pid": "records", "v": 10**400}]) in (None, "country/palau")
    assert match(client, "Palau\x00") in (None, "country/palau")
