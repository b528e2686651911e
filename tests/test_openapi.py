"""The OpenAPI description: it names every route with its methods, and no other."""

import json
import re
from importlib.resources import files
from typing import Any

import pytest
from conftest import Client

from taiwan_can_help.web.app import create_app
from taiwan_can_help.web.site import Site

PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>")
FOR_ALL = {"HEAD", "OPTIONS"}  # described once, in the text at the top


@pytest.fixture(scope="module")
def description() -> Any:
    return json.loads(files("taiwan_can_help.web").joinpath("openapi.json").read_text("utf-8"))


def no_site() -> Site:
    raise AssertionError("routes need no release")


def test_it_is_served_as_it_stands_in_the_package(client: Client, description: Any) -> None:
    reply = client.get("/openapi.json")
    assert (reply.status, reply.type) == (200, "application/json")
    assert reply.json() == description


def test_every_route_is_described_and_no_other(description: Any) -> None:
    described = {
        (path, method.upper())
        for path, item in description["paths"].items()
        for method in item
        if method != "parameters"
    }
    routed = {
        (PARAMETER.sub(r"{\1}", rule.rule), method)
        for rule in create_app(no_site).url_map.iter_rules()
        for method in (rule.methods or set()) - FOR_ALL
    }
    assert described == routed


def test_every_operation_says_what_its_path_takes(description: Any) -> None:
    for path, item in description["paths"].items():
        for operation in item.values():
            named = {
                parameter["name"] for parameter in operation.get("parameters", ()) if parameter.get("in") == "path"
            }
            assert named == set(re.findall(r"\{(\w+)\}", path)), path


def test_every_reference_leads_somewhere(description: Any) -> None:
    for reference in set(re.findall(r'"\$ref": "#/([^"]+)"', json.dumps(description))):
        found = description
        for part in reference.split("/"):
            found = found[part]


def test_every_error_is_a_problem(description: Any) -> None:
    errors = description["components"]["responses"]
    for path, item in description["paths"].items():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if status >= "400":
                    assert "application/problem+json" in errors[response["$ref"].rpartition("/")[2]]["content"], path
