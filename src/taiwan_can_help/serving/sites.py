"""The release that web processes serve at this moment, with its engine."""

from pathlib import Path

from taiwan_can_help.engine.pool import Limits, PoolEngine
from taiwan_can_help.release.folder import Release
from taiwan_can_help.serving.keeping import SERVING
from taiwan_can_help.web.site import Site


class Sites:
    """Gives each request the site of the release that the keeper serves."""

    def __init__(self, run: Path, limits: Limits) -> None:
        self._run = run
        self._limits = limits
        self._sites: dict[Path, Site] = {}

    def current(self) -> Site:
        """Return the site of the moment; a request keeps the one it got."""
        target = (self._run / SERVING).readlink()
        if target not in self._sites:
            release = Release.open(target)
            engine = PoolEngine(self._run / f"{release.id}.sock", self._limits)
            self._sites = {target: Site.of(release, engine)}
        return self._sites[target]
