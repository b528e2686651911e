"""Faults that were measured in other SPARQL servers, each with the test that this one does not have it."""

import re
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest
from conftest import Client, Reply

TESTS = Path(__file__).parent


class Fault(NamedTuple):
    """One fault, and the test of it: in this file, or in another where it belongs with its like."""

    system: str
    fault: str
    test: str


FAULTS = [
    Fault("rdflib-endpoint", "one heavy query freezes all others", "service::a_lookup_beside_runaway_queries_answers"),
    Fault("rdflib-endpoint", "fails 19 of W3C's 34 protocol tests", "conformance/protocol::read"),
    Fault("rdflib-endpoint", "a graph's media type is not what is sent", "service_sparql::graph_formats"),
    Fault("rdflib-endpoint", "CONSTRUCT as text/csv: Turtle called CSV", "a_kind_of_result_keeps_to_its_formats"),
    Fault("rdflib-endpoint", "asked for TSV it sends XML", "service_sparql::result_formats"),
    Fault("rdflib-endpoint", "unacceptable Accept: XML", "service_sparql::not_acceptable_lists_what_there_is"),
    Fault("rdflib-endpoint", "q=1.0 loses", "service_sparql::quality_values"),
    Fault("rdflib-endpoint", "ASK as CSV is refused", "service_sparql::result_formats"),
    Fault("rdflib-endpoint", "default-graph-uri is ignored", "the_dataset_of_the_protocol_counts"),
    Fault("rdflib-endpoint", "forms are decoded twice", "a_query_is_decoded_once"),
    Fault("rdflib-endpoint", "two query= are accepted", "service_sparql::refusals_are_problem_details"),
    Fault("rdflib-endpoint", "bad UTF-8 ends in 500", "service_sparql::refusals_are_problem_details"),
    Fault("rdflib-endpoint", "wrong Content-Type: 200", "service_sparql::refusals_are_problem_details"),
    Fault("rdflib-endpoint", "HEAD is 405", "head_is_get_without_a_body"),
    Fault("rdflib-endpoint", "CORS for any origin with credentials", "any_origin_may_read_and_none_sends_credentials"),
    Fault("rdflib-endpoint", "errors show the inside", "errors_show_nothing_of_the_inside"),
    Fault("Prez", "JSON without xml:lang and datatype", "json_has_languages_and_datatypes"),
    Fault("Prez", "a query stops the event loop", "service::a_lookup_beside_runaway_queries_answers"),
    Fault("Oxigraph", "a graph comes as N-Quads by default", "service_sparql::defaults"),
    Fault("Oxigraph", "a timeout is 200", "service::a_runaway_query_is_stopped"),
    Fault("Oxigraph", "words after broken JSON", "service_limits::a_result_that_is_broken_off_never_ends_as_if_whole"),
    Fault("Oxigraph", "ORDER BY is not stopped", "service::a_runaway_query_is_stopped"),
    Fault("Oxigraph", "SERVICE calls this very machine", "federation::service_is_refused"),
    Fault("Oxigraph", "no Vary, ETag, Cache-Control", "answers_can_be_cached"),
    Fault("Oxigraph", "HEAD with a query is 404", "head_is_get_without_a_body"),
    Fault("Oxigraph", "Accept: text/html is 406", "a_browser_gets_a_page"),
    Fault("Comunica", "!TIMEDOUT! in a 200", "service_limits::a_result_that_is_broken_off_never_ends_as_if_whole"),
    Fault("ours, once", "a query of 100 KB takes minutes to scan", "no_query_is_slow_to_read"),
]

PALAU = "https://w3id.org/taiwan-can-help/id/country/palau"
SHAPES = "https://w3id.org/taiwan-can-help/graph/shapes"
SELECT = f"SELECT ?p ?o WHERE {{ <{PALAU}> ?p ?o }} ORDER BY ?p ?o"
ASK = f"ASK {{ <{PALAU}> ?p ?o }}"
CONSTRUCT = f"CONSTRUCT WHERE {{ <{PALAU}> ?p ?o }}"
DESCRIBE = f"DESCRIBE <{PALAU}>"
QUERIES = {"select": SELECT, "ask": ASK, "construct": CONSTRUCT, "describe": DESCRIBE}
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
WAYS = ["GET", "form", "direct"]

