"""The query editor: the page that ``/sparql`` shows a browser, and what its script needs to know of the release."""

from flask import Blueprint, Response, jsonify, request

from taiwan_can_help.namespaces import BASE, PREFIXES
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import rows
from taiwan_can_help.web.site import page_query, site

blueprint = Blueprint("editor", __name__)


def editor_page() -> Response:
    """Return the page: a plain form, the named queries as examples, and a script that puts YASGUI in its place."""
    return page("editor.html", queries=list(site().queries.values()))


@blueprint.get("/editor.json")
def editor_data() -> Response:
    """Return the prefixes, and the classes and properties to complete, as absolute IRIs."""
    terms: dict[str, list[str]] = {"class": [], "property": []}
    for row in rows(page_query("terms")):
        terms[row["kind"]["value"]].append(row["term"]["value"])
    response = jsonify(base=BASE, prefixes=PREFIXES, classes=terms["class"], properties=terms["property"])
    response.add_etag()
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response
