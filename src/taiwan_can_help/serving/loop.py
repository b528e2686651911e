"""Requests that run in a worker's event loop: each gives way to the others while it waits.

A light query takes less time than handing its request to a thread and back, and threads that take turns at Python's
lock get in each other's way. So each request here has a greenlet (https://greenlet.readthedocs.io/): the same code,
none of which knows, with a stack of its own that stands still where it waits (``waiting``).
"""

import select
import socket
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass
from enum import Enum
from selectors import EVENT_READ, BaseSelector
from typing import Any, TypeVar

from greenlet import getcurrent, greenlet

from taiwan_can_help.waiting import Left, wait_by

T = TypeVar("T")
Defer = Callable[..., None]

# A request that has run for longer waits for a long query, for another's answer or for its client.
YOUNG_SECONDS = 0.05
MOST_RUNNING, MOST_QUEUED = 64, 512
# How often the queue is looked at where nothing else happens.
LOOK_SECONDS = 0.05


class Loop:
    """Runs requests in turn with whatever else its selector's thread does.

    No more than ``at_a_time`` run but for those that take longer, for which nobody waits. ``threads`` do what stands
    still, ``defer`` has a function called in the selector's thread.
    """

    def __init__(self, selector: BaseSelector, threads: Executor, defer: Defer, at_a_time: int) -> None:
        self._hub = getcurrent()
        self._threads = threads
        self._defer = defer
        self._epoll = select.epoll()
        selector.register(self._epoll, EVENT_READ, lambda _: self._poll())
        self._waits: dict[int, _Wait] = {}
        self._clients: dict[int, _Wait] = {}
        self._at_a_time = at_a_time
        self._running: dict[greenlet, float] = {}  # by when they started
        self._idle: list[greenlet] = []  # to be used again: each has memory of its own
        self._queue: deque[Callable[[], None]] = deque()

    def start(self, request: Callable[[], None]) -> bool:
        """Run a request, at once or when its turn comes; returns False when there are too many."""
        if len(self._running) >= MOST_RUNNING or len(self._queue) >= MOST_QUEUED:
            return False
        self._queue.append(request)
        self._start_next()
        return True

    def seconds_left(self, most: float) -> float:
        """Return how long nothing needs to happen here without an event, and no more than ``most``."""
        if self._queue:
            most = min(most, LOOK_SECONDS)
        if not self._waits:
            return most
        return max(0.0, min(most, min(wait.until for wait in self._waits.values()) - time.monotonic()))

    def wake_late(self) -> None:
        """Let those go on who have waited for as long as they wanted to."""
        if self._waits:
            now = time.monotonic()
            for wait in [wait for wait in self._waits.values() if wait.until <= now]:
                self._end(wait, _Ready.LATE)
        self._start_next()

    def readable(self, connection: socket.socket, client: socket.socket | None, seconds: float) -> bool:
        """See Waiting."""
        return self._wait(connection.fileno(), select.EPOLLIN, seconds, None if client is None else client.fileno())

    def writable(self, connection: socket.socket, seconds: float) -> bool:
        """Return whether a connection takes more, after so many seconds at most."""
        return self._wait(connection.fileno(), select.EPOLLOUT, seconds)

    def aside(self, work: Callable[[], T]) -> T:
        """See Waiting."""
        waiter = getcurrent()
        done = self._threads.submit(work)
        done.add_done_callback(lambda _: self._defer(self._resume, waiter, None))
        self._hub.switch()
        return done.result()

    def _start_next(self) -> None:
        while self._queue and self._young() < self._at_a_time:
            runner = self._idle.pop() if self._idle else greenlet(self._run, self._hub)
            runner.switch(self._queue.popleft())

    def _run(self, request: Callable[[], None]) -> None:
        wait_by(self)
        runner = getcurrent()
        while True:
            self._running[runner] = time.monotonic()
            try:
                request()
            finally:
                del self._running[runner]
            self._idle.append(runner)
            request = self._hub.switch()

    def _young(self) -> int:
        if len(self._running) < self._at_a_time:
            return len(self._running)
        since = time.monotonic() - YOUNG_SECONDS
        return sum(started > since for started in self._running.values())

    def _resume(self, waiter: greenlet, what: Any) -> None:
        waiter.switch(what)
        if self._queue:
            self._start_next()

    def client_left(self, client: int) -> None:
        """Let a request know, if it waits, that the connection of this descriptor was closed from its other side."""
        if client in self._clients:
            self._end(self._clients[client], _Ready.LEFT)

    def _wait(self, descriptor: int, events: int, seconds: float, client: int | None = None) -> bool:
        """Give way until the descriptor is ready, and return whether it is; raises Left once the client has."""
        wait = self._waits[descriptor] = _Wait(getcurrent(), time.monotonic() + seconds)
        if client is not None:
            self._clients[client] = wait
        try:
            self._epoll.modify(descriptor, events | select.EPOLLONESHOT)
        except FileNotFoundError:
            self._epoll.register(descriptor, events | select.EPOLLONESHOT)
        try:
            ready: _Ready = self._hub.switch()
        finally:
            del self._waits[descriptor]
            if client is not None:
                del self._clients[client]
        if ready is _Ready.LEFT:
            raise Left
        return ready is _Ready.YES

    def _poll(self) -> None:
        # Who goes on may close a descriptor whose number another gets: so first see for whom the events are.
        for wait in [self._waits.get(descriptor) for descriptor, _ in self._epoll.poll(0)]:
            if wait is not None:  # its time may be over, but its descriptor be watched once more
                self._end(wait, _Ready.YES)

    def _end(self, wait: "_Wait", ready: "_Ready") -> None:
        if not wait.over:
            wait.over = True
            self._resume(wait.waiter, ready)


class _Ready(Enum):
    """How a wait ended."""

    YES = 1
    LATE = 2
    LEFT = 3


@dataclass(eq=False)
class _Wait:
    waiter: greenlet
    until: float
    over: bool = False


class GivingSocket:
    """A client's connection to a request in the loop: who sends gives way while the client takes no more."""

    def __init__(self, connection: socket.socket, loop: Loop, seconds: float) -> None:
        self._connection = connection
        self._loop = loop
        self._seconds = seconds

    def sendall(self, content: bytes) -> None:
        """Send all; raises TimeoutError where the client takes nothing for so many seconds."""
        rest = memoryview(content)
        while rest:
            try:
                rest = rest[self._connection.send(rest) :]
            except BlockingIOError:
                if not self._loop.writable(self._connection, self._seconds):
                    raise TimeoutError("the client took nothing for too long") from None
