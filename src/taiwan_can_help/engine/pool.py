"""The engine as a web process sees it: killable workers behind a Unix socket, a deadline for each query."""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from taiwan_can_help.engine import Answer, EngineBusy, EngineError, Formats, Query
from taiwan_can_help.engine.call import Call
from taiwan_can_help.engine.leases import Leases
from taiwan_can_help.engine.watch import UNWATCHED, Lane, Outcome, Watch, outcome_of
from taiwan_can_help.engine.zygote import lane_of
from taiwan_can_help.protocol.formats import BY_NAME, ResultKind

# A worker ends by itself this long after the limit, for the calls whose reader has stalled and keeps no time.
GRACE_SECONDS = 0.5
# A process has no more queries than this waiting and running at a time; its other threads serve what needs none.
MOST_CALLS = 24


@dataclass(frozen=True)
class Limits:
    """What one query may take: seconds on the clock, bytes of memory beside the store, bytes of result."""

    seconds: float = 10
    memory: int = 512 * 1024 * 1024
    result: int = 256 * 1024 * 1024


class PoolEngine:
    """Sends each query to a worker of a zygote's; a query over a limit has its worker killed.

    It holds up to ``workers`` of them from its first query on, and has no more at light queries at a time. Threads
    may share it; each process has one of its own.
    """

    def __init__(self, address: Path, limits: Limits, workers: int, watch: Watch = UNWATCHED) -> None:
        self._leases = Leases(workers)
        self._watch = watch
        self._address = str(address)
        self._limits = limits
        # Threads take from it and give back at the same time; a semaphore takes ten times as long.
        self._places = deque([None] * MOST_CALLS)

    def query(self, query: Query, formats: Formats, client: socket.socket | None = None) -> Answer:
        """Evaluate the query in a worker; see Engine.query."""
        seconds = min(self._limits.seconds, query.seconds or self._limits.seconds)
        try:
            self._places.pop()
        except IndexError as error:
            self._watch.ended(Lane.LIGHT, Outcome.BUSY, 0)
            raise EngineBusy("too many queries are waiting") from error
        call = Call(self._address, self._leases, seconds, query.waited, client, self._watch)
        end = partial(self._end, call, time.monotonic())
        try:
            head = call.ask(_message(query, formats, seconds + GRACE_SECONDS, self._limits.result))
            kind, format_name = head.decode().split()
            # Hold a light answer back until it is whole: what fails meanwhile still finds an unsent status, and
            # its worker is free before a reader takes it, however slowly.
            pieces, whole = call.collect()
        except BaseException as error:
            end(type(error))
            raise
        if not whole:
            return Answer(ResultKind(kind), BY_NAME[format_name], _streamed(call, pieces, end))
        end(None)
        return Answer(ResultKind(kind), BY_NAME[format_name], iter(pieces), sum(map(len, pieces)))

    def close(self) -> None:
        """Let the workers go."""
        self._leases.close()

    def _end(self, call: Call, begun: float, error: type[BaseException] | None) -> None:
        lane = call.lane
        call.close()
        self._places.append(None)
        self._watch.ended(lane, outcome_of(error), time.monotonic() - begun)


def _streamed(call: Call, pieces: list[bytes], end: Callable[[type[BaseException] | None], None]) -> Iterator[bytes]:
    def chunks() -> Iterator[bytes]:
        try:
            yield b""
            yield from call.stream(pieces)
        except BaseException as error:
            end(type(error))
            raise
        end(None)

    started = chunks()
    next(started)  # once started, it ends the call however it is dropped
    return started


def _message(query: Query, formats: Formats, seconds: float, most_bytes: int) -> bytes:
    """Return a line of options, of which there are few, and the text of the query."""
    names = tuple((kind.value, chosen.name if chosen else None) for kind, chosen in formats.items())
    bindings = tuple(query.bindings.items())
    options = _options(query.default_graphs, query.named_graphs, bindings, names, seconds, most_bytes)
    return options + query.text.encode()


@lru_cache(maxsize=256)
def _options(
    default_graphs: tuple[str, ...] | None,
    named_graphs: tuple[str, ...] | None,
    bindings: tuple[tuple[str, str], ...],
    formats: tuple[tuple[str, str | None], ...],
    seconds: float,
    most_bytes: int,
) -> bytes:
    options = {
        "default_graphs": default_graphs,
        "named_graphs": named_graphs,
        "bindings": dict(bindings),
        "formats": dict(formats),
        "seconds": seconds,
        "bytes": most_bytes,
    }
    return json.dumps(options).encode() + b"\n"


def start_zygote(source: Path, address: Path, workers: int, memory: int) -> subprocess.Popen[bytes]:
    """Start a zygote over a file of N-Quads or the folder of a store on disk; returns it once it answers.

    ``workers`` is the number of queries that run at a time in each lane, ``memory`` what each may take, in bytes.
    It ends when its standard input is closed. Raises EngineError when it does not start.
    """
    for path in (address, Path(lane_of(str(address)))):
        path.unlink(missing_ok=True)
    arguments = [str(source), str(address), str(workers), str(memory)]
    command = [sys.executable, "-m", "taiwan_can_help.engine.zygote", *arguments]
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
def running_pool(source: Path, workers: int, limits: Limits) -> Iterator[PoolEngine]:
    """Run a zygote for as long as the context lasts; yields the engine over it."""
    with tempfile.TemporaryDirectory(prefix="tch-") as folder:
        address = Path(folder) / "engine.sock"
        zygote = start_zygote(source, address, workers, limits.memory)
        try:
            with contextlib.closing(PoolEngine(address, limits, workers)) as engine:
                yield engine
        finally:
            end(zygote)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(address))
        except OSError:
            return False
        return True
