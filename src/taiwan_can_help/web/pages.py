"""Pages: templates rendered in the language of the request, with the headers that let them be kept."""

import hashlib

from flask import Flask, Response, render_template, request
from jinja2 import Template

from taiwan_can_help.cache.middleware import ANY_HOST
from taiwan_can_help.index.read import Text
from taiwan_can_help.namespaces import BASE, expand, short
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.web import wording
from taiwan_can_help.web.languages import LANGUAGES, language
from taiwan_can_help.web.respond import PAGE_VARY, rows
from taiwan_can_help.web.sections import named_section
from taiwan_can_help.web.site import page_query, site
from taiwan_can_help.web.table import Term, href


def page(template: str | list[str | Template], status: int = 200, **context: object) -> Response:
    """Return a page as a response that holds as long as its content is the same."""
    response = Response(render_template(template, **context), status, content_type=f.HTML.content_type)
    response.headers["Vary"] = PAGE_VARY
    request.environ[ANY_HOST] = True
    if status == 200:
        response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
        response.headers["Cache-Control"] = "public, no-cache"
        response.make_conditional(request)
    return response


def set_up_pages(app: Flask) -> None:
    """Give templates what they all use."""
    app.jinja_env.globals.update(
        href=local_href,
        short=short,
        label=label,
        pick=pick,
        language=language,
        languages=LANGUAGES,
    )
    app.jinja_env.globals.update(
        day=wording.day,
        grouped=wording.number,
        precision=wording.precision,
        share=wording.share,
        span=wording.span,
        tongue=wording.tongue,
    )
    app.jinja_env.globals.update(
        named_section=named_section, definition=definition, other_names=other_names, base=BASE, expand=expand
    )
    app.jinja_env.filters["is_number"] = is_number
    app.jinja_env.tests["in_base"] = lambda iri: iri.startswith(BASE)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def local_href(iri: str) -> str | None:
    """Return where a link to this IRI goes, in the language of the page where it is one of ours."""
    target = href(iri)
    return request.script_root + target if target and target.startswith("/") else target


def label(iri: str) -> Text | None:
    """Return the label of a thing in the page's language, else in another."""
    return site().index.label(iri, language())


def other_names(iri: str) -> list[Text]:
    """Return the labels of a thing in the other languages of pages, where they differ from the one that is shown."""
    shown, labels = label(iri), site().index.labels(iri)
    return [
        Text(labels[tag], tag)
        for tag in LANGUAGES
        if tag in labels and shown and tag != shown.language and labels[tag] != shown.text
    ]


def is_number(term: Term) -> bool:
    """Return whether a term is a number."""
    return term.get("datatype", "").endswith(("#integer", "#decimal", "#double"))


def definition(iri: str) -> Text:
    """Return what a term means, in the page's language where it is said."""
    values = [row["definition"] for row in rows(page_query("definition"), thing=iri)]
    return pick({value.get("xml:lang", ""): value["value"] for value in values})


def pick(texts: dict[str, str]) -> Text:
    """Return the text in the page's language, else the English one, else any; the empty text where there is none."""
    for tag in (language(), "en", "", *texts):
        if texts.get(tag):
            return Text(texts[tag], tag)
    return Text("", "")
