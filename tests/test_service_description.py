"""The service description: it comes in every RDF format, and each thing it claims can be had."""

import http.client
import re
from contextlib import closing
from urllib.parse import urlsplit

import pyoxigraph as ox
import pytest
from conftest import Client, Reply, serving
from rdflib import RDF, Graph, Namespace, URIRef
from rdflib.term import Node

from taiwan_can_help.namespaces import PREFIXES

SD = Namespace(PREFIXES["sd"])
VOID = Namespace(PREFIXES["void"])
GEOF = "http://www.opengis.net/def/function/geosparql/"
XSD = "http://www.w3.org/2001/XMLSchema#"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
# The media types of the formats that a description may name (https://www.w3.org/ns/formats/).
MEDIA_TYPES = {
    "SPARQL_Results_JSON": "application/sparql-results+json",
    "SPARQL_Results_XML": "application/sparql-results+xml",
    "SPARQL_Results_CSV": "text/csv",
    "SPARQL_Results_TSV": "text/tab-separated-values",
    "Turtle": "text/turtle",
    "N-Triples": "application/n-triples",
    "N-Quads": "application/n-quads",
    "TriG": "application/trig",
    "JSON-LD": "application/ld+json",
    "RDF_XML": "application/rdf+xml",
}
RDF_TYPES = [name for format_, name in MEDIA_TYPES.items() if "Results" not in format_]


@pytest.fixture(scope="module")
def description(client: Client) -> Graph:
    return Graph().parse(data=client.get("/sparql").body, format="turtle")


def values(graph: Graph, *path: URIRef) -> set[Node]:
    """Return what the path of properties leads to from the service."""
    found: set[Node] = set(graph.subjects(RDF.type, SD.Service))
    for step in path:
        found = {value for node in found for value in graph.objects(node, step)}
    return found


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/x-unknown, */*;q=0.1", "text/turtle"),
        ("text/html;q=0.5, application/rdf+xml", "application/rdf+xml"),
        ("application/json", "application/ld+json"),
        *((name, name) for name in RDF_TYPES),
    ],
)
def test_it_comes_in_the_format_that_is_asked_for(client: Client, accept: str | None, media_type: str) -> None:
    reply = client.get("/sparql", accept)
    assert (reply.status, reply.type, reply.headers["Vary"]) == (200, media_type, "Accept")
    assert parsed(reply) == parsed(client.get("/sparql", "text/turtle"))
    head = client.send("HEAD", "/sparql", headers={"Accept": accept or "*/*"})
    assert (head.status, head.type, head.body) == (200, media_type, b"")
    assert head.headers["ETag"] == reply.headers["ETag"]


def parsed(reply: Reply) -> set[ox.Triple]:
    quads = set(ox.parse(reply.body, format=ox.RdfFormat.from_media_type(reply.type)))
    assert {quad.graph_name for quad in quads} == {ox.DefaultGraph()}
    return {quad.triple for quad in quads}


def test_each_format_has_a_tag_of_its_own(client: Client) -> None:
    tags = {name: client.get("/sparql", name).headers["ETag"] for name in RDF_TYPES}
    assert len(set(tags.values())) == len(tags) == 6
    for name, tag in tags.items():
        again = client.get("/sparql", name, {"If-None-Match": tag})
        assert (again.status, again.body) == (304, b"")
        assert (again.headers["Vary"], again.headers["Cache-Control"]) == ("Accept", "public, no-cache")
    assert client.get("/sparql", "text/turtle", {"If-None-Match": '"other"'}).status == 200


def test_a_name_of_a_format_works_as_for_queries(client: Client) -> None:
    assert client.get("/sparql?format=nt", "text/turtle").type == "application/n-triples"
    assert client.get("/sparql?format=csv").status == 406
    assert client.get("/sparql?format=nonsense").status == 400


