"""``/sparql``: the SPARQL 1.1 Protocol over HTTP."""

import hashlib

from flask import Blueprint, Response, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.engine import Query
from taiwan_can_help.engine.functions import EXTENSION_FUNCTIONS
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.description import Service, describe_service
from taiwan_can_help.protocol.formats import RESULT_FORMATS, ResultKind
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.request import parse_request
from taiwan_can_help.rdf import serialise
from taiwan_can_help.web.editor import editor_page
from taiwan_can_help.web.federation import allowed_hosts
from taiwan_can_help.web.light import PROBLEM
from taiwan_can_help.web.respond import accepted, answer_query, cacheable, not_acceptable
from taiwan_can_help.web.site import site

blueprint = Blueprint("sparql", __name__)


@blueprint.route("/sparql", methods=["GET", "POST"], strict_slashes=False)
def sparql() -> Response | WerkzeugResponse:
    """Answer one query; with none, describe the service, or show a browser the editor."""
    environ = request.environ
    if PROBLEM in environ:
        raise environ[PROBLEM]
    body = request.get_data(cache=False) if request.method == "POST" else b""
    asked = parse_request(request.method, environ["QUERY_STRING"].encode("latin-1"), environ.get("CONTENT_TYPE"), body)
    if asked is None:
        return _without_query()
    query = Query(asked.query, asked.default_graphs, asked.named_graphs, seconds=asked.seconds)
    return answer_query(query, accepted(asked.format), "Result", asked.query)


def _without_query() -> Response | WerkzeugResponse:
    chosen = accepted(request.args.get("format"))[ResultKind.GRAPH]
    if chosen is None:
        raise not_acceptable(RESULT_FORMATS[ResultKind.GRAPH], "Without 'query', a description of this service")
    if chosen == f.HTML:
        return editor_page()
    if not request.host:
        raise Problem(400, "Bad request", "The header Host names no host, so the endpoint has no address.")
    release = site().release
    service = Service(request.base_url, release.triples, release.graphs, EXTENSION_FUNCTIONS, bool(allowed_hosts()))
    content = serialise(describe_service(service), chosen.media_types[0], "sd", "void")
    # N-Triples and N-Quads are the same bytes, but not the same representation.
    tag = hashlib.sha256(chosen.name.encode() + content).hexdigest()[:32]
    return cacheable(Response(content, content_type=chosen.content_type), tag).make_conditional(request)
