"""The Reconciliation Service API 0.2: every schema, and requests without number that its schemas allow."""

import json
from typing import Any
from urllib.parse import urlencode

import pytest
import schemathesis
from conftest import Client
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import Case, GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from conformance.reconciliation import described, validator

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
REQUESTS = 40
Json = dict[str, Any]

BATCHES: dict[str, Json] = {
    "names": {"q0": {"query": "Palau"}, "q1": {"query": "Guatamala", "limit": 3}, "q2": {"query": "nothing like it"}},
    "types": {"q": {"query": "Palau", "type": ["Country", "Agent"], "type_strict": "any"}},
    "a type that should be": {"q": {"query": "Palau", "type": "Agent", "type_strict": "should"}},
    "hints": {"q": {"query": "Red Cross", "properties": [{"pid": "country", "v": [{"id": "country/palau"}, "JP", 5]}]}},
    "no text": {"q": {"properties": [{"pid": "iso2", "v": "PW"}]}},
    "none": {},
}
EXTENSIONS: dict[str, Json] = {
    "every kind of value": {
        "ids": ["country/palau", "agent/usaid", "supply/mask", "country/atlantis"],
        "properties": [{"id": "wikidata"}, {"id": "country"}, {"id": "masksReceived"}, {"id": "label-zh-Hant"}],
    },
    "settings": {"ids": ["country/palau"], "properties": [{"id": "iso2", "settings": {"limit": "5"}}]},
    "none": {"ids": [], "properties": []},
}
# What the schemas refuse, and so must we: the cases that the specification's own invalid examples show.
REFUSED: dict[str, Json] = {
    "neither query nor properties": {"q1": {"limit": 1}},
    "empty properties": {"q1": {"properties": []}},
    "misnamed properties": {"q0": {"query": "Palau", "props": [{"pid": "iso2", "v": "PW"}]}},
    "a query that is no text": {"q": {"query": 1}},
    "a type that is an object": {"q": {"query": "a", "type": {"id": "Country"}}},
    "a limit that is a text": {"q": {"query": "a", "limit": "3"}},
    "properties without a value": {"q": {"properties": [{"pid": "iso2"}]}},
    "a value without an id": {"q": {"properties": [{"pid": "iso2", "v": {"name": "a"}}]}},
    "an unknown strictness": {"q": {"query": "a", "type_strict": "most"}},
}
REFUSED_EXTENSIONS: dict[str, Json] = {
    "no ids": {"properties": []},
    "no properties": {"ids": []},
    "ids that are no list": {"ids": "country/palau", "properties": []},
    "a property that is a text": {"ids": [], "properties": ["iso2"]},
    "settings that are a text": {"ids": [], "properties": [{"id": "iso2", "settings": "5"}]},
}
GETS = {
    "/reconcile": "manifest",
    "/reconcile/suggest/entity?prefix=Pal": "suggest-entities-response",
    "/reconcile/suggest/entity?prefix=": "suggest-entities-response",
    "/reconcile/suggest/type?prefix=": "suggest-types-response",
    "/reconcile/suggest/type?prefix=coun": "suggest-types-response",
    "/reconcile/suggest/property?prefix=": "suggest-properties-response",
    "/reconcile/properties?type=Country&limit=3": "data-extension-property-proposal",
    "/reconcile/properties?type=Agent": "data-extension-property-proposal",
}


def post(client: Client, field: str, value: Json) -> tuple[int, Json]:
    reply = client.send("POST", "/reconcile", urlencode({field: json.dumps(value)}).encode(), FORM)
    return reply.status, reply.json()


@pytest.mark.parametrize("batch", BATCHES.values(), ids=BATCHES)
def test_query_batch(client: Client, batch: Json) -> None:
    validator("reconciliation-query-batch").validate(batch)
    status, answer = post(client, "queries", batch)
    assert status == 200, answer
    assert answer.keys() == batch.keys()
    validator("reconciliation-result-batch").validate(answer)


@pytest.mark.parametrize("query", EXTENSIONS.values(), ids=EXTENSIONS)
def test_data_extension(client: Client, query: Json) -> None:
    validator("data-extension-query").validate(query)
    status, answer = post(client, "extend", query)
    assert status == 200, answer
    assert list(answer["rows"]) == query["ids"]
    validator("data-extension-response").validate(answer)


