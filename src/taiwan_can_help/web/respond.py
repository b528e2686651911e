"""From a query and a request's headers to a response: negotiation, streaming, errors."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import TYPE_CHECKING

from flask import Response, render_template, request
from werkzeug.datastructures import Headers

from taiwan_can_help.cache.middleware import ANY_HOST, WAITED
from taiwan_can_help.engine import Answer, EngineBusy, EngineError, NotAcceptable, Query, QueryError, QueryTimeout
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, Format, ResultKind, by_name_or_suffix
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.scan import calls_service, is_repeatable
from taiwan_can_help.queries import parse_term
from taiwan_can_help.web.federation import federated
from taiwan_can_help.web.languages import language
from taiwan_can_help.web.site import page_query, site
from taiwan_can_help.web.table import Table, read_table, read_text

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# What the engine is asked for when the client gets a page.
BEHIND_HTML = {ResultKind.BINDINGS: f.TSV, ResultKind.BOOLEAN: f.TSV, ResultKind.GRAPH: f.TURTLE}

# What a page varies by (RFC 9110, section 12.5.5).
PAGE_VARY = "Accept, Accept-Language, Accept-Encoding"

Choices = Mapping[ResultKind, Format | None]


def accepted(format_name: str | None) -> Choices:
    """Return the format for each kind of result: by name where one is given, else by the Accept header."""
    if format_name is None:
        return liked(request.environ.get("HTTP_ACCEPT"))
    named = by_name_or_suffix(format_name)
    if not named:
        known = ", ".join(sorted({offer.suffix for offers in RESULT_FORMATS.values() for offer in offers} | {"html"}))
        raise Problem(400, "Unknown format", f"There is no format {format_name!r}; there are {known}.")
    return {
        kind: next((format_ for format_ in named if format_ in (*offers, f.HTML)), None)
        for kind, offers in RESULT_FORMATS.items()
    }


@lru_cache(maxsize=256)
def liked(accept: str | None) -> Choices:
    """Return the format for each kind of result by an Accept header."""
    return {kind: choose(accept, (*offers, f.HTML)) for kind, offers in RESULT_FORMATS.items()}


class _Result(Response):
    """A result, which ends its query where a HEAD asks for no body: Flask lets go of it, but does not close it."""

    def get_app_iter(self, environ: "WSGIEnvironment") -> Iterable[bytes]:
        """See Flask."""
        if environ["REQUEST_METHOD"] == "HEAD":
            self.close()
        return super().get_app_iter(environ)


def answer_query(query: Query, choices: Choices, title: str, text: str) -> Response:
    """Run a query and stream its result; a client that wants HTML gets a page with ``title`` and the text."""
    environ = request.environ
    environ[ANY_HOST] = True
    tag = entity_tag(site().release.id, query, choices)
    vary = PAGE_VARY if f.HTML in choices.values() else "Accept"
    # By weak comparison, as RFC 9110, section 13.1.2, has it.
    if tag and "HTTP_IF_NONE_MATCH" in environ and request.if_none_match.contains_weak(tag):
        return cacheable(Response(status=304), tag, vary)
    behind = {kind: BEHIND_HTML[kind] if chosen == f.HTML else chosen for kind, chosen in choices.items()}
    answer = run(query, behind)
    if choices[answer.kind] == f.HTML:
        return cacheable(_page(answer, title, text), tag, vary)
    return _Result(answer.chunks, headers=Headers(result_headers(answer, tag, vary)))


def result_headers(answer: Answer, tag: str | None, vary: str = "Accept") -> list[tuple[str, str]]:
    """Return the headers of an answer that is sent as the engine gives it."""
    headers = [("Content-Type", answer.format.content_type), *_caching(tag, vary)]
    if answer.length is not None:
        headers.append(("Content-Length", str(answer.length)))
    return headers


def answer_graph(graph: str | None, format_name: str | None, title: str) -> Response:
    """Answer with all of a named graph, or (None) of the default graph, in the format that is named or accepted."""
    chosen = accepted(format_name)[ResultKind.GRAPH]
    if chosen is None:
        raise not_acceptable(RESULT_FORMATS[ResultKind.GRAPH])
    query = Query(page_query("graph"), default_graphs=None if graph is None else (graph,))
    return answer_query(query, dict.fromkeys(ResultKind, chosen), title, query.text)


def cacheable(response: Response, tag: str | None, vary: str = "Accept") -> Response:
    """Let caches keep a response as long as they ask whether it still holds; without a tag, not at all."""
    for name, value in _caching(tag, vary):
        response.headers[name] = value
    return response


def _caching(tag: str | None, vary: str) -> list[tuple[str, str]]:
    if tag is None:
        return [("Vary", vary), ("Cache-Control", "no-store")]
    return [("Vary", vary), ("ETag", f'"{tag}"'), ("Cache-Control", "public, no-cache")]


def entity_tag(release: str, query: Query, choices: Choices) -> str | None:
    """Return the strong tag of an answer: the same release, request and format give the same.

    None of a query whose answer may be another the next time.
    """
    if not is_repeatable(query.text) or calls_service(query.text):
        return None
    formats = [chosen.name if chosen else "" for chosen in choices.values()]
    formats += [language()] if f.HTML in choices.values() else []
    parts = [release, query.text, str(query.default_graphs), str(query.named_graphs), str(query.bindings), *formats]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:32]


def run(query: Query, choices: Choices) -> Answer:
    """Start a query at the site's engine; what goes wrong becomes a Problem with its true status."""
    with as_problem():
        environ = request.environ
        asked = federated(query)
        if WAITED in environ:
            asked = replace(asked, waited=environ[WAITED])
        return site().engine.query(asked, choices, environ.get("gunicorn.socket"))


