"""Content negotiation: RFC 9110, section 12.5.1 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)."""

from collections.abc import Sequence

from webob.acceptparse import Accept

from taiwan_can_help.protocol.formats import Format


def choose(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Return the offer that the Accept header likes best, or None when it takes none of them.

    For each offer the most specific range that matches decides its quality; of equals the first offer wins.
    Parameters of a range other than ``q`` (charset, profile) do not keep it from matching. A missing or
    empty header takes anything; one that can't be parsed is treated as missing.
    """
    ranges = _parse(accept)
    if ranges is None:
        return offers[0] if offers else None
    best: tuple[float, Format] | None = None
    for offer in offers:
        quality = max((_quality(media_type, ranges) for media_type in offer.media_types), default=0.0)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, offer)
    return best[1] if best else None


def _parse(accept: str | None) -> list[tuple[str, float]] | None:
    if accept is None or not accept.strip():
        return None
    try:
        parsed = list(Accept.parse(accept))
    except ValueError:
        return None
    return [(media_range.split(";")[0].strip().lower(), quality) for media_range, quality, _, _ in parsed]


def _quality(media_type: str, ranges: list[tuple[str, float]]) -> float:
    kind = media_type.split("/")[0]
    for candidate in (media_type, f"{kind}/*", "*/*"):
        qualities = [quality for media_range, quality in ranges if media_range == candidate]
        if qualities:
            return max(qualities)
    return 0.0
