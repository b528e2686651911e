"""A query worker: a single-threaded process, forked from one that holds the store, that can be killed."""

import io
import json
import os
import resource
import signal
import socket
import struct
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from taiwan_can_help.engine import EngineError, NotAcceptable, Query, QueryError
from taiwan_can_help.engine.disk import open_store
from taiwan_can_help.engine.frames import FRAME_BYTES, Frame, Frames, frame
from taiwan_can_help.engine.memory import evaluate
from taiwan_can_help.engine.seal import forbid_sockets
from taiwan_can_help.protocol.formats import BY_NAME, ResultKind

# An idle worker looks this often whether its parent is still there.
LOOK_SECONDS = 5


def work(source: ox.Store | Path, listener: socket.socket, memory: int) -> None:
    """Answer one connection after another, until the process is killed or its parent is gone.

    ``source`` is a store in memory, or the folder of one on disk. The process has no descriptors open but the
    listener as 0, and 1 and 2 for messages. A query that needs more than ``memory`` bytes ends it: the engine
    can't go on without, and aborts.
    """
    parent = os.getppid()
    store = open_sealed(source) if isinstance(source, Path) else source
    if store is source:
        # Descriptors 0 to 2 are open; the next is the client's connection. A SERVICE call finds none to use.
        resource.setrlimit(resource.RLIMIT_NOFILE, (4, 4))
    limit = _address_space() + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    # A limit of the kernel's, not of Python's, which polls first: that would wake every worker for each call.
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", LOOK_SECONDS, 0))
    while os.getppid() == parent:
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            continue
        with connection:
            try:
                _answer(store, connection)
            except ConnectionError:
                continue  # the client left
            finally:
                signal.setitimer(signal.ITIMER_REAL, 0)


def open_sealed(folder: Path) -> ox.Store:
    """Open a store on disk in a process that can reach no network; raises EngineError when either can't be."""
    # First, so that the threads which the store starts are kept off as well.
    forbid_sockets()
    return open_store(folder)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _answer(store: ox.Store, connection: socket.socket) -> None:
    request = json.loads(Frames(connection).next()[1])
    connection.sendall(frame(Frame.WORKER, str(os.getpid()).encode()))
    # The signal's default action ends the process, be it evaluating or stuck at a reader that has stalled.
    signal.setitimer(signal.ITIMER_REAL, request["seconds"])
    query = Query(
        request["text"],
        _graphs(request["default_graphs"]),
        _graphs(request["named_graphs"]),
        request["bindings"],
    )
    formats = {kind: BY_NAME.get(request["formats"].get(kind.value)) for kind in ResultKind}
    try:
        kind, chosen, write = evaluate(store, query, formats)
        output = _Output(connection, f"{kind.value} {chosen.name}", request["bytes"])
        write(cast("IO[bytes]", output))
        output.finish()
    except QueryError as error:
        _send(connection, Frame.ERROR, {"error": "query", "detail": str(error)})
    except NotAcceptable as error:
        _send(connection, Frame.ERROR, {"error": "not-acceptable", "kind": error.kind.value})
    except EngineError as error:
        _send(connection, Frame.ERROR, {"error": "engine", "detail": str(error)})
    # Wait for the client to close: until then it may kill this process, and must hit no other call.
    connection.recv(1)


class _Output(io.RawIOBase):
    """A binary stream that the engine writes to in small pieces and that sends larger ones, up to a limit.

    The head goes out before the first piece, so that a query that fails early can still say so.
    """

    def __init__(self, connection: socket.socket, head: str, most_bytes: int) -> None:
        self._connection = connection
        self._head = head
        self._most = most_bytes
        self._pending = bytearray()
        self._written = 0
        self._started = False

    def write(self, piece: Any) -> int:
        """Take a piece; send what is pending once it is long enough. Raises EngineError over the limit."""
        self._written += len(piece)
        if self._written > self._most:
            raise EngineError(f"its result is longer than the limit of {self._most:,} bytes")
        self._pending += piece
        if len(self._pending) >= FRAME_BYTES:
            self._send_pending()
        return len(piece)

    def flush(self) -> None:
        """Do nothing: pieces are sent by their length, the last by ``finish``."""

    def finish(self) -> None:
        """Send what is pending, and that it was the last; a short answer goes out whole in one step."""
        self._send_pending(frame(Frame.END))

    def _send_pending(self, end: bytes = b"") -> None:
        head = b"" if self._started else frame(Frame.HEAD, self._head.encode())
        piece = frame(Frame.DATA, bytes(self._pending)) if self._pending else b""
        self._started = True
        self._pending.clear()
        self._connection.sendall(head + piece + end)


def _send(connection: socket.socket, kind: Frame, message: dict[str, str]) -> None:
    connection.sendall(frame(kind, json.dumps(message).encode()))


def _graphs(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
