"""Start servers on free ports of this machine, wait for them, look at what they use, and end them."""

import contextlib
import http.client
import os
import signal
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

import psutil

LOOPBACK = "127.0.0.1"
START_SECONDS = 600
SETTLE_SECONDS = 20
# Ours begins to warm its cache a second after its start; at ten million triples it takes minutes.
WARM_BEGINS_SECONDS, WARM_SECONDS = 2, 1200
IDLE_SHARE = 0.1


class NotServing(Exception):
    """A server ended, or did not answer in time."""


def free_port() -> int:
    """Return a port that is free at the moment."""
    with socket.create_server((LOOPBACK, 0)) as listener:
        return int(listener.getsockname()[1])


@contextlib.contextmanager
def running(
    command: Sequence[str | Path], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[psutil.Process]:
    """Run a command in a session of its own, its output in ``log``; at the end all of the session is ended."""
    with log.open("ab") as output:
        process = subprocess.Popen(  # noqa: S603 (the servers that we measure)
            [str(word) for word in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, **(environment or {})},
        )
    try:
        yield psutil.Process(process.pid)
    finally:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def wait_until_it_answers(url: str, process: psutil.Process, log: Path) -> None:
    """Return once the server answers a GET in whatever way; raises NotServing with the end of its log."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and _lives(process):
        with contextlib.suppress(OSError, http.client.HTTPException):
            connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
            with contextlib.closing(connection):
                connection.request("GET", urlsplit(url).path or "/")
                connection.getresponse().read()
                return
        time.sleep(0.05)
    last = " ".join(log.read_text("utf-8", "replace").splitlines()[-3:])
    raise NotServing(f"does not answer at {url}: {last}")


def wait_until_warm(processes: Sequence[psutil.Process]) -> None:
    """Wait until servers that have just started, and may warm their caches, rest."""
    time.sleep(WARM_BEGINS_SECONDS)
    settle(processes, WARM_SECONDS)


def settle(processes: Sequence[psutil.Process], seconds: float = SETTLE_SECONDS) -> None:
    """Wait until the processes rest, since a load driver that stops leaves them requests."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        before = processor_seconds(processes)
        time.sleep(0.05)
        # Less than before where a process ended and its parent does not yet count its time.
        if 0 <= processor_seconds(processes) - before <= 0.05 * IDLE_SHARE:
            return


def processor_seconds(processes: Sequence[psutil.Process]) -> float:
    """Return the processor time that the processes and all below them have used, those that have ended too."""
    total = 0.0
    for process in _families(processes):
        with contextlib.suppress(psutil.Error):
            times = process.cpu_times()
            total += times.user + times.system + times.children_user + times.children_system
    return total


def megabytes(process: psutil.Process) -> float:
    """Return the memory that the process and all below it hold, shared pages counted in parts (PSS)."""
    total = 0
    for member in _families([process]):
        with contextlib.suppress(psutil.Error):
            total += member.memory_full_info().pss
    return total / 1024 / 1024


def _families(processes: Sequence[psutil.Process]) -> Iterator[psutil.Process]:
    for process in processes:
        with contextlib.suppress(psutil.Error):
            yield from (process, *process.children(recursive=True))


def _lives(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
