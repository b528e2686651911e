"""The process that holds the store: single-threaded, it forks query workers and replaces those that die.

Run as ``python -m taiwan_can_help.engine.zygote NQUADS SOCKET WORKERS``; it ends when its standard input does,
that is, with the server that started it.
"""

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


def main() -> None:
    """Load the store, listen, and keep the wanted number of workers alive."""
    nquads, address, wanted = sys.argv[1:]
    store = load(Path(nquads))
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(address)
        listener.listen(128)
        _keep_workers(store, listener, int(wanted))


def _keep_workers(store: ox.Store, listener: socket.socket, wanted: int) -> None:
    # A child's death wakes select through this pipe.
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.set_wakeup_fd(write_end, warn_on_full_buffer=False)
    workers: set[int] = set()
    try:
        while True:
            while len(workers) < wanted:
                workers.add(_fork(store, listener))
            readable, _, _ = select.select([sys.stdin, read_end], [], [])
            if sys.stdin in readable:
                return
            os.read(read_end, 4096)
            workers -= _ended()
    finally:
        for worker in workers:
            os.kill(worker, signal.SIGKILL)


def _fork(store: ox.Store, listener: socket.socket) -> int:
    child = os.fork()
    if child:
        return child
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        # The listener becomes descriptor 0; of the parent's others only the two for messages stay.
        os.dup2(listener.fileno(), 0)
        os.closerange(3, MOST_DESCRIPTORS)
        work(store, socket.socket(fileno=0))
    except Exception:  # noqa: BLE001 (a forked child has nobody above it to raise to)
        traceback.print_exc()
    finally:
        os._exit(1)


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
