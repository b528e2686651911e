"""The application: blueprints, headers and errors put together."""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

from flask import Flask, Response, request
from werkzeug.exceptions import (
    HTTPException,
    MethodNotAllowed,
    RequestedRangeNotSatisfiable,
    RequestEntityTooLarge,
)

from taiwan_can_help.cache.middleware import ROUTE
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web import (
    assets,
    charts,
    dataset,
    documentation,
    download,
    dumps,
    editor,
    graph_store,
    home,
    metrics,
    named,
    openapi,
    reconcile,
    resources,
    search,
    sitemap,
    sparql,
    validation,
    wikidata,
)
from taiwan_can_help.web.compression import compressed
from taiwan_can_help.web.federation import Federation
from taiwan_can_help.web.languages import language, speak_languages
from taiwan_can_help.web.light import LightQueries
from taiwan_can_help.web.pages import set_up_pages
from taiwan_can_help.web.respond import problem_response
from taiwan_can_help.web.site import Site

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

MODULES = (
    home, sparql, graph_store, named, dumps, dataset, resources, documentation, validation, openapi, download, sitemap,
    reconcile, search, wikidata, metrics, charts, assets, editor,
)  # fmt: skip
MOST_BODY_BYTES = 1024 * 1024
# The one inline stylesheet of the query editor (of its table's column-resizer), by its hash: no other is let in.
# See https://www.w3.org/TR/CSP3/#grammardef-hash-source; a browser test fails when a new version has another.
COLUMN_RESIZER = "'sha256-zCK2EVMoPc04mRF/g5CotUvxbJPWS+8V0b+s9ptqQIk='"
POLICY = (
    f"default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self' {COLUMN_RESIZER}; img-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)


# What a script may read besides the safelisted headers (https://fetch.spec.whatwg.org/#cors-safelisted-response-header-name).
EXPOSED = "Accept-Ranges, Allow, Cache-Status, Content-Range, ETag, Link, Location, Retry-After, Vary"


# Public data: any origin may read it, none sends credentials (https://fetch.spec.whatwg.org/#cors-protocol).
PUBLIC = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", EXPOSED),
    ("X-Content-Type-Options", "nosniff"),
]


class PublicData:
    """Middleware: every response has the headers of PUBLIC."""

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer as the application does."""

        def start(status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Callable[[bytes], object]:
            return start_response(status, [*headers, *PUBLIC], exc_info)

        return self._application(environ, start)


def create_app(current_site: Callable[[], Site], federation: Federation | None = None) -> Flask:
    """Return the Flask application; ``current_site`` gives each request the release to answer from."""
    app = Flask(__name__, static_folder=None)
    app.extensions["tch"] = current_site
    app.extensions["tch-federation"] = federation or Federation()
    app.config["MAX_CONTENT_LENGTH"] = MOST_BODY_BYTES
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    speak_languages(app)
    set_up_pages(app)
    app.jinja_env.globals.update(asset=assets.asset, chart_texts=charts.texts)
    for module in MODULES:
        app.register_blueprint(module.blueprint)
    app.register_error_handler(Problem, problem_response)
    app.register_error_handler(HTTPException, _http_error)
    app.before_request(_read_body)
    app.after_request(_complete)
    app.wsgi_app = PublicData(LightQueries(app.wsgi_app, current_site))  # type: ignore[method-assign]
    return app


def _read_body() -> None:
    """Read a body whole or refuse it: Werkzeug cuts one in chunks at the limit, and takes one that ends early as it is.

    See https://www.rfc-editor.org/rfc/rfc9112#section-8 on messages that are incomplete.
    """
    environ = request.environ
    if environ.get("CONTENT_LENGTH", "0") in ("", "0") and "HTTP_TRANSFER_ENCODING" not in environ:
        return
    body = request.get_data()  # kept for the view
    if request.content_length is None and len(body) == MOST_BODY_BYTES:
        raise RequestEntityTooLarge
    if request.content_length is not None and len(body) < request.content_length:
        detail = f"The body ends after {len(body)} bytes; Content-Length announces {request.content_length}."
        raise Problem(400, "Bad request", detail)


def _http_error(error: HTTPException) -> Response:
    if isinstance(error, MethodNotAllowed):
        allowed = ", ".join(sorted(error.valid_methods or ()))
        detail = f"{request.method} is not offered at this address; {allowed} are. Nothing here can be written to."
        return problem_response(Problem(405, error.name, detail, {"Allow": allowed}))
    headers = {"Content-Range": f"bytes */{error.length}"} if isinstance(error, RequestedRangeNotSatisfiable) else {}
    return problem_response(Problem(error.code or 500, error.name, error.description or error.name, headers))


def _complete(response: Response) -> Response:
    """Add to a response what its status, the method or its type ask for."""
    environ, rule = request.environ, request.url_rule
    environ[ROUTE] = rule.rule if rule else "none"
    if response.status_code == 412:
        response = _without_content(response)
    if environ["REQUEST_METHOD"] == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = "GET, HEAD, POST, OPTIONS"
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match, Range"
        response.headers["Access-Control-Max-Age"] = "86400"
    if response.mimetype == "text/html" and response.status_code != 304 and not response.location:
        response.headers.setdefault("Content-Security-Policy", POLICY)
        response.headers["Content-Language"] = language()
        response.vary.add("Accept-Language")
    return compressed(response)


def _without_content(response: Response) -> Response:
    """Answer a condition that does not hold with a problem; Werkzeug sends the content with 412 all the same."""
    response.close()
    detail = "What is here now is not what If-Match or If-Unmodified-Since names. Ask without a condition."
    return problem_response(Problem(412, "Precondition failed", detail))
