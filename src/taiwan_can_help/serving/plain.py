"""Requests in plain form, of which a query's is one: a GET that is all head, with nothing in it for the server itself.

gunicorn reads all that HTTP/1.1 allows; a head of this form says the same to whoever reads it, so a pattern does.
See https://www.rfc-editor.org/rfc/rfc9112#section-2 and PEP 3333.
"""

import re
import time
from collections.abc import Callable
from functools import lru_cache
from io import BytesIO
from typing import TYPE_CHECKING, Any, Protocol, cast
from urllib.parse import unquote_to_bytes

from gunicorn import SERVER
from gunicorn.util import http_date

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication, WSGIEnvironment

_REQUEST = re.compile(rb"GET (/[!-\"$-~]*) HTTP/1\.1")
_FIELDS = re.compile(rb"(?:[A-Za-z0-9-]+:[ -~]*\r\n)+\r\n")
# What has a say in how the message is framed, in what becomes of the connection, or in who asks whom.
_FOR_GUNICORN = re.compile(
    rb"^(?:content-length|content-type|transfer-encoding|expect|upgrade|te|trailer|http2-settings|forwarded|x-forwarded-.*"
    rb"|connection(?!: *keep-alive *\r)|proxy-connection|keep-alive):",
    re.IGNORECASE | re.MULTILINE,
)
_NOT_CHUNKED = ("204", "304")


@lru_cache(maxsize=1024)
def _fields(lines: bytes) -> dict[str, str] | None:
    """Return the header fields by their variables, or None; a client says the same in them with each request."""
    if not _FIELDS.fullmatch(lines) or _FOR_GUNICORN.search(lines):
        return None
    fields: dict[str, str] = {}
    for line in lines.decode("ascii").splitlines()[:-1]:
        name, _, value = line.partition(":")
        variable = "HTTP_" + name.upper().replace("-", "_")
        fields[variable] = f"{fields[variable]},{value.strip()}" if variable in fields else value.strip()
    return fields if "," not in fields.get("HTTP_HOST", ",") else None


class Sink(Protocol):
    """Where a response goes."""

    def sendall(self, content: bytes) -> None:
        """Send all of it; raises OSError where it can't."""


def environment(request: bytes, base: "WSGIEnvironment") -> "WSGIEnvironment | None":
    """Return ``base`` and what a request in plain form says, or None where it has another form."""
    line, _, lines = request.partition(b"\r\n")
    asked, fields = _REQUEST.fullmatch(line), _fields(lines)
    if asked is None or fields is None:
        return None
    target = asked[1].decode("ascii")
    path, _, query = target.partition("?")
    own = {
        "REQUEST_METHOD": "GET",
        "RAW_URI": target,
        "PATH_INFO": unquote_to_bytes(path).decode("latin-1") if "%" in path else path,
        "QUERY_STRING": query,
        "SERVER_PROTOCOL": "HTTP/1.1",
        "wsgi.input": BytesIO(),
    }
    return cast("WSGIEnvironment", {**base, **own, **fields})


class GeneralFields:
    """The header fields that every response has, made anew each second."""

    def __init__(self) -> None:
        self._second = 0
        self._lines = b""

    def lines(self) -> bytes:
        """Return them as they are sent."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._lines = f"Server: {SERVER}\r\nDate: {http_date(second)}\r\nConnection: keep-alive\r\n".encode()
        return self._lines


class Response:
    """The response to a request in plain form: its head goes out together with the first that it has to say."""

    def __init__(self, sink: Sink, general: bytes) -> None:
        self._sink = sink
        self._general = general
        self._head = b""
        self._chunked = False
        self.status = 0
        self.begun = False
        self.sent = 0  # bytes of the body

    def start(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
        """See PEP 3333; ``general`` are the lines that every response of the server has."""
        if exc_info and self.begun:
            raise exc_info[1]
        self.status = int(status[:3])
        has_length = any(name.lower() == "content-length" for name, _ in headers)
        self._chunked = not has_length and status[:3] not in _NOT_CHUNKED
        if self._chunked:
            headers = [*headers, ("Transfer-Encoding", "chunked")]
        lines = "".join([f"{name}: {value}\r\n" for name, value in headers])
        self._head = b"HTTP/1.1 %b\r\n%b%b\r\n" % (status.encode(), self._general, lines.encode("latin-1"))
        return self._write

    def answer(self, application: "WSGIApplication", environ: "WSGIEnvironment") -> None:
        """Let an application answer; raises OSError where the client left, and what the application raises."""
        body = application(environ, self.start)
        try:
            for piece in body:
                if piece:
                    self._write(piece)
            end = b"0\r\n\r\n" if self._chunked else b""
            if end or not self.begun:
                self._send(end)
        finally:
            if hasattr(body, "close"):
                body.close()

    def _write(self, piece: bytes) -> None:
        self.sent += len(piece)
        self._send(b"%x\r\n%b\r\n" % (len(piece), piece) if self._chunked else piece)

    def _send(self, content: bytes) -> None:
        head = b"" if self.begun else self._head
        self.begun = True
        self._sink.sendall(head + content)
