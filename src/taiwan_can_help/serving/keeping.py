"""The keeper as the server sees it: started, waited for, and ended with it."""

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from taiwan_can_help.engine import EngineError
from taiwan_can_help.engine.pool import Limits, end
from taiwan_can_help.release.store import StoreKind

# The link in the keeper's folder that names the release to serve.
SERVING = "serving"


class RunningKeeper:
    """A keeper's process, and the folder ``run`` with the sockets of its engines."""

    def __init__(self, run: Path, process: "subprocess.Popen[bytes]") -> None:
        self.run = run
        self._process = process

    def begin(self) -> None:
        """Let it look for the current release."""
        if self._process.stdin:
            with contextlib.suppress(BrokenPipeError):  # it has ended, as ``wait`` will say
                os.write(self._process.stdin.fileno(), b"\n")

    def wait(self) -> None:
        """Return once an engine answers; raises EngineError when none does."""
        while not (self.run / SERVING).exists():
            if self._process.poll() is not None:
                code = self._process.returncode
                raise EngineError(f"the keeper of the query engine did not start (exit code {code})")
            time.sleep(0.01)


@contextlib.contextmanager
def running_keeper(current: Path, workers: int, limits: Limits, store: StoreKind) -> Iterator[RunningKeeper]:
    """Run a keeper for the release that the link ``current`` names; yields at once.

    It loads what it needs, and starts the engine of the current release once it may ``begin``.
    """
    owner = os.getpid()
    run = Path(tempfile.mkdtemp(prefix="tch-"))
    grace = limits.seconds + 5
    arguments = [str(current), str(run), str(workers), str(limits.memory), str(grace), store.value]
    keeper = subprocess.Popen(  # noqa: S603 (our own module, no shell)
        [sys.executable, "-m", "taiwan_can_help.serving.keeper", *arguments], stdin=subprocess.PIPE
    )
    try:
        yield RunningKeeper(run, keeper)
    finally:
        if os.getpid() == owner:  # a web process that ends, forked from here, comes by too
            end(keeper, seconds=30)
            shutil.rmtree(run, ignore_errors=True)
