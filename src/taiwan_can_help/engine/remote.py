"""Any SPARQL 1.1 endpoint, asked over HTTP."""

import socket
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse

from taiwan_can_help import __version__
from taiwan_can_help.engine import Answer, EngineError, Formats, NotAcceptable, Query, QueryError
from taiwan_can_help.protocol.formats import Format, ResultKind

SECONDS = 60
PIECE_BYTES = 64 * 1024


class RemoteEngine:
    """Sends each query by POST to an endpoint's address."""

    def __init__(self, endpoint: str) -> None:
        if not endpoint.startswith(("http://", "https://")):
            raise EngineError(f"{endpoint!r} is no http address of an endpoint")
        self._endpoint = endpoint

    def query(self, query: Query, formats: Formats, client: socket.socket | None = None) -> Answer:  # noqa: ARG002
        """Evaluate the query at the endpoint; see Engine.query."""
        accept = ", ".join(chosen.media_types[0] for chosen in formats.values() if chosen)
        request = urllib.request.Request(  # noqa: S310 (the scheme is checked above)
            self._endpoint,
            urllib.parse.urlencode({"query": query.text}).encode(),
            {"Accept": accept, "User-Agent": f"taiwan-can-help/{__version__}"},
        )
        try:
            response = urllib.request.urlopen(request, timeout=SECONDS)  # noqa: S310
        except urllib.error.HTTPError as error:
            detail = error.read(2000).decode("utf-8", "replace")
            refused = QueryError if error.code == 400 else EngineError
            raise refused(f"{self._endpoint} answers {error.code}: {detail}") from error
        except (OSError, HTTPException) as error:
            raise EngineError(f"{self._endpoint} can't be reached: {error}") from error
        kind, chosen = _recognise(response.headers.get_content_type(), formats)
        return Answer(kind, chosen, _pieces(response))


def _recognise(media_type: str, formats: Formats) -> tuple[ResultKind, Format]:
    for kind, chosen in formats.items():
        if chosen and media_type in chosen.media_types:
            return kind, chosen
    raise NotAcceptable(next(iter(formats)))


def _pieces(response: HTTPResponse) -> Iterator[bytes]:
    with response:
        try:
            while piece := response.read(PIECE_BYTES):
                yield piece
        except (OSError, HTTPException) as error:
            raise EngineError(f"the endpoint's answer ended early: {error!r}") from error
