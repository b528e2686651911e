"""``/dataset`` and ``/.well-known/void``: what describes the release that is served, in VoID, DCAT and PROV-O."""

from flask import Blueprint, Response, redirect
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.namespaces import DATASET_GRAPH
from taiwan_can_help.web.respond import answer_graph

blueprint = Blueprint("dataset", __name__)


@blueprint.get("/dataset")
@blueprint.get("/dataset.<suffix>")
def dataset(suffix: str | None = None) -> Response:
    """Answer with the dataset graph, in the format of the suffix or of the Accept header."""
    return answer_graph(DATASET_GRAPH, suffix, "Dataset")


@blueprint.get("/.well-known/void")
def well_known() -> WerkzeugResponse:
    """Send the client to the description; see https://www.w3.org/TR/void/#well-known."""
    return redirect("/dataset", 302)
