"""``/sparql`` over HTTP, as real clients use it."""

import csv
import io
from urllib.parse import quote, urlencode
from xml.etree import ElementTree

import pytest
from conftest import Client, Reply
from rdflib import Graph
from rdflib.compare import isomorphic

PALAU = "https://w3id.org/taiwan-can-help/id/country/palau"
RDFS = "http://www.w3.org/2000/01/rdf-schema#"
SELECT = f"SELECT ?label ?n ?none WHERE {{ <{PALAU}> <{RDFS}label> ?label . BIND(STRLEN(?label) AS ?n) }} ORDER BY ?n"
CONSTRUCT = f"CONSTRUCT {{ <{PALAU}> ?p ?o }} WHERE {{ <{PALAU}> ?p ?o }}"
DESCRIBE = f"DESCRIBE <{PALAU}>"
RESULTS = "{http://www.w3.org/2005/sparql-results#}"
FORM = "application/x-www-form-urlencoded"
DIRECT = "application/sparql-query"

# rdflib's JSON-LD parser uses a class that rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")

Value = tuple[str, str] | None


def values(reply: Reply) -> list[list[Value]] | bool:
    """Read a result by a parser that has nothing to do with the server: text and language of each value."""
    match reply.type:
        case "application/sparql-results+json":
            return from_json(reply)
        case "application/sparql-results+xml":
            return from_xml(reply)
        case "text/csv":
            rows = list(csv.reader(io.StringIO(reply.text, newline="")))
            return rows == [["true"]] if len(rows) == 1 else [[(v, "") if v else None for v in row] for row in rows[1:]]
        case "text/tab-separated-values":
            lines = reply.text.splitlines()
            return lines == ["true"] if len(lines) == 1 else [[from_tsv(v) for v in s.split("\t")] for s in lines[1:]]
    raise AssertionError(reply.type)


def from_json(reply: Reply) -> list[list[Value]] | bool:
    document = reply.json()
    if "boolean" in document:
        assert isinstance(document["boolean"], bool)
        return bool(document["boolean"])
    names = document["head"]["vars"]
    return [
        [(row[name]["value"], row[name].get("xml:lang", "")) if name in row else None for name in names]
        for row in document["results"]["bindings"]
    ]


def from_xml(reply: Reply) -> list[list[Value]] | bool:
    root = ElementTree.fromstring(reply.body)
    boolean = root.find(f"{RESULTS}boolean")
    if boolean is not None:
        return boolean.text == "true"
    names = [str(variable.get("name")) for variable in root.iter(f"{RESULTS}variable")]
    rows: list[list[Value]] = []
    for result in root.iter(f"{RESULTS}result"):
        row: dict[str, Value] = {}
        for binding in result:
            language = binding[0].get("{http://www.w3.org/XML/1998/namespace}lang", "")
            row[str(binding.get("name"))] = (binding[0].text or "", language)
        rows.append([row.get(name) for name in names])
    return rows


def from_tsv(value: str) -> Value:
    text, _, language = value.rpartition('"@') if '"@' in value else (value, "", "")
    return (text.strip('"'), language) if value else None


@pytest.fixture(scope="module")
def expected(client: Client) -> list[list[Value]]:
    answer = values(client.query(SELECT, "application/sparql-results+json"))
    assert isinstance(answer, list)
    assert ("Palau", "en") in {row[0] for row in answer}
    assert len(answer) >= 2
    assert all(row[2] is None for row in answer)
    return answer


@pytest.mark.parametrize("query", [SELECT, "ASK {}", CONSTRUCT], ids=["select", "ask", "construct"])
def test_three_ways_to_ask_give_the_same(client: Client, query: str) -> None:
    accept = "application/sparql-results+json, text/turtle"
    form = urlencode({"query": query}).encode()
    replies = [
        client.query(query, accept),
        client.send("POST", "/sparql", form, {"Content-Type": FORM, "Accept": accept}),
        client.send("POST", "/sparql", form, {"Content-Type": f"{FORM}; charset=UTF-8", "Accept": accept}),
        client.send("POST", "/sparql", query.encode(), {"Content-Type": DIRECT, "Accept": accept}),
        client.send("POST", "/sparql", query.encode(), {"Content-Type": f"{DIRECT};charset=utf-8", "Accept": accept}),
        client.get("/sparql/?" + urlencode({"query": query}), accept),
    ]
    assert {(reply.status, reply.type) for reply in replies} == {(200, replies[0].type)}
    assert len({b"".join(sorted(reply.body.splitlines())) for reply in replies}) == 1


