"""The dataset graph of a release: what it holds (VoID, DCAT), what to ask of it, and how it was built.

See https://www.w3.org/TR/void/ and https://www.w3.org/TR/vocab-dcat-3/. What the subject is, the dataset says
itself, in the same graph: title, publisher, licence, the datasets it links to.
"""

from collections.abc import Iterable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import cast

import pyoxigraph as ox

from taiwan_can_help.namespaces import BASE, DATASET, DATASET_GRAPH
from taiwan_can_help.protocol.formats import DUMP_FORMATS, FORMAT_IRIS, Format
from taiwan_can_help.rdf import about, node, typed
from taiwan_can_help.release.folder import digest_of, dump_name
from taiwan_can_help.release.provenance import has_checksum

ENDPOINT = ox.NamedNode(BASE + "sparql")
MEDIA_TYPES = "https://www.iana.org/assignments/media-types/"


def describe(quads: list[ox.Quad], dumps: Iterable[Path], more: Iterable[ox.Triple]) -> list[ox.Quad]:
    """Return the dataset graph of these quads, with ``more`` statements.

    ``dumps`` are the files whose bytes do not depend on the dataset graph.
    """
    described = _in_graph([*_dataset(), *_distributions(dumps), *more])
    store = ox.Store()
    store.bulk_extend([*quads, *described])
    return [*described, *_in_graph(_counted(store))]


def _dataset() -> Iterator[ox.Triple]:
    dataset, service = ox.NamedNode(DATASET), ox.NamedNode(f"{DATASET}#sparql")
    yield from about(
        dataset,
        {
            "rdf:type": [node("void:Dataset"), node("dcat:Dataset")],
            "void:sparqlEndpoint": ENDPOINT,
            "void:feature": [ox.NamedNode(FORMAT_IRIS[format_]) for format_ in DUMP_FORMATS],
        },
    )
    yield from about(
        service,
        {
            "rdf:type": node("dcat:DataService"),
            "dcat:endpointURL": ENDPOINT,
            "dcat:endpointDescription": ENDPOINT,
            "dcat:servesDataset": dataset,
            "dcterms:conformsTo": ox.NamedNode("https://www.w3.org/TR/sparql11-protocol/"),
        },
    )
    yield from about(
        ox.NamedNode(DATASET_GRAPH), {"rdf:type": node("void:DatasetDescription"), "foaf:primaryTopic": dataset}
    )


def _distributions(dumps: Iterable[Path]) -> Iterator[ox.Triple]:
    written = {path.name: path for path in dumps}
    for format_ in DUMP_FORMATS:
        name = dump_name(format_)
        distribution = ox.NamedNode(f"{DATASET}#{name}")
        yield from about(ox.NamedNode(DATASET), {"dcat:distribution": distribution, "void:dataDump": _address(format_)})
        yield from about(
            distribution,
            {
                "rdf:type": node("dcat:Distribution"),
                "dcterms:title": ox.Literal(name),
                "dcat:accessURL": _address(format_),
                "dcat:downloadURL": _address(format_),
                "dcat:mediaType": ox.NamedNode(MEDIA_TYPES + format_.media_types[0]),
            },
        )
        # A file that holds this graph cannot be told of in it.
        if name in written:
            size = written[name].stat().st_size
            yield from about(distribution, {"dcat:byteSize": typed(size, "xsd:nonNegativeInteger")})
            yield from has_checksum(distribution, digest_of(written[name]))


def _address(format_: Format) -> ox.NamedNode:
    return ox.NamedNode(BASE + dump_name(format_))


def _counted(store: ox.Store) -> Iterator[ox.Triple]:
    """Yield what the queries of ``release/queries`` construct; relative IRIs in them are ours."""
    for file in sorted(files("taiwan_can_help.release").joinpath("queries").iterdir(), key=lambda file: file.name):
        yield from cast("ox.QueryTriples", store.query(file.read_text("utf-8"), base_iri=BASE))


def _in_graph(triples: Iterable[ox.Triple]) -> list[ox.Quad]:
    graph = ox.NamedNode(DATASET_GRAPH)
    return [ox.Quad(triple.subject, triple.predicate, triple.object, graph) for triple in triples]
