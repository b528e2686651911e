"""The query operation of the SPARQL 1.1 Protocol, section 2.1 (https://www.w3.org/TR/sparql11-protocol/)."""

import re
from dataclasses import dataclass

from taiwan_can_help.protocol.form import PLUS, pairs
from taiwan_can_help.protocol.problem import Problem

FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
UPDATE = "application/sparql-update"


@dataclass(frozen=True)
class QueryRequest:
    """A query with the dataset that the request names (None: the query's own FROM, or the default).

    ``format`` and ``seconds``, from the parameters ``format`` and ``timeout``, are not the protocol's but ours.
    """

    query: str
    default_graphs: tuple[str, ...] | None
    named_graphs: tuple[str, ...] | None
    format: str | None = None
    seconds: float | None = None


def parse_request(method: str, query_string: bytes, content_type: str | None, body: bytes) -> QueryRequest | None:
    """Return the request's query, or None for a GET without one, which asks what the service is.

    Raises Problem: 400 for a query that is missing, given twice, or not UTF-8, and for a bad ``timeout``;
    403 for an update; 405 for other methods; 415 for a POST of another media type.
    """
    parameters = parse_form(query_string, "URL")
    media_type, charset = _media_type(content_type)
    if method in ("GET", "HEAD"):
        if not values_of(parameters, "query") and not values_of(parameters, "update"):
            return None
    elif method != "POST":
        raise Problem(
            405,
            "Method not allowed",
            f"{method} is not part of the query operation.",
            {"Allow": "GET, HEAD, POST, OPTIONS"},
        )
    elif media_type == FORM:
        parameters = parameters + parse_form(body, "form")
    elif media_type == DIRECT:
        parameters = [*parameters, ("query", _decode(body, charset))]
    elif media_type == UPDATE:
        raise _update_refused()
    else:
        detail = f"A POST carries {FORM} or {DIRECT}, not {media_type or 'a body without Content-Type'}."
        raise Problem(415, "Unsupported media type", detail)
    return _query_request(parameters)


def _query_request(parameters: list[tuple[str, str]]) -> QueryRequest:
    if values_of(parameters, "update"):
        raise _update_refused()
    queries = values_of(parameters, "query")
    if len(queries) != 1:
        found = "no parameter 'query'" if not queries else f"{len(queries)} parameters 'query'"
        raise Problem(400, "Bad request", f"The request has {found}; the protocol asks for exactly one.")
    default, named = values_of(parameters, "default-graph-uri"), values_of(parameters, "named-graph-uri")
    formats = values_of(parameters, "format")
    # A request that names only named graphs has an empty default graph (section 2.1.4).
    given = bool(default or named)
    return QueryRequest(
        queries[0],
        tuple(default) if given else None,
        tuple(named) if given else None,
        formats[0] if formats else None,
        _seconds(values_of(parameters, "timeout")),
    )


def _seconds(values: list[str]) -> float | None:
    if not values:
        return None
    if len(values) == 1 and re.fullmatch(r"\d{1,6}(\.\d{1,6})?", values[0]) and float(values[0]) > 0:
        return float(values[0])
    raise Problem(400, "Bad request", f"The parameter 'timeout' is a number of seconds above 0, not {values}.")


def _update_refused() -> Problem:
    return Problem(403, "Updates are refused", "This endpoint is read-only: it answers queries and takes no update.")


def values_of(parameters: list[tuple[str, str]], name: str) -> list[str]:
    """Return every value of a parameter."""
    return [value for key, value in parameters if key == name]


def parse_form(encoded: bytes, where: str) -> list[tuple[str, str]]:
    """Return the parameters of a query component or form body; raises Problem, 400, that says ``where`` it is at fault.

    See https://url.spec.whatwg.org/#urlencoded-parsing; bytes that are not UTF-8 are refused, not replaced.
    """
    try:
        return [
            (name.replace(PLUS, b" ").decode(), (value or b"").replace(PLUS, b" ").decode())
            for name, value in pairs(encoded)
        ]
    except UnicodeError as error:
        raise Problem(400, "Bad request", f"The {where} is not percent-encoded UTF-8.") from error
    except ValueError as error:
        raise Problem(400, "Bad request", f"The {where} can't be parsed: {error}.") from error


def _media_type(content_type: str | None) -> tuple[str, str]:
    media_type, *parameters = (content_type or "").split(";")
    pairs = (parameter.strip().partition("=") for parameter in parameters)
    charset = next((value.strip('"') for name, _, value in pairs if name.lower() == "charset"), "utf-8")
    return media_type.strip().lower(), charset.lower()


def _decode(body: bytes, charset: str) -> str:
    if charset not in ("utf-8", "utf8", "us-ascii"):
        raise Problem(415, "Unsupported media type", f"A query is sent as UTF-8, not as {charset}.")
    try:
        return body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Problem(400, "Bad request", f"The query is not UTF-8: byte {error.start} is wrong.") from error
