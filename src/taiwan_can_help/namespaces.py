"""The IRIs and prefixes of the project: one place that names them."""

BASE = "https://w3id.org/taiwan-can-help/"
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
    "tch": BASE + "ontology#",
    "tchs": SHAPES,
    **{kind: f"{BASE}id/{kind}/" for kind in KINDS},
    "query": BASE + "queries/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "dc": "http://purl.org/dc/elements/1.1/",
    "dcat": "http://www.w3.org/ns/dcat#",
    "void": "http://rdfs.org/ns/void#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "org": "http://www.w3.org/ns/org#",
    "schema": "https://schema.org/",
    "sd": "http://www.w3.org/ns/sparql-service-description#",
    "sh": "http://www.w3.org/ns/shacl#",
    "spdx": "http://spdx.org/rdf/terms#",
    "sssom": "https://w3id.org/sssom/",
    "semapv": "https://w3id.org/semapv/vocab/",
    "vann": "http://purl.org/vocab/vann/",
    "wd": "http://www.wikidata.org/entity/",
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
