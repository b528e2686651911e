"""The formats that answers come in, with their media types and file suffixes."""

from dataclasses import dataclass
from enum import Enum


class ResultKind(Enum):
    """What a query yields, by its form."""

    BINDINGS = "bindings"
    BOOLEAN = "boolean"
    GRAPH = "graph"


@dataclass(frozen=True, eq=False)
class Format:
    """One serialisation, of which there are those below; ``media_types`` starts with the one that is sent."""

    name: str
    suffix: str
    media_types: tuple[str, ...]
    charset: bool = False

    @property
    def content_type(self) -> str:
        """Return the Content-Type header: the media type, with charset where its registration has one."""
        return f"{self.media_types[0]}; charset=utf-8" if self.charset else self.media_types[0]


JSON = Format("json", "json", ("application/sparql-results+json", "application/json"))
XML = Format("xml", "xml", ("application/sparql-results+xml", "application/xml", "text/xml"))
CSV = Format("csv", "csv", ("text/csv",), charset=True)
TSV = Format("tsv", "tsv", ("text/tab-separated-values",), charset=True)
TURTLE = Format("turtle", "ttl", ("text/turtle", "application/x-turtle"), charset=True)
N_TRIPLES = Format("ntriples", "nt", ("application/n-triples", "text/plain"))
N_QUADS = Format("nquads", "nq", ("application/n-quads",))
TRIG = Format("trig", "trig", ("application/trig",))
JSON_LD = Format("jsonld", "jsonld", ("application/ld+json", "application/json"))
RDF_XML = Format("rdfxml", "rdf", ("application/rdf+xml", "application/xml", "text/xml"))
HTML = Format("html", "html", ("text/html", "application/xhtml+xml"), charset=True)

# The first of each list answers */* and a missing Accept.
RESULT_FORMATS: dict[ResultKind, tuple[Format, ...]] = {
    ResultKind.BINDINGS: (JSON, XML, CSV, TSV),
    ResultKind.BOOLEAN: (JSON, XML, CSV, TSV),
    ResultKind.GRAPH: (TURTLE, N_TRIPLES, JSON_LD, RDF_XML, N_QUADS, TRIG),
}
DUMP_FORMATS = (TURTLE, N_TRIPLES, N_QUADS, TRIG, JSON_LD, RDF_XML)

# The names that the W3C gives formats in descriptions of services and datasets (https://www.w3.org/ns/formats/).
FORMAT_IRIS = {
    format_: f"http://www.w3.org/ns/formats/{name}"
    for format_, name in {
        JSON: "SPARQL_Results_JSON",
        XML: "SPARQL_Results_XML",
        CSV: "SPARQL_Results_CSV",
        TSV: "SPARQL_Results_TSV",
        TURTLE: "Turtle",
        N_TRIPLES: "N-Triples",
        N_QUADS: "N-Quads",
        TRIG: "TriG",
        JSON_LD: "JSON-LD",
        RDF_XML: "RDF_XML",
    }.items()
}

FORMATS = (JSON, XML, CSV, TSV, TURTLE, N_TRIPLES, N_QUADS, TRIG, JSON_LD, RDF_XML, HTML)
BY_NAME = {format_.name: format_ for format_ in FORMATS}

# What clients call them besides (SPARQLWrapper has its own words for three).
ALIASES = {"json-ld": JSON_LD, "rdf+xml": RDF_XML, "n3": TURTLE, "n-triples": N_TRIPLES, "n-quads": N_QUADS}


def by_name_or_suffix(text: str) -> list[Format]:
    """Return the formats that a ``format=`` parameter or a file suffix may mean (``xml`` means two)."""
    text = text.strip().lower().replace(" ", "+")  # a + that nobody escaped arrives as a space
    if text in ALIASES:
        return [ALIASES[text]]
    exact = [format_ for format_ in FORMATS if text in (format_.name, format_.suffix, *format_.media_types)]
    return exact + [JSON_LD] * (exact == [JSON]) + [RDF_XML] * (exact == [XML])
