"""``/wikidata/Q865``: our thing for a Wikidata item; ``/links``: how far ours are linked, and on what evidence."""

import json
import re

from flask import Blueprint, Response, redirect, request
from werkzeug.wrappers import Response as WerkzeugResponse

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import PREFIXES, short
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import BEHIND_HTML, not_acceptable, read, rows, run
from taiwan_can_help.web.site import page_query, site
from taiwan_can_help.web.table import Term, href

blueprint = Blueprint("wikidata", __name__)

ITEM = re.compile(r"Q[1-9][0-9]{0,11}")
# The named queries that a dataset has for the page of its links.
COVERAGE, EVIDENCE, FEDERATED = "links-by-kind", "links", "federated-queries"


@blueprint.get("/wikidata/<name>")
def item(name: str) -> Response | WerkzeugResponse:
    """Send the client to the thing that is the same as the item or, where none is, to the one that is near it."""
    if not ITEM.fullmatch(name):
        raise Problem(400, "Malformed item id", f"{name!r} is no id of a Wikidata item; one looks like Q865.")
    found = rows(page_query("of-item"), item=PREFIXES["wd"] + name)
    things = [row for row in found if row["exact"]["value"] == "true"] or found
    if not things:
        detail = f"Nothing here is linked to the Wikidata item {name}. /links tells what is linked."
        raise Problem(404, "No such link", detail)
    targets = {row["thing"]["value"]: href(row["thing"]["value"]) for row in things}
    if len(targets) == 1:
        return redirect(next(iter(targets.values())) or next(iter(targets)), 303)
    return _choices(name, things)


def _choices(name: str, things: list[dict[str, Term]]) -> Response:
    """Answer 300 where several things are near an item (https://www.rfc-editor.org/rfc/rfc9110#section-15.4.1)."""
    liked = choose(request.headers.get("Accept"), (f.JSON, f.HTML))
    if liked is None:
        raise not_acceptable((f.JSON,), "The list of things")
    if liked == f.HTML:
        response = page("item.html", 300, name=name, things=things)
    else:
        listed = [{"thing": row["thing"]["value"], "relation": short(row["relation"]["value"])} for row in things]
        response = Response(json.dumps({"item": PREFIXES["wd"] + name, "things": listed}), mimetype="application/json")
    response.status_code = 300
    response.vary.add("Accept")
    return response


@blueprint.get("/links")
def links() -> Response:
    """Show how many things of each kind are linked and, of the kind that is asked for, each link's evidence."""
    kind = request.args.get("kind")
    coverage = _named(COVERAGE)
    kinds = [row["kind"]["value"] for row in coverage]
    evidence = _named(EVIDENCE, kind=json.dumps(kind)) if kind else []
    if kind and not evidence:
        raise Problem(404, "No such kind", f"No thing of the kind {kind!r} is linked; there are {', '.join(kinds)}.")
    federated = _named(FEDERATED, endpoint=f"<{request.host_url}sparql>") if FEDERATED in site().queries else []
    response = page("links.html", coverage=coverage, kind=kind, evidence=evidence, federated=federated)
    response.headers["Cache-Control"] = "no-store"  # it names the host that it was asked of
    return response


def _named(name: str, **bindings: str) -> list[dict[str, Term]]:
    """Return the rows of a named query of the dataset; ``bindings`` are N-Triples terms."""
    query = site().queries.get(name)
    if query is None:
        raise Problem(404, "No links here", f"This dataset has no named query {name!r}, which /links shows.")
    return read(run(Query(query.text, bindings={**query.bindings({}), **bindings}), BEHIND_HTML)).rows
