"""What pages tell search engines: schema.org in JSON-LD, in a data block that no policy on scripts touches.

See https://schema.org/docs/gs.html and https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

from markupsafe import Markup
from rdflib import Graph

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import DATASET, DATASET_GRAPH
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import ResultKind
from taiwan_can_help.web.respond import run
from taiwan_can_help.web.site import page_query

CONTEXT = {"@vocab": "https://schema.org/"}


def of_thing(iri: str) -> Markup:
    """Return the data block of a thing's page."""
    return _block(Query(page_query("schema-org"), bindings={"thing": f"<{iri}>"}))


def of_dataset() -> Markup:
    """Return the data block of the start page."""
    bindings = {"thing": f"<{DATASET}>"}
    return _block(Query(page_query("schema-org-dataset"), default_graphs=(DATASET_GRAPH,), bindings=bindings))


def _block(query: Query) -> Markup:
    answer = run(query, dict.fromkeys(ResultKind, f.N_TRIPLES))
    graph = Graph().parse(data=answer.read(), format="nt")
    text = graph.serialize(format="json-ld", context=CONTEXT, sort_keys=True, indent=None)
    # No text of the data can end the block (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements).
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(escaped))  # noqa: S704 (escaped)
