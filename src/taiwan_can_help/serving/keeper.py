"""The process that keeps an engine for the current release, and takes a new release without a restart.

Run as ``python -m taiwan_can_help.serving.keeper CURRENT RUN WORKERS MEMORY GRACE STORE``: from the first byte of its
standard input on it watches the link CURRENT and, for each whole release that it comes to name, starts a zygote on
``RUN/<id>.sock`` over a store of the kind STORE; once that answers, the link ``RUN/serving`` names the release. The
zygote before goes on for GRACE seconds, so that no request is dropped.
"""

import contextlib
import os
import select
import subprocess
import sys
import time
from pathlib import Path

from taiwan_can_help.engine import EngineError
from taiwan_can_help.engine.pool import end, start_zygote
from taiwan_can_help.errors import InputError
from taiwan_can_help.release.folder import Release
from taiwan_can_help.release.store import StoreKind, source_of
from taiwan_can_help.serving.keeping import SERVING

LOOK_SECONDS = 0.5


class Keeper:
    """The zygotes that run: one for the release that is served, and those that may still have a query to end."""

    def __init__(self, current: Path, run: Path, workers: int, memory: int, grace: float, store: StoreKind) -> None:
        self._current = current
        self._run = run
        self._workers = workers
        self._memory = memory
        self._grace = grace
        self._store = store
        self._zygote: subprocess.Popen[bytes] | None = None
        self._serving: Path | None = None
        self._refused: Path | None = None
        self._leaving: list[tuple[float, subprocess.Popen[bytes]]] = []

    def look(self) -> None:
        """Take the current release if it is another one, replace a zygote that died, end those whose time is over."""
        with contextlib.suppress(FileNotFoundError):
            target = self._current.resolve(strict=True)
            died = self._zygote is not None and self._zygote.poll() is not None
            if (target not in (self._serving, self._refused)) or (died and target == self._serving):
                self._take(target)
        now = time.monotonic()
        for _, zygote in [entry for entry in self._leaving if entry[0] <= now]:
            end(zygote)
        self._leaving = [entry for entry in self._leaving if entry[0] > now]

    def stop(self) -> None:
        """End all zygotes."""
        for zygote in [self._zygote, *(zygote for _, zygote in self._leaving)]:
            if zygote is not None:
                end(zygote)

    def _take(self, target: Path) -> None:
        try:
            release = Release.open(target)
            release.check()
            source = source_of(release, self._store)
            zygote = start_zygote(source, self._run / f"{release.id}.sock", self._workers, self._memory)
        except (InputError, EngineError) as error:
            self._refused = target
            kept = f"; still serving {self._serving.name}" if self._serving else ""
            print(f"Refused a release: {error}{kept}", file=sys.stderr, flush=True)  # noqa: T201
            return
        link = self._run / f".{SERVING}"
        link.unlink(missing_ok=True)
        link.symlink_to(target)
        link.replace(self._run / SERVING)
        if self._zygote is not None:
            self._leaving.append((time.monotonic() + self._grace, self._zygote))
            print(f"Serving release {release.id}", file=sys.stderr, flush=True)  # noqa: T201
        self._zygote, self._serving, self._refused = zygote, target, None


def main() -> None:
    """Look twice a second until standard input ends, that is, until the server is gone."""
    current, run, workers, memory, grace, store = sys.argv[1:]
    keeper = Keeper(Path(current), Path(run), int(workers), int(memory), float(grace), StoreKind(store))
    try:
        if not os.read(sys.stdin.fileno(), 1):
            return
        while True:
            keeper.look()
            if select.select([sys.stdin], [], [], LOOK_SECONDS)[0]:
                return
    finally:
        keeper.stop()


if __name__ == "__main__":
    import signal

    # The server's own Ctrl-C reaches the whole group; the keeper leaves when the server has.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("PYTHONUNBUFFERED", "1")
    main()
