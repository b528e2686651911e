"""The 3 tests of SPARQL 1.1 Service Description, over a socket to the server as it runs in production.

The suite gives names only; each stands for a criterion of the specification
(https://www.w3.org/TR/sparql11-service-description/#conformance).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest
from conftest import Client, serving
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from conformance.exchanges import read_graphs
from conformance.manifest import MF, only, short_id, walk
from conformance.suite import parameters, sparql11

SD = Namespace("http://www.w3.org/ns/sparql-service-description#")
PARSERS = {"text/turtle": "turtle", "application/rdf+xml": "xml", "application/n-triples": "nt"}

# The properties of the vocabulary with the classes of their subjects and values, None where any resource will do.
SCHEMA: dict[URIRef, tuple[URIRef, URIRef | None]] = {
    SD.endpoint: (SD.Service, None),
    SD.feature: (SD.Service, None),
    SD.defaultEntailmentRegime: (SD.Service, None),
    SD.entailmentRegime: (SD.NamedGraph, None),
    SD.defaultSupportedEntailmentProfile: (SD.Service, None),
    SD.supportedEntailmentProfile: (SD.NamedGraph, None),
    SD.extensionFunction: (SD.Service, SD.Function),
    SD.extensionAggregate: (SD.Service, SD.Aggregate),
    SD.languageExtension: (SD.Service, None),
    SD.supportedLanguage: (SD.Service, None),
    SD.propertyFeature: (SD.Service, None),
    SD.defaultDataset: (SD.Service, SD.Dataset),
    SD.availableGraphs: (SD.Service, SD.GraphCollection),
    SD.resultFormat: (SD.Service, None),
    SD.inputFormat: (SD.Service, None),
    SD.defaultGraph: (SD.Dataset, SD.Graph),
    SD.namedGraph: (SD.Dataset, SD.NamedGraph),
    SD.name: (SD.NamedGraph, None),
    SD.graph: (SD.NamedGraph, SD.Graph),
}
CLASSES = {SD.Service, SD.Dataset, SD.GraphCollection, SD.Graph, SD.NamedGraph, SD.Function, SD.Aggregate}
LANGUAGES = {SD.SPARQL10Query, SD.SPARQL11Query, SD.SPARQL11Update}


@dataclass(frozen=True)
class DescriptionTest:
    """One test of the manifest."""

    id: str
    name: str


TESTS = [
    DescriptionTest(short_id(test, file), str(only(graph, test, MF.name)))
    for graph, test, file in walk(sparql11() / "service-description" / "manifest.ttl")
]


@pytest.fixture(scope="module")
def endpoint(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Serve the graphs of the protocol's tests, so that there are named graphs to describe."""
    root = tmp_path_factory.mktemp("description")
    data = root / "dataset" / "data"
    data.mkdir(parents=True)
    (data / "graphs.nq").write_bytes(read_graphs(sparql11() / "protocol" / "manifest.ttl"))
    with serving(root / "releases", "--dataset", str(data.parent)) as running:
        yield running.client


def described(endpoint: Client) -> Graph:
    """GET the endpoint without any parameter."""
    reply = endpoint.get("/sparql")
    assert reply.status == 200
    return Graph().parse(data=reply.body, format=PARSERS[reply.type])


def returns_rdf(endpoint: Client) -> None:
    assert len(described(endpoint)) > 0
    for media_type, parser in PARSERS.items():
        reply = endpoint.get("/sparql", media_type)
        assert (reply.status, reply.type) == (200, media_type)
        assert set(Graph().parse(data=reply.body, format=parser)) == set(described(endpoint))


def has_endpoint_triple(endpoint: Client) -> None:
    url = URIRef(f"{endpoint.base}/sparql")
    assert list(described(endpoint).subjects(SD.endpoint, url))


def conforms_to_schema(endpoint: Client) -> None:
    graph = described(endpoint)
    for subject, predicate, value in graph:
        if in_vocabulary(predicate):
            domain, range_ = SCHEMA[URIRef(str(predicate))]
            assert domain in types(graph, subject)
            assert range_ is None or range_ in types(graph, value)
            assert isinstance(value, URIRef)
    assert set(filter(in_vocabulary, graph.objects(None, RDF.type))) <= CLASSES
    assert set(graph.objects(None, SD.supportedLanguage)) & LANGUAGES
    named = set(graph.subjects(RDF.type, SD.NamedGraph))
    assert len(named) > 3
    assert all(len(set(graph.objects(node, SD.name))) == 1 for node in named)
    for dataset in graph.subjects(RDF.type, SD.Dataset):
        assert set(graph.objects(dataset, SD.defaultGraph)) | set(graph.objects(dataset, SD.namedGraph))


def in_vocabulary(term: Node) -> bool:
    return str(term).startswith(str(SD))


def types(graph: Graph, node: Node) -> set[Node]:
    return set(graph.objects(node, RDF.type))


CRITERIA: dict[str, Callable[[Client], None]] = {
    "service-description/returns-rdf": returns_rdf,
    "service-description/has-endpoint-triple": has_endpoint_triple,
    "service-description/conforms-to-schema": conforms_to_schema,
}


def test_the_suite_is_whole() -> None:
    assert {test.id for test in TESTS} == set(CRITERIA)
    assert len(TESTS) == 3


@pytest.mark.parametrize("test", parameters(TESTS))
def test_description(test: DescriptionTest, endpoint: Client) -> None:
    CRITERIA[test.id](endpoint)
