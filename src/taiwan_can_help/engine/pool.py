"""The engine as a web process sees it: killable workers behind a Unix socket, a deadline for each query."""

import contextlib
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from taiwan_can_help.engine import (
    Answer,
    EngineError,
    Formats,
    NotAcceptable,
    Query,
    QueryError,
    QueryTimeout,
)
from taiwan_can_help.engine.frames import receive_frame, send_frame
from taiwan_can_help.protocol.formats import ResultKind, by_name_or_suffix

# A worker ends by itself this long after the limit, for the calls whose reader has stalled and keeps no time.
GRACE_SECONDS = 0.5


class PoolEngine:
    """Sends each query to a worker of a zygote's; a query over ``timeout`` seconds has its worker killed.

    It holds no store and no open socket between queries, so any number of threads and forked processes
    can share it.
    """

    def __init__(self, address: Path, timeout: float) -> None:
        self._address = str(address)
        self.timeout = timeout

    def query(self, query: Query, formats: Formats) -> Answer:
        """Evaluate the query in a worker; see Engine.query."""
        call = _Call(self._address, time.monotonic() + self.timeout, self.timeout)
        try:
            header = json.loads(call.ask(_message(query, formats, self.timeout + GRACE_SECONDS)))
            if "error" in header:
                call.release()
                raise _error(header)
            # Hold the first piece back, so that an early failure still finds an unsent status.
            first = call.receive()
        except BaseException:
            call.close()
            raise
        kind = ResultKind(header["kind"])
        chunks = call.chunks(first)
        next(chunks)  # once started, it ends the call however it is dropped
        return Answer(kind, by_name_or_suffix(header["format"])[0], chunks)


class _Call:
    """One query at one worker."""

    def __init__(self, address: str, deadline: float, timeout: float) -> None:
        self._deadline = deadline
        self._timeout = timeout
        self._worker: int | None = None
        self._connection = socket.socket(socket.AF_UNIX)
        try:
            self._connection.settimeout(timeout)
            self._connection.connect(address)
        except OSError as error:
            self._connection.close()
            raise EngineError("the query engine can't be reached") from error

    def ask(self, message: bytes) -> bytes:
        """Send the query once a worker is free, and return what it answers first."""
        self._worker = int(self.receive())
        try:
            send_frame(self._connection, message)
        except OSError as error:
            self.release()
            raise EngineError("the query's worker died") from error
        return self.receive()

    def receive(self) -> bytes:
        left = self._deadline - time.monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self._connection.settimeout(left)
            return receive_frame(self._connection)
        except TimeoutError as error:
            raise QueryTimeout(f"the query was stopped at its limit of {self._timeout:g} seconds") from error
        except OSError as error:
            self.release()
            raise EngineError("the query's worker died") from error

    def chunks(self, first: bytes) -> Iterator[bytes]:
        """Yield nothing, to be started; then the pieces up to the empty frame that ends a whole answer."""
        piece = first
        try:
            yield b""
            while piece:
                yield piece
                piece = self.receive()
            self.release()
        finally:
            self.close()

    def release(self) -> None:
        """Leave the worker alone from here on: it has ended this call's work."""
        self._worker = None

    def close(self) -> None:
        """End the call; a worker that may still be at work on it is killed, and its zygote forks another.

        The kill comes first: a worker takes no other call before this one's connection ends.
        """
        if self._worker is not None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._worker, signal.SIGKILL)
            self._worker = None
        self._connection.close()


def _message(query: Query, formats: Formats, seconds: float) -> bytes:
    return json.dumps(
        {
            "text": query.text,
            "default_graphs": query.default_graphs,
            "named_graphs": query.named_graphs,
            "bindings": dict(query.bindings),
            "seconds": seconds,
            "formats": {kind.value: chosen and chosen.name for kind, chosen in formats.items()},
        }
    ).encode()


def _error(header: dict[str, str]) -> Exception:
    match header["error"]:
        case "query":
            return QueryError(header["detail"])
        case "not-acceptable":
            return NotAcceptable(ResultKind(header["kind"]))
    return EngineError(header["detail"])


def start_zygote(nquads: Path, address: Path, workers: int) -> subprocess.Popen[bytes]:
    """Start a zygote with its workers over a release's quads; returns it once it answers.

    It ends when its standard input is closed. Raises EngineError when it does not start.
    """
    address.unlink(missing_ok=True)
    command = [sys.executable, "-m", "taiwan_can_help.engine.zygote", str(nquads), str(address), str(workers)]
    zygote = subprocess.Popen(command, stdin=subprocess.PIPE)  # noqa: S603 (our own module, no shell)
    while not _answers(address):
        if zygote.poll() is not None:
            end(zygote)
            raise EngineError(f"the query engine did not start (exit code {zygote.returncode})")
        time.sleep(0.01)
    return zygote


def end(process: subprocess.Popen[bytes], seconds: float = 10) -> None:
    """End a process that leaves when its standard input is closed, and takes its own children along."""
    if process.stdin:
        process.stdin.close()
    process.wait(timeout=seconds)


@contextlib.contextmanager
def running_pool(nquads: Path, workers: int, timeout: float) -> Iterator[PoolEngine]:
    """Run a zygote for as long as the context lasts; yields the engine over it."""
    with tempfile.TemporaryDirectory(prefix="tch-") as folder:
        address = Path(folder) / "engine.sock"
        zygote = start_zygote(nquads, address, workers)
        try:
            yield PoolEngine(address, timeout)
        finally:
            end(zygote)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(address))
        except OSError:
            return False
        return True
