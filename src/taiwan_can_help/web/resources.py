"""``/id/...`` and ``/ontology``: each thing as a page and as data, at the IRI that names it."""

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import BASE, PREFIXES, short
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, Format, ResultKind
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web import schema_org
from taiwan_can_help.web.description import describe_thing
from taiwan_can_help.web.lists import is_kind, list_page
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import answer_query, holds, not_acceptable, rows
from taiwan_can_help.web.sections import sections_of
from taiwan_can_help.web.site import page_query, site

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


@blueprint.get("/ontology/<version>")
def ontology_version(version: str) -> WerkzeugResponse:
    """Send the client from the version that is served to the ontology; of others nothing is known."""
    iri = f"{BASE}ontology/{version}"
    if not holds("version", iri):
        raise Problem(404, "Nothing here", f"<{iri}> is not the version of the ontology that is served.")
    return redirect(f"{request.script_root}/ontology", 303)


def _answer(path: str) -> Response | WerkzeugResponse:
    """Redirect to the page or the data by Accept (httpRange-14), or answer a path with a format's suffix."""
    stem, _, suffix = path.rpartition(".")
    chosen = next((format_ for format_ in (f.HTML, *RDF_FORMATS) if stem and format_.suffix == suffix), None)
    name = stem if chosen else path
    iri = BASE + name
    kind = name.removeprefix("id/")
    if chosen == f.HTML and is_kind(kind):
        return list_page(kind)
    if not holds("exists", iri):
        return _kind(kind)
    if chosen == f.HTML:
        return _page(iri, name)
    if chosen:
        return _data(iri, chosen)
    liked = choose(request.headers.get("Accept"), (*RDF_FORMATS, f.HTML))
    if liked is None:
        raise not_acceptable(RDF_FORMATS)
    response = redirect(f"{request.script_root}/{path}.{liked.suffix}", 303)
    response.headers["Vary"] = "Accept"
    return response


def _kind(kind: str) -> Response:
    """Answer for a kind of thing that is none itself: a list for people; the data has no such thing."""
    if not is_kind(kind):
        raise Problem(404, "Nothing here", f"The graph says nothing about <{BASE}id/{kind}>.")
    if choose(request.headers.get("Accept"), (f.HTML,)) is None:
        detail = (
            f"/id/{kind} is a list for people, and no thing that the graph describes; /sparql and /queries give lists."
        )
        raise Problem(406, "Not acceptable", detail, {"Vary": "Accept"})
    return list_page(kind)


def _data(iri: str, chosen: Format) -> Response:
    query = Query(page_query("describe"), bindings={"thing": f"<{iri}>"})
    return answer_query(query, dict.fromkeys(ResultKind, chosen), iri, query.text)


def _page(iri: str, path: str) -> Response:
    statements = rows(page_query("statements"), thing=iri)
    classes = [row["class"]["value"] for row in rows(page_query("classes-of"), thing=iri)]
    own = describe_thing(iri, statements, []).block
    sections = sections_of(iri, {*classes, *own.referred})
    # What refers to a thing is told by its sections, where it has any.
    links = [] if sections else rows(page_query("links"), thing=iri)
    own_classes = [short(class_).partition(":")[2] for class_ in classes if class_.startswith(PREFIXES["tch"])]
    return page(
        [*(f"things/{name}.html" for name in own_classes), "thing.html"],
        thing=describe_thing(iri, statements, links),
        kind=path.split("/")[1] if path.startswith("id/") else None,
        sections={section.query.name: section for section in sections},
        findings=[finding for finding in site().findings if finding.focus.partition("#")[0] == iri],
        path=f"/{path}",
        formats=RDF_FORMATS,
        release=site().release,
        json_ld=schema_org.of_thing(iri),
    )
