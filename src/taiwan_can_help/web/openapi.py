"""``/openapi.json``: the description of this interface (OpenAPI 3.1, https://spec.openapis.org/oas/v3.1.1)."""

from importlib.resources import files

from flask import Blueprint, Response

blueprint = Blueprint("openapi", __name__)


@blueprint.get("/openapi.json")
def description() -> Response:
    """Send the description, which names its server by a relative address."""
    return Response(files("taiwan_can_help.web").joinpath("openapi.json").read_bytes(), mimetype="application/json")
