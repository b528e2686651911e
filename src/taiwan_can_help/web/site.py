"""What a request needs: the release that is served, its named queries and the engine over it."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, cast

from flask import current_app, request

from taiwan_can_help.charts import Chart
from taiwan_can_help.columns import Column
from taiwan_can_help.engine import Engine
from taiwan_can_help.index.read import Index
from taiwan_can_help.index.write import INDEX
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.release.folder import Release
from taiwan_can_help.validation.findings import Finding

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

SITE = "tch.site"


@dataclass(frozen=True)
class Site:
    """One release being served."""

    release: Release
    queries: dict[str, NamedQuery]
    columns: dict[str, Column]
    charts: dict[str, Chart]
    findings: list[Finding]
    engine: Engine
    index: Index

    @classmethod
    def of(cls, release: Release, engine: Engine) -> "Site":
        """Return the site of a release, with what it reads from the release's folder."""
        index = Index.open(release.root / INDEX)
        return cls(release, release.queries(), release.columns(), release.charts(), release.findings(), engine, index)


def site() -> Site:
    """Return the site that the current request is answered from: one release from its start to its end."""
    environ = request.environ
    return environ.get(SITE) or site_of(environ, current_app.extensions["tch"])


def site_of(environ: "WSGIEnvironment", current: Callable[[], Site]) -> Site:
    """Return the site of a request by its WSGI environment, where the first to ask puts the current one."""
    if SITE not in environ:
        environ[SITE] = current()
    return cast("Site", environ[SITE])


@cache
def page_query(name: str) -> str:
    """Return the text of one of the queries that pages run (``web/queries``)."""
    return files("taiwan_can_help.web").joinpath("queries", f"{name}.rq").read_text("utf-8")
