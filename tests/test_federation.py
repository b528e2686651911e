"""That no query makes the server call another: SERVICE is refused, FROM names graphs of the release and loads none.

A trap on this machine counts who connects to it. Two walls stand before it: the text is scanned for SERVICE, and
a query worker has no socket to call with.
"""

import socket
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlencode

import pyoxigraph as ox
import pytest
from conftest import Client, Reply, listening, serving, write_dataset

from taiwan_can_help.engine import EngineError, Query
from taiwan_can_help.engine.disk import write_store
from taiwan_can_help.engine.pool import Limits, PoolEngine, running_pool
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import ResultKind
from taiwan_can_help.protocol.scan import calls_service

QUADS = '<http://e.example/s> <http://e.example/p> "o" .\n'
FORMATS = {ResultKind.BINDINGS: f.JSON, ResultKind.BOOLEAN: f.JSON, ResultKind.GRAPH: f.TURTLE}
RESULT = b'{"head": {"vars": ["o"]}, "results": {"bindings": [{"o": {"type": "literal", "value": "from the trap"}}]}}'
TURTLE = b'<http://e.example/s> <http://e.example/p> "from the trap" .'


class Trap(ThreadingHTTPServer):
    """Answers whatever is asked with a result, and counts connections."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _TrapHandler)
        self.connections = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/x"

    def verify_request(self, *_: object) -> bool:
        self.connections += 1
        return True

    def calls(self) -> int:
        """Return how many connections there were since it was last asked."""
        # This one comes last, so that all before it are counted once it is answered.
        with socket.create_connection(("127.0.0.1", self.server_port)) as last:
            last.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert TURTLE in last.makefile("rb").read()
        calls, self.connections = self.connections - 1, 0
        return calls


class _TrapHandler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self._answer("text/turtle", TURTLE)

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self._answer("application/sparql-results+json", RESULT)

    def _answer(self, content_type: str, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def trap() -> Iterator[Trap]:
    with listening(Trap()) as trap:
        yield trap


# Each calls the trap where nothing stands before it. URL stands for the trap's address, x: and : for it as prefixes.
CALLS = [
    "SELECT * { SERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { service <URL> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o SERVICE<URL>{} }",
    "SELECT * { SERVICE # here\n<URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE#<http://e.example/>\r\n\t<URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE <\\u0068ttp://127.0.0.1:PORT/x> { ?s ?p ?o } }",
    "SELECT * { SERVICE x: { ?s ?p ?o } }",
    "SELECT * { SERVICE : { ?s ?p ?o } }",
    "SELECT * { SERVICE:{ ?s ?p ?o } }",
    "SELECT * { SERVICEx:{ ?s ?p ?o } }",
    "SELECT * { ?s ?p []SERVICE: { ?s ?p ?o } }",
    'SELECT * { BIND("\\u0022#" AS ?quote) SERVICE <URL> { ?s ?p ?o } }',
    "SELECT * { BIND(IRI('URL') AS ?url) LATERAL { SERVICE ?url { ?s ?p ?o } } }",
    "SELECT * { { SELECT ?o { SERVICE <URL> { ?s ?p ?o } } } }",
    "SELECT * { ?s ?p ?q OPTIONAL { SERVICE <URL> { ?a ?b ?o } } }",
    "SELECT * { { ?s ?p ?o } UNION { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { GRAPH ?g { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT (COUNT(*) AS ?n) { { { SERVICE <URL> { ?s ?p ?o } } } }",
    "ASK { SERVICE <URL> { ?s ?p ?o } }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?q SERVICE <URL> { ?a ?b ?o } }",
    "DESCRIBE <http://e.example/s> ?o WHERE { SERVICE <URL> { ?s ?p ?o } }",
]
# Of these, the standard (SILENT) or the engine (EXISTS, MINUS) hides that the call failed.
HIDDEN_CALLS = [
    "SELECT * { SERVICE SILENT <URL> { ?s ?p ?o } }",
    "SELECT * { SERVICE#\nsilent#\nx: { ?s ?p ?o } }",
    "SELECT * { SERVICESILENT<URL> { ?s ?p ?o } }",
    "SELECT * { SERVICESILENTx: { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?o FILTER EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "SELECT * { ?s ?p ?o FILTER NOT EXISTS { SERVICE <URL> { ?s ?p ?o } } }",
    "ASK { ?s ?p ?o FILTER(!EXISTS{SERVICE: { ?s ?p ?o } }) }",
    "SELECT * { ?s ?p ?o MINUS { SERVICE <URL> { ?s ?p ?o } } }",
]
# What the engine takes for a call and the scan of the text does not.
PAST_THE_SCAN = [
    "SELECT * { FILTER(1<2)SERVICE:#>\n{ ?s ?p ?o } }",
    "SELECT * { FILTER(1<2#>'''\n) SERVICE <URL> { ?s ?p ?o } #'''\n}",
]
# What the engine takes for a fault, or for a call that it can't make.
NO_CALLS = [
    "SELECT * { \\u0053ERVICE <URL> { ?s ?p ?o } }",
    "SELECT * { SERV\\U00000049CE <URL> { ?s ?p ?o } }",
    "SELECT * { ?s ?p ?url SERVICE ?url { ?a ?b ?o } }",
    "SELECT * { VALUES ?url { <URL> } SERVICE ?url { ?s ?p ?o } }",
]


def spelt(query: str, trap: Trap) -> str:
    prefixes = "" if query.startswith("LOAD") else "PREFIX : <URL> PREFIX x: <URL>\n"
    return (prefixes + query).replace("URL", trap.url).replace("PORT", str(trap.server_port))


def ask(client: Client, way: str, query: str, **parameters: str) -> Reply:
    match way:
        case "GET":
            return client.get("/sparql?" + urlencode({"query": query, **parameters}))
        case "form":
            body = urlencode({"query": query, **parameters}).encode()
            return client.send("POST", "/sparql", body, {"Content-Type": "application/x-www-form-urlencoded"})
    target = "/sparql?" + urlencode(parameters)
    return client.send("POST", target, query.encode(), {"Content-Type": "application/sparql-query"})


@pytest.mark.parametrize("query", CALLS + HIDDEN_CALLS + PAST_THE_SCAN)
def test_without_walls_the_trap_is_called(query: str, trap: Trap) -> None:
    store = ox.Store()
    store.load(QUADS, format=ox.RdfFormat.N_QUADS)
    results = store.query(spelt(query, trap))
    if not isinstance(results, ox.QueryBoolean):
        assert len(list(results)) < 10
    assert trap.calls() > 0


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize("query", CALLS + HIDDEN_CALLS + NO_CALLS)
def test_service_is_refused(client: Client, query: str, way: str, trap: Trap) -> None:
    reply = ask(client, way, spelt(query, trap))
    assert (reply.status, reply.type) == (403, "application/problem+json")
    assert "SERVICE" in reply.json()["detail"]
    assert trap.calls() == 0


@pytest.mark.parametrize("query", PAST_THE_SCAN)
def test_what_the_scan_misses_fails_truly(client: Client, query: str, trap: Trap) -> None:
    assert not calls_service(spelt(query, trap))
    reply = client.query(spelt(query, trap))
    assert (reply.status, reply.type) == (503, "application/problem+json")
    assert trap.calls() == 0


@pytest.fixture(scope="module", params=["memory", "disk"])
def pool(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[PoolEngine]:
    """Run workers with no scan before them, over a store of either kind."""
    folder = tmp_path_factory.mktemp("federation")
    nquads = folder / "dump.nq"
    nquads.write_text(QUADS, "utf-8")
    if request.param == "disk":
        write_store(nquads, folder / "store")
    with running_pool(folder / "store" if request.param == "disk" else nquads, 1, Limits(5)) as engine:
        yield engine


@pytest.mark.parametrize("query", CALLS + PAST_THE_SCAN)
def test_a_worker_can_call_nobody(pool: PoolEngine, query: str, trap: Trap) -> None:
    with pytest.raises(EngineError):
        pool.query(Query(spelt(query, trap)), FORMATS).read()
    assert trap.calls() == 0
    assert b"true" in pool.query(Query("ASK {}"), FORMATS).read()


@pytest.mark.parametrize("query", HIDDEN_CALLS)
def test_a_worker_calls_nobody_in_silence(pool: PoolEngine, query: str, trap: Trap) -> None:
    assert b"from the trap" not in pool.query(Query(spelt(query, trap)), FORMATS).read()
    assert trap.calls() == 0


@pytest.mark.parametrize("url", ["https://127.0.0.1:PORT/x", "http://localhost:PORT/x", "file:///etc/passwd"])
def test_a_worker_can_call_nobody_by_another_scheme_or_name(pool: PoolEngine, url: str, trap: Trap) -> None:
    with pytest.raises(EngineError):
        pool.query(Query(spelt(f"SELECT * {{ SERVICE <{url}> {{ ?s ?p ?o }} }}", trap)), FORMATS).read()
    assert trap.calls() == 0


def test_a_named_query_calls_nobody(tmp_path: Path, trap: Trap) -> None:
    files = {
        "data/x.nq": QUADS,
        "data/queries/silent.rq": f"# title: S\n\nSELECT * {{ SERVICE SILENT <{trap.url}> {{ ?s ?p ?o }} }}\n",
    }
    dataset = write_dataset(tmp_path / "dataset", files)
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as running:
        reply = running.client.get("/queries/silent.csv")
    assert (reply.status, reply.type) == (403, "application/problem+json")
    assert trap.calls() == 0


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize("graph", ["URL", "file:///etc/passwd", "file://127.0.0.1:PORT/x"])
@pytest.mark.parametrize("clause", ["FROM <GRAPH>", "FROM NAMED <GRAPH>", ""])
def test_a_graph_that_is_named_is_not_loaded(client: Client, way: str, clause: str, graph: str, trap: Trap) -> None:
    graph = spelt(graph, trap).rpartition("\n")[2]
    query = f"SELECT * {clause.replace('GRAPH', graph)} WHERE {{ {{ ?s ?p ?o }} UNION {{ GRAPH ?g {{ ?s ?p ?o }} }} }}"
    parameters = {} if clause else {"default-graph-uri": graph, "named-graph-uri": graph}
    reply = ask(client, way, query, **parameters)
    assert (reply.status, reply.json()["results"]["bindings"]) == (200, [])
    assert trap.calls() == 0


@pytest.mark.parametrize("way", ["GET", "form", "direct"])
@pytest.mark.parametrize("query", ["LOAD <URL>", "LOAD SILENT <URL> INTO GRAPH <http://e.example/g>"])
def test_load_is_no_query(client: Client, way: str, query: str, trap: Trap) -> None:
    reply = ask(client, way, spelt(query, trap))
    assert (reply.status, reply.type) == (400, "application/problem+json")
    assert trap.calls() == 0