def read(answer: Answer) -> Table:
    """Return the start of a result; like ``run``, it gives a Problem where evaluation ends early."""
    with as_problem():
        return read_table(answer.chunks)


@contextmanager
def as_problem() -> Iterator[None]:
    """Turn what an engine raises into the Problem to answer with."""
    try:
        yield
    except QueryError as error:
        raise Problem(400, "The query is at fault", str(error)) from error
    except NotAcceptable as error:
        raise not_acceptable(RESULT_FORMATS[error.kind]) from error
    except QueryTimeout as error:
        detail = f"Evaluation passed its limit: {error}. Ask for less, or add LIMIT."
        raise Problem(503, "Query stopped", detail, {"Retry-After": "10"}) from error
    except EngineBusy as error:
        detail = f"The server is busy: {error}. Ask again in a few seconds."
        raise Problem(503, "Too busy", detail, {"Retry-After": "3"}) from error
    except EngineError as error:
        detail = f"The query could not be evaluated: {error}."
        raise Problem(503, "Query not evaluated", detail, {"Retry-After": "1"}) from error


def not_acceptable(offers: tuple[Format, ...], what: str = "The result") -> Problem:
    """Return the 406 that lists the formats that ``what`` comes in."""
    known = ", ".join(offer.media_types[0] for offer in (*offers, f.HTML))
    return Problem(406, "Not acceptable", f"{what} comes as {known}.", {"Vary": "Accept"})


def rows(text: str, **bindings: str) -> list[dict[str, dict[str, str]]]:
    """Return the rows of a query that a page runs; ``bindings`` are IRIs by variable."""
    query = Query(text, bindings={variable: f"<{iri}>" for variable, iri in bindings.items()})
    return read(run(query, BEHIND_HTML)).rows


def bindings(query: Query) -> list[dict[str, dict[str, str]]]:
    """Return every row of a query, where ``rows`` stops after what a page shows."""
    with as_problem():
        content = run(query, dict.fromkeys(ResultKind, f.JSON)).read()
    found: list[dict[str, dict[str, str]]] = json.loads(content)["results"]["bindings"]
    return found


def holds(name: str, iri: str) -> bool:
    """Return what one of the ASK queries of ``web/queries`` says of ``?thing``; of what is no IRI nothing holds."""
    try:
        parse_term(f"<{iri}>")
    except ValueError:
        return False
    query = Query(page_query(name), bindings={"thing": f"<{iri}>"})
    return bool(read(run(query, BEHIND_HTML)).boolean)


def problem_response(problem: Problem) -> Response:
    """Return a problem as JSON, or as a page for a browser."""
    wants_page = choose(request.headers.get("Accept"), (f.JSON, f.HTML)) == f.HTML
    body = render_template("problem.html", problem=problem) if wants_page else problem.body()
    content_type = f.HTML.content_type if wants_page else Problem.MEDIA_TYPE
    headers = {"Vary": "Accept", "Cache-Control": "no-store", **problem.headers}
    return Response(body, problem.status, headers, content_type=content_type)


def _page(answer: Answer, title: str, text: str) -> Response:
    if answer.kind is ResultKind.GRAPH:
        with as_problem():
            turtle, more = read_text(answer.chunks)
        page = render_template("graph.html", title=title, query=text, turtle=turtle, more=more)
    else:
        page = render_template("table.html", title=title, query=text, table=read(answer))
    return Response(page, content_type=f.HTML.content_type)
