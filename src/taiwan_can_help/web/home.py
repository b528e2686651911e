"""``/``, ``/health`` and the start page's figures."""

from flask import Blueprint, Response, jsonify

from taiwan_can_help.engine import Query
from taiwan_can_help.protocol.formats import DUMP_FORMATS
from taiwan_can_help.web import schema_org
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import BEHIND_HTML, read, rows, run
from taiwan_can_help.web.sections import named_section
from taiwan_can_help.web.site import page_query, site

blueprint = Blueprint("home", __name__)

# Named queries of a dataset that the start page leads with: figures (columns label, figure and query), published
# totals (claim, claimed, itemised, share) and the latest records; and those that it offers as questions.
HEADLINES, CLAIMS, LATEST = "headlines", "seed-claims", "latest-records"
QUESTIONS = ("gifts-to-place", "givers-to-place", "claim-masks-gaps", "low-confidence-single-source")


@blueprint.get("/")
def home() -> Response:
    """Show what the graph holds, in figures, and where to go."""
    queries = site().queries
    return page(
        "home.html",
        json_ld=schema_org.of_dataset(),
        headlines=named_section(HEADLINES),
        claims=named_section(CLAIMS),
        latest=named_section(LATEST),
        questions=[queries[name] for name in QUESTIONS if name in queries],
        lists=[query for query in queries.values() if query.lists],
        classes=rows(page_query("classes")),
        queries=list(queries.values()),
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
