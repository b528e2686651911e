"""``/id/...`` and ``/ontology``: each thing as a page and as data, at the IRI that names it."""

from flask import Blueprint, Response, redirect, render_template, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, Format, ResultKind
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.description import describe_thing
from taiwan_can_help.web.respond import answer_query, not_acceptable, rows, run
from taiwan_can_help.web.site import page_query, site
from taiwan_can_help.web.table import read_table

blueprint = Blueprint("resources", __name__)

RDF_FORMATS = RESULT_FORMATS[ResultKind.GRAPH]


@blueprint.get("/id/<path:name>")
def thing(name: str) -> Response | WerkzeugResponse:
    """Answer for a thing of the dataset."""
    return _answer(f"id/{name}")


@blueprint.get("/ontology", defaults={"suffix": ""})
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str) -> Response | WerkzeugResponse:
    """Answer for the ontology."""
    return _answer("ontology" + (f".{suffix}" if suffix else ""))


def _answer(path: str) -> Response | WerkzeugResponse:
    """Redirect to the page or the data by Accept (httpRange-14), or answer a path with a format's suffix."""
    stem, _, suffix = path.rpartition(".")
    chosen = next((format_ for format_ in (f.HTML, *RDF_FORMATS) if stem and format_.suffix == suffix), None)
    iri = BASE + (stem if chosen else path)
    _must_exist(iri)
    if chosen == f.HTML:
        return _page(iri, path.removesuffix(".html"))
    if chosen:
        return _data(iri, chosen)
    liked = choose(request.headers.get("Accept"), (*RDF_FORMATS, f.HTML))
    if liked is None:
        raise not_acceptable(RDF_FORMATS)
    response = redirect(f"/{path}.{liked.suffix}", 303)
    response.headers["Vary"] = "Accept"
    return response


def _must_exist(iri: str) -> None:
    unknown = Problem(404, "Nothing here", f"The graph says nothing about <{iri}>.")
    if any(character in '<>"{}|\\^`' or not character.isprintable() or character == " " for character in iri):
        raise unknown
    query = Query(page_query("exists"), bindings={"thing": f"<{iri}>"})
    if not read_table(run(query, dict.fromkeys(ResultKind, f.JSON)).read(), "").boolean:
        raise unknown


def _data(iri: str, chosen: Format) -> Response:
    query = Query(page_query("describe"), bindings={"thing": f"<{iri}>"})
    return answer_query(query, dict.fromkeys(ResultKind, chosen), iri, query.text)


def _page(iri: str, path: str) -> Response:
    description = describe_thing(
        iri,
        rows("statements", page_query("statements"), thing=iri),
        rows("links", page_query("links"), thing=iri),
    )
    page = render_template(
        "thing.html", thing=description, path=f"/{path}", formats=RDF_FORMATS, release=site().release
    )
    return Response(page, content_type=f.HTML.content_type)
