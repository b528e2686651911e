"""What pages tell search engines: schema.org in JSON-LD, in a data block that no policy on scripts touches.

See https://schema.org/docs/gs.html and https://www.w3.org/TR/json-ld11/#embedding-json-ld-in-html-documents.
"""

import json
from typing import Any

from markupsafe import Markup

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import DATASET, DATASET_GRAPH, PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import ResultKind
from taiwan_can_help.web.respond import run
from taiwan_can_help.web.site import page_query

VOCABULARY = PREFIXES["schema"]
TYPE = PREFIXES["rdf"] + "type"


def of_thing(iri: str) -> Markup:
    """Return the data block of a thing's page."""
    return _block(Query(page_query("schema-org"), bindings={"thing": f"<{iri}>"}))


def of_dataset() -> Markup:
    """Return the data block of the start page."""
    bindings = {"thing": f"<{DATASET}>"}
    return _block(Query(page_query("schema-org-dataset"), default_graphs=(DATASET_GRAPH,), bindings=bindings))


def _block(query: Query) -> Markup:
    nodes = json.loads(run(query, dict.fromkeys(ResultKind, f.JSON_LD)).read())
    described = {"@context": {"@vocab": VOCABULARY}, "@graph": _in_terms(nodes)}
    text = json.dumps(described, ensure_ascii=False, sort_keys=True)
    # No text of the data can end the block (https://html.spec.whatwg.org/#restrictions-for-contents-of-script-elements).
    escaped = text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
    return Markup('<script type="application/ld+json">{}</script>').format(Markup(escaped))  # noqa: S704 (escaped)


def _in_terms(nodes: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return expanded nodes, each once, with the names of schema.org for its IRIs: ``@vocab`` makes them IRIs again."""
    found: dict[str, dict[str, Any]] = {}
    for node in nodes:
        described = found.setdefault(node["@id"], {"@id": node["@id"]})
        for key in node.keys() - {"@id"}:
            name, values = key.removeprefix(VOCABULARY), node[key]
            if key == TYPE:
                name, values = "@type", [value["@id"].removeprefix(VOCABULARY) for value in values]
            known = described.setdefault(name, [])
            known += [value for value in values if value not in known]
    return list(found.values())
