"""One query at one worker: its deadline, its lane, and a client who may leave before it is answered."""

import json
import socket
import time
from collections.abc import Iterator

from taiwan_can_help.engine import ClientLeft, EngineBusy, EngineError, NotAcceptable, QueryError, QueryTimeout
from taiwan_can_help.engine.frames import Frame, Frames, frame
from taiwan_can_help.engine.leases import Lease, Leases
from taiwan_can_help.engine.watch import Lane, Stage, Watch
from taiwan_can_help.engine.zygote import ADMITTED, DONE, lane_of
from taiwan_can_help.protocol.formats import ResultKind
from taiwan_can_help.waiting import Left, waiting

# A query is light while its answer takes no longer and is no larger than this; then it needs a place in the heavy lane.
LIGHT_SECONDS = 0.2
LIGHT_BYTES = 512 * 1024


class Call:
    """One query at one worker; ``close`` ends it at any time, and with it the worker if that may be at work.

    Its methods raise QueryTimeout past ``seconds``, EngineBusy when the heavy lane is full, ClientLeft when
    ``client``, the socket of who asked, is closed from there, what the worker reports, and EngineError when it dies.
    """

    def __init__(
        self, address: str, leases: Leases, seconds: float, waited: float, client: socket.socket | None, watch: Watch
    ) -> None:
        self._address = address
        self._leases = leases
        self._seconds = seconds
        self._deadline = time.monotonic() + seconds - waited
        self._client = client
        self._watch = watch
        self._stage: Stage | None = None
        self._heavy_at = float("inf")
        self._has_turn = False
        self._lease: Lease | None = None
        self._ended = False
        self._lane: socket.socket | None = None

    def ask(self, query: bytes) -> bytes:
        """Send the query to a worker, and return the head of its result."""
        message = frame(Frame.QUERY, query)
        self._move(Stage.WAITING)
        self._has_turn = self._leases.enter(self._deadline - time.monotonic())
        if not self._has_turn:
            raise self._timed_out()
        while True:
            lease = self._lease = self._leases.take() or self._connect()
            self._heavy_at = time.monotonic() + LIGHT_SECONDS
            self._move(Stage.RUNNING)
            try:
                self._send(lease.connection, message)
                return self.receive()[1]
            except _WorkerDied:
                # It may have died before the query came to it: then that is not lost.
                if not lease.used or self._lane is not None:
                    raise
            lease.connection.close()
            self._lease, self._heavy_at = None, float("inf")

    def receive(self) -> tuple[Frame, bytes]:
        """Return the next frame."""
        assert self._lease is not None  # noqa: S101 (for the type checker: there is one from ask to close)
        kind, content = self._next(self._lease.connection, self._lease.frames)
        if kind in (Frame.END, Frame.ERROR):
            self._release()
        if kind is Frame.ERROR:
            raise _error(json.loads(content))
        return kind, content

    def _next(self, connection: socket.socket, frames: Frames) -> tuple[Frame, bytes]:
        try:
            while (taken := frames.take()) is None:
                self._wait(connection)
                frames.fill()
        except OSError as error:
            raise _WorkerDied from error
        return taken

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
        return self._lease is not None and self._lease.frames.has_one()

    def stream(self, pieces: list[bytes]) -> Iterator[bytes]:
        """Yield the pieces and those that come, to the end of the answer."""
        while pieces:
            yield pieces.pop(0)
        while (received := self.receive())[0] is Frame.DATA:
            yield received[1]

    def close(self) -> None:
        """End the call; a worker that may still be at work on it is killed, and its zygote forks another."""
        if self._lease is not None:
            if not self._ended:
                self._watch.killed(self.lane)
            self._lease.kill()
            self._lease.connection.close()
            self._lease = None
        if self._lane is not None:
            self._lane.close()
        self._end_turn()
        self._move(None)

    @property
    def lane(self) -> Lane:
        """Return the lane that the call came to."""
        return Lane.LIGHT if self._lane is None else Lane.HEAVY

    def _move(self, stage: Stage | None) -> None:
        self._watch.moved(self._stage, stage)
        self._stage = stage

    def _end_turn(self) -> None:
        if self._has_turn:
            self._has_turn = False
            self._leases.leave()

    def _connect(self) -> Lease:
        """Return a worker that answers no other web process."""
        while True:
            connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
            frames = Frames(connection)
            try:
                connection.connect(self._address)
                _, worker = self._next(connection, frames)
                return Lease(connection, frames, int(worker), used=False)
            except BlockingIOError as error:
                connection.close()
                raise EngineBusy("too many queries are waiting") from error
            except _WorkerDied:
                connection.close()
            except OSError as error:
                connection.close()
                raise EngineError("the query engine can't be reached") from error
            except BaseException:
                connection.close()
                raise

    def _send(self, connection: socket.socket, message: bytes) -> None:
        try:
            sent = connection.send(message)
            if sent < len(message):
                connection.settimeout(self._seconds)
                connection.sendall(message[sent:])
                connection.setblocking(False)
        except TimeoutError as error:
            raise self._timed_out() from error
        except OSError as error:
            raise _WorkerDied from error

    def _wait(self, connection: socket.socket) -> None:
        """Return when there is something to read; meanwhile a light call may become a heavy one."""
        while True:
            now = time.monotonic()
            if now >= self._deadline:
                raise self._timed_out()
            if now >= self._heavy_at:
                self._enter_heavy_lane()
            try:
                if waiting().readable(connection, self._client, min(self._deadline, self._heavy_at) - now):
                    return
            except Left as error:
                raise ClientLeft("the client left before its answer") from error

    def _enter_heavy_lane(self) -> None:
        self._heavy_at = float("inf")
        if self._lane is not None or self._lease is None:
            return
        self._lane = socket.socket(socket.AF_UNIX)
        self._move(Stage.WAITING_HEAVY)
        try:
            self._lane.settimeout(1)
            self._lane.connect(lane_of(self._address))
            self._lane.sendall(str(self._lease.worker).encode())
            self._end_turn()  # another worker takes the place of this one
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
        """Hold the worker for another call: it has ended this one's work. In the heavy lane its zygote is told."""
        self._ended = True
        try:
            if self._lane is not None:
                self._lane.sendall(DONE)
        except OSError:  # the zygote is gone; the worker is killed as the call closes
            return
        if self._lease is not None:
            self._leases.keep(self._lease)
            self._lease = None
        self._end_turn()

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
