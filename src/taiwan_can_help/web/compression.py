"""Pages and stylesheets in the content coding that the client likes (RFC 9110, section 8.4.1)."""

import gzip

import zstandard
from flask import Response, request

from taiwan_can_help.protocol.coding import GZIP, IDENTITY, ZSTD, choose_coding

TYPES = ("text/html", "text/css")
# Shorter ones fit a packet or two as they are.
LEAST_BYTES = 1024
# A page is compressed once for each release and then kept; more would take longer than it saves.
GZIP_LEVEL = 6
ZSTD_LEVEL = 9

_COMPRESS = {
    GZIP: lambda content: gzip.compress(content, GZIP_LEVEL, mtime=0),
    ZSTD: lambda content: zstandard.ZstdCompressor(level=ZSTD_LEVEL).compress(content),
}


def compressed(response: Response) -> Response:
    """Return a whole page or stylesheet in the coding that the request likes best, with a tag of its own."""
    if response.status_code != 200 or not response.is_sequence or response.mimetype not in TYPES:
        return response
    response.vary.add("Accept-Encoding")
    coding = choose_coding(request.headers.get("Accept-Encoding")) or IDENTITY
    content = response.get_data()
    if coding == IDENTITY or len(content) < LEAST_BYTES:
        return response
    response.set_data(_COMPRESS[coding](content))
    response.content_encoding = coding.name
    tag, _ = response.get_etag()
    if tag:
        response.set_etag(f"{tag}-{coding.name}")
        response.make_conditional(request)
    return response
