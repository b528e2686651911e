"""Pages: templates rendered in the language of the request, with the headers that let them be kept."""

import hashlib

from flask import Flask, Response, render_template, request

from taiwan_can_help.index.read import Text
from taiwan_can_help.namespaces import BASE, short
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.web.languages import LANGUAGES, language
from taiwan_can_help.web.site import site
from taiwan_can_help.web.table import href


def page(template: str, status: int = 200, **context: object) -> Response:
    """Return a page as a response that holds as long as its content is the same."""
    response = Response(render_template(template, **context), status, content_type=f.HTML.content_type)
    response.vary.update(("Accept", "Accept-Language"))
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
        base_iri=BASE,
    )
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True


def local_href(iri: str) -> str | None:
    """Return where a link to this IRI goes, in the language of the page where it is one of ours."""
    target = href(iri)
    return request.script_root + target if target and target.startswith("/") else target


def label(iri: str) -> Text | None:
    """Return the label of a thing in the page's language, else in another."""
    return site().index.label(iri, language())


def pick(texts: dict[str, str]) -> Text:
    """Return the text in the page's language, else the English one, else any; the empty text where there is none."""
    for tag in (language(), "en", "", *texts):
        if texts.get(tag):
            return Text(texts[tag], tag)
    return Text("", "")
