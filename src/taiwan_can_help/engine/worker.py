"""A query worker: a single-threaded process, forked from one that holds the store, that can be killed."""

import contextlib
import io
import json
import os
import resource
import signal
import socket
import struct
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, cast

import pyoxigraph as ox

from taiwan_can_help.engine import EngineError, Formats, NotAcceptable, Query, QueryError
from taiwan_can_help.engine.disk import open_store
from taiwan_can_help.engine.frames import Frame, Frames, frame
from taiwan_can_help.engine.memory import evaluate
from taiwan_can_help.engine.seal import forbid_sockets
from taiwan_can_help.protocol.formats import BY_NAME, ResultKind

# An idle worker looks this often whether its parent is still there.
LOOK_SECONDS = 5
# A query that took longer may have left memory behind that is not given back.
LONG_SECONDS = 0.1


def work(source: ox.Store | Path, listener: socket.socket, memory: int) -> None:
    """Answer one web process after another, until the process is killed or its parent is gone.

    ``source`` is a store in memory, or the folder of one on disk. The process has no descriptors open but the
    listener as 0, and 1 and 2 for messages. A query that needs more than ``memory`` bytes ends it: the engine
    can't go on without, and aborts.
    """
    # Wanted no more, a worker ends by SIGTERM, but only while no web process holds it.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    parent = os.getppid()
    store = open_sealed(source) if isinstance(source, Path) else source
    statm = os.open("/proc/self/statm", os.O_RDONLY)
    if store is source:
        # Descriptors 0 to 3 are open; the next is the client's connection. A SERVICE call finds none to use.
        resource.setrlimit(resource.RLIMIT_NOFILE, (5, 5))
    limit = _address_space(statm) + memory
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    _look_out(listener)
    while os.getppid() == parent:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
        try:
            connection, _ = listener.accept()
        except BlockingIOError:
            continue
        finally:
            signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        with connection, contextlib.suppress(ConnectionError):  # the web process has ended, or lets this worker go
            _serve(store, connection, parent, lambda: _address_space(statm) > limit - memory // 2)


def open_sealed(folder: Path) -> ox.Store:
    """Open a store on disk in a process that can reach no network; raises EngineError when either can't be."""
    # First, so that the threads which the store starts are kept off as well.
    forbid_sockets()
    return open_store(folder)


def _address_space(statm: int) -> int:
    return int(os.pread(statm, 256, 0).split()[0]) * resource.getpagesize()


def _look_out(connection: socket.socket) -> None:
    # A limit of the kernel's, not of Python's, which polls first: that would wake every worker for each call.
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", LOOK_SECONDS, 0))


def _serve(store: ox.Store, connection: socket.socket, parent: int, has_grown: Callable[[], bool]) -> None:
    """Answer one query after another, until the connection or the parent ends, or a query leaves too much behind."""
    _look_out(connection)
    connection.sendall(frame(Frame.WORKER, str(os.getpid()).encode()))
    frames = Frames(connection)
    while True:
        try:
            options, _, text = frames.next()[1].partition(b"\n")
        except BlockingIOError:  # none for LOOK_SECONDS
            if os.getppid() != parent:
                return
            continue
        asked = _asked(options)
        # The signal's default action ends the process, be it evaluating or stuck at a reader that has stalled.
        signal.setitimer(signal.ITIMER_REAL, asked.seconds)
        begun = time.monotonic()
        _answer(store, connection, replace(asked.query, text=text.decode()), asked)
        signal.setitimer(signal.ITIMER_REAL, 0)
        if time.monotonic() - begun > LONG_SECONDS and has_grown():
            os._exit(0)


@dataclass(frozen=True)
class _Asked:
    """What a query comes with: the query without its text, formats, and limits in seconds and bytes."""

    query: Query
    formats: Formats
    seconds: float
    most_bytes: int


@lru_cache(maxsize=64)
def _asked(options: bytes) -> _Asked:
    told = json.loads(options)
    return _Asked(
        Query("", _graphs(told["default_graphs"]), _graphs(told["named_graphs"]), told["bindings"]),
        {kind: BY_NAME.get(told["formats"].get(kind.value)) for kind in ResultKind},
        told["seconds"],
        told["bytes"],
    )


def _answer(store: ox.Store, connection: socket.socket, query: Query, asked: _Asked) -> None:
    try:
        kind, chosen, write = evaluate(store, query, asked.formats)
        output = _Output(connection, f"{kind.value} {chosen.name}", asked.most_bytes)
        write(cast("IO[bytes]", output))
        output.finish()
    except QueryError as error:
        _send(connection, Frame.ERROR, {"error": "query", "detail": str(error)})
    except NotAcceptable as error:
        _send(connection, Frame.ERROR, {"error": "not-acceptable", "kind": error.kind.value})
    except EngineError as error:
        _send(connection, Frame.ERROR, {"error": "engine", "detail": str(error)})


class _Output(io.RawIOBase):
    """A binary stream that sends the pieces written to it, up to a limit; each is held until the next or the end.

    The head goes out before the first piece, so that a query that fails early can still say so.
    """

    def __init__(self, connection: socket.socket, head: str, most_bytes: int) -> None:
        self._connection = connection
        self._start = frame(Frame.HEAD, head.encode())
        self._most = most_bytes
        self._pending = b""
        self._written = 0

    def write(self, piece: Any) -> int:
        """Take a piece. Raises EngineError over the limit."""
        self._written += len(piece)
        if self._written > self._most:
            raise EngineError(f"its result is longer than the limit of {self._most:,} bytes")
        if self._pending:
            self._send_pending()
        self._pending = piece
        return len(piece)

    def flush(self) -> None:
        """Do nothing: the last piece is sent by ``finish``."""

    def finish(self) -> None:
        """Send what is pending, and that it was the last; a short answer goes out whole in one step."""
        self._send_pending(frame(Frame.END))

    def _send_pending(self, end: bytes = b"") -> None:
        piece = frame(Frame.DATA, self._pending) if self._pending else b""
        self._connection.sendall(self._start + piece + end)
        self._start = self._pending = b""


def _send(connection: socket.socket, kind: Frame, message: dict[str, str]) -> None:
    connection.sendall(frame(kind, json.dumps(message).encode()))


def _graphs(value: Any) -> tuple[str, ...] | None:
    return None if value is None else tuple(value)
