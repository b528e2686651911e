"""``/charts``: the charts of the dataset as Vega specifications, and what pages say of them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, jsonify, request

from taiwan_can_help.namespaces import BASE
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.site import site

blueprint = Blueprint("charts", __name__, url_prefix="/charts")


@dataclass(frozen=True)
class Texts:
    """What a page says of a chart in words."""

    title: str
    description: str
    note: str


@blueprint.get("/<name>.json")
def chart(name: str) -> Response:
    """Return a chart's specification in the language of ``?lang=``."""
    response = jsonify(_specification(name, request.args.get("lang", "en")))
    response.add_etag()
    response.headers["Cache-Control"] = "public, no-cache"
    response.make_conditional(request)
    return response


def texts(name: str, language: str) -> Texts | None:
    """Return the texts of a chart in a language; None where the dataset has no such chart."""
    if name not in site().charts:
        return None
    spec = _specification(name, language)
    return Texts(spec["title"], spec["description"], spec["usermeta"].get("note", ""))


def _specification(name: str, language: str) -> dict[str, Any]:
    chart = site().charts.get(name)
    if chart is None:
        known = ", ".join(site().charts) or "none"
        raise Problem(404, "No such chart", f"There is no chart {name!r}; there are {known}.")
    spec = chart.in_language(language)
    # The script turns IRIs below this into links to this server.
    return {**spec, "usermeta": {**spec.get("usermeta", {}), "base": BASE}}