each_query = pytest.mark.parametrize("query", [pytest.param(query, id=name) for name, query in QUERIES.items()])
each_way = pytest.mark.parametrize("way", WAYS)


def target(query: str, **parameters: str) -> str:
    return "/sparql?" + urlencode({"query": query, **parameters})


def ask(client: Client, way: str, query: str, **parameters: str) -> Reply:
    match way:
        case "GET":
            return client.get(target(query, **parameters))
        case "form":
            body = urlencode({"query": query, **parameters}).encode()
            return client.send("POST", "/sparql", body, {"Content-Type": FORM})
    return client.send("POST", f"/sparql?{urlencode(parameters)}", query.encode(), {"Content-Type": DIRECT})


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: f"{fault.system}: {fault.fault}")
def test_every_fault_has_its_test(fault: Fault) -> None:
    *elsewhere, name = fault.test.split("::")
    folder, _, module = (elsewhere or [Path(__file__).stem.removeprefix("test_")])[0].rpartition("/")
    text = (TESTS / folder / f"test_{module}.py").read_text("utf-8")
    assert re.search(rf"^def test_{name}\(", text, re.MULTILINE)


@pytest.mark.parametrize(
    ("query", "accept"),
    [
        (CONSTRUCT, "text/csv"),
        (CONSTRUCT, "application/sparql-results+json"),
        (DESCRIBE, "application/sparql-results+xml, text/csv"),
        (SELECT, "text/turtle"),
        (ASK, "application/n-triples, application/trig"),
    ],
)
def test_a_kind_of_result_keeps_to_its_formats(client: Client, query: str, accept: str) -> None:
    reply = client.query(query, accept)
    assert (reply.status, reply.type) == (406, "application/problem+json")
    other = client.query(query, f"{accept}, */*;q=0.1")
    assert (other.status, other.type in accept) == (200, False)


@each_way
def test_the_dataset_of_the_protocol_counts(client: Client, way: str) -> None:
    def count(query: str, **parameters: str) -> int:
        bindings = ask(client, way, query, **parameters).json()["results"]["bindings"]
        return int(bindings[0]["n"]["value"])

    default = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    named = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    shapes = count(f"SELECT (COUNT(*) AS ?n) WHERE {{ GRAPH <{SHAPES}> {{ ?s ?p ?o }} }}")
    assert count(default) > shapes > 0
    assert count(default, **{"default-graph-uri": SHAPES}) == shapes
    assert count(default, **{"named-graph-uri": SHAPES}) == 0
    assert count(default, **{"default-graph-uri": "http://e.example/none"}) == 0
    assert count(named, **{"default-graph-uri": SHAPES}) == 0
    assert count(named, **{"default-graph-uri": "http://e.example/none", "named-graph-uri": SHAPES}) == shapes
    # What the request says goes before what the query says (section 2.1.4 of the protocol).
    assert count(default.replace("WHERE", "FROM <http://e.example/none> WHERE"), **{"default-graph-uri": SHAPES}) > 0


@each_way
def test_a_query_is_decoded_once(client: Client, way: str) -> None:
    text = "a%20b+c&d=e;f %C3%A9 é 臺灣 %2B %25"
    reply = ask(client, way, f'SELECT ("{text}" AS ?text) WHERE {{}}')
    assert reply.json()["results"]["bindings"][0]["text"]["value"] == text


@pytest.mark.parametrize("space", ["%20", "+"])
def test_a_space_in_a_form_has_two_spellings(client: Client, space: str) -> None:
    body = "query=" + quote('SELECT ("a b" AS ?x) WHERE {}').replace("%20", space)
    for reply in (
        client.send("POST", "/sparql", body.encode(), {"Content-Type": FORM}),
        client.get(f"/sparql?{body}"),
    ):
        assert reply.json()["results"]["bindings"][0]["x"]["value"] == "a b"


@pytest.mark.parametrize("accept", [None, "text/csv", "text/turtle", "text/html", "image/png"])
@pytest.mark.parametrize("query", [*QUERIES.values(), "nonsense", "SELECT * WHERE { SERVICE ?s {} }"])
def test_head_is_get_without_a_body(client: Client, query: str, accept: str | None) -> None:
    get = client.query(query, accept)
    head = client.send("HEAD", target(query), headers={} if accept is None else {"Accept": accept})
    assert (head.status, head.body) == (get.status, b"")
    for name in ("Content-Type", "ETag", "Vary", "Cache-Control", "Access-Control-Allow-Origin"):
        assert head.headers[name] == get.headers[name]


