"""The cache as WSGI middleware (PEP 3333): it answers what it holds, and keeps what the application answers."""

import io
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from taiwan_can_help.cache.flights import Flights
from taiwan_can_help.cache.store import Entry, Store
from taiwan_can_help.protocol import caching
from taiwan_can_help.protocol.caching import Key

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# What the parts of the server tell each other in a request's environment.
ROUTE = "tch.route"  # the pattern of its path, of which there are few
WAITED = "tch.waited"  # the seconds that it has waited for another's answer already
STATUS = "tch.cache"  # the value of Cache-Status
ANY_HOST = "tch.any-host"  # there, if the answer says nothing of the address that it was asked at
HELD = "tch.held"  # where its answer is held: a function that lets requests of certain bytes have it too

# Longer than most queries may take. What was waited counts as time of the query's.
WAIT_SECONDS = 10.0
# Bodies that are longer and come in pieces are kept from the second time on, one at a time.
LONG_BYTES = 1024 * 1024
MOST_REMEMBERED = 1000  # of those that were asked for once
_READ = ("accept", "accept-encoding", "accept-language", "host", "if-none-match", *caching.BYPASSING)
_VARIABLES = {name: f"HTTP_{name.upper().replace('-', '_')}" for name in _READ}
Headers = list[tuple[str, str]]


class Cache:
    """Wraps an application; ``release`` names the release that a request is answered from, and fixes it."""

    def __init__(self, app: "WSGIApplication", release: "Callable[[WSGIEnvironment], str]", store: Store) -> None:
        self._app = app
        self._release = release
        self._store = store
        self._flights = Flights()
        self._long = _LongBodies()

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer from the store, or let the application answer and keep what it says."""
        headers = {name: environ[variable] for name, variable in _VARIABLES.items() if variable in environ}
        key = _key(environ, headers)
        if key is None:
            return self._app(environ, _Start(environ, start_response, caching.BYPASS))
        size = len(environ["QUERY_STRING"]) + int(environ.get("CONTENT_LENGTH") or 0)
        asked = _Asked(self._release(environ), key, size, headers)
        if (entry := self._store.find(*asked.place)) is not None:
            return self._answer(environ, start_response, asked, entry, caching.HIT)
        if environ["REQUEST_METHOD"] == "HEAD" or "if-none-match" in headers:
            return self._app(environ, _Start(environ, start_response, caching.MISS))
        if self._flights.start(asked.flight):
            # Another may have ended between the look and the start.
            if (entry := self._store.find(*asked.place)) is None:
                return self._compute(environ, start_response, asked)
            self._flights.end(asked.flight)
            return self._answer(environ, start_response, asked, entry, caching.HIT)
        begun = time.monotonic()
        self._flights.wait(asked.flight, WAIT_SECONDS)
        if (entry := self._store.find(*asked.place)) is not None:
            return self._answer(environ, start_response, asked, entry, caching.COLLAPSED)
        environ[WAITED] = time.monotonic() - begun
        return self._app(environ, _Start(environ, start_response, caching.MISS))

    def _answer(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", asked: "_Asked", entry: Entry, status: str
    ) -> Iterable[bytes]:
        environ.update({ROUTE: entry.route, STATUS: status, HELD: partial(self._store.spell, *asked.place, entry)})
        headers = [*entry.headers, ("Cache-Status", status)]
        if caching.is_not_modified(asked.headers.get("if-none-match"), entry.etag):
            start_response(
                "304 Not Modified", [(name, value) for name, value in headers if "content-" not in name.lower()]
            )
            return []
        start_response("200 OK", headers)
        if environ["REQUEST_METHOD"] == "HEAD":
            return []
        if entry.file:
            return cast("Iterable[bytes]", environ["wsgi.file_wrapper"](Path(entry.file).open("rb")))
        return [entry.body]

    def _compute(self, environ: "WSGIEnvironment", start_response: "StartResponse", asked: "_Asked") -> Iterable[bytes]:
        start = _Start(environ, start_response, caching.MISS, self._store.most_entry_bytes)
        try:
            body = self._app(environ, start)
            if not start.storable:
                return body
            if isinstance(body, environ.get("wsgi.file_wrapper", ())):
                self._hold_file(environ, asked, start, cast("Any", body).filelike.name)
                return cast("Iterable[bytes]", body)
            if not start.fits:
                return body
            keep = partial(self._keep, environ, asked, start)
            if start.length is None:
                return _Kept(body, self._store.most_entry_bytes, keep, partial(self._long.begin, hash(asked.flight)))
            content = _whole(body)
            keep(content)
            return [content]
        finally:
            # Nobody waits for a body that is computed as its client takes it.
            self._flights.end(asked.flight)

    def _keep(self, environ: "WSGIEnvironment", asked: "_Asked", start: "_Start", content: bytes) -> None:
        if start.length not in (None, len(content)):
            return
        self._hold(environ, asked, start, content)

    def _hold_file(self, environ: "WSGIEnvironment", asked: "_Asked", start: "_Start", path: str) -> None:
        """Hold where a file is, which the kernel sends; of those that can change, which are of no release, nothing."""
        if start.length and Path(path).is_relative_to(asked.place[0]):
            self._hold(environ, asked, start, b"", path)

    def _hold(
        self, environ: "WSGIEnvironment", asked: "_Asked", start: "_Start", content: bytes, file: str = ""
    ) -> None:
        kept = [header for header in start.headers if header[0].lower() != "content-length"]
        kept.append(("Content-Length", str(start.length if file else len(content))))
        names = caching.vary_names(start.named.get("vary")) or ()
        if ANY_HOST not in environ:
            names = (*names, "host")
        entry = Entry(kept, start.named["etag"], content, environ.get(ROUTE, ""), asked.size, file)
        self._store.put(*asked.place, entry, names)


class _Asked:
    """A request, as the store and the flights know it."""

    def __init__(self, release: str, key: Key, size: int, headers: dict[str, str]) -> None:
        self.headers = headers
        self.key = key
        self.place = (release, key, headers)
        self.flight = (release, caching.flight_key(key, headers))
        self.size = size


class _Start:
    """A start_response that adds Cache-Status and remembers the rest."""

    def __init__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", status: str, most_bytes: int = -1
    ) -> None:
        self._environ = environ
        self._start_response = start_response
        self._status = status
        self._most = most_bytes
        self.storable = self.fits = False
        self.headers: Headers = []
        self.named: dict[str, str] = {}
        self.length: int | None = None

    def __call__(self, status: str, headers: Headers, exc_info: Any = None) -> Callable[[bytes], object]:
        """Take the response's start; see PEP 3333."""
        for name, value in headers:
            name = name.lower()
            self.named[name] = f"{self.named[name]}, {value}" if name in self.named else value
        self.headers = headers
        self.length = int(self.named["content-length"]) if "content-length" in self.named else None
        self.storable = caching.is_storable(int(status[:3]), self.named)
        self.fits = (self.length or 0) <= self._most
        if self.storable and self.fits and self.length is not None:
            self._status = caching.STORED
        elif not self.storable:
            self._status = caching.BYPASS
        self._environ[STATUS] = self._status
        return self._start_response(status, [*headers, ("Cache-Status", self._status)], exc_info)


