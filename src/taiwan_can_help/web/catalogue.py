"""The list of named queries for machines: JSON, and RDF as sh:SPARQLExecutable.

See https://www.w3.org/TR/shacl-af/#SPARQLExecutable.
"""

import json
from collections.abc import Iterable

import pyoxigraph as ox

from taiwan_can_help.engine.memory import RDF_FORMAT
from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.protocol.formats import Format
from taiwan_can_help.queries import NamedQuery

FORMS = ("SELECT", "ASK", "CONSTRUCT", "DESCRIBE")


def query_catalogue(queries: Iterable[NamedQuery]) -> str:
    """Return the queries as JSON: name, titles, descriptions, parameters, text."""
    listed = [
        {
            "name": query.name,
            "url": f"{PREFIXES['query']}{query.name}",
            "title": query.titles,
            "description": query.descriptions,
            "parameters": [
                {"name": parameter.name, "default": parameter.default, "description": parameter.description}
                for parameter in query.parameters
            ],
            "query": query.text,
        }
        for query in queries
    ]
    return json.dumps(listed, ensure_ascii=False, indent=2)


def query_graph(queries: Iterable[NamedQuery], format_: Format) -> bytes:
    """Return the queries as RDF in the given format."""
    triples = [triple for query in queries for triple in _describe(query)]
    return ox.serialize(triples, format=RDF_FORMAT[format_], prefixes=PREFIXES) or b""


def _describe(query: NamedQuery) -> Iterable[ox.Triple]:
    subject = ox.NamedNode(PREFIXES["query"] + query.name)

    def triple(prefix: str, name: str, value: ox.NamedNode | ox.Literal) -> ox.Triple:
        return ox.Triple(subject, ox.NamedNode(PREFIXES[prefix] + name), value)

    form = next((form for form in FORMS if f"\n{form}" in query.text), "SELECT")
    yield triple("rdf", "type", ox.NamedNode(PREFIXES["sh"] + "SPARQLExecutable"))
    yield triple("rdf", "type", ox.NamedNode(f"{PREFIXES['sh']}SPARQL{form.title()}Executable"))
    yield triple("sh", form.lower(), ox.Literal(query.text))
    for language, title in query.titles.items():
        yield triple("rdfs", "label", ox.Literal(title, language=language))
    for language, description in query.descriptions.items():
        yield triple("rdfs", "comment", ox.Literal(description, language=language))
