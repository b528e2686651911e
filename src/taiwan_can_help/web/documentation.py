"""``/ontology.html`` and ``/shapes``: the documentation of the ontology and the shapes, made from the files."""

from collections import defaultdict

from flask import Blueprint, Response, request

from taiwan_can_help.engine import Query
from taiwan_can_help.namespaces import BASE, PREFIXES, SHAPES_GRAPH
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, ResultKind
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.description import Block, describe_thing
from taiwan_can_help.web.diagram import Tie, draw
from taiwan_can_help.web.pages import page
from taiwan_can_help.web.respond import answer_graph, bindings, holds, rows
from taiwan_can_help.web.site import page_query

blueprint = Blueprint("documentation", __name__)

ONTOLOGY = BASE + "ontology"
CLASS = PREFIXES["owl"] + "Class"
PROPERTY = "Property"
RDF_FORMATS = RESULT_FORMATS[ResultKind.GRAPH]


@blueprint.get("/ontology.html")
def ontology() -> Response:
    """Show each term with its definition, its uses and an example, and a diagram of the classes."""
    if not holds("exists", ONTOLOGY):
        raise Problem(404, "Nothing here", "This dataset has no ontology of its own.")
    description = describe_thing(ONTOLOGY, rows(page_query("statements"), thing=ONTOLOGY), [])
    groups: dict[str, list[Block]] = defaultdict(list)
    for part in description.parts:
        groups[_kind(part)].append(part)
    ties = [
        Tie(row["from"]["value"], row["property"]["value"], row["to"]["value"], int(row["uses"]["value"]))
        for row in rows(page_query("term-diagram"))
    ]
    return page(
        "ontology.html",
        ontology=description.block,
        groups=groups,
        CLASS=CLASS,
        uses={row["term"]["value"]: row for row in rows(page_query("term-uses"))},
        diagram=draw(ties),
        formats=RDF_FORMATS,
    )


@blueprint.get("/shapes")
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None = None) -> Response:
    """Show what each shape asks for, or answer with the shapes graph as data."""
    liked = choose(request.headers.get("Accept"), (*RDF_FORMATS, f.HTML))
    if suffix != f.HTML.suffix and not (suffix is None and liked == f.HTML):
        return answer_graph(SHAPES_GRAPH, suffix, "Shapes")
    query = Query(page_query("shapes"), default_graphs=(SHAPES_GRAPH,))
    described: dict[str, tuple[Block, dict[str, Block]]] = {}
    for row in bindings(query):
        shape = row["shape"]["value"]
        block, parts = described.setdefault(shape, (Block(shape), {}))
        if "part" in row:
            block = parts.setdefault(row["part"]["value"], Block(row["part"]["value"]))
        block.properties[row["property"]["value"]].append(row)
    return page("shapes.html", shapes=described, formats=RDF_FORMATS)


def _kind(term: Block) -> str:
    """Return whether a term is a class, a property or (an individual) neither."""
    types = {row["value"]["value"] for row in term.properties.get(PREFIXES["rdf"] + "type", ())}
    if CLASS in types:
        return CLASS
    return PROPERTY if any(iri.endswith(PROPERTY) for iri in types) else ""