@pytest.mark.parametrize(("path", "schema"), GETS.items(), ids=GETS)
def test_get(client: Client, path: str, schema: str) -> None:
    reply = client.get(path)
    assert (reply.status, reply.type) == (200, "application/json")
    validator(schema).validate(reply.json())


@pytest.mark.parametrize("batch", REFUSED.values(), ids=REFUSED)
def test_refused_query_batch(client: Client, batch: Json) -> None:
    assert not validator("reconciliation-query-batch").is_valid(batch)
    status, problem = post(client, "queries", batch)
    assert (status, problem["status"]) == (400, 400)


@pytest.mark.parametrize("query", REFUSED_EXTENSIONS.values(), ids=REFUSED_EXTENSIONS)
def test_refused_data_extension(client: Client, query: Json) -> None:
    assert not validator("data-extension-query").is_valid(query)
    status, problem = post(client, "extend", query)
    assert (status, problem["status"]) == (400, 400)


def test_the_schemas_are_read_as_they_are_meant(client: Client) -> None:
    """A check that lets everything through would let us through: each schema refuses our answers once broken."""
    manifest = client.get("/reconcile").json()
    for fault in (
        {"versions": ["0.1"]},
        {"identifierSpace": None},
        {"view": {"url": "http://example.org/"}},
        {"defaultTypes": [{"name": "no id"}]},
        {"authentication": {"type": "none"}},
        {"preview": {"url": "http://example.org/{{id}}"}},
    ):
        assert not validator("manifest").is_valid(manifest | fault), fault
    assert validator("manifest").is_valid(manifest | {"authentication": {"type": "basic"}})
    assert not validator("reconciliation-result-batch").is_valid({"q": {"result": [{"id": "a", "name": "b"}]}})
    row = {"country/palau": {"iso2": [{"label": "PW"}]}}
    assert not validator("data-extension-response").is_valid({"meta": [], "rows": row})
    assert not validator("data-extension-property-proposal").is_valid({"properties": [{"id": "a"}]})
    assert not validator("suggest-entities-response").is_valid({"result": [{"id": "a"}]})
    assert not validator("suggest-properties-response").is_valid({"result": [{"id": "a"}]})
    assert not validator("suggest-types-response").is_valid({"result": [{"id": "a", "name": "b", "broader": [{}]}]})


def known(client: Client, kind: str) -> list[str]:
    found: list[str] = []
    while page := client.get(f"/reconcile/suggest/{kind}?prefix=&cursor={len(found)}").json()["result"]:
        found += [item["id"] for item in page]
    return found


def send(client: Client, case: Case[Any]) -> int:
    """Send a generated request, and hold the answer to the description; a form's fields are JSON."""
    if isinstance(case.body, dict):
        case.body = {field: json.dumps(value) for field, value in case.body.items()}
    response = case.call(base_url=client.base)
    case.validate_response(
        response, checks=[status_code_conformance, content_type_conformance, response_schema_conformance]
    )
    return response.status_code


OPERATIONS = [
    ("/reconcile", "GET"),
    ("/reconcile", "POST"),
    ("/reconcile/suggest/entity", "GET"),
    ("/reconcile/suggest/type", "GET"),
    ("/reconcile/suggest/property", "GET"),
    ("/reconcile/properties", "GET"),
]
often = settings(
    max_examples=REQUESTS,
    deadline=None,
    database=None,
    derandomize=True,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
@pytest.mark.parametrize("mode", GenerationMode, ids=lambda mode: mode.value)
def test_whatever_is_sent_gets_an_answer_or_a_problem(
    client: Client, path: str, method: str, mode: GenerationMode
) -> None:
    operation = schemathesis.openapi.from_dict(described())[path][method]

    @often
    @given(operation.as_strategy(generation_mode=mode))
    def attempt(case: Case[Any]) -> None:
        assert send(client, case) < 500

    attempt()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_what_names_types_and_properties_of_this_service_gets_an_answer(client: Client, path: str, method: str) -> None:
    """Within the limits that the service states, whatever the schemas allow is answered."""
    description = described(known(client, "type"), known(client, "property"))
    operation = schemathesis.openapi.from_dict(description)[path][method]
    statuses: set[int] = set()

    @often
    @given(operation.as_strategy())
    def attempt(case: Case[Any]) -> None:
        if not {"queries", "extend"} <= set(case.query or {}):  # both at once are refused
            statuses.add(send(client, case))

    attempt()
    assert statuses <= {200, 414}
    assert 200 in statuses
