"""What a SPARQL service offers: SPARQL 1.1 Service Description (https://www.w3.org/TR/sparql11-service-description/)."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

import pyoxigraph as ox

from taiwan_can_help.protocol.formats import FORMAT_IRIS, RESULT_FORMATS
from taiwan_can_help.rdf import about, node, typed

SIMPLE_ENTAILMENT = ox.NamedNode("http://www.w3.org/ns/entailment/Simple")


@dataclass(frozen=True)
class Service:
    """A service at an address: the triples of its default graph and of each named one, its functions by IRI.

    ``calls_others`` where its operator allows SERVICE to some hosts.
    """

    endpoint: str
    triples: int
    graphs: Mapping[str, int]
    functions: Sequence[str]
    calls_others: bool = False


def describe_service(service: Service) -> Iterator[ox.Triple]:
    """Yield the description; all it speaks of is named, by a fragment of the endpoint's address.

    No sd:feature but SERVICE may hold: no IRI is dereferenced, the default graph is not the union of the others, no
    dataset must be named, and an empty graph is not kept.

    Raises ValueError when the endpoint's address is no IRI.
    """
    dataset = _part(service, "dataset")
    functions = [ox.NamedNode(iri) for iri in service.functions]
    yield from about(
        _part(service, "service"),
        {
            "rdf:type": node("sd:Service"),
            "sd:endpoint": ox.NamedNode(service.endpoint),
            "sd:supportedLanguage": node("sd:SPARQL11Query"),
            "sd:resultFormat": [
                ox.NamedNode(FORMAT_IRIS[format_])
                for format_ in dict.fromkeys(format_ for offers in RESULT_FORMATS.values() for format_ in offers)
            ],
            "sd:feature": [node("sd:BasicFederatedQuery")] if service.calls_others else [],
            "sd:extensionFunction": functions,
            "sd:defaultEntailmentRegime": SIMPLE_ENTAILMENT,
            "sd:defaultDataset": dataset,
        },
    )
    for function in functions:
        yield from about(function, {"rdf:type": node("sd:Function")})
    yield from _dataset(service, dataset)


def _dataset(service: Service, dataset: ox.NamedNode) -> Iterator[ox.Triple]:
    default = _part(service, "default-graph")
    named = {name: _part(service, f"named-graph-{quote(name, safe='')}") for name in service.graphs}
    yield from about(
        dataset,
        {"rdf:type": node("sd:Dataset"), "sd:defaultGraph": default, "sd:namedGraph": named.values()},
    )
    yield from _graph(default, service.triples)
    for name, named_graph in named.items():
        graph = _part(service, f"graph-{quote(name, safe='')}")
        yield from about(
            named_graph,
            {"rdf:type": node("sd:NamedGraph"), "sd:name": ox.NamedNode(name), "sd:graph": graph},
        )
        yield from _graph(graph, service.graphs[name])


def _graph(graph: ox.NamedNode, triples: int) -> Iterator[ox.Triple]:
    yield from about(
        graph,
        {"rdf:type": [node("sd:Graph"), node("void:Dataset")], "void:triples": typed(triples, "xsd:integer")},
    )


def _part(service: Service, fragment: str) -> ox.NamedNode:
    return ox.NamedNode(f"{service.endpoint}#{fragment}")
