"""``/validation``: what the shapes found in the release that is served; ``/shapes``: the shapes themselves."""

from itertools import groupby

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.namespaces import SHAPES_GRAPH
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.release.folder import VALIDATION_JSON, VALIDATION_TURTLE
from taiwan_can_help.validation.findings import rank
from taiwan_can_help.validation.report import counts
from taiwan_can_help.web.files import send_coded
from taiwan_can_help.web.respond import answer_graph, not_acceptable
from taiwan_can_help.web.site import site

blueprint = Blueprint("validation", __name__)

FILES = {"ttl": (VALIDATION_TURTLE, f.TURTLE.content_type), "json": (VALIDATION_JSON, "application/json")}


@blueprint.get("/validation")
def report() -> Response | WerkzeugResponse:
    """Show the findings as a page, or send the client to them as data."""
    liked = choose(request.headers.get("Accept"), (f.HTML, f.TURTLE, f.JSON))
    if liked is None:
        raise not_acceptable((f.TURTLE, f.JSON))
    if liked == f.HTML:
        findings = sorted(site().findings, key=lambda finding: (rank(finding), finding.rule))
        groups = [(key, list(found)) for key, found in groupby(findings, lambda found: (found.severity, found.rule))]
        page = render_template("validation.html", groups=groups, counts=counts(findings))
        response: WerkzeugResponse = Response(page, content_type=f.HTML.content_type)
    else:
        response = redirect(f"/validation.{liked.suffix}", 303)
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/validation.<suffix>")
def report_file(suffix: str) -> Response:
    """Send the findings as the file that the release holds."""
    if suffix not in FILES:
        raise Problem(404, "No such report", "There are /validation.ttl and /validation.json.")
    return send_coded(*FILES[suffix])


@blueprint.get("/shapes")
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None = None) -> Response:
    """Answer with the shapes graph, in the format of the suffix or of the Accept header."""
    return answer_graph(SHAPES_GRAPH, suffix, "Shapes")
