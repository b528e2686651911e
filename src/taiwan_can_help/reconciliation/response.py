"""What answers say, as JSON: the manifest, candidates, suggestions, properties and their values.

See sections 3 to 7 of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.reconciliation.entities import Entity, Property, Reference, Type, Value
from taiwan_can_help.reconciliation.index import Index
from taiwan_can_help.reconciliation.matching import Candidate
from taiwan_can_help.reconciliation.request import MOST_QUERIES, ExtensionQuery

VERSIONS = ["0.2"]
PREVIEW_WIDTH, PREVIEW_HEIGHT = 420, 240
# The name of a function, or of one in an object: nothing else is run by who asks for JSONP.
_CALLBACK = re.compile(r"[A-Za-z_$][\w$]*(\.[A-Za-z_$][\w$]*)*", re.ASCII)

Json = dict[str, Any]


def manifest(index: Index, name: str, version: str, identifiers: str, schema: str, server: str) -> Json:
    """Return the service manifest; ``server`` is the address that the client reached, with a slash at its end."""
    endpoint = f"{server}reconcile"
    return {
        "versions": VERSIONS,
        "name": name,
        "identifierSpace": identifiers,
        "schemaSpace": schema,
        "serviceVersion": version,
        "defaultTypes": [_type(type_) for type_ in index.types.values() if not type_.broader],
        "batchSize": MOST_QUERIES,
        "view": {"url": f"{server}id/{{{{id}}}}"},
        "preview": {
            "url": f"{endpoint}/preview?id={{{{id}}}}",
            "width": PREVIEW_WIDTH,
            "height": PREVIEW_HEIGHT,
        },
        "suggest": {
            kind: {"service_url": endpoint, "service_path": f"/suggest/{kind}"}
            for kind in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": endpoint, "service_path": "/properties"},
            "property_settings": [],
        },
    }


def result(candidates: Iterable[Candidate], index: Index) -> Json:
    """Return the reconciliation result of one query."""
    return {
        "result": [
            {
                "id": candidate.entity.id,
                "name": candidate.entity.name,
                "description": candidate.entity.description,
                "type": _types(candidate.entity, index),
                "score": candidate.score,
                "match": candidate.match,
                "features": [{"id": id_, "value": value} for id_, value in candidate.features.items()],
            }
            for candidate in candidates
        ]
    }


def suggested_entities(entities: Iterable[Entity], index: Index) -> Json:
    """Return a suggest response for entities."""
    return {
        "result": [
            {
                "id": entity.id,
                "name": entity.name,
                "description": entity.description,
                "notable": _types(entity, index)[:1],
            }
            for entity in entities
        ]
    }


def suggested_types(types: Iterable[Type], index: Index) -> Json:
    """Return a suggest response for types, each with those just above it."""
    return {
        "result": [
            _type(type_)
            | ({"broader": [_type(index.types[above]) for above in type_.broader]} if type_.broader else {})
            for type_ in types
        ]
    }


def suggested_properties(properties: Iterable[Property]) -> Json:
    """Return a suggest response for properties."""
    return {"result": [_property(property_) for property_ in properties]}


def proposed_properties(properties: Iterable[Property], type_: str, limit: int | None) -> Json:
    """Return a data extension property proposal."""
    proposal: Json = {"properties": [_property(property_) for property_ in properties][:limit]}
    if type_:
        proposal["type"] = type_
    if limit is not None:
        proposal["limit"] = limit
    return proposal


def extension(query: ExtensionQuery, index: Index) -> Json:
    """Return a data extension response; an entity that there is not has no values."""
    rows: dict[str, dict[str, list[Json]]] = {}
    for id_ in query.ids:
        values: Mapping[str, tuple[Value, ...]] = index.entities[id_].values if id_ in index.entities else {}
        rows[id_] = {name: [_value(value, index) for value in values.get(name, ())] for name in query.properties}
    return {"meta": [{"id": name, "name": index.properties[name].name} for name in query.properties], "rows": rows}


def shown_values(entity: Entity, index: Index) -> dict[str, list[str]]:
    """Return what a preview shows of an entity beside its names: texts by the name of the property."""
    shown: dict[str, list[str]] = {}
    for id_, property_ in index.properties.items():
        values = [_value(value, index) for value in entity.values.get(id_, ())]
        texts = [str(value.get("name", next(iter(value.values())))) for value in values]
        if texts and not {entity.name, entity.chinese}.issuperset(texts):
            shown[property_.name] = texts
    return shown


def serialise(answer: Json, callback: str) -> tuple[str, str]:
    """Return the text of an answer and its media type: JSON, or with a ``callback`` JSONP.

    Raises Problem, 400, for a callback that is no name of a function.
    """
    text = json.dumps(answer)
    if not callback:
        return text, "application/json"
    if not _CALLBACK.fullmatch(callback):
        raise Problem(400, "Bad request", "The parameter 'callback' is the name of a function, such as jQuery1.call.")
    # The comment keeps the answer from being read as another kind of file by what it begins with.
    return f"/**/{callback}({text});", "text/javascript"


def _types(entity: Entity, index: Index) -> list[Json]:
    return [{"id": type_, "name": index.types[type_].name} for type_ in entity.types]


def _type(type_: Type) -> Json:
    return {"id": type_.id, "name": type_.name, "description": type_.description}


def _property(property_: Property) -> Json:
    return {"id": property_.id, "name": property_.name, "description": property_.description}


def _value(value: Value, index: Index) -> Json:
    match value:
        case Reference(id=id_):
            return {"id": id_, "name": index.entities[id_].name}
        case int():
            return {"int": value}
        case float():
            return {"float": value}
    return {"str": value}
