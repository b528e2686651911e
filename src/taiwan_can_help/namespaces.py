"""The IRIs and prefixes of the project: one place that names them."""

from rdflib import Namespace
from rdflib.namespace import DCTERMS, ORG, OWL, PROV, RDF, RDFS, SDO, SKOS, XSD

BASE = "https://w3id.org/taiwan-can-help/"
TCH = Namespace(BASE + "ontology#")
SSSOM = Namespace("https://w3id.org/sssom/")
SEMAPV = Namespace("https://w3id.org/semapv/vocab/")
WIKIDATA = Namespace("http://www.wikidata.org/entity/")

DATASET = BASE + "dataset"
SHAPES = BASE + "shapes#"
SHAPES_GRAPH = BASE + "graph/shapes"
DATASET_GRAPH = BASE + "graph/dataset"

KINDS = (
    "activity", "item", "agent", "country", "territory", "place", "group", "world-region", "section",
    "supply", "unit", "source", "claim", "mapping", "status", "direction", "scope", "date-meaning",
    "confidence", "agent-type", "measure", "comparator",
)  # fmt: skip

# Every Turtle file and export uses these prefixes, so that the same thing is always written the same way.
PREFIXES: dict[str, str] = {
    "tch": str(TCH),
    "tchs": SHAPES,
    **{kind: f"{BASE}id/{kind}/" for kind in KINDS},
    "query": BASE + "queries/",
    "rdf": str(RDF),
    "rdfs": str(RDFS),
    "owl": str(OWL),
    "xsd": str(XSD),
    "skos": str(SKOS),
    "dcterms": str(DCTERMS),
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": str(PROV),
    "org": str(ORG),
    "schema": str(SDO),
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "spdx": "http://spdx.org/rdf/terms#",
    "sssom": str(SSSOM),
    "semapv": str(SEMAPV),
    "vann": "http://purl.org/vocab/vann/",
    "wd": str(WIKIDATA),
}


def thing(kind: str, slug: str) -> str:
    """Return the IRI of the thing with this slug, for instance ``thing("country", "palau")``."""
    return f"{BASE}id/{kind}/{slug}"


def expand(name: str) -> str:
    """Return the IRI of a name with one of the project's prefixes."""
    prefix, _, local = name.partition(":")
    return PREFIXES[prefix] + local


def short(iri: str) -> str:
    """Return an IRI with the project's prefix for its namespace, where it has one."""
    best = max((space for space in PREFIXES.values() if iri.startswith(space)), key=len, default=None)
    if best is None or "/" in iri.removeprefix(best):
        return iri
    prefix = next(name for name, space in PREFIXES.items() if space == best)
    return f"{prefix}:{iri.removeprefix(best)}"
