"""Dumps, named queries and the data of single things over HTTP, on the real graph."""

import csv
import gzip
import io
import re
from urllib.parse import quote, urlencode

import pyoxigraph as ox
import pytest
from conftest import Client
from rdflib import RDF, Graph, Literal, URIRef

BASE = "https://w3id.org/taiwan-can-help/"
PREFIXES = f"PREFIX tch: <{BASE}ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> "
MEDIA_TYPES = {
    "ttl": "text/turtle",
    "nt": "application/n-triples",
    "nq": "application/n-quads",
    "trig": "application/trig",
    "jsonld": "application/ld+json",
    "rdf": "application/rdf+xml",
}
PARSERS = {
    "ttl": ox.RdfFormat.TURTLE,
    "nt": ox.RdfFormat.N_TRIPLES,
    "nq": ox.RdfFormat.N_QUADS,
    "trig": ox.RdfFormat.TRIG,
    "jsonld": ox.RdfFormat.JSON_LD,
    "rdf": ox.RdfFormat.RDF_XML,
}
# rdflib's JSON-LD parser uses a class that rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")


@pytest.fixture(scope="module")
def triples(client: Client) -> int:
    return int(client.get("/health").json()["triples"])


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_dump_holds_the_whole_graph(client: Client, triples: int, suffix: str) -> None:
    reply = client.get(f"/dump.{suffix}")
    assert (reply.status, reply.type) == (200, MEDIA_TYPES[suffix])
    parsed = set(ox.parse(reply.body, format=PARSERS[suffix], base_iri="http://e.example/"))
    assert sum(quad.graph_name == ox.DefaultGraph() for quad in parsed) == triples
    assert "zh-Hant" in reply.text
    assert not re.search(r'(@|@language": *"|xml:lang=")zh-hant', reply.text)


@pytest.mark.parametrize(("suffix", "parser"), [("ttl", "turtle"), ("rdf", "xml")])
def test_dump_is_read_by_rdflib(client: Client, triples: int, suffix: str, parser: str) -> None:
    graph = Graph().parse(data=client.get(f"/dump.{suffix}").body, format=parser)
    assert len(graph) == triples
    assert {term.language for term in graph.objects() if isinstance(term, Literal)} >= {"en", "zh-Hant"}


@pytest.mark.parametrize("suffix", ["trig", "nq"])
def test_dumps_agree_on_the_named_graphs(client: Client, suffix: str) -> None:
    quads = ox.parse(client.get(f"/dump.{suffix}").body, format=PARSERS[suffix])
    names = {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, ox.NamedNode)}
    asked = client.rows("SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }")
    assert names == {row["g"] for row in asked}


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_dump_caching_and_ranges(client: Client, suffix: str) -> None:
    whole = client.get(f"/dump.{suffix}")
    etag = whole.headers["ETag"]
    assert etag.strip('"')
    unchanged = client.get(f"/dump.{suffix}", headers={"If-None-Match": etag})
    assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", etag)
    assert client.get(f"/dump.{suffix}", headers={"If-None-Match": '"other"'}).status == 200
    part = client.get(f"/dump.{suffix}", headers={"Range": "bytes=100-199"})
    assert (part.status, part.body) == (206, whole.body[100:200])
    assert part.headers["Content-Range"] == f"bytes 100-199/{len(whole.body)}"
    stale = client.get(f"/dump.{suffix}", headers={"Range": "bytes=100-199", "If-Range": '"other"'})
    assert (stale.status, stale.body) == (200, whole.body)
    past = client.get(f"/dump.{suffix}", headers={"Range": f"bytes={len(whole.body)}-"})
    assert past.status == 416
    head = client.send("HEAD", f"/dump.{suffix}")
    assert (head.status, head.headers["Content-Length"]) == (200, str(len(whole.body)))


def test_dump_compression_is_honest(client: Client) -> None:
    plain = client.get("/dump.nt", headers={"Accept-Encoding": "identity"})
    packed = client.get("/dump.nt", headers={"Accept-Encoding": "gzip"})
    encoding = packed.headers.get("Content-Encoding", "identity")
    assert (gzip.decompress(packed.body) if encoding == "gzip" else packed.body) == plain.body
    assert "Content-Encoding" not in plain.headers


