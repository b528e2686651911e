"""SERVICE under an allow-list: an allowed endpoint's answers are joined, and nobody else is ever called.

One server of this machine is allowed; another, the trap, is not, whichever way a query tries.
"""

import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode

import pytest
from click.testing import CliRunner
from conftest import Client, Reply, listening, serving, write_dataset
from test_federation import CALLS, HIDDEN_CALLS, NO_CALLS, PAST_THE_SCAN, Trap, spelt

from taiwan_can_help.cli import main

LITERALS = ['"quoted" \\ and\nbroken', "SERVICE <http://e.example/> { ?s ?p ?o }", "\\u0041 }", "臺灣"]
QUADS = (
    '<http://e.example/s> <http://e.example/p> "o" .\n'
    "<http://e.example/s> <http://e.example/same> <http://e.example/item> .\n"
)


def results(variables: list[str], *rows: dict[str, Any]) -> bytes:
    return json.dumps({"head": {"vars": variables}, "results": {"bindings": list(rows)}}).encode()


def uri(value: str) -> dict[str, str]:
    return {"type": "uri", "value": value}


class Endpoint(ThreadingHTTPServer):
    """Gives the answer that the path of the request names, and keeps the queries it was sent."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _EndpointHandler)
        self.queries: list[str] = []
        self.elsewhere = ""

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.server_port}"

    def url(self, path: str) -> str:
        return f"http://{self.host}/{path}"


class _EndpointHandler(BaseHTTPRequestHandler):
    server: Endpoint

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.queries.append(form["query"][0])
        item = uri("http://e.example/item")
        match self.path.strip("/"):
            case "redirect":
                self._send(302, b"", {"Location": self.server.elsewhere})
            case "fails":
                self._send(500, b"no")
            case "no-json":
                self._send(200, b"<html>")
            case "wrong":
                self._send(
                    200, b'{"head": {"vars": ["x"]}, "results": {"bindings": [{"x": {"type": "uri", "value": "a b"}}]}}'
                )
            case "injection":
                tagged = {"type": "literal", "value": "x", "xml:lang": "en) } SERVICE <x:> {}"}
                self._send(200, results(["x"], {"x": tagged}))
            case "endless":
                self._drip(b" " * 65536, 0)
            case "slow":
                self._drip(b" ", 0.2)
            case "blank":
                self._send(200, results(["x"], {"x": {"type": "bnode", "value": "b0"}}))
            case "literals":
                rows = [{"x": {"type": "literal", "value": text}} for text in LITERALS]
                rows += [{"x": {"type": "literal", "value": "貓", "xml:lang": "zh-Hant"}}]
                integer = "http://www.w3.org/2001/XMLSchema#integer"
                rows += [{"x": {"type": "literal", "value": "7", "datatype": integer}}, {}]
                self._send(200, results(["x"], *rows))
            case _:
                self._send(
                    200, results(["item", "name"], {"item": item, "name": {"type": "literal", "value": "there"}})
                )

    def _drip(self, piece: bytes, seconds: float) -> None:
        self.send_response(200)
        self.end_headers()
        try:
            for _ in range(600):
                self.wfile.write(piece)
                time.sleep(seconds)
        except OSError:
            pass  # the caller left

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    with listening(Trap()) as trap:
        yield trap


@pytest.fixture(scope="module")
def endpoint(trap: Trap) -> Iterator[Endpoint]:
    server = Endpoint()
    server.elsewhere = trap.url
    with listening(server) as endpoint:
        yield endpoint


@pytest.fixture(scope="module")
def client(endpoint: Endpoint, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    root = tmp_path_factory.mktemp("allowed")
    dataset = write_dataset(root / "dataset", {"data/x.nq": QUADS})
    options = ["--dataset", str(dataset), "--allow-service", endpoint.host, "--query-timeout", "2"]
    with serving(root / "releases", *options) as running:
        yield running.client


def ask(client: Client, query: str, endpoint: Endpoint, path: str = "names") -> Reply:
    endpoint.queries.clear()
    return client.query(query.replace("<THERE>", f"<{endpoint.url(path)}>"))


def values(reply: Reply, name: str) -> list[str | None]:
    assert reply.status == 200, reply.text
    return [row[name]["value"] if name in row else None for row in reply.json()["results"]["bindings"]]


@pytest.mark.parametrize(
    "query",
    [
        "SELECT ?name { ?s <http://e.example/same> ?item SERVICE <THERE> { ?item <http://e.example/name> ?name } }",
        "SELECT ?name { service<THERE>{?item <http://e.example/name> ?name} ?s <http://e.example/same> ?item }",
        "SELECT ?name { SERVICE # here\n <THERE> # and\n { ?item ?p ?name . # }\n } ?s ?same ?item }",
        "PREFIX e: <http://e.example/> SELECT * { ?s e:same ?item OPTIONAL { SERVICE <THERE> { ?item e:n ?name } } }",
        "SELECT ?name { { SELECT * { SERVICE SILENT <THERE> { GRAPH ?g { ?item ?q ?name } } } } ?s ?p ?item }",
        'SELECT ?name { ?s ?p ?item SERVICE <THERE> { ?item ?q ?name FILTER(?name != "}") } }',
    ],
)
def test_an_allowed_endpoint_is_asked_and_its_answer_joined(client: Client, endpoint: Endpoint, query: str) -> None:
    reply = ask(client, query, endpoint)
    assert values(reply, "name") == ["there"]
    assert reply.headers["Cache-Control"] == "no-store"
    (sent,) = endpoint.queries
    assert "SELECT * WHERE {" in sent
    assert "SERVICE" not in sent.upper()


def test_prefixes_go_with_the_query_and_a_nested_service_is_left_to_the_endpoint(
    client: Client, endpoint: Endpoint, trap: Trap
) -> None:
    query = f"PREFIX e: <http://e.example/> SELECT * {{ SERVICE <THERE> {{ ?item e:p ?o SERVICE <{trap.url}> {{}} }} }}"
    assert ask(client, query, endpoint).status == 200
    (sent,) = endpoint.queries
    assert sent.startswith("PREFIX e: <http://e.example/> SELECT * WHERE { ?item e:p ?o SERVICE <")
    assert trap.calls() == 0


def test_any_literal_comes_over_as_it_is(client: Client, endpoint: Endpoint) -> None:
    reply = ask(client, "SELECT ?x (LANG(?x) AS ?tag) { SERVICE <THERE> { ?s ?p ?x } }", endpoint, "literals")
    assert values(reply, "x") == [*LITERALS, "貓", "7", None]
    seven = ask(client, "SELECT ?x { SERVICE <THERE> { ?s ?p ?x } FILTER(?x = 7) }", endpoint, "literals")
    assert values(seven, "x") == ["7"]


def test_a_blank_node_comes_over_as_an_iri(client: Client, endpoint: Endpoint) -> None:
    reply = ask(client, "SELECT ?x { SERVICE <THERE> { ?s ?p ?x } }", endpoint, "blank")
    assert values(reply, "x") == ["https://w3id.org/taiwan-can-help/.well-known/genid/b0"]


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("redirect", "answers 302"),
        ("fails", "answers 500"),
        ("no-json", "no JSON"),
        ("wrong", "an IRI 'a b'"),
        ("injection", "a language tag"),
        ("endless", "more than"),
        ("slow", ""),
    ],
)
def test_an_endpoint_that_fails_is_a_502_or_with_silent_nothing(
    client: Client, endpoint: Endpoint, trap: Trap, path: str, words: str
) -> None:
    reply = ask(client, "SELECT * { SERVICE <THERE> { ?s ?p ?x } }", endpoint, path)
    assert (reply.status, reply.type) == (502, "application/problem+json")
    assert words in reply.json()["detail"]
    if path != "slow":
        silent = ask(client, "SELECT * { ?s ?p ?o SERVICE SILENT <THERE> { ?s ?p ?x } }", endpoint, path)
        assert len(silent.json()["results"]["bindings"]) == 2
    assert trap.calls() == 0


@pytest.mark.parametrize("query", CALLS + HIDDEN_CALLS + NO_CALLS)
def test_nobody_else_is_called(client: Client, query: str, trap: Trap) -> None:
    reply = client.query(spelt(query, trap))
    assert (reply.status, reply.type) == (403, "application/problem+json")
    assert trap.calls() == 0


@pytest.mark.parametrize("query", CALLS + HIDDEN_CALLS + PAST_THE_SCAN)
def test_nobody_else_is_called_beside_an_allowed_call(
    client: Client, endpoint: Endpoint, query: str, trap: Trap
) -> None:
    allowed = f"{{ SERVICE <{endpoint.url('names')}> {{ ?item ?p ?name }} "
    reply = client.query(spelt(query, trap).replace("{ ", allowed, 1))
    assert reply.status in (400, 403, 503)
    assert trap.calls() == 0


@pytest.mark.parametrize(
    "url",
    [
        "http://ALLOWED@127.0.0.1:PORT/x",
        "http://user@ALLOWED/x",
        "http://127.0.0.1/x",
        "http://localhost:PORT/x",
        "http://ALLOWED.evil.example/x",
        "ftp://ALLOWED/x",
        "file:///etc/passwd",
        "http://[::1]:PORT/x",
        "http://127.0.0.1:99999/x",
        "/x",
    ],
)
def test_an_address_that_only_looks_allowed_is_refused(
    client: Client, endpoint: Endpoint, trap: Trap, url: str
) -> None:
    address = url.replace("ALLOWED", endpoint.host).replace("PORT", str(trap.server_port))
    reply = client.query(f"SELECT * {{ SERVICE <{address}> {{ ?s ?p ?o }} }}")
    assert (reply.status, reply.type) == (403, "application/problem+json")
    assert trap.calls() == 0


def test_too_many_calls_in_a_query_are_refused(client: Client, endpoint: Endpoint) -> None:
    query = "SELECT * { " + "SERVICE <THERE> { ?s ?p ?o } " * 5 + "}"
    assert ask(client, query, endpoint).status == 403
    assert endpoint.queries == []


def test_the_description_says_that_others_are_called(client: Client) -> None:
    reply = client.get("/sparql", "text/turtle")
    assert "BasicFederatedQuery" in reply.text


def test_named_queries_may_call_an_allowed_endpoint_too(endpoint: Endpoint, tmp_path: Path) -> None:
    text = f"# title: Names\n\nSELECT ?name {{ SERVICE <{endpoint.url('names')}> {{ ?item ?p ?name }} }}\n"
    dataset = write_dataset(tmp_path / "dataset", {"data/x.nq": QUADS, "data/queries/names.rq": text})
    with serving(tmp_path / "releases", "--dataset", str(dataset), "--allow-service", endpoint.host) as running:
        assert running.client.get("/queries/names.csv").text.split() == ["name", "there"]


@pytest.mark.parametrize("host", ["http://query.wikidata.org/", "a b", "", "x:y", "*"])
def test_what_is_no_host_is_a_wrong_call(host: str) -> None:
    result = CliRunner().invoke(main, ["serve", "--allow-service", host])
    assert result.exit_code == 2
    assert "is no host" in result.output


def test_the_environment_names_hosts_too(endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TCH_ALLOW_SERVICE", f"query.wikidata.org {endpoint.host}")
    dataset = write_dataset(tmp_path / "dataset", {"data/x.nq": QUADS})
    query = {"query": f"SELECT ?name {{ SERVICE <{endpoint.url('names')}> {{ ?item ?p ?name }} }}"}
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as running:
        assert running.client.get("/sparql?" + urlencode(query)).status == 200
