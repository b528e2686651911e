"""The protocol without I/O: what a request asks for, and which format an Accept header likes best."""

import json
from urllib.parse import urlencode

import pytest

from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import RESULT_FORMATS, Format, ResultKind, by_name_or_suffix
from taiwan_can_help.protocol.negotiation import choose
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.request import DIRECT, FORM, UPDATE, QueryRequest, parse_request
from taiwan_can_help.protocol.scan import calls_service, is_repeatable

BINDINGS = (*RESULT_FORMATS[ResultKind.BINDINGS], f.HTML)
GRAPH = (*RESULT_FORMATS[ResultKind.GRAPH], f.HTML)
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, f.JSON),
        ("", f.JSON),
        ("  ", f.JSON),
        ("*/*", f.JSON),
        ("*/*;q=0.1", f.JSON),
        ("application/*", f.JSON),
        ("text/*", f.CSV),
        ("text/csv", f.CSV),
        ("TEXT/CSV", f.CSV),
        ("text/csv; charset=utf-8", f.CSV),
        ("text/csv;header=present;q=0.5, text/html;q=0.4", f.CSV),
        ("application/sparql-results+json;q=0.2, text/csv;q=0.3", f.CSV),
        ("text/csv;q=0.5, */*;q=0.5", f.JSON),
        ("text/csv, */*;q=0.5", f.CSV),
        ("*/*, text/csv;q=0.1", f.JSON),
        ("text/*;q=0.3, text/csv;q=0.1, text/tab-separated-values;q=0.2", f.HTML),
        ("application/json", f.JSON),
        ("text/xml", f.XML),
        ("application/sparql-results+json;q=0, */*", f.XML),
        ("application/sparql-results+json;q=0, application/json", None),
        ("application/sparql-results+json;q=0, text/csv;q=0, */*;q=0.1", f.XML),
        ("*/*;q=0", None),
        ("text/csv;q=0", None),
        ("text/csv;q=0, text/csv", f.CSV),
        ("image/png", None),
        ("text/turtle", None),
        ("image/*, text/csv;q=0.001", f.CSV),
        (FIREFOX, f.HTML),
        ("nonsense", f.JSON),
        ("text/csv;q=high", f.JSON),
        (";;;", f.JSON),
        ("text/\xff", f.JSON),
    ],
)
def test_choose_among_results(accept: str | None, wanted: Format | None) -> None:
    assert choose(accept, BINDINGS) == wanted


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, f.TURTLE),
        ("*/*", f.TURTLE),
        ("text/turtle;charset=utf-8", f.TURTLE),
        ("application/x-turtle", f.TURTLE),
        ("text/turtle;q=0.5, application/ld+json", f.JSON_LD),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', f.JSON_LD),
        ("application/json", f.JSON_LD),
        ("application/xml", f.RDF_XML),
        ("text/plain", f.N_TRIPLES),
        ("application/n-quads", f.N_QUADS),
        ("application/trig", f.TRIG),
        ("text/csv", None),
        (FIREFOX, f.HTML),
    ],
)
def test_choose_among_graphs(accept: str | None, wanted: Format | None) -> None:
    assert choose(accept, GRAPH) == wanted


@pytest.mark.parametrize("accept", [None, "*/*", "text/csv"])
def test_choose_among_none(accept: str | None) -> None:
    assert choose(accept, ()) is None


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("json", [f.JSON, f.JSON_LD]),
        ("xml", [f.XML, f.RDF_XML]),
        ("csv", [f.CSV]),
        ("ttl", [f.TURTLE]),
        ("turtle", [f.TURTLE]),
        ("Turtle", [f.TURTLE]),
        ("n3", [f.TURTLE]),
        ("json-ld", [f.JSON_LD]),
        ("rdf+xml", [f.RDF_XML]),
        ("application/ld+json", [f.JSON_LD]),
        ("application/ld json", [f.JSON_LD]),
        ("html", [f.HTML]),
        ("exe", []),
        ("", []),
    ],
)
def test_formats_by_name(text: str, wanted: list[Format]) -> None:
    assert by_name_or_suffix(text) == wanted