@pytest.mark.parametrize(("suffix", "accept"), [*MEDIA_TYPES.items(), ("ttl", "*/*")])
def test_dump_negotiates(client: Client, suffix: str, accept: str) -> None:
    reply = client.get("/dump", accept)
    assert (reply.status, reply.headers["Location"], reply.headers["Vary"]) == (303, f"/dump.{suffix}", "Accept")


def test_dump_refusals(client: Client) -> None:
    assert client.get("/dump", "image/png").status == 406
    for path in ("/dump.exe", "/dump.", "/dump.../manifest.json", "/dump.ttl/../../etc/passwd"):
        assert client.get(path).status == 404


@pytest.mark.parametrize(
    ("accept", "suffix"),
    [
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "html"),
        ("text/turtle", "ttl"),
        ("application/ld+json", "jsonld"),
        ("application/rdf+xml", "rdf"),
        ("application/n-triples", "nt"),
        ("*/*", "ttl"),
        (None, "ttl"),
    ],
)
def test_a_thing_redirects_by_accept(client: Client, accept: str | None, suffix: str) -> None:
    reply = client.get("/id/country/palau", accept)
    assert (reply.status, reply.headers["Location"]) == (303, f"/id/country/palau.{suffix}")
    assert reply.headers["Vary"] == "Accept"
    assert client.get(reply.headers["Location"]).status == 200


@pytest.mark.parametrize("suffix", MEDIA_TYPES)
def test_a_thing_by_suffix(client: Client, suffix: str) -> None:
    reply = client.get(f"/id/country/palau.{suffix}", "text/html")
    assert (reply.status, reply.type) == (200, MEDIA_TYPES[suffix])
    parsed = {quad.triple for quad in ox.parse(reply.body, format=PARSERS[suffix])}
    turtle = client.get("/id/country/palau.ttl")
    assert parsed == {quad.triple for quad in ox.parse(turtle.body, format=ox.RdfFormat.TURTLE)}
    assert ox.NamedNode("http://www.wikidata.org/entity/Q695") in {triple.object for triple in parsed}


ODD_IDS = [
    "country/nowhere",
    "country/",
    "x",
    "country/pa lau",
    "country/palau> } #",
    'country/"palau"',
    "country/'; DROP",
    "country/palau\0",
    "country/palau\n",
    "country/{}",
    "country/\\u003e",
    "country/%41%",
    "country/palau.exe",
    "country/palau.ttl.ttl",
    "country/.ttl",
    "國家/帛琉",
    "country/\ufffd\ufffe",
    "country/\U0001f637",
    "../ontology",
    "country/" + "x" * 5000,
]


@pytest.mark.parametrize("name", [quote(name, safe="/") for name in ODD_IDS] + ["a%FF", "a%C0%80", "%ED%A0%80"])
def test_unknown_things_are_404(client: Client, name: str) -> None:
    reply = client.get(f"/id/{name}")
    assert (reply.status, reply.type) == (404, "application/problem+json")
    assert reply.json()["status"] == 404
    page = client.get(f"/id/{name}", "text/html")
    assert (page.status, page.type) == (404, "text/html")


def test_queries_are_listed_as_json_and_rdf(client: Client) -> None:
    listed = client.get("/queries", "application/json")
    assert (listed.status, listed.type) == (200, "application/json")
    names = {query["name"] for query in listed.json()}
    assert {"masks-total", "recipient-countries"} <= names
    turtle = client.get("/queries", "text/turtle")
    assert (turtle.status, turtle.type) == (200, "text/turtle")
    graph = Graph().parse(data=turtle.body, format="turtle")
    executables = set(graph.subjects(RDF.type, URIRef("http://www.w3.org/ns/shacl#SPARQLExecutable")))
    assert executables == {URIRef(f"{BASE}queries/{name}") for name in names}
    assert client.get("/queries", "text/html").type == "text/html"
    assert client.get("/queries", "image/png").status == 406


def test_masks_total(client: Client) -> None:
    lines = client.get("/queries/masks-total.csv").text.splitlines()
    assert lines == ["leaf,remainder,total,government_total", "28833960,4568700,33402660,26701800"]


