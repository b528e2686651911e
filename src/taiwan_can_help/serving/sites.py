"""The release that web processes serve at this moment, with its engine."""

import os
from pathlib import Path

from taiwan_can_help.engine.pool import Limits, PoolEngine
from taiwan_can_help.release.folder import Release
from taiwan_can_help.serving.keeping import SERVING
from taiwan_can_help.web.metrics import Metrics
from taiwan_can_help.web.site import Site


class Sites:
    """Gives each request the site of the release that the keeper serves, whose engine has so many ``workers``."""

    def __init__(self, run: Path, limits: Limits, workers: int) -> None:
        self._run = run
        self.metrics = Metrics(run)
        self._link = str(run / SERVING)
        self._limits = limits
        self.workers = workers
        self._sites: dict[str, Site] = {}

    def current(self) -> Site:
        """Return the site of the moment, which a request keeps; raises OSError when the server ends."""
        target = os.readlink(self._link)  # noqa: PTH115 (at each turn of the loop; pathlib takes ten times as long)
        sites = self._sites
        if target not in sites:
            release = Release.open(Path(target))
            engine = PoolEngine(self._run / f"{release.id}.sock", self._limits, self.workers, self.metrics)
            self._sites = sites = {target: Site.of(release, engine)}
        return sites[target]
