"""What a cache of our own may store and use: RFC 9111 (https://www.rfc-editor.org/rfc/rfc9111), told by RFC 9211.

It stands within the origin server and forgets all at another release, so what it holds is always valid: freshness,
Age and a request's Cache-Control are of no account here.
"""

import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from operator import itemgetter

from taiwan_can_help.protocol.coding import choose_coding
from taiwan_can_help.protocol.form import Pairs, pairs
from taiwan_can_help.protocol.negotiation import languages, preferences
from taiwan_can_help.protocol.request import FORM

# Values of Cache-Status, RFC 9211, section 2 (https://www.rfc-editor.org/rfc/rfc9211#section-2).
HIT = "tch; hit"
MISS = "tch; fwd=miss"
STORED = "tch; fwd=miss; stored"
COLLAPSED = "tch; fwd=miss; collapsed"
BYPASS = "tch; fwd=bypass"

# A longer body is not worth holding as part of a key.
MOST_BODY_BYTES = 64 * 1024

Key = tuple[object, ...]

# The headers that a response may vary by, and how a value is brought into a form that equal wishes share.
_SELECTORS: dict[str, Callable[[str | None], object]] = {
    "accept": preferences,
    "accept-encoding": choose_coding,
    "accept-language": languages,
    "host": lambda value: value and value.lower(),
}
_ALL_SELECTORS = tuple(_SELECTORS)
# Other preconditions and ranges are left to the application.
BYPASSING = ("range", "if-match", "if-modified-since", "if-unmodified-since")
_ENTITY_TAG = re.compile(r'(?:W/)?("[^"]*")')


def request_key(
    method: str, path: str, query: str, content_type: str, body: bytes, headers: Mapping[str, str]
) -> Key | None:
    """Return what is asked for, or None when the cache has no part in it (``fwd=bypass``).

    ``path`` is decoded, ``query`` as it came, ``headers`` by lower-case names. GET and HEAD ask for the same; the
    body of a POST belongs to what is asked for. Parameters are ordered by name, those of one name kept in order.
    """
    if any(name in headers for name in BYPASSING):
        return None
    try:
        parameters = _parameters(query.encode("latin-1"))
        if method in ("GET", "HEAD"):
            return (path, parameters)
        if method != "POST" or len(body) > MOST_BODY_BYTES:
            return None
        is_form = content_type.partition(";")[0].strip().lower() == FORM
        return (path, parameters, content_type, _parameters(body) if is_form else body)
    except ValueError:
        return None  # the application tells what is wrong


def _parameters(encoded: bytes) -> Pairs:
    return tuple(sorted(pairs(encoded), key=itemgetter(0)))


@lru_cache(maxsize=64)
def vary_names(vary: str | None) -> tuple[str, ...] | None:
    """Return the headers of a Vary value in order, or None when one is not known here: then nothing is stored."""
    names = tuple(sorted({name.strip().lower() for name in (vary or "").split(",")} - {""}))
    return names if all(name in _SELECTORS for name in names) else None


def selected(names: tuple[str, ...], headers: Mapping[str, str]) -> Key:
    """Return what a request says in the headers that a response varies by (RFC 9111, section 4.1)."""
    return _selected(names, tuple(map(headers.get, names)))


@lru_cache(maxsize=256)
def _selected(names: tuple[str, ...], values: tuple[str | None, ...]) -> Key:
    return tuple(_SELECTORS[name](value) for name, value in zip(names, values, strict=True))


def flight_key(key: Key, headers: Mapping[str, str]) -> Key:
    """Return the key of requests that certainly share an answer, before it is known what it varies by."""
    return (key, selected(_ALL_SELECTORS, headers))


def is_storable(status: int, headers: Mapping[str, str]) -> bool:
    """Return whether a response, if whole, may be stored: 200 with a strong tag that does not forbid it.

    See RFC 9111, section 3; ``headers`` are by lower-case names.
    """
    return (
        status == 200
        and headers.get("etag", "").startswith('"')
        and not _forbids_storing(headers.get("cache-control", ""))
        and "set-cookie" not in headers
        and vary_names(headers.get("vary")) is not None
    )


@lru_cache(maxsize=64)
def _forbids_storing(cache_control: str) -> bool:
    return not {directive.strip().lower() for directive in cache_control.split(",")}.isdisjoint({"no-store", "private"})


def is_not_modified(if_none_match: str | None, etag: str) -> bool:
    """Return whether a request's condition makes a response 304, by weak comparison (RFC 9110, section 13.1.2)."""
    if if_none_match is None:
        return False
    return if_none_match.strip() == "*" or etag in _ENTITY_TAG.findall(if_none_match)