@pytest.mark.parametrize(
    ("method", "path", "status", "headers"),
    [
        ("GET", target(SELECT), 200, {}),
        ("POST", target(SELECT), 415, {}),
        ("GET", target("nonsense"), 400, {}),
        ("GET", target(SELECT), 406, {"Accept": "image/png"}),
        ("GET", "/dump.nt", 206, {"Range": "bytes=0-9"}),
        ("GET", "/nowhere", 404, {}),
        ("OPTIONS", "/sparql", 200, {"Access-Control-Request-Method": "POST"}),
    ],
)
def test_any_origin_may_read_and_none_sends_credentials(
    client: Client, method: str, path: str, status: int, headers: dict[str, str]
) -> None:
    sent = {"Origin": "http://e.example", "Cookie": "a=b", "Authorization": "Basic YTpi", **headers}
    reply = client.send(method, path, headers=sent)
    assert reply.status == status
    assert reply.headers.get_all("Access-Control-Allow-Origin") == ["*"]
    assert "Access-Control-Allow-Credentials" not in reply.headers
    assert "Set-Cookie" not in reply.headers
    assert client.send(method, path, headers=headers).headers["Access-Control-Allow-Origin"] == "*"


def test_a_browser_may_post_a_query_from_elsewhere(client: Client) -> None:
    asks = {"Access-Control-Request-Method": "POST", "Access-Control-Request-Headers": "content-type,accept"}
    reply = client.send("OPTIONS", "/sparql", headers={"Origin": "http://e.example", **asks})
    assert "POST" in reply.headers["Access-Control-Allow-Methods"]
    allowed = {name.strip().lower() for name in reply.headers["Access-Control-Allow-Headers"].split(",")}
    assert allowed >= {"content-type", "accept"}


@pytest.mark.parametrize("accept", ["application/json", "text/html"])
@pytest.mark.parametrize(
    ("method", "path", "headers", "body"),
    [
        ("GET", target("SELECT * WHERE { ?s ?p }"), {}, None),
        ("GET", target("SELECT * WHERE { ?s ?p ?o FILTER(<http://e.example/f>(?o)) }"), {}, None),
        ("GET", target("SELECT * WHERE { SERVICE ?s { ?s ?p ?o } }"), {}, None),
        ("GET", target("SELECT * WHERE { FILTER(1<2)SERVICE<http://e.example/>#>\n{} }"), {}, None),
        ("GET", target("ASK {" + "{" * 2000 + "}" * 2000 + "}"), {}, None),
        ("GET", target("ASK {}", **{"default-graph-uri": "not an iri"}), {}, None),
        ("GET", target("ASK {}", format="nonsense"), {}, None),
        ("GET", target("ASK {}", timeout="soon"), {}, None),
        ("GET", target("LOAD <file:///etc/passwd>"), {}, None),
        ("GET", "/sparql?query=%FF", {}, None),
        ("GET", "/sparql?query=%00", {}, None),
        ("GET", "/sparql?update=x", {}, None),
        ("POST", "/sparql", {"Content-Type": "text/plain"}, b"ASK {}"),
        ("POST", "/sparql", {"Content-Type": f"{DIRECT}; charset=none"}, b"ASK {}"),
        ("POST", "/sparql", {"Content-Type": FORM}, b"&" * 5000 + b"a=1&" * 5000),
        ("POST", "/sparql", {"Content-Type": DIRECT}, b"\xff"),
        ("DELETE", "/sparql", {}, None),
        ("GET", "/id/country/%00", {}, None),
        ("GET", "/queries/records-of-place?place=%3E", {}, None),
        ("GET", "/queries/..%2f..%2fetc%2fpasswd", {}, None),
        ("GET", "/dump.nt", {"Range": "bytes=99999999999-"}, None),
        ("GET", "/%ff%fe", {}, None),
    ],
)
def test_errors_show_nothing_of_the_inside(
    client: Client,
    releases: Path,
    method: str,
    path: str,
    headers: dict[str, str],
    body: bytes | None,
    accept: str,
) -> None:
    reply = client.send(method, path, body, {"Accept": accept, **headers})
    assert 400 <= reply.status < 600
    assert reply.status != 500
    inside = [str(releases), sys.prefix, str(TESTS.parent), "Traceback", "Errno", "os error", ".py", "object at 0x"]
    assert [word for word in [*inside, "pyoxigraph", "werkzeug", "Exception", "panicked"] if word in reply.text] == []


