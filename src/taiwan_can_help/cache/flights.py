"""One computation for all who ask for the same at the same time."""

import threading
from collections.abc import Hashable
from functools import partial

from taiwan_can_help.waiting import waiting

# Who waits holds a thread; others than so many compute for themselves, within the limits of the engine.
MOST_WAITING = 16


class Flights:
    """The computations under way, by what they are for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # With what to wait on, once somebody does.
        self._under_way: dict[Hashable, threading.Event | None] = {}
        self._waiting = threading.BoundedSemaphore(MOST_WAITING)

    def start(self, key: Hashable) -> bool:
        """Return whether the caller is the one to compute, and then to call ``end``."""
        with self._lock:
            if key in self._under_way:
                return False
            self._under_way[key] = None
            return True

    def wait(self, key: Hashable, seconds: float) -> None:
        """Wait until the computation has ended, well or not, but no longer than ``seconds``."""
        with self._lock:
            ended = None
            if key in self._under_way:
                ended = self._under_way[key] = self._under_way[key] or threading.Event()
        if ended is not None and self._waiting.acquire(blocking=False):
            try:
                waiting().aside(partial(ended.wait, seconds))
            finally:
                self._waiting.release()

    def end(self, key: Hashable) -> None:
        """Let those go on who wait; what they find decides whether they compute for themselves."""
        with self._lock:
            ended = self._under_way.pop(key, None)
        if ended is not None:
            ended.set()
