"""A query worker: a single-threaded process, forked from one that holds the store, that can be killed."""

import io
import json
import os
import resource
import signal
import socket
from typing import IO, Any, cast

import pyoxigraph as ox

from taiwan_can_help.engine import EngineError, NotAcceptable, Query, QueryError
from taiwan_can_help.engine.frames import FRAME_BYTES, receive_frame, send_frame
from taiwan_can_help.engine.memory import evaluate
from taiwan_can_help.protocol.formats import ResultKind, by_name_or_suffix


def work(store: ox.Store, listener: socket.socket) -> None:
    """Answer one connection after another, until the process is killed or its parent is gone.

    The process has no descriptors open but the listener as 0, and 1 and 2 for messages.
    """
    parent = os.getppid()
    # Descriptors 0 to 2 are open; the next is the client's connection. A SERVICE call finds none to use.
    resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
    listener.settimeout(5)
    while os.getppid() == parent:
        try:
            connection, _ = listener.accept()
        except TimeoutError:
            continue
        with connection:
            connection.setblocking(True)
            try:
                _answer(store, connection)
            except ConnectionError:
                continue  # the client left
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)


def _answer(store: ox.Store, connection: socket.socket) -> None:
    send_frame(connection, str(os.getpid()).encode())
    request = json.loads(receive_frame(connection))
    # The signal's default action ends the process, be it evaluating or stuck at a reader that has stalled.
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    query = Query(
        request["text"],
        _graphs(request["default_graphs"]),
        _graphs(request["named_graphs"]),
        request["bindings"],
    )
    formats = {
        kind: by_name_or_suffix(name)[0] if (name := request["formats"].get(kind.value)) else None
        for kind in ResultKind
    }
    output = None
    try:
        kind, chosen, write = evaluate(store, query, formats)
        output = _Output(connection, {"kind": kind.value, "format": chosen.name})
        write(cast("IO[bytes]", output))
        output.flush()
    except QueryError as error:
        _send(connection, {"error": "query", "detail": str(error)})
    except NotAcceptable as error:
        _send(connection, {"error": "not-acceptable", "kind": error.kind.value})
    except EngineError as error:
        # Once bytes are out, only a connection that ends without its last frame tells the truth.
        if output is not None and output.started:
            return
        _send(connection, {"error": "engine", "detail": str(error)})
    else:
        send_frame(connection, b"")
    # Wait for the client to close: until then it may kill this process, and must hit no other call.
    connection.recv(1)


class _Output(io.RawIOBase):
    """A binary stream that the engine writes to in small pieces and that sends larger ones.

    The header goes out before the first piece, so that a query that fails early can still say so.
    """

    def __init__(self, connection: socket.socket, header: dict[str, str]) -> None:
        self._connection = connection
        self._header = header
        self._pending = bytearray()
        self.started = False

    def write(self, piece: Any) -> int:
        """Take a piece; send what is pending once it is long enough."""
        self._pending += piece
        if len(self._pending) >= FRAME_BYTES:
            self._send_pending()
        return len(piece)

    def flush(self) -> None:
        """Send what is pending."""
        self._send_pending()

    def _send_pending(self) -> None:
        if not self.started:
            self.started = True
            _send(self._connection, self._header)
        if self._pending:
            send_frame(self._connection, bytes(self._pending))
            self._pending.clear()


def _send(connection: socket.socket, message: dict[str, str]) -> None:
    send_frame(connection, json.dumps(message).encode())


def _graphs(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
