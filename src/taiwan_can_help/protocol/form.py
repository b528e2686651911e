"""``application/x-www-form-urlencoded``, taken apart once for the cache and the application.

See https://url.spec.whatwg.org/#urlencoded-parsing.
"""

from functools import lru_cache
from urllib.parse import unquote_to_bytes

# Stands for a plus that is not encoded, since not everybody takes it for a space; UTF-8 has no such byte.
PLUS = b"\xff"
MOST_FIELDS = 1000
# Longer ones are not remembered.
_LONG = 16 * 1024

Pairs = tuple[tuple[bytes, bytes | None], ...]


def pairs(encoded: bytes) -> Pairs:
    """Return names and values in order, decoded, but PLUS for each plus that was not encoded; None without a ``=``.

    Raises ValueError where bytes are not ASCII or can't be UTF-8, or the fields are too many.
    """
    return _short(encoded) if len(encoded) < _LONG else _pairs(encoded)


def _pairs(encoded: bytes) -> Pairs:
    if not encoded.isascii() or b"%FF" in encoded.upper():
        raise ValueError("it is not percent-encoded UTF-8")
    if encoded.count(b"&") >= MOST_FIELDS:
        raise ValueError(f"it has more than {MOST_FIELDS} fields")
    fields = [field.partition(b"=") for field in encoded.replace(b"+", PLUS).split(b"&") if field]
    return tuple((_decoded(name), _decoded(value) if equals else None) for name, equals, value in fields)


def _decoded(encoded: bytes) -> bytes:
    return unquote_to_bytes(encoded) if b"%" in encoded else encoded


_short = lru_cache(maxsize=64)(_pairs)
