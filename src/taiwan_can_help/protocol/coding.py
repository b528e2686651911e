"""Content codings: RFC 9110, section 12.5.3 (https://www.rfc-editor.org/rfc/rfc9110#section-12.5.3)."""

from dataclasses import dataclass
from functools import lru_cache

from webob.acceptparse import create_accept_encoding_header


@dataclass(frozen=True)
class Coding:
    """A content coding, with the suffix and the media type of a file that is coded so."""

    name: str
    suffix: str
    media_type: str


IDENTITY = Coding("identity", "", "")
ZSTD = Coding("zstd", ".zst", "application/zstd")
GZIP = Coding("gzip", ".gz", "application/gzip")
# Of equals the first is sent.
CODINGS = (ZSTD, GZIP)


@lru_cache(maxsize=256)
def choose_coding(accept_encoding: str | None) -> Coding | None:
    """Return the coding that the Accept-Encoding header likes best, or None when it takes none that there is.

    A client that sends no header, or one that can't be parsed, gets the content as it is.
    """
    header = create_accept_encoding_header(accept_encoding)
    if not header.header_value or header.parsed is None:
        return IDENTITY
    offers = {coding.name: coding for coding in (*CODINGS, IDENTITY)}
    liked = header.acceptable_offers(list(offers))
    return offers[liked[0][0]] if liked else None
