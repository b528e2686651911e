"""The short way of a query: past Flask's contexts and hooks, which take longer than a light query's evaluation.

It is for what comes out the same on both ways: a GET of a query whose answer is no page and that calls no other
endpoint. Everything else goes the usual way, to the view of ``/sparql``, and so does what has gone wrong here.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from taiwan_can_help.cache.middleware import ANY_HOST, ROUTE, WAITED
from taiwan_can_help.engine import Query
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.request import parse_request
from taiwan_can_help.protocol.scan import calls_service
from taiwan_can_help.web.respond import Choices, as_problem, entity_tag, liked, result_headers
from taiwan_can_help.web.site import Site, site_of

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

PATH = "/sparql"
PROBLEM = "tch.problem"  # in a request's environment: what the view is to answer with


class LightQueries:
    """Middleware: it answers queries itself, and leaves the rest to the application."""

    def __init__(self, application: "WSGIApplication", current_site: Callable[[], Site]) -> None:
        self._application = application
        self._current_site = current_site

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer a query, or let the application answer."""
        if (
            environ["PATH_INFO"] == PATH
            and environ["REQUEST_METHOD"] == "GET"
            and "HTTP_IF_NONE_MATCH" not in environ
            and not environ.get("CONTENT_LENGTH")
            and "HTTP_TRANSFER_ENCODING" not in environ
        ):
            try:
                if asked := _asked(environ):
                    return self._answer(environ, start_response, *asked)
            except Problem as problem:
                environ[PROBLEM] = problem
        return self._application(environ, start_response)

    def _answer(
        self, environ: "WSGIEnvironment", start_response: "StartResponse", query: Query, choices: Choices
    ) -> Iterable[bytes]:
        site = site_of(environ, self._current_site)
        tag = entity_tag(site.release.id, query, choices)
        with as_problem():
            answer = site.engine.query(query, choices, environ.get("gunicorn.socket"))
        environ.update({ROUTE: PATH, ANY_HOST: True})
        start_response("200 OK", result_headers(answer, tag))
        return answer.chunks


def _asked(environ: "WSGIEnvironment") -> tuple[Query, Choices] | None:
    """Return the query that a request asks and the formats that it likes, or None for the usual way."""
    asked = parse_request("GET", environ["QUERY_STRING"].encode("latin-1"), environ.get("CONTENT_TYPE"), b"")
    if asked is None or asked.format is not None or calls_service(asked.query):
        return None
    choices = liked(environ.get("HTTP_ACCEPT"))
    if f.HTML in choices.values():
        return None
    waited = environ.get(WAITED, 0.0)
    query = Query(asked.query, asked.default_graphs, asked.named_graphs, seconds=asked.seconds, waited=waited)
    return query, choices
