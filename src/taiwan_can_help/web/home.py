"""``/``, ``/health`` and the start page's figures."""

from flask import Blueprint, Response, jsonify

from taiwan_can_help.engine import Query
from taiwan_can_help.protocol.formats import DUMP_FORMATS
from taiwan_can_help.web import schema_org
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import BEHIND_HTML, read, rows, run
from taiwan_can_help.web.site import page_query, site

blueprint = Blueprint("home", __name__)

# A dataset may say what its start page leads with, by a named query of columns label, figure and query.
HEADLINES = "headlines"


@blueprint.get("/")
def home() -> Response:
    """Show what the graph holds, in figures, and where to go."""
    headlines = rows(site().queries[HEADLINES].text) if HEADLINES in site().queries else []
    return page(
        "home.html",
        headlines=headlines,
        json_ld=schema_org.of_dataset(),
        classes=rows(page_query("classes")),
        queries=list(site().queries.values()),
        formats=DUMP_FORMATS,
        release=site().release,
    )


@blueprint.get("/health")
def health() -> Response:
    """Say that the engine answers, and for which release."""
    alive = read(run(Query(page_query("alive")), BEHIND_HTML)).boolean
    response = jsonify(status="ok" if alive else "failed", release=site().release.id, triples=site().release.triples)
    response.headers["Cache-Control"] = "no-store"
    return response
