"""What requests ask for: query batches, data extension queries, suggestions; all checked before anything is done.

See sections 4, 6 and 7 of https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any, NoReturn

from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.request import FORM, parse_form, values_of
from taiwan_can_help.reconciliation.entities import Reference
from taiwan_can_help.reconciliation.index import Index
from taiwan_can_help.reconciliation.matching import Hint, ReconciliationQuery, Strictness

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

MOST_QUERIES = 100
MOST_CANDIDATES = 50
DEFAULT_CANDIDATES = 10
MOST_TEXT = 1000
_ID = re.compile(r"[^/\s]+/[^/\s]+")
_MOST_SHOWN = 300


@dataclass(frozen=True)
class ExtensionQuery:
    """The entities and the properties whose values are asked for, by their ids."""

    ids: tuple[str, ...]
    properties: tuple[str, ...]


@dataclass(frozen=True)
class ServiceRequest:
    """The JSON that a request to the endpoint carries, as ``queries`` or as ``extend``; with neither, the manifest."""

    queries: str | None
    extend: str | None


def parse_service_request(query_string: bytes, content_type: str | None, body: bytes | None) -> ServiceRequest:
    """Return what a request to the endpoint carries; ``body`` is None unless it is a POST.

    Raises Problem: 415 for a POST that is no form, 400 for one that has neither ``queries`` nor ``extend``, and for
    any request that has both, or one of them twice.
    """
    parameters = parse_form(query_string, "URL")
    if body is not None:
        media_type = (content_type or "").partition(";")[0].strip().lower()
        if media_type != FORM:
            detail = f"A batch is posted as {FORM}, not as {media_type or 'a body without Content-Type'}."
            raise Problem(415, "Unsupported media type", detail)
        parameters = parameters + parse_form(body, "form")
    queries, extend = values_of(parameters, "queries"), values_of(parameters, "extend")
    if len(queries) + len(extend) > 1 or (body is not None and not queries and not extend):
        found = f"'queries' {len(queries)} times and 'extend' {len(extend)} times"
        _refuse(f"The request has {found}; give one of them, once.")
    return ServiceRequest(queries[0] if queries else None, extend[0] if extend else None)


def parse_queries(text: str, index: Index) -> dict[str, ReconciliationQuery]:
    """Return the queries of a batch by their keys.

    Raises Problem: 413 for a batch of more than MOST_QUERIES; 400 for what is not JSON, breaks the schema or a limit,
    or names a type or property that there is not. The detail names the query.
    """
    batch = _load(text, "queries")
    if isinstance(batch, dict) and len(batch) > MOST_QUERIES:
        detail = f"The batch has {len(batch)} queries; this service takes {MOST_QUERIES} at a time (batchSize)."
        raise Problem(413, "Batch too large", detail)
    _check(batch, "queries")
    return {key: _query(f"queries.{key}", query, index) for key, query in batch.items()}


def parse_extension(text: str, index: Index) -> ExtensionQuery:
    """Return a data extension query; raises Problem, 400, for the faults that ``parse_queries`` names too."""
    query = _load(text, "extend")
    _check(query, "extend")
    properties = [property_["id"] for property_ in query["properties"]]
    _must_be_known(properties, index.properties, "property", "extend")
    return ExtensionQuery(tuple(dict.fromkeys(query["ids"])), tuple(dict.fromkeys(properties)))


def parse_text(query_string: bytes, name: str) -> str:
    """Return a parameter that is given once, or as an empty text; raises Problem, 400, for a long or repeated one."""
    values = values_of(parse_form(query_string, "URL"), name)
    if len(values) > 1 or len("".join(values)) > MOST_TEXT:
        _refuse(f"The parameter {name!r} is given once, with at most {MOST_TEXT} characters.")
    return values[0] if values else ""


def parse_number(query_string: bytes, name: str, least: int) -> int | None:
    """Return a parameter that is a whole number from ``least`` on, or None without it; raises Problem, 400."""
    text = parse_text(query_string, name)
    if not text:
        return None
    if not re.fullmatch(r"[0-9]{1,9}", text) or int(text) < least:
        _refuse(f"The parameter {name!r} is a whole number from {least} on, not {text!r}.")
    return int(text)


def parse_entity_id(query_string: bytes, index: Index) -> str:
    """Return the parameter ``id``; raises Problem, 400, where it is no id, and 404 where no entity has it."""
    id_ = parse_text(query_string, "id")
    if not _ID.fullmatch(id_):
        _refuse(f"The parameter 'id' is an id such as country/palau, not {id_!r}.")
    if id_ not in index.entities:
        raise Problem(404, "No such entity", f"There is no entity {id_!r} to reconcile with.")
    return id_


def parse_type(query_string: bytes, index: Index) -> str:
    """Return the parameter ``type``, or an empty text; raises Problem, 400, for a type that there is not."""
    type_ = parse_text(query_string, "type")
    _must_be_known([type_] if type_ else [], index.types, "type", "type")
    return type_


def _query(where: str, query: Mapping[str, Any], index: Index) -> ReconciliationQuery:
    types = query.get("type", [])
    types = (types,) if isinstance(types, str) else tuple(types)
    _must_be_known(types, index.types, "type", where)
    hints = tuple(Hint(given["pid"], _values(where, given["v"])) for given in query.get("properties", ()))
    _must_be_known((hint.property for hint in hints), index.properties, "property", where)
    limit = min(int(query.get("limit", DEFAULT_CANDIDATES)), MOST_CANDIDATES)
    return ReconciliationQuery(query.get("query"), types, Strictness(query.get("type_strict", "any")), hints, limit)


def _values(where: str, given: Any) -> tuple[str | Reference, ...]:
    return tuple(_value(where, value) for value in (given if isinstance(given, list) else [given]))


def _value(where: str, value: Any) -> str | Reference:
    if isinstance(value, dict):
        if not _ID.fullmatch(value["id"]):
            _refuse(f"{where}: the value {value['id']!r} is given as an entity; an id is such as country/palau.")
        return Reference(value["id"])
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def _must_be_known(ids: Iterable[str], known: Iterable[str], what: str, where: str) -> None:
    unknown = next((id_ for id_ in ids if id_ not in known), None)
    if unknown is not None:
        _refuse(f"{where}: there is no {what} {unknown!r}; there are {', '.join(known)}.")


def _load(text: str, name: str) -> Any:
    try:
        value = json.loads(text, parse_constant=_refuse_constant)
        json.dumps(value, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except RecursionError as error:
        raise Problem(400, "Bad request", f"{name}: the JSON is nested too deep.") from error
    except ValueError as error:
        raise Problem(400, "Bad request", f"{name}: this is not JSON: {error}.") from error
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _check(value: object, name: str) -> None:
    # jsonschema's grammar of IRIs, where it is installed, takes a second to load; nothing else of a server needs it.
    from jsonschema.exceptions import best_match

    error = best_match(_validator(name).iter_errors(value))
    if error is not None:
        where = ".".join([name, *map(str, error.absolute_path)])
        message = error.message if len(error.message) <= _MOST_SHOWN else f"{error.message[:_MOST_SHOWN]}…"
        _refuse(f"{where}: {message}.")


@cache
def _validator(name: str) -> "Draft202012Validator":
    from jsonschema import Draft202012Validator

    stem = {"queries": "queries", "extend": "extension"}[name]
    text = files("taiwan_can_help.reconciliation").joinpath("schemas", f"{stem}.json").read_text("utf-8")
    return Draft202012Validator(json.loads(text))


def _refuse(detail: str) -> NoReturn:
    raise Problem(400, "Bad request", detail)