def test_a_browser_is_shown_the_editor(client: Client) -> None:
    for method in ("GET", "HEAD"):
        reply = client.send(method, "/sparql", headers={"Accept": FIREFOX})
        assert (reply.status, reply.type) == (200, "text/html")
        assert reply.headers["Vary"] == "Accept, Accept-Language, Accept-Encoding"
    assert "<textarea" in client.get("/sparql", FIREFOX).text


@pytest.mark.parametrize("accept", ["text/csv", "application/sparql-results+json", "image/png"])
def test_who_forgot_the_query_is_told(client: Client, accept: str) -> None:
    reply = client.get("/sparql", accept)
    assert reply.status == 406
    assert "Without 'query'" in reply.json()["detail"]
    assert client.send("POST", "/sparql", b"", {"Content-Type": "application/x-www-form-urlencoded"}).status == 400


def test_options(client: Client) -> None:
    reply = client.send("OPTIONS", "/sparql")
    assert reply.status in (200, 204)
    assert {"GET", "HEAD", "POST", "OPTIONS"} == set(reply.headers["Allow"].split(", "))


@pytest.mark.parametrize(
    ("host", "endpoint"),
    [("data.example", "http://data.example/sparql"), ("[::1]:8000", "http://[::1]:8000/sparql")],
)
def test_the_endpoint_is_where_the_client_asked(client: Client, host: str, endpoint: str) -> None:
    reply = client.get("/sparql", headers={"Host": host})
    assert values(Graph().parse(data=reply.body, format="turtle"), SD.endpoint) == {URIRef(endpoint)}


@pytest.mark.parametrize("host", ["no host", "<script>", 'a"b', ""])
def test_a_host_that_is_none(client: Client, host: str) -> None:
    with closing(http.client.HTTPConnection(urlsplit(client.base).netloc, timeout=10)) as connection:
        connection.putrequest("GET", "/sparql", skip_host=True)
        connection.putheader("Host", host)
        connection.endheaders()
        assert connection.getresponse().status == 400


def test_every_result_format_can_be_had_and_no_other(client: Client, description: Graph) -> None:
    named = {str(format_).rpartition("/")[2] for format_ in values(description, SD.resultFormat)}
    assert named == set(MEDIA_TYPES)
    for query in ("ASK {}", "CONSTRUCT { <http://e.example/s> <http://e.example/p> 1 } {}"):
        offered = client.query(query, "image/png").json()["detail"]
        for media_type in re.findall(r"[a-z]+/[a-z+-]+", offered):
            if media_type != "text/html":
                assert media_type in MEDIA_TYPES.values()
                assert client.query(query, media_type).type == media_type


