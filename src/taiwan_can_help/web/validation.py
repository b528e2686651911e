"""``/validation``: what the shapes found in the release that is served."""

from itertools import groupby

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.release.folder import VALIDATION_JSON, VALIDATION_TURTLE
from taiwan_can_help.validation.findings import rank
from taiwan_can_help.validation.report import counts
from taiwan_can_help.web.files import send_coded
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import not_acceptable
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
        return page("validation.html", groups=groups, counts=counts(findings))
    response = redirect(f"/validation.{liked.suffix}", 303)
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/validation.<suffix>")
def report_file(suffix: str) -> Response:
    """Send the findings as the file that the release holds."""
    if suffix not in FILES:
        raise Problem(404, "No such report", "There are /validation.ttl and /validation.json.")
    return send_coded(*FILES[suffix])
