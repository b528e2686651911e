"""What a request needs: the release that is served, its named queries and the engine over it."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import cast

from flask import current_app, g

from taiwan_can_help.charts import Chart
from taiwan_can_help.engine import Engine
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.release.folder import Release
from taiwan_can_help.validation.findings import Finding


@dataclass(frozen=True)
class Site:
    """One release being served."""

    release: Release
    queries: dict[str, NamedQuery]
    charts: dict[str, Chart]
    findings: list[Finding]
    engine: Engine

    @classmethod
    def of(cls, release: Release, engine: Engine) -> "Site":
        """Return the site of a release, with what it reads from the release's folder."""
        return cls(release, release.queries(), release.charts(), release.findings(), engine)


def site() -> Site:
    """Return the site that the current request is answered from: one release from its start to its end."""
    if "site" not in g:
        g.site = current_app.extensions["tch"]()
    return cast("Site", g.site)


@cache
def page_query(name: str) -> str:
    """Return the text of one of the queries that pages run (``web/queries``)."""
    return files("taiwan_can_help.web").joinpath("queries", f"{name}.rq").read_text("utf-8")