def test_every_format_is_found_by_its_own_names() -> None:
    for offers in RESULT_FORMATS.values():
        for offer in offers:
            assert by_name_or_suffix(offer.name)[0] == offer
            assert offer in by_name_or_suffix(offer.suffix)
            assert all(offer in by_name_or_suffix(media_type) for media_type in offer.media_types)


ASK = QueryRequest("ASK {}", None, None, None)


@pytest.mark.parametrize(
    ("method", "query_string", "content_type", "body", "wanted"),
    [
        ("GET", b"query=ASK+%7B%7D", None, b"", ASK),
        ("GET", b"query=ASK%20{}", None, b"", ASK),
        ("HEAD", b"query=ASK+%7B%7D", None, b"", ASK),
        ("GET", b"query=ASK+%7B%7D&other=1", FORM, b"ignored", ASK),
        ("GET", b"", None, b"", None),
        ("GET", b"format=csv", None, b"", None),
        ("POST", b"", FORM, b"query=ASK+%7B%7D", ASK),
        ("POST", b"", "Application/X-WWW-Form-Urlencoded; Charset=UTF-8", b"query=ASK+%7B%7D", ASK),
        ("POST", b"", DIRECT, b"ASK {}", ASK),
        ("POST", b"", f'{DIRECT}; charset="UTF-8"', b"ASK {}", ASK),
        ("POST", b"", DIRECT, "ASK { ?s ?p '臺灣' }".encode(), QueryRequest("ASK { ?s ?p '臺灣' }", None, None, None)),
        ("POST", b"format=csv", DIRECT, b"ASK {}", QueryRequest("ASK {}", None, None, "csv")),
        (
            "POST",
            b"default-graph-uri=http%3A%2F%2Fa&default-graph-uri=http%3A%2F%2Fb",
            DIRECT,
            b"ASK {}",
            QueryRequest("ASK {}", ("http://a", "http://b"), (), None),
        ),
        ("GET", b"query=ASK+{}&named-graph-uri=http:n", None, b"", QueryRequest("ASK {}", (), ("http:n",), None)),
    ],
)
def test_parse_request(
    method: str, query_string: bytes, content_type: str | None, body: bytes, wanted: QueryRequest | None
) -> None:
    assert parse_request(method, query_string, content_type, body) == wanted


def test_graphs_may_be_named_in_the_form() -> None:
    parameters = urlencode({"query": "ASK {}", "default-graph-uri": "http://a", "named-graph-uri": "http://b"})
    assert parse_request("POST", b"", FORM, parameters.encode()) == QueryRequest(
        "ASK {}", ("http://a",), ("http://b",), None
    )


@pytest.mark.parametrize(
    ("method", "query_string", "content_type", "body", "status", "says"),
    [
        ("GET", b"query=a&query=b", None, b"", 400, "2 parameters"),
        ("POST", b"query=a", FORM, b"query=b", 400, "2 parameters"),
        ("POST", b"query=a", DIRECT, b"b", 400, "2 parameters"),
        ("POST", b"", FORM, b"", 400, "no parameter"),
        ("GET", b"query=%FF", None, b"", 400, "UTF-8"),
        ("GET", b"query=\xff", None, b"", 400, "UTF-8"),
        ("POST", b"", FORM, b"query=%C0%80", 400, "UTF-8"),
        ("POST", b"", DIRECT, b"ASK {}\xff", 400, "byte 6"),
        ("POST", b"", FORM, b"&".join([b"a=1"] * 1001), 400, "parsed"),
        ("POST", b"", f"{DIRECT}; charset=big5", b"ASK {}", 415, "big5"),
        ("POST", b"", "application/json", b"{}", 415, "application/json"),
        ("POST", b"", None, b"ASK {}", 415, "Content-Type"),
        ("POST", b"", UPDATE, b"CLEAR ALL", 403, "read-only"),
        ("POST", b"", FORM, b"update=CLEAR+ALL", 403, "read-only"),
        ("GET", b"update=CLEAR+ALL", None, b"", 403, "read-only"),
        ("GET", b"query=ASK+%7B%7D&update=", None, b"", 403, "read-only"),
        ("PUT", b"", DIRECT, b"ASK {}", 405, "PUT"),
        ("DELETE", b"", None, b"", 405, "DELETE"),
    ],
)
def test_refused_requests(
    method: str, query_string: bytes, content_type: str | None, body: bytes, status: int, says: str
) -> None:
    with pytest.raises(Problem) as caught:
        parse_request(method, query_string, content_type, body)
    assert caught.value.status == status
    assert says in caught.value.detail
    assert (status == 405) == ("Allow" in caught.value.headers)