@pytest.mark.parametrize(
    ("accept", "name"),
    [
        ("application/sparql-results+json", "json"),
        ("application/json", "json"),
        ("application/sparql-results+xml", "xml"),
        ("application/xml", "xml"),
        ("text/csv", "csv"),
        ("text/tab-separated-values", "tsv"),
    ],
)
@pytest.mark.parametrize("by", ["accept", "format"])
def test_result_formats(client: Client, expected: list[list[Value]], accept: str, name: str, by: str) -> None:
    asked = accept if by == "accept" else "text/html"
    suffix = "" if by == "accept" else f"&format={name}"
    for query, wanted in ((SELECT, expected), ("ASK {}", True), ("ASK { FILTER(false) }", False)):
        reply = client.get("/sparql?" + urlencode({"query": query}) + suffix, asked)
        assert (reply.status, reply.headers["Vary"]) == (200, "Accept")
        answer = values(reply)
        if name == "csv" and isinstance(wanted, list):
            wanted = [[value and (value[0], "") for value in row] for row in wanted]
        assert answer == wanted


@pytest.mark.parametrize(
    ("accept", "name", "parser", "sent"),
    [
        ("text/turtle", "turtle", "turtle", "text/turtle"),
        ("application/x-turtle", "ttl", "turtle", "text/turtle"),
        ("application/n-triples", "nt", "nt", "application/n-triples"),
        ("application/ld+json", "jsonld", "json-ld", "application/ld+json"),
        ("application/rdf+xml", "rdf", "xml", "application/rdf+xml"),
        ("application/xml", "xml", "xml", "application/rdf+xml"),
        ("application/json", "json", "json-ld", "application/ld+json"),
    ],
)
@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE], ids=["construct", "describe"])
def test_graph_formats(client: Client, query: str, accept: str, name: str, parser: str, sent: str) -> None:
    wanted = Graph().parse(data=client.query(CONSTRUCT, "text/turtle").body, format="turtle")
    assert len(wanted) >= 5
    by_name = client.get("/sparql?" + urlencode({"query": query, "format": name}), "text/html")
    for reply in (client.query(query, accept), by_name):
        assert (reply.status, reply.type) == (200, sent)
        graph = Graph().parse(data=reply.body, format=parser)
        assert isomorphic(graph, wanted) if query == CONSTRUCT else len(graph) == len(wanted)


@pytest.mark.parametrize("accept", [None, "*/*", "", "nonsense"])
def test_defaults(client: Client, accept: str | None) -> None:
    assert client.query(SELECT, accept).type == "application/sparql-results+json"
    assert client.query("ASK {}", accept).type == "application/sparql-results+json"
    assert client.query(CONSTRUCT, accept).type == "text/turtle"
    assert client.query(DESCRIBE, accept).type == "text/turtle"


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        ("text/csv;q=0.4, text/tab-separated-values;q=0.6", "text/tab-separated-values"),
        ("text/csv;q=1.0, application/sparql-results+json;q=0.9", "text/csv"),
        ("application/sparql-results+json;q=0, */*;q=0.1", "application/sparql-results+xml"),
        ("text/*", "text/csv"),
        ("image/png, text/csv;q=0.1", "text/csv"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
    ],
)
def test_quality_values(client: Client, accept: str, wanted: str) -> None:
    assert client.query(SELECT, accept).type == wanted


@pytest.mark.parametrize(
    ("query", "listed"), [(SELECT, "text/csv"), ("ASK {}", "text/csv"), (CONSTRUCT, "application/ld+json")]
)
def test_not_acceptable_lists_what_there_is(client: Client, query: str, listed: str) -> None:
    reply = client.query(query, "image/png")
    assert (reply.status, reply.type) == (406, "application/problem+json")
    assert listed in reply.json()["detail"]


