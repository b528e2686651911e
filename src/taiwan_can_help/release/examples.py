"""The named queries as examples that an editor can offer: sh:SPARQLExecutable, with their prefixes as sh:declare.

See https://www.w3.org/TR/shacl-af/#SPARQLExecutable and https://www.w3.org/TR/shacl/#sparql-prefixes.
"""

from collections.abc import Iterable, Iterator

import pyoxigraph as ox

from taiwan_can_help.namespaces import DATASET, PREFIXES
from taiwan_can_help.protocol.scan import query_form
from taiwan_can_help.queries import NamedQuery
from taiwan_can_help.rdf import about, node, typed

DECLARATIONS = ox.NamedNode(f"{DATASET}#prefixes")
# The property that holds the text of each form, and its class; SHACL has none for DESCRIBE.
EXECUTABLES = {
    "SELECT": ("sh:select", "sh:SPARQLSelectExecutable"),
    "ASK": ("sh:ask", "sh:SPARQLAskExecutable"),
    "CONSTRUCT": ("sh:construct", "sh:SPARQLConstructExecutable"),
}


def describe_queries(queries: Iterable[NamedQuery]) -> Iterator[ox.Triple]:
    """Yield each query with its titles, descriptions and text, and the prefixes that all may use."""
    for query in queries:
        subject = ox.NamedNode(PREFIXES["query"] + query.name)
        yield from about(
            subject,
            {
                "rdf:type": node("sh:SPARQLExecutable"),
                "rdfs:label": _texts(query.titles),
                "rdfs:comment": _texts(query.descriptions),
                "sh:prefixes": DECLARATIONS,
            },
        )
        form = query_form(query.text)
        if form in EXECUTABLES:
            text, class_ = EXECUTABLES[form]
            yield from about(subject, {"rdf:type": node(class_), text: ox.Literal(query.text)})
    declarations = {name: ox.NamedNode(f"{DATASET}#prefix-{name}") for name in PREFIXES}
    yield from about(DECLARATIONS, {"rdf:type": node("owl:Ontology"), "sh:declare": declarations.values()})
    for name, declaration in declarations.items():
        yield from about(
            declaration,
            {
                "rdf:type": node("sh:PrefixDeclaration"),
                "sh:prefix": ox.Literal(name),
                "sh:namespace": typed(PREFIXES[name], "xsd:anyURI"),
            },
        )


def _texts(by_language: dict[str, str]) -> list[ox.Literal]:
    return [ox.Literal(text, language=language) for language, text in by_language.items()]
