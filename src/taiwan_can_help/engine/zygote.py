"""The process that holds the store: single-threaded, it forks query workers and replaces those that die.

Run as ``python -m taiwan_can_help.engine.zygote SOURCE SOCKET WORKERS MEMORY``; it ends when its standard input does,
that is, with the server that started it. SOURCE is a file of N-Quads, which is loaded into memory and shared by all
workers, or the folder of a store on disk, which each opens for itself: RocksDB has threads, and a fork keeps none.
On SOCKET the workers take calls; a call that goes on for longer asks at ``lane_of(SOCKET)`` for a place in the heavy
lane, holds that connection as long as it runs, and says there when its worker is done.
"""

import contextlib
import gc
import os
import select
import signal
import socket
import sys
import time
import traceback
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.engine import EngineError
from taiwan_can_help.engine.memory import load
from taiwan_can_help.engine.worker import open_sealed, work

MOST_DESCRIPTORS = 1024
HEAVY_NICENESS = 10
# How long there may be less light workers than wanted, but no less than half, and how long more.
FORK_SECONDS, SPARE_SECONDS = 0.5, 2.0
ADMITTED, REFUSED, DONE = b"y", b"n", b"d"


def lane_of(address: str) -> str:
    """Return the address of the socket that admits to the heavy lane."""
    return f"{address}.lane"


def main() -> None:
    """Load the store, listen, and keep the wanted number of workers alive."""
    name, address, workers, memory = sys.argv[1:]
    path = Path(name)
    if path.is_dir():
        _try(path)
    source = path if path.is_dir() else load(path)
    with socket.socket(socket.AF_UNIX) as lane, socket.socket(socket.AF_UNIX) as listener:
        lane.bind(lane_of(address))
        lane.listen(128)
        listener.bind(address)
        listener.listen(128)
        Zygote(source, listener, lane, int(workers), int(memory)).run()


def _try(folder: Path) -> None:
    """Open the store in a process of its own: a worker that can't would be replaced by another without end."""
    child = os.fork()
    if not child:
        try:
            open_sealed(folder)
        except EngineError as error:
            print(error, file=sys.stderr, flush=True)  # noqa: T201
            os._exit(1)
        os._exit(0)
    if os.waitpid(child, 0)[1]:
        raise SystemExit(1)


