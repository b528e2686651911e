"""What a server's processes hold, read from /proc: how many they are, their descriptors, their memory."""

import time
from dataclasses import dataclass
from pathlib import Path

from conftest import Running


@dataclass(frozen=True)
class Usage:
    """Descriptors and resident bytes of each process that is no query worker, and how many processes there are."""

    processes: int
    descriptors: dict[int, int]
    memory: dict[int, int]


def usage(running: Running, processes: int | None = None) -> Usage:
    """Return what the server holds at rest; where ``processes`` is given, once it is back to that many or in 10 s."""
    deadline = time.monotonic() + 10
    while processes and len(running.processes()) != processes and time.monotonic() < deadline:
        time.sleep(0.1)
    time.sleep(0.3)  # connections that were just closed
    found = running.processes()
    lasting = [pid for pid in found if not _is_query_worker(pid)]
    return Usage(len(found), {pid: _descriptors(pid) for pid in lasting}, {pid: _resident(pid) for pid in lasting})


def _is_query_worker(pid: int) -> bool:
    """Return whether a process is forked from the one that holds the store; it comes and goes with queries."""
    parent = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]
    command = Path(f"/proc/{pid}/cmdline").read_bytes()
    return b"engine.zygote" in command and command == Path(f"/proc/{parent}/cmdline").read_bytes()


def _descriptors(pid: int) -> int:
    return len(list(Path(f"/proc/{pid}/fd").iterdir()))


def _resident(pid: int) -> int:
    fields = dict(line.split(":", 1) for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:])
    return int(fields["Anonymous"].split()[0]) * 1024
