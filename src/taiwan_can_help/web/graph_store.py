"""``/graph-store`` and ``/graph/...``: one graph at a time, by the SPARQL 1.1 Graph Store HTTP Protocol, for reading.

See https://www.w3.org/TR/sparql11-http-rdf-update/, sections 4 (identification), 5.2 (GET) and 5.6 (HEAD).
"""

from flask import Blueprint, Response, request

from taiwan_can_help.namespaces import BASE
from taiwan_can_help.protocol.graph_store import parse_graph_request
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.respond import answer_graph, holds, rows
from taiwan_can_help.web.site import page_query

blueprint = Blueprint("graph_store", __name__)


@blueprint.get("/graph-store", strict_slashes=False)
def indirect() -> Response:
    """Answer with the graph that the query component names."""
    asked = parse_graph_request(request.query_string)
    if asked.graph is None:
        return answer_graph(None, asked.format, "The default graph")
    return _named(asked.graph, asked.format)


@blueprint.get("/graph/<path:name>")
def direct(name: str) -> Response:
    """Answer with the graph whose IRI is the request's, with the base IRI in place of this server's address."""
    return _named(f"{BASE}graph/{name}", request.args.get("format"))


def _named(graph: str, format_name: str | None) -> Response:
    if not holds("graph-exists", graph):
        names = ", ".join(f"<{row['graph']['value']}>" for row in rows(page_query("graphs")))
        raise Problem(404, "No such graph", f"There is no graph <{graph}>. Named graphs: {names or 'none'}.")
    return answer_graph(graph, format_name, f"Graph {graph}")
