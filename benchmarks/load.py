"""Put load on a server: one request after another by http.client, or as many as it takes by wrk."""

import http.client
import re
import time
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from benchmarks.installing import debian, run, said
from benchmarks.peers import Unavailable

WRK = "wrk"
TIMEOUT_SECONDS = 120
PIECE = 1024 * 1024
DISTINCT = Path(__file__).with_name("distinct.lua")

_DONE = re.compile(r"(\d+) requests in ([\d.]+)(ms|s|m)")
_FAILED = re.compile(r"Non-2xx or 3xx responses: (\d+)")
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0}


class RequestFailed(Exception):
    """A server did not answer, or not with success."""


@dataclass(frozen=True)
class Reply:
    """One answer of success, and the seconds from its request to its last byte."""

    seconds: float
    type: str
    cache: str
    body: bytes


class Connection:
    """One connection that is kept open, as a client with several questions would."""

    def __init__(self, url: str) -> None:
        self._netloc = urlsplit(url).netloc
        self._connection = self._new()

    def get(self, url: str, accept: str, *, keep: bool = False) -> Reply:
        """Send one request; the body is kept only where asked. Raises RequestFailed."""
        path = url.partition(self._netloc)[2]
        started = time.perf_counter()
        try:
            try:
                response = self._send(path, accept)
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                # It was idle for longer than the server keeps a connection.
                self._connection.close()
                self._connection = self._new()
                started = time.perf_counter()
                response = self._send(path, accept)
            pieces = []
            while piece := response.read(PIECE):
                if keep:
                    pieces.append(piece)
            seconds = time.perf_counter() - started
        except (OSError, http.client.HTTPException) as error:
            self._connection.close()
            self._connection = self._new()
            raise RequestFailed(f"no answer: {type(error).__name__} {error}") from error
        if response.status != 200:
            raise RequestFailed(f"answered {response.status}")
        headers = response.headers
        return Reply(seconds, headers.get_content_type(), headers.get("Cache-Status", ""), b"".join(pieces))

    def close(self) -> None:
        """Close it."""
        self._connection.close()

    def _new(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self._netloc, timeout=TIMEOUT_SECONDS)

    def _send(self, path: str, accept: str) -> http.client.HTTPResponse:
        self._connection.request("GET", path, headers={"Accept": accept, "Accept-Encoding": "identity"})
        return self._connection.getresponse()


def install_wrk() -> str:
    """Make sure that wrk is there and return its version; raises Unavailable."""
    debian(WRK, WRK)
    return said([WRK, "--version"]).partition(" [")[0].removeprefix("wrk ")


def requests_per_second(url: str, accept: str, connections: int, seconds: int, distinct: str | None = None) -> float:
    """Return the answers of success a second that wrk gets, with so many connections at a time.

    With ``distinct`` every request is another one; it must differ from one call to the next.
    """
    options = ["--threads", "1", "--connections", str(connections), "--duration", f"{seconds}s"]
    options += ["--timeout", f"{TIMEOUT_SECONDS}s", "--header", f"Accept: {accept}"]
    script = [] if distinct is None else ["--script", str(DISTINCT)]
    try:
        said = run([WRK, *options, *script, url, *([] if distinct is None else ["--", distinct])])
    except Unavailable as error:
        raise RequestFailed(str(error)) from error
    done, failed = _DONE.search(said), _FAILED.search(said)
    if done is None:
        raise RequestFailed(f"wrk said: {said.strip()[-200:]}")
    return (int(done[1]) - int(failed[1] if failed else 0)) / (float(done[2]) * _SECONDS[done[3]])