@pytest.mark.parametrize(
    ("method", "target", "content_type", "body", "status"),
    [
        ("GET", "query=" + quote("SELECT * WHERE { ?s ?p }"), None, None, 400),
        ("GET", "query=", None, None, 400),
        ("GET", "query=ASK%20%7B%7D&query=ASK%20%7B%7D", None, None, 400),
        ("POST", "query=ASK%20%7B%7D", DIRECT, b"ASK {}", 400),
        ("GET", "query=ASK%20%7B%7D%FF", None, None, 400),
        ("GET", "query=ASK%20%7B%7D&format=nonsense", None, None, 400),
        ("GET", "query=ASK%20%7B%7D&default-graph-uri=not%20an%20iri", None, None, 400),
        ("POST", "", DIRECT, b"ASK { ?s ?p '\xff' }", 400),
        ("POST", "", FORM, b"query=ASK%20%7B%7D%23%FF", 400),
        ("POST", "", FORM, b"query=ASK {}\xff", 400),
        ("POST", "", FORM, b"", 400),
        ("POST", "", FORM, b"update=" + quote("DELETE WHERE { ?s ?p ?o }").encode(), 403),
        ("GET", "update=" + quote("DELETE WHERE { ?s ?p ?o }"), None, None, 403),
        ("POST", "", "application/sparql-update", b"DELETE WHERE { ?s ?p ?o }", 403),
        ("POST", "", DIRECT, b"DELETE WHERE { ?s ?p ?o }", 400),
        ("POST", "", "text/plain", b"ASK {}", 415),
        ("POST", "", None, b"ASK {}", 415),
        ("POST", "", f"{DIRECT}; charset=utf-16", b"ASK {}", 415),
        ("DELETE", "", None, None, 405),
        ("PUT", "", DIRECT, b"ASK {}", 405),
        ("POST", "", DIRECT, b"ASK {} #" + b"x" * 1024 * 1024, 413),
    ],
)
def test_refusals_are_problem_details(
    client: Client, method: str, target: str, content_type: str | None, body: bytes | None, status: int
) -> None:
    headers = {"Content-Type": content_type} if content_type else {}
    problem = client.send(method, f"/sparql?{target}", body, headers)
    assert (problem.status, problem.type) == (status, "application/problem+json")
    document = problem.json()
    assert document["status"] == status
    assert document["title"]
    assert len(document["detail"]) > 10
    page = client.send(method, f"/sparql?{target}", body, {"Accept": "text/html", **headers})
    assert (page.status, page.type) == (status, "text/html")
    if status == 405:
        assert {"GET", "HEAD", "POST", "OPTIONS"} == set(problem.headers["Allow"].split(", "))


def test_syntax_error_says_where(client: Client) -> None:
    query = "SELECT * WHERE {\n ?s ?p <script>alert(1)</script> nonsense }"
    detail = client.query(query).json()["detail"]
    assert "2:" in detail or "line 2" in detail
    assert "<script>" not in client.query(query, "text/html").text


@pytest.mark.parametrize("accept", [None, "text/csv", "text/turtle, application/sparql-results+xml;q=0.5", "image/png"])
@pytest.mark.parametrize(
    "text", [SELECT, CONSTRUCT, DESCRIBE, "ASK {}", "SELECT (FLOOR(RAND()) AS ?n) {}", "SELECT nonsense"]
)
def test_a_condition_changes_nothing_else_of_an_answer(client: Client, text: str, accept: str | None) -> None:
    """A query without one takes a shorter way through the server."""
    path = "/sparql?" + urlencode({"query": f"{text} # short and long"})
    replies = [client.get(path, accept, headers) for headers in ({}, {"If-None-Match": '"another"'})]
    short, long = ({**dict(reply.headers.items()), "Date": "", "Cache-Status": ""} for reply in replies)
    assert short == long
    assert (replies[0].status, replies[0].body) == (replies[1].status, replies[1].body)


@pytest.mark.parametrize("parameters", [{}, {"default-graph-uri": PALAU}, {"timeout": "never"}, {"format": "csv"}])
def test_a_get_and_a_post_say_the_same(client: Client, parameters: dict[str, str]) -> None:
    encoded = urlencode({"query": f"{SELECT} # both", **parameters})
    got = client.get(f"/sparql?{encoded}")
    posted = client.send("POST", "/sparql", encoded.encode(), {"Content-Type": FORM})
    assert (got.status, got.type, got.body) == (posted.status, posted.type, posted.body)
    assert got.headers["ETag"] == posted.headers["ETag"]
