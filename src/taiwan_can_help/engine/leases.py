"""The workers that a web process holds: each answers it alone, query after query, until its connection ends."""

import contextlib
import os
import signal
import socket
import threading
from collections import deque
from dataclasses import dataclass, replace
from functools import partial

from taiwan_can_help.engine.frames import Frames
from taiwan_can_help.waiting import waiting


@dataclass(frozen=True, eq=False)
class Lease:
    """A worker by its connection; ``used`` where it has answered a query already, and may have died since."""

    connection: socket.socket
    frames: Frames
    worker: int
    used: bool

    def kill(self) -> None:
        """Kill the worker; its zygote forks another."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.worker, signal.SIGKILL)


class Leases:
    """As many workers as a web process may have at light queries; threads may share them, forked processes not."""

    def __init__(self, most: int) -> None:
        self._turns = threading.Semaphore(most)
        self._idle: deque[Lease] = deque()

    def enter(self, seconds: float) -> bool:
        """Wait for a turn, for so many seconds at most, and return whether it came."""
        return self._turns.acquire(blocking=False) or waiting().aside(partial(self._turns.acquire, timeout=seconds))

    def leave(self) -> None:
        """End the turn."""
        self._turns.release()

    def take(self) -> Lease | None:
        """Return a worker that is held and idle, if there is one."""
        try:
            return self._idle.pop()
        except IndexError:
            return None

    def keep(self, lease: Lease) -> None:
        """Hold a worker that has ended its work, for the next call."""
        self._idle.append(lease if lease.used else replace(lease, used=True))

    def close(self) -> None:
        """Let the workers go that are idle."""
        while self._idle:
            self._idle.pop().connection.close()
