"""Content negotiation: RFC 9110, section 12.5.1 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)."""

from collections.abc import Sequence
from functools import lru_cache

from webob.acceptparse import Accept, AcceptLanguage

from taiwan_can_help.protocol.formats import FORMATS, Format

_KNOWN = frozenset(FORMATS)


def choose(accept: str | None, offers: Sequence[Format]) -> Format | None:
    """Return the offer that the Accept header likes best, or None when it takes none of them.

    For each offer the most specific range that matches decides its quality; of equals the first offer wins.
    A format's other media types count where a range names them, but none that the client refuses is sent.
    Parameters of a range other than ``q`` (charset, profile) do not keep it from matching. A missing or
    empty header takes anything; one that can't be parsed is treated as missing. All offers are of FORMATS, since
    ``preferences`` speaks of no others.
    """
    if not _KNOWN.issuperset(offers):
        raise ValueError("a format that is negotiated stands in FORMATS, else caches mix it up with others")
    ranges = _parse(accept)
    if ranges is None:
        return offers[0] if offers else None
    best: tuple[float, Format] | None = None
    for offer in offers:
        quality = _quality(offer, ranges)
        if quality > 0 and (best is None or quality > best[0]):
            best = (quality, offer)
    return best[1] if best else None


@lru_cache(maxsize=256)
def preferences(accept: str | None) -> tuple[int, ...]:
    """Return the rank of each of FORMATS in an Accept header, 0 for none: equal ranks make all choices equal."""
    ranges = _parse(accept)
    if ranges is None:
        return (1,) * len(FORMATS)
    qualities = [_quality(format_, ranges) for format_ in FORMATS]
    ranks = {quality: rank for rank, quality in enumerate(sorted({0.0, *qualities}))}
    return tuple(ranks[quality] for quality in qualities)


@lru_cache(maxsize=256)
def languages(accept_language: str | None) -> tuple[tuple[str, float], ...]:
    """Return the language ranges of an Accept-Language header with their qualities, in their order."""
    if accept_language is None or not accept_language.strip():
        return ()
    try:
        parsed = list(AcceptLanguage.parse(accept_language))
    except ValueError:
        return ((f"not a list: {accept_language}", 0.0),)
    return tuple((name.lower(), quality) for name, quality in parsed)


def _parse(accept: str | None) -> list[tuple[str, float]] | None:
    if accept is None or not accept.strip():
        return None
    try:
        parsed = list(Accept.parse(accept))
    except ValueError:
        return None
    return [(media_range.split(";")[0].strip().lower(), quality) for media_range, quality, _, _ in parsed]


def _quality(offer: Format, ranges: list[tuple[str, float]]) -> float:
    sent, *aliases = offer.media_types
    exact = {name: max(q for other, q in ranges if other == name) for name, _ in ranges}
    if exact.get(sent) == 0:
        return 0.0
    # A wildcard speaks of what would be sent; the other names of a format count only where they are spelt out.
    own = next((exact[name] for name in (sent, f"{sent.split('/')[0]}/*", "*/*") if name in exact), 0.0)
    return max([own, *(exact.get(alias, 0.0) for alias in aliases)])
