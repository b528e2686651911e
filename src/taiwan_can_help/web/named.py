"""``/queries``: the named queries of the dataset, listed and run."""

from flask import Blueprint, Response, request

from taiwan_can_help.engine import Query
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import DATASET_GRAPH
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, ResultKind
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.scan import query_form
from taiwan_can_help.queries import NamedQuery, parse_term
from taiwan_can_help.web.catalogue import query_catalogue
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import accepted, answer_query, not_acceptable
from taiwan_can_help.web.sections import THINGS, section
from taiwan_can_help.web.site import page_query, site

blueprint = Blueprint("named", __name__, url_prefix="/queries")

INDEX_FORMATS = (f.JSON, *RESULT_FORMATS[ResultKind.GRAPH])


@blueprint.get("", strict_slashes=False)
def index() -> Response:
    """List the queries: a page, JSON, or RDF as sh:SPARQLExecutable."""
    queries = list(site().queries.values())
    chosen = choose(request.headers.get("Accept"), (*INDEX_FORMATS, f.HTML))
    if chosen is None:
        raise not_acceptable(INDEX_FORMATS)
    if chosen not in (f.JSON, f.HTML):
        query = Query(page_query("executables"), default_graphs=(DATASET_GRAPH,))
        return answer_query(query, dict.fromkeys(ResultKind, chosen), "Queries", query.text)
    if chosen == f.HTML:
        return page("queries.html", queries=queries)
    response = Response(query_catalogue(queries), content_type="application/json")
    response.headers["Vary"] = "Accept"
    return response


@blueprint.get("/<name>")
@blueprint.get("/<name>.<suffix>")
def run_named(name: str, suffix: str | None = None) -> Response:
    """Run one query, its parameters taken from the URL and bound as terms."""
    query = _find(name)
    try:
        bindings = query.bindings(_values(query))
    except InputError as error:
        raise Problem(400, "Bad parameter", f"{error}.") from error
    choices = accepted(suffix or request.args.get("format"))
    if choices[ResultKind.BINDINGS] == f.HTML and query_form(query.text) == "SELECT":
        values = {**{parameter.name: _short(parameter.default) for parameter in query.parameters}, **_values(query)}
        return page("named.html", section=section(query, values), formats=RESULT_FORMATS[ResultKind.BINDINGS])
    return answer_query(Query(query.text, bindings=bindings), choices, query.titles["en"], query.text)


def _short(term: str) -> str:
    """Return the default of a parameter as it may stand in an address."""
    value = parse_term(term).value
    return value.removeprefix(THINGS)


def _find(name: str) -> NamedQuery:
    query = site().queries.get(name)
    if query is None:
        raise Problem(404, "No such query", f"There is no named query {name!r}; /queries lists them.")
    return query


def _values(query: NamedQuery) -> dict[str, str]:
    known = {parameter.name for parameter in query.parameters}
    for name in request.args:
        if name not in known | {"format"}:
            wanted = ", ".join(sorted(known)) or "none"
            raise Problem(400, "Unknown parameter", f"{query.name} has no parameter {name!r}; it has {wanted}.")
    return {name: request.args[name] for name in known if name in request.args}
