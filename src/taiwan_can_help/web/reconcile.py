"""``/reconcile``: the Reconciliation Service API 0.2, for OpenRefine and its like.

See https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/.
"""

import threading
from dataclasses import dataclass, field
from typing import cast

from flask import Blueprint, Response, current_app, g, render_template, request
from flask.sansio.blueprints import BlueprintSetupState

from taiwan_can_help import __version__
from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import BASE, PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.reconciliation import response as answers
from taiwan_can_help.reconciliation import suggest
from taiwan_can_help.reconciliation.index import QUERIES, Index
from taiwan_can_help.reconciliation.matching import reconcile
from taiwan_can_help.reconciliation.request import (
    parse_entity_id,
    parse_extension,
    parse_number,
    parse_queries,
    parse_service_request,
    parse_text,
    parse_type,
)
from taiwan_can_help.web.respond import bindings
from taiwan_can_help.web.site import page_query, site

blueprint = Blueprint("reconcile", __name__, url_prefix="/reconcile")

IDENTIFIERS = f"{BASE}id/"
NAME = "Taiwan Can Help, as linked data"
# What the application's own policy says, but for frame-ancestors: clients show a preview in a frame of theirs.
PREVIEW_POLICY = "default-src 'none'; style-src 'self'; form-action 'none'; base-uri 'none'"


@dataclass
class Indexes:
    """The index of the release that is served, built at its first use in each process."""

    _lock: threading.Lock = field(default_factory=threading.Lock)
    _built: tuple[str, Index] | None = None

    def of_release(self, release: str) -> Index:
        """Return the index of the release with this id, which is that of the current request."""
        with self._lock:  # others wait, instead of building it too
            if self._built is None or self._built[0] != release:
                rows = {name: bindings(Query(page_query(f"reconciliation-{name}"))) for name in QUERIES}
                self._built = (release, Index.build(rows, IDENTIFIERS))
            return self._built[1]


def index() -> Index:
    """Return the index that the current request is answered from."""
    if "reconciliation_index" not in g:
        indexes: Indexes = current_app.extensions["tch-reconciliation"]
        g.reconciliation_index = indexes.of_release(site().release.id)
    return cast("Index", g.reconciliation_index)


@blueprint.record
def _keep_indexes(state: BlueprintSetupState) -> None:
    state.app.extensions["tch-reconciliation"] = Indexes()


@blueprint.route("", methods=["GET", "POST"], strict_slashes=False)
def service() -> Response:
    """Answer a batch of queries or a data extension query; without either, say what the service offers."""
    body = request.get_data(cache=False) if request.method == "POST" else None
    asked = parse_service_request(request.query_string, request.headers.get("Content-Type"), body)
    if asked.queries is not None:
        queries = parse_queries(asked.queries, index())
        return _answer({key: answers.result(reconcile(index(), query), index()) for key, query in queries.items()})
    if asked.extend is not None:
        return _answer(answers.extension(parse_extension(asked.extend, index()), index()))
    if not request.host:
        raise Problem(400, "Bad request", "The header Host names no host, so the service has no address.")
    return _answer(answers.manifest(index(), NAME, __version__, IDENTIFIERS, PREFIXES["tch"], request.host_url))


@blueprint.get("/suggest/entity")
def suggest_entity() -> Response:
    """Suggest entities by the beginning of a name or id."""
    return _answer(answers.suggested_entities(suggest.suggest_entities(index(), *_prefix()), index()))


@blueprint.get("/suggest/type")
def suggest_type() -> Response:
    """Suggest types."""
    return _answer(answers.suggested_types(suggest.suggest_types(index(), *_prefix()), index()))


@blueprint.get("/suggest/property")
def suggest_property() -> Response:
    """Suggest properties."""
    return _answer(answers.suggested_properties(suggest.suggest_properties(index(), *_prefix())))


@blueprint.get("/properties")
def properties() -> Response:
    """Propose properties whose values can be fetched for entities of a type."""
    type_ = parse_type(request.query_string, index())
    limit = parse_number(request.query_string, "limit", 1)
    return _answer(answers.proposed_properties(suggest.properties_of(index(), type_), type_, limit))


@blueprint.get("/preview")
def preview() -> Response:
    """Show an entity in a frame of the size that the manifest gives."""
    entity = index().entities[parse_entity_id(request.query_string, index())]
    page = render_template("preview.html", entity=entity, values=answers.shown_values(entity, index()))
    response = Response(page, content_type=f.HTML.content_type)
    response.headers["Content-Security-Policy"] = PREVIEW_POLICY
    return response


def _prefix() -> tuple[str, int]:
    return parse_text(request.query_string, "prefix"), parse_number(request.query_string, "cursor", 0) or 0


def _answer(answer: answers.Json) -> Response:
    callback = parse_text(request.query_string, "callback")
    text, media_type = answers.serialise(answer, callback)
    response = Response(text, mimetype=media_type)
    response.headers["Cache-Control"] = "no-cache"
    return response
