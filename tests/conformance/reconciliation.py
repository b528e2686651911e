"""The schemas of the Reconciliation Service API 0.2, and a description of such a service that is made of them.

The file ``openapi.json`` beside the schemas describes no service: it is the schema of Swagger 2.0 documents, of which
the manifest's schema takes the part on authentication. So the description is put together here: the paths and
parameters of the specification's text, and its schemas for what goes over them.
"""

import json
from typing import Any

from jsonschema import Draft7Validator
from referencing import Registry
from referencing.jsonschema import DRAFT7

from conformance.suite import folder

NAMES = (
    "data-extension-property-proposal",
    "data-extension-query",
    "data-extension-response",
    "manifest",
    "openapi",
    "reconciliation-query-batch",
    "reconciliation-result-batch",
    "suggest-entities-response",
    "suggest-properties-response",
    "suggest-types-response",
    "type",
)
SWAGGER = "http://swagger.io/v2/schema.json"
Json = dict[str, Any]


def read_schema(name: str) -> Json:
    path = folder("reconciliation/schemas-0.2") / f"{name}.json"
    schema: Json = json.loads(path.read_text("utf-8"))
    return schema


def validator(name: str) -> Draft7Validator:
    """Return the validator of one schema, which finds the others that it refers to."""
    schema = read_schema(name)
    base = schema["$id"].rpartition("/")[0]
    resources = {SWAGGER: read_schema("openapi"), "type.json": read_schema("type")}
    registry: Registry[Any] = Registry().with_resources(
        (uri, DRAFT7.create_resource(resource))
        for uri, resource in (*resources.items(), (f"{base}/type.json", resources["type.json"]))
    )
    return Draft7Validator(schema, registry=registry)


def described(types: list[str] | None = None, properties: list[str] | None = None) -> Json:
    """Return the description in OpenAPI 3.1; where types and properties are given, requests name no other."""
    schemas = {name: _located(read_schema(name), name) for name in NAMES}
    if types and properties:
        _narrow(schemas, types, properties)
    batch, extension = schemas["reconciliation-query-batch"], schemas["data-extension-query"]
    forms = [_form("queries", "reconciliation-query-batch"), _form("extend", "data-extension-query")]
    answered = ["reconciliation-result-batch", "data-extension-response"]
    paths: Json = {
        "/reconcile": {
            "get": _operation([_json("queries", batch), _json("extend", extension)], "manifest", *answered),
            "post": {
                "requestBody": {
                    "required": True,
                    "content": {"application/x-www-form-urlencoded": {"schema": {"oneOf": forms}}},
                },
                **_operation([], *answered),
            },
        },
        "/reconcile/properties": {
            "get": _operation(
                [_parameter("type", {"enum": types} if types else {"type": "string"}), _whole("limit", 1)],
                "data-extension-property-proposal",
            )
        },
    }
    for kind, plural in (("entity", "entities"), ("type", "types"), ("property", "properties")):
        prefixed = [_parameter("prefix", {"type": "string"}), _whole("cursor", 0)]
        paths[f"/reconcile/suggest/{kind}"] = {"get": _operation(prefixed, f"suggest-{plural}-response")}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Reconciliation Service API", "version": "0.2"},
        "paths": paths,
        "components": {"schemas": schemas},
    }


def _located(schema: Any, name: str) -> Any:
    """Return a schema whose references lead to where it stands in the description."""
    if isinstance(schema, list):
        return [_located(item, name) for item in schema]
    if not isinstance(schema, dict):
        return schema
    located = {key: _located(value, name) for key, value in schema.items() if key not in ("$id", "$schema")}
    if isinstance(reference := schema.get("$ref"), str):
        document, _, pointer = reference.partition("#")
        target = {"": name, SWAGGER: "openapi"}.get(document, document.removesuffix(".json"))
        located["$ref"] = f"#/components/schemas/{target}{pointer}"
    return located


def _narrow(schemas: Json, types: list[str], properties: list[str]) -> None:
    """Let requests that hold to the schemas also hold to what this service has, and to the specification's text."""
    query = schemas["reconciliation-query-batch"]["patternProperties"]["^.*$"]["properties"]
    query["query"] |= {"minLength": 1}
    query["limit"] = {"type": "integer", "minimum": 1}
    query["type"] = {"oneOf": [{"enum": types}, {"type": "array", "items": {"enum": types}, "maxItems": 3}]}
    hint = query["properties"]["items"]["properties"]
    hint["pid"] = {"enum": properties}
    hint["v"]["oneOf"][1]["maxItems"] = 20
    value = schemas["reconciliation-query-batch"]["definitions"]["property_value"]["oneOf"][-1]
    entity = {"type": "string", "pattern": "^[a-z]{1,9}/[a-z]{1,9}$"}
    value["properties"]["id"] = entity
    extension = schemas["data-extension-query"]["properties"]
    extension["ids"]["items"] = {"oneOf": [entity, {"enum": ["country/palau", "agent/usaid", "supply/mask"]}]}
    extension["properties"]["items"]["properties"]["id"] = {"enum": properties}


def _operation(parameters: list[Json], *answered: str) -> Json:
    schemas = [{"$ref": f"#/components/schemas/{name}"} for name in answered]
    problem = {"type": "object", "required": ["title", "status", "detail"]}
    return {
        "parameters": parameters,
        "responses": {
            "200": {"description": "", "content": {"application/json": {"schema": {"anyOf": schemas}}}},
            "4XX": {"description": "", "content": {"application/problem+json": {"schema": problem}}},
        },
    }


def _form(field: str, name: str) -> Json:
    properties = {field: {"$ref": f"#/components/schemas/{name}"}}
    return {"type": "object", "required": [field], "properties": properties, "additionalProperties": False}


def _json(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "content": {"application/json": {"schema": schema}}}


def _parameter(name: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "required": True, "schema": schema}


def _whole(name: str, least: int) -> Json:
    schema = {"type": "integer", "minimum": least, "maximum": 1000}
    return {"name": name, "in": "query", "required": False, "schema": schema}