class Zygote:
    """Two lanes: ``wanted`` workers are free or at a light query, and at most as many at heavy ones.

    A worker that comes to the heavy lane runs on at a lower priority, and another soon takes its place. While the
    lane is full it is stopped and waits for a place; where as many wait already, it is refused. Once done it is a
    light one again, and the youngest of those that nobody holds goes in its stead: a worker that has read much of the
    store has its own copies of the pages that reading writes to, which are slow to make.
    """

    def __init__(
        self, source: ox.Store | Path, listener: socket.socket, lane: socket.socket, wanted: int, memory: int
    ) -> None:
        self._source = source
        self._listener = listener
        self._lane = lane
        self._wanted = wanted
        self._memory = memory
        self._light: set[int] = set()
        self._born: dict[int, float] = {}
        self._uneven_since: float | None = None
        # By the connection that a call holds for as long as it runs.
        self._heavy: dict[socket.socket, int] = {}
        self._waiting: dict[socket.socket, int] = {}

    def run(self) -> None:
        """Fork, admit and reap until standard input ends."""
        # A child's death wakes select through this pipe.
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        # A collection in a worker would write to all pages of objects, and so have a copy made of each.
        gc.freeze()
        try:
            while True:
                wait = self._adjust()
                held = [*self._heavy, *self._waiting]
                readable, _, _ = select.select([sys.stdin, read_end, self._lane, *held], [], [], wait)
                if sys.stdin in readable:
                    return
                if read_end in readable:
                    os.read(read_end, 4096)
                    self._forget(_ended())
                for connection in set(held) & set(readable):
                    self._leave(connection)
                if self._lane in readable:
                    self._take_in()
                while self._waiting and len(self._heavy) < self._wanted:
                    self._admit(next(iter(self._waiting)))
        finally:
            for worker in [*self._light, *self._heavy.values(), *self._waiting.values()]:
                _signal(worker, signal.SIGKILL)

    def _adjust(self) -> float | None:
        """Fork workers or let some go, and return after how many seconds to look again; None if nothing is to come.

        To fork takes long where the store is large. So as long as half of the workers are there, the place of those
        in the heavy lane is kept for a moment: most long queries are done by then.
        """
        missing = self._wanted - len(self._light)
        if not missing:
            self._uneven_since = None
            return None
        now = time.monotonic()
        since = self._uneven_since = self._uneven_since or now
        if missing > 0:
            at_once = missing - len(self._heavy) - len(self._waiting)
            if now >= since + FORK_SECONDS or len(self._light) <= self._wanted // 2:
                at_once = missing
            for _ in range(at_once):
                self._add()
            return FORK_SECONDS
        if now >= since + SPARE_SECONDS:
            for youngest in sorted(self._light, key=self._born.__getitem__)[missing:]:
                _signal(youngest, signal.SIGTERM)  # held off as long as a web process holds the worker
            self._uneven_since = now
        return SPARE_SECONDS

    def _add(self) -> None:
        worker = self._fork()
        self._light.add(worker)
        self._born[worker] = time.monotonic()

    def _take_in(self) -> None:
        """Let the worker of a call that has become heavy wait for a place, or refuse it."""
        connection, _ = self._lane.accept()
        connection.settimeout(1)
        try:
            worker = int(connection.recv(16) or b"0")
            if worker in self._light and len(self._waiting) < self._wanted:
                self._light.discard(worker)
                self._waiting[connection] = worker
                _signal(worker, signal.SIGSTOP)
                return
            if worker in self._light:
                connection.sendall(REFUSED)
        except OSError:
            pass  # the call ended meanwhile
        connection.close()

    def _admit(self, connection: socket.socket) -> None:
        worker = self._heavy[connection] = self._waiting.pop(connection)
        with contextlib.suppress(ProcessLookupError):
            os.setpriority(os.PRIO_PROCESS, worker, HEAVY_NICENESS)
        _signal(worker, signal.SIGCONT)
        with contextlib.suppress(OSError):  # a call that ended meanwhile is found by its connection
            connection.sendall(ADMITTED)

    def _forget(self, ended: set[int]) -> None:
        # A reaped process's id may be given to another, so it must not be killed again.
        self._light -= ended
        for worker in ended:
            self._born.pop(worker, None)
        for lane in (self._heavy, self._waiting):
            for connection in [connection for connection, worker in lane.items() if worker in ended]:
                del lane[connection]
                connection.close()

    def _leave(self, connection: socket.socket) -> None:
        """Let a worker out that is done; end that of any other call that is over, be it that its web process died."""
        for lane in (self._heavy, self._waiting):
            if connection in lane:
                worker = lane.pop(connection)
                if not (_says_done(connection) and self._let_out(worker)):
                    _signal(worker, signal.SIGKILL)
                connection.close()

    def _let_out(self, worker: int) -> bool:
        try:
            os.setpriority(os.PRIO_PROCESS, worker, os.getpriority(os.PRIO_PROCESS, 0))
        except OSError:  # it has ended, or the system lets nobody but root raise a priority
            return False
        self._light.add(worker)
        return True

    def _fork(self) -> int:
        child = os.fork()
        if child:
            return child
        try:
            signal.set_wakeup_fd(-1)
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            # The listener becomes descriptor 0; of the parent's others only the two for messages stay.
            os.dup2(self._listener.fileno(), 0)
            os.closerange(3, MOST_DESCRIPTORS)
            work(self._source, socket.socket(fileno=0), self._memory)
        except Exception:  # noqa: BLE001 (a forked child has nobody above it to raise to)
            traceback.print_exc()
        finally:
            os._exit(1)


def _says_done(connection: socket.socket) -> bool:
    try:
        return connection.recv(1) == DONE
    except OSError:
        return False


def _signal(worker: int, number: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, number)


def _ended() -> set[int]:
    ended: set[int] = set()
    while True:
        try:
            pid, _ = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return ended
        if pid == 0:
            return ended
        ended.add(pid)


if __name__ == "__main__":
    main()
