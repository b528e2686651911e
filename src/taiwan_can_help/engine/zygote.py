"""The process that holds the store: single-threaded, it forks query workers and replaces those that die.

Run as ``python -m taiwan_can_help.engine.zygote NQUADS SOCKET WORKERS MEMORY``; it ends when its standard input does,
that is, with the server that started it. On SOCKET the workers take calls; a call that goes on for longer asks at
``lane_of(SOCKET)`` for a place in the heavy lane, and holds that connection as long as it runs.
"""

import contextlib
import os
import select
import signal
import socket
import sys
import traceback
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.engine.memory import load
from taiwan_can_help.engine.worker import work

MOST_DESCRIPTORS = 1024
HEAVY_NICENESS = 10
ADMITTED, REFUSED = b"y", b"n"


def lane_of(address: str) -> str:
    """Return the address of the socket that admits to the heavy lane."""
    return f"{address}.lane"


def main() -> None:
    """Load the store, listen, and keep the wanted number of workers alive."""
    nquads, address, workers, memory = sys.argv[1:]
    store = load(Path(nquads))
    with socket.socket(socket.AF_UNIX) as lane, socket.socket(socket.AF_UNIX) as listener:
        lane.bind(lane_of(address))
        lane.listen(128)
        listener.bind(address)
        listener.listen(128)
        Zygote(store, listener, lane, int(workers), int(memory)).run()


class Zygote:
    """Two lanes: ``wanted`` workers are free or at a light query, and at most as many at heavy ones.

    A worker that comes to the heavy lane runs on at a lower priority, another is forked to take its place, and
    it ends with its query, so that what it grew to is given back.
    """

    def __init__(self, store: ox.Store, listener: socket.socket, lane: socket.socket, wanted: int, memory: int) -> None:
        self._store = store
        self._listener = listener
        self._lane = lane
        self._wanted = wanted
        self._memory = memory
        self._light: set[int] = set()
        self._heavy: dict[socket.socket, int] = {}

    def run(self) -> None:
        """Fork, admit and reap until standard input ends."""
        # A child's death wakes select through this pipe.
        read_end, write_end = os.pipe()
        os.set_blocking(write_end, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
        try:
            while True:
                while len(self._light) < self._wanted:
                    self._light.add(self._fork())
                readable, _, _ = select.select([sys.stdin, read_end, self._lane, *self._heavy], [], [])
                if sys.stdin in readable:
                    return
                if read_end in readable:
                    os.read(read_end, 4096)
                    self._forget(_ended())
                if self._lane in readable:
                    self._admit()
                for connection in self._heavy.keys() & set(readable):
                    self._leave(connection)
        finally:
            for worker in [*self._light, *self._heavy.values()]:
                _kill(worker)

    def _admit(self) -> None:
        connection, _ = self._lane.accept()
        connection.settimeout(1)
        try:
            worker = int(connection.recv(16) or b"0")
            admitted = worker in self._light and len(self._heavy) < self._wanted
            connection.sendall(ADMITTED if admitted else REFUSED)
        except OSError:
            connection.close()  # the call ended meanwhile
            return
        if admitted:
            self._light.discard(worker)
            self._heavy[connection] = worker
            with contextlib.suppress(ProcessLookupError):
                os.setpriority(os.PRIO_PROCESS, worker, HEAVY_NICENESS)
        else:
            connection.close()

    def _forget(self, ended: set[int]) -> None:
        # A reaped process's id may be given to another, so it must not be killed again.
        self._light -= ended
        for connection in [connection for connection, worker in self._heavy.items() if worker in ended]:
            del self._heavy[connection]
            connection.close()

    def _leave(self, connection: socket.socket) -> None:
        """End the worker of a call that is over, also where the web process died before it could."""
        _kill(self._heavy.pop(connection))
        connection.close()

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
            work(self._store, socket.socket(fileno=0), self._memory)
        except Exception:  # noqa: BLE001 (a forked child has nobody above it to raise to)
            traceback.print_exc()
        finally:
            os._exit(1)


def _kill(worker: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(worker, signal.SIGKILL)


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
