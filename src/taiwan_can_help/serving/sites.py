"""The release that web processes serve at this moment, with its engine."""

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
from taiwan_can_help.engine.pool import Limits, PoolEngine, end
from taiwan_can_help.release.folder import Release
from taiwan_can_help.serving.keeper import SERVING
from taiwan_can_help.web.metrics import Metrics
from taiwan_can_help.web.site import Site


class Sites:
    """Gives each request the site of the release that the keeper serves."""

    def __init__(self, run: Path, limits: Limits) -> None:
        self._run = run
        self.metrics = Metrics(run)
        self._link = str(run / SERVING)
        self._limits = limits
        self._sites: dict[str, Site] = {}

    def serving(self) -> str:
        """Return the folder of the release of the moment; raises OSError when the server ends."""
        return os.readlink(self._link)  # noqa: PTH115 (for each request; pathlib takes ten times as long)

    def current(self) -> Site:
        """Return the site of the moment; a request keeps the one it got."""
        target = self.serving()
        sites = self._sites
        if target not in sites:
            release = Release.open(Path(target))
            engine = PoolEngine(self._run / f"{release.id}.sock", self._limits, self.metrics)
            self._sites = sites = {target: Site.of(release, engine)}
        return sites[target]


@contextlib.contextmanager
def running_sites(current: Path, workers: int, limits: Limits) -> Iterator[Sites]:
    """Run a keeper for the release that the link ``current`` names; yields once the engine answers."""
    owner = os.getpid()
    run = Path(tempfile.mkdtemp(prefix="tch-"))
    grace = limits.seconds + 5
    arguments = [str(current), str(run), str(workers), str(limits.memory), str(grace)]
    keeper = subprocess.Popen(  # noqa: S603 (our own module, no shell)
        [sys.executable, "-m", "taiwan_can_help.serving.keeper", *arguments], stdin=subprocess.PIPE
    )
    try:
        while not (run / SERVING).exists():
            if keeper.poll() is not None:
                raise EngineError(f"the keeper of the query engine did not start (exit code {keeper.returncode})")
            time.sleep(0.01)
        yield Sites(run, limits)
    finally:
        if os.getpid() == owner:  # a web process that ends, forked from here, comes by too
            end(keeper, seconds=30)
            shutil.rmtree(run, ignore_errors=True)
