"""One query at one worker: its deadline, its lane, and a client who may leave before it is answered."""

import contextlib
import json
import os
import select
import signal
import socket
import time
from collections.abc import Iterator

from taiwan_can_help.engine import ClientLeft, EngineBusy, EngineError, NotAcceptable, QueryError, QueryTimeout
from taiwan_can_help.engine.frames import Frame, Frames, frame
from taiwan_can_help.engine.watch import Lane, Stage, Watch
from taiwan_can_help.engine.zygote import ADMITTED, lane_of
from taiwan_can_help.protocol.formats import ResultKind

# A query is light while its answer takes no longer and is no larger than this; then it needs a place in the heavy lane.
LIGHT_SECONDS = 0.2
LIGHT_BYTES = 512 * 1024

_GONE = select.POLLRDHUP | select.POLLHUP | select.POLLERR


class Call:
    """One query at one worker; ``close`` ends it at any time, and with it the worker if that may be at work.

    Its methods raise QueryTimeout past ``seconds``, EngineBusy when the heavy lane is full, ClientLeft when
    ``client``, the socket of who asked, is closed from there, what the worker reports, and EngineError when it dies.
    """

    def __init__(self, address: str, seconds: float, waited: float, client: socket.socket | None, watch: Watch) -> None:
        self._address = address
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds - waited
        self._client = client
        self._watch = watch
        self._stage: Stage | None = None
        self._heavy_at = float("inf")
        self._worker: int | None = None
        self._connection: socket.socket | None = None
        self._frames: Frames | None = None
        self._lane: socket.socket | None = None

    def send(self, query: bytes) -> None:
        """Send the query to the first worker that is free; one that dies before it has it is replaced."""
        message = frame(Frame.QUERY, query)
        self._move(Stage.WAITING)
        while True:
            connection = self._connect()
            try:
                connection.sendall(message)
                connection.setblocking(False)  # from here on nothing is read before there is something
                _, worker = self.receive()
            except (_WorkerDied, ConnectionError):
                self._disconnect()
                continue
            except TimeoutError as error:
                raise self._timed_out() from error
            self._worker = int(worker)
            self._heavy_at = time.monotonic() + LIGHT_SECONDS
            self._move(Stage.RUNNING)
            return

    def receive(self) -> tuple[Frame, bytes]:
        """Return the next frame."""
        assert self._connection is not None  # noqa: S101 (for the type checker: there are both from _connect to close)
        assert self._frames is not None  # noqa: S101
        try:
            while (taken := self._frames.take()) is None:
                self._wait(self._connection)
                self._frames.fill()
        except OSError as error:
            self._worker = None
            raise _WorkerDied from error
        kind, content = taken
        if kind in (Frame.END, Frame.ERROR):
            self._release()
        if kind is Frame.ERROR:
            raise _error(json.loads(content))
        return kind, content

    def collect(self) -> tuple[list[bytes], bool]:
        """Return the pieces of a light answer, and whether that is all of it; the rest is left to ``stream``.

        A heavy one has at least its first piece when it is left to that, and all of it that came along.
        """
        pieces: list[bytes] = []
        size = 0
        while size < LIGHT_BYTES and (self._lane is None or not pieces or self._is_next_here()):
            kind, piece = self.receive()
            if kind is Frame.END:
                return pieces, True
            pieces.append(piece)
            size += len(piece)
        self._enter_heavy_lane()
        return pieces, False

    def _is_next_here(self) -> bool:
        return self._frames is not None and self._frames.has_one()

    def stream(self, pieces: list[bytes]) -> Iterator[bytes]:
        """Yield the pieces and those that come, to the end of the answer."""
        while pieces:
            yield pieces.pop(0)
        while (received := self.receive())[0] is Frame.DATA:
            yield received[1]

    def close(self) -> None:
        """End the call; a worker that may still be at work on it is killed, and its zygote forks another."""
        if self._worker is not None and self._frames is not None:
            self._watch.killed(self.lane)
        self._disconnect()
        self._move(None)

    @property
    def lane(self) -> Lane:
        """Return the lane that the call came to."""
        return Lane.LIGHT if self._lane is None else Lane.HEAVY

    def _move(self, stage: Stage | None) -> None:
        self._watch.moved(self._stage, stage)
        self._stage = stage

    def _disconnect(self) -> None:
        # The kill comes first: a worker takes no other call before this one's connection ends.
        worker = self._worker or self._unseen_worker()
        if worker is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker, signal.SIGKILL)
        for connection in (self._connection, self._lane):
            if connection is not None:
                connection.close()
        self._worker = self._connection = self._frames = self._lane = None

    def _unseen_worker(self) -> int | None:
        """Return the worker that took the query while this call was about to end; past the shutdown none takes it."""
        if self._connection is None or self._frames is None:
            return None
        with contextlib.suppress(OSError):
            self._connection.shutdown(socket.SHUT_RDWR)
            self._connection.setblocking(False)
            kind, content = self._frames.next()
            return int(content) if kind is Frame.WORKER else None
        return None

    def _connect(self) -> socket.socket:
        self._connection = socket.socket(socket.AF_UNIX)
        self._frames = Frames(self._connection)
        try:
            self._connection.settimeout(self._seconds)
            self._connection.connect(self._address)
        except BlockingIOError as error:
            raise EngineBusy("too many queries are waiting") from error
        except OSError as error:
            raise EngineError("the query engine can't be reached") from error
        return self._connection

    def _wait(self, connection: socket.socket) -> None:
        """Return when there is something to read; meanwhile a light call may become a heavy one."""
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        if self._client is not None:
            poll.register(self._client, _GONE)
        while True:
            now = time.monotonic()
            if now >= self._deadline:
                raise self._timed_out()
            if now >= self._heavy_at:
                self._enter_heavy_lane()
            ready = dict(poll.poll(1000 * (min(self._deadline, self._heavy_at) - now)))
            if self._client is not None and self._client.fileno() in ready:
                raise ClientLeft("the client left before its answer")
            if connection.fileno() in ready:
                return

    def _enter_heavy_lane(self) -> None:
        self._heavy_at = float("inf")
        if self._lane is not None:
            return
        self._lane = socket.socket(socket.AF_UNIX)
        self._move(Stage.WAITING_HEAVY)
        try:
            self._lane.settimeout(1)
            self._lane.connect(lane_of(self._address))
            self._lane.sendall(str(self._worker).encode())
            self._wait(self._lane)
            answer = self._lane.recv(1)
        except OSError as error:
            raise EngineError("the query engine can't be reached") from error
        if not answer:
            raise _WorkerDied
        if answer != ADMITTED:
            raise EngineBusy("too many long queries are waiting")
        self._move(Stage.RUNNING_HEAVY)

    def _release(self) -> None:
        """Leave the worker alone from here on: it has ended this call's work. One of the heavy lane is not kept."""
        self._frames = None
        if self._lane is None:
            self._worker = None

    def _timed_out(self) -> QueryTimeout:
        return QueryTimeout(f"the query was stopped at its limit of {self._seconds:g} seconds")


def _error(message: dict[str, str]) -> Exception:
    match message["error"]:
        case "query":
            return QueryError(message["detail"])
        case "not-acceptable":
            return NotAcceptable(ResultKind(message["kind"]))
    return EngineError(message["detail"])


class _WorkerDied(EngineError):
    def __init__(self) -> None:
        super().__init__(
            "its worker ended early: the query needs more memory than it may have, the engine broke down at it (as at"
            " brackets nested thousands deep), or the worker was killed"
        )