def test_recipient_countries(client: Client) -> None:
    rows = list(csv.DictReader(io.StringIO(client.get("/queries/recipient-countries.csv").text)))
    assert len(rows) == 84
    assert list(rows[0]) == ["place", "label", "iso2", "records"]
    assert len({row["place"] for row in rows}) == 84


def test_every_named_query_runs(client: Client) -> None:
    for query in client.get("/queries", "application/json").json():
        path = f"/queries/{query['name']}"
        page = client.get(path, "text/html")
        assert (page.status, page.type) == (200, "text/html"), path
        table = client.get(f"{path}.csv")
        assert (table.status, table.type) == (200, "text/csv"), path
        rows = list(csv.reader(io.StringIO(table.text, newline="")))
        result = client.get(f"{path}?format=json")
        assert (result.status, result.type) == (200, "application/sparql-results+json"), path
        assert result.json()["head"]["vars"] == rows[0]
        assert len(result.json()["results"]["bindings"]) == len(rows) - 1
        assert query["description"]["zh-Hant"]


def test_a_parameter_is_bound(client: Client) -> None:
    def records(place: str) -> set[str]:
        reply = client.get("/queries/records-of-place.json?" + urlencode({"place": place}))
        assert reply.status == 200
        return {row["record"]["value"] for row in reply.json()["results"]["bindings"]}

    default = client.get("/queries/records-of-place.json").json()["results"]["bindings"]
    palau = {row["record"]["value"] for row in default}
    assert palau
    assert records("country/palau") == records(f"{BASE}id/country/palau") == palau
    assert records("country/japan") not in (set(), palau)
    assert records("country/nowhere") == set()


@pytest.mark.parametrize(
    "parameters",
    [
        {"place": "country/palau> } #"},
        {"place": "country/palau> ?p ?o } UNION { ?place ?p ?o } #"},
        {"place": "country/palau country"},
        {"place": '"palau"'},
        {"place": "country/palau\0"},
        {"plaice": "country/palau"},
        {"format": "nonsense"},
    ],
)
def test_a_bad_parameter_is_refused(client: Client, parameters: dict[str, str]) -> None:
    reply = client.get("/queries/records-of-place?" + urlencode(parameters), "text/csv")
    assert (reply.status, reply.type) == (400, "application/problem+json")
    assert next(iter(parameters)) in reply.json()["detail"]


def test_unknown_queries_are_404(client: Client) -> None:
    for path in ("/queries/nothing", "/queries/nothing.csv", "/queries/..%2Fmanifest", "/nowhere"):
        assert client.get(path).status == 404
    assert client.get("/queries/masks-total.exe").status in (400, 404)


@pytest.mark.parametrize(
    ("pattern", "count"),
    [
        ("?s a/rdfs:subClassOf* tch:Activity", 780),
        ("?s a tch:ItemLine", 1022),
        ("?s a tch:Source", 966),
        (f"?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BASE}id/item/'))", 1022),
        (f"?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BASE}id/source/'))", 966),
        (f"?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BASE}id/agent/'))", 624),
        ("?s a ?c VALUES ?c { tch:Country tch:Territory tch:Place tch:WorldRegion tch:Group }", 283),
        ("?s a tch:Claim", 37),
        (f"?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BASE}id/supply/'))", 67),
        (f"?s ?p ?o FILTER(STRSTARTS(STR(?s), '{BASE}id/unit/'))", 21),
    ],
)
def test_counts(client: Client, pattern: str, count: int) -> None:
    rows = client.rows(f"{PREFIXES} SELECT (COUNT(DISTINCT ?s) AS ?n) WHERE {{ {pattern} }}")
    assert int(rows[0]["n"]) == count


@pytest.mark.parametrize("path", ["/dump.nt", "/sparql", "/validation.json"])
def test_a_condition_that_does_not_hold_is_a_problem_without_the_content(client: Client, path: str) -> None:
    reply = client.get(path, headers={"If-Match": '"another"'})
    assert (reply.status, reply.type) == (412, "application/problem+json")
    assert reply.json()["status"] == 412
