"""Range requests: RFC 9110, section 14 (https://www.rfc-editor.org/rfc/rfc9110#section-14)."""

import re

from taiwan_can_help.protocol.problem import Problem

_RANGE = re.compile(r"bytes=[ \t]*(?:(\d{1,18})-(\d{1,18})?|-(\d{1,18}))[ \t]*", re.IGNORECASE)


def requested_range(value: str | None, if_range: str | None, tag: str, size: int) -> range | None:
    """Return the bytes to send of a representation of ``size`` bytes, or None for all of it.

    ``value`` and ``if_range`` are the headers Range and If-Range, ``tag`` is the strong entity tag without quotes.
    Several ranges, another unit and what can't be parsed are ignored, as section 14.2 allows.
    Raises Problem, 416, when the range starts after the end.
    """
    match = _RANGE.fullmatch(value or "")
    # A weak tag or a date never matches: neither says that bytes are the same (section 13.1.5).
    if match is None or if_range not in (None, f'"{tag}"'):
        return None
    first, last, suffix = match.groups()
    if suffix is not None:
        found = range(max(size - int(suffix), 0), size)
    elif last is not None and int(last) < int(first):
        return None
    else:
        found = range(int(first), size if last is None else min(int(last) + 1, size))
    if not found:
        detail = f"The range {value} holds none of the {size:,} bytes that there are."
        raise Problem(416, "Range not satisfiable", detail, {"Content-Range": f"bytes */{size}"})
    return found
