"""How a request waits: its thread stands still or, where an event loop runs it, it gives way to others."""

import select
import socket
from collections.abc import Callable
from contextvars import ContextVar
from typing import Protocol, TypeVar

T = TypeVar("T")
# What poll says of a connection that its other side has closed.
_GONE = select.POLLRDHUP | select.POLLHUP | select.POLLERR


class Left(Exception):
    """The client that a request waited for has closed its connection."""


class Waiting(Protocol):
    """The two things that a request waits for."""

    def readable(self, connection: socket.socket, client: socket.socket | None, seconds: float) -> bool:
        """Return whether there is something to read, after so many seconds at most.

        Raises Left once ``client`` is closed from its other side.
        """

    def aside(self, work: Callable[[], T]) -> T:
        """Return what ``work`` returns, which may stand still for a while and knows nothing of the request."""


class InThread:
    """For a request that has a thread of its own."""

    def readable(self, connection: socket.socket, client: socket.socket | None, seconds: float) -> bool:
        """See Waiting."""
        poll = select.poll()
        poll.register(connection, select.POLLIN)
        if client is not None:
            poll.register(client, _GONE)
        ready = dict(poll.poll(1000 * seconds))
        if client is not None and client.fileno() in ready:
            raise Left
        return connection.fileno() in ready

    def aside(self, work: Callable[[], T]) -> T:
        """See Waiting."""
        return work()


_WAITING: ContextVar[Waiting] = ContextVar("waiting")
_IN_THREAD = InThread()


def waiting() -> Waiting:
    """Return how the request at hand waits."""
    return _WAITING.get(_IN_THREAD)


def wait_by(way: Waiting) -> None:
    """Let all that runs in this context wait in a certain way."""
    _WAITING.set(way)