class _Kept:
    """The pieces of a body, which are handed on and kept; a body that breaks off or is too long is not.

    One that is longer than LONG_BYTES is only where ``begin_long`` gives leave, which has to be given back.
    """

    def __init__(
        self,
        body: Iterable[bytes],
        most_bytes: int,
        keep: Callable[[bytes], None],
        begin_long: "Callable[[], Callable[[], None] | None]",
    ) -> None:
        self._body = body
        self._iterator = iter(body)
        self._most = most_bytes
        self._keep = keep
        self._begin_long = begin_long
        self._end_long: Callable[[], None] | None = None
        # One block of memory: it becomes the whole without a copy, or goes back to the system.
        self._gathered: io.BytesIO | None = io.BytesIO()

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        try:
            piece = next(self._iterator)
        except StopIteration:
            if self._gathered is not None:
                self._keep(self._gathered.getvalue())
            raise
        if self._gathered is not None:
            self._gathered.write(piece)
            if not self._may_hold(self._gathered.tell()):
                self._give_up()
        return piece

    def close(self) -> None:
        """End, be it early."""
        self._give_up()
        _close(self._body)

    def _may_hold(self, size: int) -> bool:
        if size > LONG_BYTES and self._end_long is None:
            self._end_long = self._begin_long()
        return size <= (min(self._most, LONG_BYTES) if self._end_long is None else self._most)

    def _give_up(self) -> None:
        self._gathered = None
        if self._end_long is not None:
            self._end_long()
            self._end_long = None


class _LongBodies:
    """Which long bodies to gather: what was asked for before, for it takes time and memory, and one at a time."""

    def __init__(self) -> None:
        self._under_way = threading.Lock()
        self._asked: OrderedDict[int, None] = OrderedDict()

    def begin(self, key: int) -> Callable[[], None] | None:
        """Return what ends the gathering of a body, or None where it is not to be gathered."""
        if key not in self._asked:
            self._asked[key] = None
            if len(self._asked) > MOST_REMEMBERED:
                self._asked.popitem(last=False)
            return None
        return self._under_way.release if self._under_way.acquire(blocking=False) else None


def _whole(body: Iterable[bytes]) -> bytes:
    try:
        return b"".join(body)
    finally:
        _close(body)


def _close(body: Iterable[bytes]) -> None:
    close = getattr(body, "close", None)
    if close is not None:
        close()


def _key(environ: "WSGIEnvironment", headers: dict[str, str]) -> Key | None:
    body = b""
    length = environ.get("CONTENT_LENGTH", "")
    if "HTTP_TRANSFER_ENCODING" in environ or (length and environ["REQUEST_METHOD"] != "POST"):
        return None
    if length:
        if not length.isdecimal() or int(length) > caching.MOST_BODY_BYTES:
            return None
        body = environ["wsgi.input"].read(int(length))
        environ["wsgi.input"] = cast("Any", io.BytesIO(body))
        if len(body) < int(length):
            return None  # the application tells the client so
    return caching.request_key(
        environ["REQUEST_METHOD"],
        environ["PATH_INFO"],
        environ["QUERY_STRING"],
        environ.get("CONTENT_TYPE", ""),
        body,
        headers,
    )
