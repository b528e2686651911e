"""What the engine tells whoever watches it: where its queries are, and how they end."""

from enum import Enum
from typing import Protocol

from taiwan_can_help.engine import ClientLeft, EngineBusy, NotAcceptable, QueryError, QueryTimeout


class Lane(Enum):
    """The two lanes of a pool of workers."""

    LIGHT = "light"
    HEAVY = "heavy"


class Stage(Enum):
    """Where a query is: in which lane, and whether it waits or runs."""

    WAITING = ("light", "waiting")
    RUNNING = ("light", "running")
    WAITING_HEAVY = ("heavy", "waiting")
    RUNNING_HEAVY = ("heavy", "running")


class Outcome(Enum):
    """How a query ended."""

    ANSWERED = "answered"
    REFUSED = "refused"  # the query is at fault, or no format is acceptable
    TIMEOUT = "timeout"
    BUSY = "busy"
    LEFT = "left"  # the client left, or took no more
    FAILED = "failed"


_OUTCOMES: dict[type[BaseException], Outcome] = {
    QueryError: Outcome.REFUSED,
    NotAcceptable: Outcome.REFUSED,
    QueryTimeout: Outcome.TIMEOUT,
    EngineBusy: Outcome.BUSY,
    ClientLeft: Outcome.LEFT,
    GeneratorExit: Outcome.LEFT,
}


def outcome_of(error: type[BaseException] | None) -> Outcome:
    """Return how a query ended by what was raised."""
    return Outcome.ANSWERED if error is None else _OUTCOMES.get(error, Outcome.FAILED)


class Watch(Protocol):
    """Is told of each query; threads tell it at the same time."""

    def moved(self, before: Stage | None, after: Stage | None) -> None:
        """Take note that a query goes from one stage to another; None is before its start and after its end."""

    def ended(self, lane: Lane, outcome: Outcome, seconds: float) -> None:
        """Take note of how a query ended, how long after its start, and in which lane."""

    def killed(self, lane: Lane) -> None:
        """Take note that the worker of a query was killed at work."""


class _Unwatched:
    """A watch that takes no note."""

    def moved(self, before: Stage | None, after: Stage | None) -> None:
        """See Watch."""

    def ended(self, lane: Lane, outcome: Outcome, seconds: float) -> None:
        """See Watch."""

    def killed(self, lane: Lane) -> None:
        """See Watch."""


UNWATCHED = _Unwatched()
