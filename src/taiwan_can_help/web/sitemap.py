"""``/sitemap.xml`` and ``/robots.txt``: which pages crawlers should read, and which they should leave alone.

See https://www.sitemaps.org/protocol.html and https://www.rfc-editor.org/rfc/rfc9309.
"""

from flask import Blueprint, Response, render_template, request

from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.site import site
from taiwan_can_help.web.table import href

blueprint = Blueprint("sitemap", __name__)

# A sitemap holds at most 50,000 addresses; each page has one in each language.
PAGE = 10_000
PAGES = ("/", "/search", "/sparql", "/queries", "/ontology", "/shapes", "/validation", "/links", "/download")
# Facets, queries and what costs an engine's time: there is no end to them, and nothing new in them.
LEFT_ALONE = ("/search?", "/search.", "/sparql?", "/queries/*?", "/graph-store", "/reconcile", "/metrics", "/health")


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Let crawlers read pages and data, and keep them out of facets and queries."""
    rules = [f"Disallow: {prefix}{path}" for path in LEFT_ALONE for prefix in ("", "/*")]
    lines = ["User-agent: *", *rules, "", f"Sitemap: {request.host_url}sitemap.xml", ""]
    return _alone(Response("\n".join(lines), content_type="text/plain; charset=utf-8"))


@blueprint.get("/sitemap.xml")
def index() -> Response:
    """List the sitemaps."""
    numbers = range(1, 2 + (len(site().index.things) - 1) // PAGE)
    return _xml("sitemap-index.xml", numbers=numbers)


@blueprint.get("/sitemap-<int:number>.xml")
def sitemap(number: int) -> Response:
    """List the pages, each in each language: those of the site in the first sitemap, then those of things."""
    things = site().index.things[(number - 1) * PAGE : number * PAGE] if number else []
    paths = [*(PAGES if number == 1 else ()), *(f"{path}.html" for iri in things if (path := href(iri)))]
    if not paths:
        raise Problem(404, "No such sitemap", "/sitemap.xml lists those that there are.")
    return _xml("sitemap.xml", paths=paths)


def _xml(template: str, **context: object) -> Response:
    content = render_template(template, root=request.host_url.rstrip("/"), **context)
    return _alone(Response(content, mimetype="application/xml"))


def _alone(response: Response) -> Response:
    """Keep out of caches what names the host that it was asked of."""
    response.headers["Cache-Control"] = "no-store"
    return response