def test_the_graphs_and_their_sizes(client: Client, description: Graph) -> None:
    ((default),) = values(description, SD.defaultDataset, SD.defaultGraph, VOID.triples)
    assert int(str(default)) == client.get("/health").json()["triples"]
    sizes = {
        (str(description.value(named, SD.name)), str(size))
        for named in values(description, SD.defaultDataset, SD.namedGraph)
        for graph in description.objects(named, SD.graph)
        for size in description.objects(graph, VOID.triples)
    }
    rows = client.rows("SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert sizes == {(row["g"], row["n"]) for row in rows}
    assert len(sizes) == 2


def test_language_and_entailment(client: Client, description: Graph) -> None:
    assert values(description, SD.supportedLanguage) == {SD.SPARQL11Query}
    assert client.send("POST", "/sparql", b"CLEAR ALL", {"Content-Type": "application/sparql-update"}).status == 403
    simple = URIRef("http://www.w3.org/ns/entailment/Simple")
    assert values(description, SD.defaultEntailmentRegime) == {simple}
    inferred = "ASK { ?s a <http://www.w3.org/2000/01/rdf-schema#Resource> }"
    assert client.query(inferred).json()["boolean"] is False


def test_no_feature_is_claimed_since_none_holds(client: Client, description: Graph) -> None:
    assert values(description, SD.feature) == set()
    assert client.query("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }").status == 403  # BasicFederatedQuery
    shape = "ASK { ?s a <http://www.w3.org/ns/shacl#NodeShape> }"
    assert client.query(shape).json()["boolean"] is False  # UnionDefaultGraph
    assert client.query(shape.replace("ASK {", "ASK { GRAPH ?g {") + "}").json()["boolean"] is True
    assert client.query("ASK {}").status == 200  # RequiresDataset
    loaded = f"ASK FROM <{client.base}/dump.ttl> {{ ?s ?p ?o }}"
    assert client.query(loaded).json()["boolean"] is False  # DereferencesURIs


# One call of each function that gives this result: every one that is listed must be here, and do what it says.
SQUARE, INNER = "'POLYGON((0 0,4 0,4 4,0 4,0 0))'", "'POLYGON((1 1,2 1,2 2,1 2,1 1))'"
EDGE, APART = "'POLYGON((4 0,8 0,8 4,4 4,4 0))'", "'POLYGON((6 6,7 6,7 7,6 7,6 6))'"
OVER, CORNER = "'POLYGON((2 2,6 2,6 6,2 6,2 2))'", "'POLYGON((0 0,1 0,1 1,0 1,0 0))'"
POINT, LINE, ACROSS = "'POINT(1 2)'", "'LINESTRING(0 0,0 1)'", "'LINESTRING(-1 2,5 2)'"
METRE = "<http://www.opengis.net/def/uom/OGC/1.0/metre>"
CALLS = {
    "area": (f"{SQUARE}, <http://www.opengis.net/def/uom/OGC/1.0/square_metre>", r"19\d{10}\.?\d*|1\.9\d+E11"),
    "asGeoJSON": (POINT, r'\{"type":"Point","coordinates":\[1\.0,2\.0\]\}'),
    "centroid": (SQUARE, r".*POINT\(2 2\)"),
    "convexHull": (SQUARE, r".*POLYGON\(.*"),
    "coordinateDimension": (POINT, "2"),
    "difference": (f"{SQUARE}, {SQUARE}", r".*MULTIPOLYGON EMPTY"),
    "dimension": (LINE, "1"),
    "distance": (f"{POINT}, {POINT}, {METRE}", r"0(\.0)?(E0)?"),
    "ehContains": (f"{SQUARE}, {INNER}", "true"),
    "ehCoveredBy": (f"{CORNER}, {SQUARE}", "true"),
    "ehCovers": (f"{SQUARE}, {CORNER}", "true"),
    "ehDisjoint": (f"{SQUARE}, {APART}", "true"),
    "ehEquals": (f"{SQUARE}, {SQUARE}", "true"),
    "ehInside": (f"{INNER}, {SQUARE}", "true"),
    "ehMeet": (f"{SQUARE}, {EDGE}", "true"),
    "ehOverlap": (f"{SQUARE}, {OVER}", "true"),
    "envelope": (SQUARE, r".*POLYGON\(.*"),
    "getSRID": (POINT, "http://www.opengis.net/def/crs/OGC/1.3/CRS84"),
    "intersection": (f"{SQUARE}, {INNER}", r".*MULTIPOLYGON\(.*"),
    "isEmpty": (POINT, "false"),
    "isSimple": (POINT, "true"),
    "length": (f"{LINE}, {METRE}", r"1\d{5}\.\d+"),
    "perimeter": (f"{SQUARE}, {METRE}", r"17\d{5}\.\d+"),
    "rcc8dc": (f"{SQUARE}, {APART}", "true"),
    "rcc8ec": (f"{SQUARE}, {EDGE}", "true"),
    "rcc8eq": (f"{SQUARE}, {SQUARE}", "true"),
    "rcc8ntpp": (f"{INNER}, {SQUARE}", "true"),
    "rcc8ntppi": (f"{SQUARE}, {INNER}", "true"),
    "rcc8po": (f"{SQUARE}, {OVER}", "true"),
    "rcc8tpp": (f"{CORNER}, {SQUARE}", "true"),
    "rcc8tppi": (f"{SQUARE}, {CORNER}", "true"),
    "relate": (f"{SQUARE}, {SQUARE}, 'T*F**FFF*'", "true"),
    "sfContains": (f"{SQUARE}, {INNER}", "true"),
    "sfCrosses": (f"{ACROSS}, {SQUARE}", "true"),
    "sfDisjoint": (f"{SQUARE}, {APART}", "true"),
    "sfEquals": (f"{SQUARE}, {SQUARE}", "true"),
    "sfIntersects": (f"{SQUARE}, {OVER}", "true"),
    "sfOverlaps": (f"{SQUARE}, {OVER}", "true"),
    "sfTouches": (f"{SQUARE}, {EDGE}", "true"),
    "sfWithin": (f"{INNER}, {SQUARE}", "true"),
    "spatialDimension": (SQUARE, "2"),
    "symDifference": (f"{SQUARE}, {SQUARE}", r".*MULTIPOLYGON EMPTY"),
    "union": (f"{SQUARE}, {EDGE}", r".*MULTIPOLYGON\(.*"),
}
CASTS = {
    "date": "2020-04-01",
    "dayTimeDuration": "P1DT2H",
    "duration": "P1Y2M",
    "gDay": "---01",
    "gMonth": "--04",
    "gMonthDay": "--04-01",
    "gYear": "2020",
    "gYearMonth": "2020-04",
    "time": "10:00:00",
    "yearMonthDuration": "P1Y2M",
}


def test_every_function_listed_is_called_here(description: Graph) -> None:
    functions = {str(function) for function in values(description, SD.extensionFunction)}
    assert functions == {GEOF + name for name in CALLS} | {XSD + name for name in CASTS}
    assert {str(function) for function in description.subjects(RDF.type, SD.Function)} == functions


@pytest.mark.parametrize("name", CALLS)
def test_geosparql_function(client: Client, name: str) -> None:
    arguments, wanted = CALLS[name]
    wkt = re.sub(r"('[A-Z]{5,}[^']*')", r"\1^^<http://www.opengis.net/ont/geosparql#wktLiteral>", arguments)
    (row,) = client.rows(f"SELECT (<{GEOF}{name}>({wkt}) AS ?value) {{}}")
    assert re.fullmatch(wanted, row["value"])


@pytest.mark.parametrize("name", CASTS)
def test_cast(client: Client, name: str) -> None:
    text = CASTS[name]
    (row,) = client.query(f'SELECT (<{XSD}{name}>("{text}") AS ?value) {{}}').json()["results"]["bindings"]
    assert row["value"] == {"type": "literal", "value": text, "datatype": XSD + name}
    assert client.rows(f'SELECT (<{XSD}{name}>("nonsense") AS ?value) {{}}') == [{}]


@pytest.mark.parametrize("function", [f"{GEOF}buffer", f"{XSD}anyURI", "http://e.example/function"])
def test_a_function_that_is_not_listed_is_refused(client: Client, description: Graph, function: str) -> None:
    assert URIRef(function) not in values(description, SD.extensionFunction)
    reply = client.query(f"SELECT (<{function}>('a') AS ?value) {{}}")
    assert reply.status == 400
    assert function in reply.json()["detail"]


def test_a_dataset_with_graphs_of_its_own(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("graphs")
    (root / "dataset" / "data").mkdir(parents=True)
    triple = "<http://e.example/a> <http://e.example/p> <http://e.example/b>"
    quads = f"{triple} <http://e.example/g> .\n{triple} <http://e.example/臺灣?a=1#b> .\n{triple} _:unnamed .\n"
    (root / "dataset" / "data" / "x.nq").write_text(quads, "utf-8")
    with serving(root / "releases", "--dataset", str(root / "dataset")) as running:
        graph = Graph().parse(data=running.client.get("/sparql").body, format="turtle")
    names = {str(name) for name in values(graph, SD.defaultDataset, SD.namedGraph, SD.name)}
    assert names == {
        "http://e.example/g",
        "http://e.example/臺灣?a=1#b",
        "https://w3id.org/taiwan-can-help/graph/dataset",
    }
