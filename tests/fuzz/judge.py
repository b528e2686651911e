"""What must hold of every answer, whatever was asked."""

import gzip
import json
import re
from collections.abc import Callable
from functools import lru_cache
from xml.etree import ElementTree

import pyoxigraph as ox
import zstandard
from prometheus_client.parser import text_string_to_metric_families

from fuzz.exchange import Answer, Sent

# A limit or a failure of the engine that the server states. Anything else of 500 and more is a fault of ours.
STATED = {
    "its limit of": "503 stopped at its limit of time",
    "more memory than it may have": "503 worker ended: memory, or a crash in the engine",
    "longer than the limit": "503 result over its limit of size",
    "are waiting": "503 too many queries",
    "JSON-LD does not support RDF 1.2": "503 the engine writes no RDF 1.2 in JSON-LD",
    "the client left before its answer": "503 the client said that it left",
    "Unsupported transfer coding": "501 unknown transfer coding",
}
INSIDE = re.compile(
    rb'Traceback \(most recent|File "/|site-packages|/taiwan_can_help/|\.sock\b|panicked at|0x[0-9a-f]{12}'
)
MOST_UNREAD = 64 * 1024
# XML 1.0 has no way to write these (https://www.w3.org/TR/xml/#charsets); literals may hold them.
NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
RDF = {
    "text/turtle": ox.RdfFormat.TURTLE,
    "application/n-triples": ox.RdfFormat.N_TRIPLES,
    "application/n-quads": ox.RdfFormat.N_QUADS,
    "application/trig": ox.RdfFormat.TRIG,
    "application/ld+json": ox.RdfFormat.JSON_LD,
    "application/rdf+xml": ox.RdfFormat.RDF_XML,
}


def judge(sent: Sent, answer: Answer) -> str:
    """Return the outcome in a few words; raises AssertionError where it is none that a client should meet."""
    if answer.status == 0:
        # A connection that is closed with bytes unread is reset, which may take the answer along.
        assert sent.cut or len(sent.content) > MOST_UNREAD, "no answer"
        return "no answer to a request that was cut, or refused unread"
    if answer.status >= 400:
        return _judge_refusal(sent, answer)
    assert answer.status in (200, 206, 302, 303, 304, 308), answer
    if answer.status == 304:
        assert answer.body == b""
    if not answer.whole:
        assert answer.status == 200
        return "200 broken off at a limit"
    if sent.method in ("HEAD", "OPTIONS"):
        assert answer.body == b""
    elif answer.status == 200:
        _parse(answer.type, _decoded(answer.headers.get("Content-Encoding"), answer.body))
    return str(answer.status)


def _judge_refusal(sent: Sent, answer: Answer) -> str:
    assert answer.whole
    assert not INSIDE.search(answer.body), answer.body
    detail = ""
    if sent.method == "HEAD":
        assert answer.body == b""
    elif answer.type == "text/html":
        _parse(answer.type, answer.body)
        detail = answer.body.decode()
    else:
        assert answer.type == "application/problem+json"
        problem = json.loads(answer.body)
        assert problem["status"] == answer.status
        assert problem["title"]
        detail = problem["detail"]
        assert detail
    if answer.status < 500:
        return str(answer.status)
    if answer.status == 503:
        assert int(answer.headers["Retry-After"]) > 0
    if sent.method == "HEAD":
        return f"{answer.status} HEAD"
    stated = [outcome for text, outcome in STATED.items() if text in detail and outcome.startswith(str(answer.status))]
    assert stated, answer.body
    return stated[0]


def _decoded(coding: str | None, body: bytes) -> bytes:
    """Return a body without its content coding."""
    match coding:
        case None:
            return body
        case "gzip":
            return gzip.decompress(body)
        case "zstd":
            return zstandard.ZstdDecompressor().decompressobj().decompress(body)
    raise AssertionError(f"an answer in the coding {coding!r}")


@lru_cache(maxsize=512)
def _parse(media_type: str, body: bytes) -> None:
    """Read a body as what it says it is."""
    if media_type in RDF:
        _or_not_in_xml(media_type, body, lambda: [None for _ in ox.parse(body, RDF[media_type], base_iri="x:")])
    elif media_type.endswith(("/json", "+json")):
        json.loads(body)
    elif media_type.endswith(("/xml", "+xml")):
        _or_not_in_xml(media_type, body, lambda: ElementTree.fromstring(body))
    elif media_type == "text/html":
        assert body.startswith(b"<!doctype html>")
        assert b"</html>" in body
        body.decode()
    elif media_type in ("application/gzip", "application/zstd"):
        _decoded(media_type.rpartition("/")[2], body)
    elif media_type == "text/plain":
        assert body.startswith(b"User-agent:") or list(text_string_to_metric_families(body.decode()))
    elif media_type in ("text/csv", "text/tab-separated-values", "text/css", "image/svg+xml", "text/javascript"):
        body.decode()
    else:
        raise AssertionError(f"an answer of type {media_type!r}: {body[:100]!r}")


def _or_not_in_xml(media_type: str, body: bytes, parse: Callable[[], object]) -> None:
    try:
        parse()
    except (SyntaxError, ValueError):  # ElementTree.ParseError is a SyntaxError
        if not ("xml" in media_type and NOT_IN_XML.search(body.decode())):
            raise
