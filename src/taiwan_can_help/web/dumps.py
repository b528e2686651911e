"""``/dump.*``: the whole graph, a static file of the release in each format, and its compressed copies."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.protocol.coding import CODINGS
from taiwan_can_help.protocol.formats import DUMP_FORMATS
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.release.folder import dump_name
from taiwan_can_help.web.files import send_coded, send_packed
from taiwan_can_help.web.respond import not_acceptable

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
    """Send one dump, compressed as the client likes, or with a second suffix its compressed copy."""
    for format_ in DUMP_FORMATS:
        if suffix == format_.suffix:
            return send_coded(dump_name(format_), format_.content_type)
        for coding in CODINGS:
            if suffix == format_.suffix + coding.suffix:
                return send_packed(dump_name(format_), coding)
    known = ", ".join(f"/dump.{format_.suffix}" for format_ in DUMP_FORMATS)
    raise Problem(404, "No such dump", f"There are {known}, and each with .gz and .zst.")
