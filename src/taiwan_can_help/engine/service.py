"""One query to one other endpoint, by SPARQL 1.1 Protocol: no redirect, no proxy, a deadline, a bounded answer."""

import json
import time
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlencode, urlsplit

from taiwan_can_help import __version__
from taiwan_can_help.engine import EngineError

RESULTS = "application/sparql-results+json"
MOST_BYTES = 4 * 1024 * 1024
PIECE_BYTES = 64 * 1024


def call_service(endpoint: str, query: str, deadline: float) -> Any:
    """Return an endpoint's results as JSON; raises EngineError where it has none for us by ``deadline``.

    ``deadline`` is a time of ``time.monotonic``. A redirect is an error: whom it leads to nobody has allowed.
    """
    parts = urlsplit(endpoint)
    connected = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = connected(parts.hostname or "", parts.port, timeout=_left(endpoint, deadline))
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Accept": RESULTS,
        "Content-Type": "application/x-www-form-urlencoded",
        "User-Agent": f"taiwan-can-help/{__version__}",
    }
    try:
        connection.connect()
        connection.request("POST", target, urlencode({"query": query}), headers)
        content = _content(connection, endpoint, deadline)
    except (OSError, HTTPException) as error:
        raise EngineError(f"<{endpoint}> can't be asked: {error or type(error).__name__}") from error
    finally:
        connection.close()
    try:
        return json.loads(content)
    except ValueError as error:
        raise EngineError(f"<{endpoint}> sends what is no JSON: {error}") from error


def _content(connection: HTTPConnection, endpoint: str, deadline: float) -> bytes:
    stream = connection.sock  # the response keeps reading from it; so each read ends by the deadline
    stream.settimeout(_left(endpoint, deadline))
    content = bytearray()
    with connection.getresponse() as response:
        if response.status != 200:
            raise EngineError(f"<{endpoint}> answers {response.status} {response.reason}")
        while piece := response.read1(PIECE_BYTES):
            content += piece
            if len(content) > MOST_BYTES:
                raise EngineError(f"<{endpoint}> sends more than {MOST_BYTES:,} bytes; ask it for less")
            stream.settimeout(_left(endpoint, deadline))
    return bytes(content)


def _left(endpoint: str, deadline: float) -> float:
    left = deadline - time.monotonic()
    if left <= 0:
        raise EngineError(f"<{endpoint}> did not answer in time")
    return left
