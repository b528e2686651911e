"""The engine as a web process sees it: killable workers behind a Unix socket, a deadline for each query."""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from taiwan_can_help.engine import Answer, EngineBusy, EngineError, Formats, Query
from taiwan_can_help.engine.call import Call
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

    It holds no store and no open socket between queries, so any number of threads and forked processes
    can share it.
    """

    def __init__(self, address: Path, limits: Limits, watch: Watch = UNWATCHED) -> None:
        self._watch = watch
        self._address = str(address)
        self._limits = limits
        self._calls = threading.BoundedSemaphore(MOST_CALLS)

    def query(self, query: Query, formats: Formats, client: socket.socket | None = None) -> Answer:
        """Evaluate the query in a worker; see Engine.query."""
        seconds = min(self._limits.seconds, query.seconds or self._limits.seconds)
        if not self._calls.acquire(blocking=False):
            self._watch.ended(Lane.LIGHT, Outcome.BUSY, 0)
            raise EngineBusy("too many queries are waiting")
        call = Call(self._address, seconds, query.waited, client, self._watch)
        with contextlib.ExitStack() as ending:
            ending.callback(self._calls.release)
            ending.push(partial(self._end, call, time.monotonic()))
            call.send(_message(query, formats, seconds + GRACE_SECONDS, self._limits.result))
            kind, format_name = call.receive()[1].decode().split()
            # Hold a light answer back until it is whole: what fails meanwhile still finds an unsent status, and
            # its worker is free before a reader takes it, however slowly.
            pieces, whole = call.collect()
            chunks = iter(pieces) if whole else _streamed(call, pieces, ending.pop_all())
            length = sum(map(len, pieces)) if whole else None
            return Answer(ResultKind(kind), BY_NAME[format_name], chunks, length)

    def _end(self, call: Call, begun: float, error: type[BaseException] | None, *_: object) -> None:
        lane = call.lane
        call.close()
        self._watch.ended(lane, outcome_of(error), time.monotonic() - begun)


def _streamed(call: Call, pieces: list[bytes], ending: contextlib.ExitStack) -> Iterator[bytes]:
    def chunks() -> Iterator[bytes]:
        with ending:
            yield b""
            yield from call.stream(pieces)

    started = chunks()
    next(started)  # once started, it ends the call however it is dropped
    return started


def _message(query: Query, formats: Formats, seconds: float, most_bytes: int) -> bytes:
    return json.dumps(
        {
            "text": query.text,
            "default_graphs": query.default_graphs,
            "named_graphs": query.named_graphs,
            "bindings": dict(query.bindings),
            "seconds": seconds,
            "bytes": most_bytes,
            "formats": {kind.value: chosen and chosen.name for kind, chosen in formats.items()},
        }
    ).encode()


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
            yield PoolEngine(address, limits)
        finally:
            end(zygote)


def _answers(address: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        try:
            connection.connect(str(address))
        except OSError:
            return False
        return True