def test_json_has_languages_and_datatypes(client: Client) -> None:
    xsd = "http://www.w3.org/2001/XMLSchema#"
    query = f"""
        SELECT ?value WHERE {{
          VALUES (?n ?value) {{
            (1 "帛琉"@zh-Hant) (2 "Palau"@en) (3 "plain") (4 7) (5 1.5) (6 true) (7 "2020-04-01"^^<{xsd}date>)
            (8 "x"^^<http://e.example/type>) (9 <http://e.example/>)
          }}
        }} ORDER BY ?n"""
    bindings = client.query(query).json()["results"]["bindings"]
    assert [row["value"] for row in bindings] == [
        {"type": "literal", "value": "帛琉", "xml:lang": "zh-Hant"},
        {"type": "literal", "value": "Palau", "xml:lang": "en"},
        {"type": "literal", "value": "plain"},
        {"type": "literal", "value": "7", "datatype": f"{xsd}integer"},
        {"type": "literal", "value": "1.5", "datatype": f"{xsd}decimal"},
        {"type": "literal", "value": "true", "datatype": f"{xsd}boolean"},
        {"type": "literal", "value": "2020-04-01", "datatype": f"{xsd}date"},
        {"type": "literal", "value": "x", "datatype": "http://e.example/type"},
        {"type": "uri", "value": "http://e.example/"},
    ]


@each_query
@pytest.mark.parametrize("accept", ["*/*", "text/csv, application/n-triples", "text/html"])
def test_answers_can_be_cached(client: Client, query: str, accept: str) -> None:
    reply = client.query(query, accept)
    tag = reply.headers["ETag"]
    assert re.fullmatch(r'"[^"]+"', tag)
    assert (reply.headers["Vary"], reply.headers["Cache-Control"]) == (
        "Accept, Accept-Language, Accept-Encoding" if accept == "text/html" else "Accept",
        "public, no-cache",
    )
    for sent in (tag, f"W/{tag}", f'"other", {tag}'):
        again = client.get(target(query), accept, {"If-None-Match": sent})
        assert (again.status, again.body) == (304, b"")
        for name in ("ETag", "Vary", "Cache-Control"):
            assert again.headers[name] == reply.headers[name]
    assert client.get(target(query), accept, {"If-None-Match": '"other"'}).body == reply.body


def test_tags_differ_where_answers_do(client: Client) -> None:
    asked = [(target(query), accept) for query in QUERIES.values() for accept in ("text/html", "*/*")]
    asked += [(target(query), "text/csv") for query in (SELECT, ASK)]
    asked += [(target(SELECT, **{"default-graph-uri": SHAPES}), "*/*"), (target(SELECT + " # other"), "*/*")]
    tags = [client.get(path, accept).headers["ETag"] for path, accept in asked]
    assert len(set(tags)) == len(tags)


@pytest.mark.parametrize("query", ["SELECT (RAND() AS ?x) {}", "SELECT (NOW() AS ?x) {}", "SELECT (UUID() AS ?x) {}"])
def test_what_changes_is_not_cached(client: Client, query: str) -> None:
    one, other = client.query(query), client.query(query)
    assert one.body != other.body
    assert "ETag" not in one.headers
    assert one.headers["Cache-Control"] == "no-store"


@each_query
@pytest.mark.parametrize("accept", ["text/html", FIREFOX, "application/xhtml+xml"])
def test_a_browser_gets_a_page(client: Client, query: str, accept: str) -> None:
    reply = client.query(query, accept)
    assert (reply.status, reply.type) == (200, "text/html")
    assert ("Yes" if query == ASK else "Palau") in reply.text


@pytest.mark.parametrize("piece", [".", "a.", '\\"', "\\'", "<a(", "SERVICE:", "SERVICE ", ":%41", '"""a', "{"])
@pytest.mark.parametrize("start", ["", '"'])
def test_no_query_is_slow_to_read(client: Client, start: str, piece: str) -> None:
    """Only the client's patience ends this test where a query of a megabyte is read in quadratic time."""
    query = start + piece * (1_000_000 // len(piece))
    reply = ask(client, "direct", query)
    assert reply.status in (400, 403, 503)
