"""``/dump.*``: the whole graph, a static file of the release in each format."""

from flask import Blueprint, Response, redirect, request, send_file
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.protocol.formats import DUMP_FORMATS
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.respond import not_acceptable
from taiwan_can_help.web.site import site

blueprint = Blueprint("dumps", __name__)


@blueprint.get("/dump")
def negotiated() -> WerkzeugResponse:
    """Send the client to the dump in the format that it likes best."""
    chosen = choose(request.headers.get("Accept"), DUMP_FORMATS)
    if chosen is None:
        raise not_acceptable(DUMP_FORMATS)
    response = redirect(f"/dump.{chosen.suffix}", 303)
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/dump.<suffix>")
def dump(suffix: str) -> Response:
    """Send one dump, with ETag, conditional and range requests."""
    chosen = next((format_ for format_ in DUMP_FORMATS if format_.suffix == suffix), None)
    if chosen is None:
        known = ", ".join(f"/dump.{format_.suffix}" for format_ in DUMP_FORMATS)
        raise Problem(404, "No such dump", f"There are {known}.")
    release = site().release
    name = f"dump.{suffix}"
    return send_file(
        release.root / name,
        mimetype=chosen.content_type,
        etag=release.files[name],
        last_modified=None,
        max_age=0,
    )
