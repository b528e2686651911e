"""``/charts``: the charts of the dataset as Vega specifications, and what a page needs for a figure of one."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.web.respond import BEHIND_HTML, read, run
from taiwan_can_help.web.site import site
from taiwan_can_help.web.table import Table

blueprint = Blueprint("charts", __name__, url_prefix="/charts")


@dataclass(frozen=True)
class Figure:
    """A chart as a page shows it where no script runs: its texts, its query and the query's rows."""

    name: str
    title: str
    description: str
    note: str
    query: NamedQuery
    table: Table


@blueprint.get("/<name>.json")
def chart(name: str) -> Response:
    """Return a chart's specification in the language of ``?lang=``."""
    response = jsonify(_specification(name, request.args.get("lang", "en")))
    response.add_etag()
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response


def figure(name: str, language: str = "en") -> Figure | None:
    """Return a figure for a template; None where the dataset has no such chart."""
    if name not in site().charts:
        return None
    spec = _specification(name, language)
    query = site().queries[name]
    table = read(run(Query(query.text, bindings=query.bindings({})), BEHIND_HTML))
    return Figure(name, spec["title"], spec["description"], spec["usermeta"].get("note", ""), query, table)


def _specification(name: str, language: str) -> dict[str, Any]:
    chart = site().charts.get(name)
    if chart is None:
        known = ", ".join(site().charts) or "none"
        raise Problem(404, "No such chart", f"There is no chart {name!r}; there are {known}.")
    spec = chart.in_language(language)
    # The script turns IRIs below this into links to this server.
    return {**spec, "usermeta": {**spec.get("usermeta", {}), "base": BASE}}
