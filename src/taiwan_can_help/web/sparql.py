"""``/sparql``: the SPARQL 1.1 Protocol over HTTP."""

from flask import Blueprint, Response, redirect, request, url_for
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.engine import Query
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.request import parse_request
from taiwan_can_help.web.respond import accepted, answer_query

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response | WerkzeugResponse:
    """Answer one query; with none, a browser is shown the named queries to start from."""
    body = request.get_data(cache=False) if request.method == "POST" else b""
    asked = parse_request(request.method, request.query_string, request.headers.get("Content-Type"), body)
    if asked is None:
        if "text/html" in request.headers.get("Accept", ""):
            return redirect(url_for("named.index"), 303)
        raise Problem(400, "Bad request", "The request has no parameter 'query'.")
    query = Query(asked.query, asked.default_graphs, asked.named_graphs, seconds=asked.seconds)
    return answer_query(query, accepted(asked.format), "Result", asked.query)