def test_problem_body() -> None:
    body = json.loads(Problem(400, "Bad", '臺灣 \x00 "quoted"').body())
    assert body == {"type": "about:blank", "title": "Bad", "status": 400, "detail": '臺灣 \x00 "quoted"'}


@pytest.mark.parametrize(
    "query",
    [
        "SELECT * { SERVICE <http://e.example/> { ?s ?p ?o } }",
        "SELECT * { service silent <http://e.example/> { } }",
        "SELECT * { SERVICE#x\n<http://e.example/> { } }",
        "SELECT * { SERVICE?x { } }",
        "SELECT * { SERVICE x:y { } }",
        "SELECT * { SERVICE:y { } }",
        "SELECT * { SERVICE:y#{\n { } }",
        "SELECT * { SERVICEx:y{ } }",
        "SELECT * { SERVICESILENT<http://e.example/> { } }",
        "SELECT * { SERVICESILENTx:y { } }",
        "SELECT * { ?s ?p trueSERVICE <http://e.example/> { } }",
        "SELECT * { ?s ?p 1e0SERVICE <http://e.example/> { } }",
        "SELECT * { ?s ?p x:.SERVICE <http://e.example/> { } }",
        "SELECT * { ?s ?p '''x'#'''SERVICE <http://e.example/> { } }",
        "SELECT * { VALUES ?x { '''x' } SERVICE <http://e.example/> { } }",
        "SELECT * { ?s ?p x:GRAPH SERVICEx:y { } }",
        "SELECT * { \\u0053ERVICE <http://e.example/> { } }",
        # In Oxigraph an escaped quote is part of the string, for the specification it ends it.
        'SELECT * { BIND("\\u0022#" AS ?x) SERVICE <http://e.example/> { } }',
        'SELECT * { BIND("\\u0022#" AS ?x) BIND(<http://e.example/\\u0041#b> AS ?y) SERVICE <http://e.example/> { } }',
    ],
)
def test_a_query_that_calls_a_service(query: str) -> None:
    assert calls_service(query)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?service { ?s x:service ?service . ?s <http://e.example/service> 'SERVICE' } # SERVICE",
        'SELECT * { ?s ?p """SERVICE "quoted" \\" SERVICE""", "a"@service, _:service }',
        "PREFIX service: <http://e.example/service#> SELECT * { ?s service:SERVICE ?o . ?o x:a.SERVICE ?p }",
        "PREFIX service: <http://e.example/service#> SELECT * { GRAPH # a comment\n service:x { ?s ?p ?o } }",
        "PREFIX service: <http://e.example/service#> SELECT * FROM NAMED service:x { ?s ?p service:y {| ?q ?r |} }",
        "PREFIX service: <http://e.example/service#> DESCRIBE service:x { ?s ?p ?o }",
        "SELECT * { ?s x:a\\'b ?o . ?s x:c\\#SERVICE ?p }",
    ],
)
def test_a_query_that_only_mentions_the_word(query: str) -> None:
    assert not calls_service(query)


@pytest.mark.parametrize(
    ("query", "repeatable"),
    [
        ("SELECT ?now { ?now x:rand 'NOW()' . ?s x:uuid <http://e.example/uuid> } # RAND()", True),
        ("SELECT (COUNT(*) AS ?n) { ?s ?p ?o } ORDER BY ?rand", True),
        ("SELECT * { BIND(rand() AS ?x) }", False),
        ("SELECT * { BIND(NOW #\n () AS ?x) }", False),
        ("SELECT * { BIND(2-RAND() AS ?x) }", False),
        ("SELECT * { FILTER(?a<RAND()&&?b>0.5) }", False),
        ("SELECT * { BIND(STRUUID() AS ?x) }", False),
        ("CONSTRUCT { ?b ?p ?o } { ?s ?p ?o BIND(BNODE() AS ?b) }", False),
    ],
)
def test_chance_and_clock(query: str, repeatable: bool) -> None:
    assert is_repeatable(query) is repeatable
