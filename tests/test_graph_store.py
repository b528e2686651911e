"""``/graph-store`` and ``/graph/...`` over HTTP, read by rdflib and compared with the files, the dump and SPARQL."""

from collections.abc import Iterator
from urllib.parse import quote, urlencode

import pytest
from conftest import Client, Reply, serving, write_dataset
from rdflib import Dataset, Graph, Literal
from rdflib.compare import isomorphic

BASE = "https://w3id.org/taiwan-can-help/"
OWN = f"{BASE}graph/cats"
PREFIX = "PREFIX : <http://e.example/> PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>\n"
# The default graph, then named graphs whose names are of all kinds.
CONTENT: dict[str | None, str] = {
    None: ':a :p "in the default graph", "貓"@zh-Hant .',
    OWN: '[] :p [ :p "nested", 1.5 ] ; :q [] . :a :p "貓"@zh-Hant .',
    f"{BASE}graph/deep/er.ttl": ":deep :p 1 .",
    "http://e.example/g?x=1&y=2+3#f": ":signs :p 1 .",
    "http://e.example/台灣": ":chinese :p 1 .",
    "http://e.example/%41": ":encoded :p 1 .",
    "http://e.example/A": ":plain :p 1 .",
    "urn:example:g": ":urn :p 1 .",
}
NUMBERS = "http://e.example/numbers"
AS_WRITTEN = ':a :p 1.50 . :b :p 01 . :c :p "7"^^xsd:int . :d :p "1"^^xsd:boolean . :e :p 1e3 .'
FORMATS = {
    "turtle": ("text/turtle", "ttl"),
    "nt": ("application/n-triples", "nt"),
    "json-ld": ("application/ld+json", "jsonld"),
    "xml": ("application/rdf+xml", "rdf"),
}
WITH_GRAPHS = {"nquads": ("application/n-quads", "nq"), "trig": ("application/trig", "trig")}

# rdflib's JSON-LD, N-Quads and TriG parsers use what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated", "ignore:Dataset.(default_context|contexts) is deprecated"
)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """Serve a dataset of several named graphs."""
    root = tmp_path_factory.mktemp("store")
    content = {**CONTENT, NUMBERS: AS_WRITTEN}
    graphs = [f"<{name}> {{ {turtle} }}" if name else turtle for name, turtle in content.items()]
    dataset = write_dataset(root / "dataset", {"data/graphs.trig": PREFIX + "\n".join(graphs)})
    with serving(root / "releases", "--dataset", str(dataset)) as running:
        yield running.client


def graph_of(reply: Reply, parser: str = "turtle") -> Graph:
    assert reply.status == 200, reply.text
    return Graph().parse(data=reply.body, format=parser)


def written(name: str | None) -> Graph:
    """Return a graph as the dataset's file has it."""
    return Graph().parse(data=PREFIX + CONTENT[name], format="turtle")


def path_of(name: str) -> str:
    return "/graph-store?" + urlencode({"graph": name})


@pytest.mark.parametrize("parser", FORMATS)
def test_the_default_graph_is_the_dump(client: Client, parser: str) -> None:
    media_type, suffix = FORMATS[parser]
    reply = client.get("/graph-store?default", media_type)
    assert reply.type == media_type
    assert set(graph_of(reply, parser)) == set(graph_of(client.get(f"/dump.{suffix}"), parser))


@pytest.mark.parametrize("name", CONTENT)
def test_a_graph_is_what_the_file_and_sparql_say(store: Client, name: str | None) -> None:
    graph = graph_of(store.get("/graph-store?default" if name is None else path_of(name)))
    where = "?s ?p ?o" if name is None else f"GRAPH <{name}> {{ ?s ?p ?o }}"
    assert len(graph) >= 1
    assert isomorphic(graph, written(name))
    assert isomorphic(graph, graph_of(store.query(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {where} }}")))


@pytest.mark.parametrize("path", ["/graph/cats", "/graph/deep/er.ttl"])
def test_a_graph_at_its_own_iri(store: Client, path: str) -> None:
    direct, indirect = store.get(path), store.get(path_of(f"{BASE}{path[1:]}"))
    assert isomorphic(graph_of(direct), written(f"{BASE}{path[1:]}"))
    assert direct.headers["ETag"] == indirect.headers["ETag"]
    assert direct.body == indirect.body


def test_the_shapes_graph_of_the_real_dataset(client: Client) -> None:
    shapes = graph_of(client.get("/graph/shapes"))
    assert len(shapes) > 100
    assert isomorphic(shapes, graph_of(client.get("/shapes.ttl")))


def test_answers_have_the_real_data_letter_for_letter(client: Client) -> None:
    """Were a literal written in another form than the engine's (1.50 for 1.5), it would be found here."""
    default = set(client.get("/dump.nt").text.splitlines())
    graphs: dict[str, set[str]] = {"/graph-store?default": default}
    for line in set(client.get("/dump.nq").text.splitlines()) - default:
        triple, _, name = line.removesuffix("> .").rpartition(" <")
        # The engine folds the types derived from xsd:integer into it; dcat:byteSize has to have such a one.
        graphs.setdefault(path_of(name), set()).add(f"{triple} .".replace("#nonNegativeInteger>", "#integer>"))
    assert path_of(f"{BASE}graph/shapes") in graphs
    for path, dumped in graphs.items():
        assert len(dumped) > 10
        # DCAT wants byte sizes as xsd:nonNegativeInteger; the engine knows only xsd:integer, which that derives from.
        dumped = {line.replace("#nonNegativeInteger>", "#integer>") for line in dumped}
        assert dumped ^ set(client.get(path, "application/n-triples").text.splitlines()) == set()


def test_the_engine_gives_the_canonical_form_and_the_dump_what_is_written(store: Client) -> None:
    answer = store.get(path_of(NUMBERS), "application/n-triples")
    written_values = Graph().parse(data=PREFIX + AS_WRITTEN, format="turtle")
    assert values_of(graph_of(answer, "nt")) == values_of(written_values)
    for text in ('"1.5"^^', '"1"^^', '"7"^^<http://www.w3.org/2001/XMLSchema#integer>', '"true"^^', '"1000"^^'):
        assert text in answer.text
    dump = store.get("/dump.nq").text
    for text in ('"1.50"^^', '"01"^^', '"7"^^<http://www.w3.org/2001/XMLSchema#int>', '"1"^^', '"1e3"^^'):
        assert text in dump


def values_of(graph: Graph) -> dict[str, object]:
    return {str(subject): term.value for subject, term in graph.subject_objects() if isinstance(term, Literal)}


def test_percent_signs_are_decoded_once_and_a_plus_is_a_plus(store: Client) -> None:
    plain, encoded = written("http://e.example/A"), written("http://e.example/%41")
    assert isomorphic(graph_of(store.get("/graph-store?graph=http://e.example/A")), plain)
    assert isomorphic(graph_of(store.get("/graph-store?graph=http://e.example/%41")), plain)
    assert isomorphic(graph_of(store.get("/graph-store?graph=%68ttp%3A%2F%2Fe.example%2F%2541")), encoded)
    plus = store.get("/graph-store?graph=http://e.example/g?x=1%26y=2+3%23f")
    assert isomorphic(graph_of(plus), written("http://e.example/g?x=1&y=2+3#f"))


@pytest.mark.parametrize("by", ["accept", "suffix", "media type"])
@pytest.mark.parametrize("parser", [*FORMATS, *WITH_GRAPHS])
def test_formats(store: Client, parser: str, by: str) -> None:
    media_type, suffix = (FORMATS | WITH_GRAPHS)[parser]
    asked = {"accept": "", "suffix": f"&format={suffix}", "media type": f"&format={media_type}"}[by]
    reply = store.get(path_of(OWN) + asked, media_type if by == "accept" else "text/html")
    assert (reply.status, reply.type, reply.headers["Vary"]) == (200, media_type, "Accept")
    content = Dataset().parse(data=reply.body, format=parser)
    # One graph's content does not name the graph: it stands in the default graph where a format has several.
    assert isomorphic(content.default_graph, written(OWN))
    assert len(content) == len(written(OWN))


@pytest.mark.parametrize(
    ("accept", "wanted"),
    [
        (None, "text/turtle"),
        ("*/*", "text/turtle"),
        ("application/ld+json;q=0.5, application/n-triples;q=0.6, image/png", "application/n-triples"),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/html"),
    ],
)
def test_negotiation(store: Client, accept: str | None, wanted: str) -> None:
    for path in ("/graph-store?default", path_of(OWN), "/graph/cats"):
        assert store.get(path, accept).type == wanted


@pytest.mark.parametrize(("accept", "asked"), [("image/png", ""), ("text/csv", ""), ("text/turtle", "format=csv")])
def test_not_acceptable_lists_what_there_is(store: Client, accept: str, asked: str) -> None:
    for path in (f"/graph-store?default&{asked}", f"/graph/cats?{asked}"):
        reply = store.get(path, accept)
        assert (reply.status, reply.type, reply.headers["Vary"]) == (406, "application/problem+json", "Accept")
        for media_type, _ in FORMATS.values():
            assert media_type in reply.json()["detail"]


def test_caching(store: Client) -> None:
    tags = set()
    for path in ("/graph-store?default", path_of("urn:example:g"), path_of(OWN)):
        for media_type, suffix in FORMATS.values():
            reply = store.get(path, media_type)
            tag = reply.headers["ETag"]
            assert tag.startswith('"')
            assert reply.headers["Cache-Control"] == "public, no-cache"
            assert store.get(f"{path}&format={suffix}", "text/csv").headers["ETag"] == tag
            unchanged = store.get(path, f"image/png, {media_type}", {"If-None-Match": f'"other", {tag}'})
            assert (unchanged.status, unchanged.body) == (304, b"")
            assert (unchanged.headers["ETag"], unchanged.headers["Vary"]) == (tag, "Accept")
            tags.add(tag)
    assert len(tags) == 12


@pytest.mark.parametrize("path", ["/graph-store?default", path_of(OWN), "/graph/cats", "/graph/none", "/graph-store"])
@pytest.mark.parametrize("accept", ["*/*", "application/rdf+xml", "text/html"])
def test_head_is_get_without_a_body(store: Client, path: str, accept: str) -> None:
    get, head = store.get(path, accept), store.send("HEAD", path, headers={"Accept": accept})
    assert (head.status, head.body) == (get.status, b"")
    framing = {"date", "transfer-encoding", "content-length", "cache-status"}
    assert [(name, value) for name, value in head.headers.items() if name.lower() not in framing] == [
        (name, value) for name, value in get.headers.items() if name.lower() not in framing
    ]


@pytest.mark.parametrize(
    "path",
    [
        path_of("http://e.example/none"),
        path_of("http://e.example/"),
        path_of("http://e.example/%5A"),
        path_of("http://[x/"),
        path_of("http://127.0.0.1/graph/cats"),
        "/graph/none",
        "/graph/cats/",
        "/graph/a%FF",
        "/graph/a%3E%20%7B%7D",
        "/graph/%00",
    ],
)
def test_a_graph_that_does_not_exist(store: Client, path: str) -> None:
    for headers in ({}, {"If-None-Match": "*"}):
        reply = store.get(path, headers=headers)
        assert (reply.status, reply.type) == (404, "application/problem+json")
        assert f"<{OWN}>" in reply.json()["detail"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("", "give ?default, or ?graph="),
        ("?", "give ?default, or ?graph="),
        ("?grpah=http://e.example/A", "give ?default, or ?graph="),
        ("?default&default", "more than one graph"),
        ("?default&graph=http://e.example/A", "more than one graph"),
        ("?graph=http://e.example/A&graph=http://e.example/A", "more than one graph"),
        ("?default=no", "'no'"),
        ("?graph", "not an absolute IRI"),
        ("?graph=", "not an absolute IRI"),
        ("?graph=default", "not an absolute IRI"),
        ("?graph=/graph/cats", "not an absolute IRI"),
        ("?graph=//e.example/A", "not an absolute IRI"),
        ("?graph=%3Chttp://e.example/A%3E", "not an absolute IRI"),
        ("?graph=http://e.example/A%20B", "not an absolute IRI"),
        ("?graph=http://e.example/%25zz", "not an absolute IRI"),
        ("?graph=http://e.example/%FF", "not percent-encoded UTF-8"),
        ("?graph=http://e.example/%C0%80", "not percent-encoded UTF-8"),
        ("?graph=http://e.example/%ED%A0%80", "not percent-encoded UTF-8"),
        ("?default&format=nonsense", "'nonsense'"),
        (f"?{'&' * 2000}default", "can't be parsed"),
    ],
)
def test_bad_requests_say_why(store: Client, query: str, says: str) -> None:
    reply = store.get(f"/graph-store{query}")
    assert (reply.status, reply.type) == (400, "application/problem+json")
    assert says in reply.json()["detail"]
    page = store.get(f"/graph-store{query}", "text/html")
    assert (page.status, page.type) == (400, "text/html")


@pytest.mark.parametrize(
    "path", ["/graph-store?default", path_of(OWN), path_of("urn:new"), "/graph-store", "/graph/new"]
)
@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE", "PATCH"])
def test_nothing_can_be_written(store: Client, method: str, path: str) -> None:
    body = None if method == "DELETE" else b"<http://e.example/new> <http://e.example/p> 1 ." * 10
    reply = store.send(method, path, body, {"Content-Type": "text/turtle"})
    assert (reply.status, reply.type) == (405, "application/problem+json")
    assert set(reply.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    assert method in reply.json()["detail"]
    assert "written" in reply.json()["detail"]
    new = "<http://e.example/new> ?p ?o"
    assert store.query(f"ASK {{ {{ {new} }} UNION {{ GRAPH ?g {{ {new} }} }} }}").json()["boolean"] is False


@pytest.mark.parametrize("path", ["/graph-store", "/graph-store?default", "/graph/cats"])
def test_any_origin_may_read(store: Client, path: str) -> None:
    options = store.send("OPTIONS", path, headers={"Origin": "http://e.example"})
    assert options.status == 200
    assert set(options.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS"}
    for reply in (options, store.get(path), store.get("/graph/none")):
        assert reply.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("name", CONTENT)
def test_rdflib_loads_a_graph_from_its_address(store: Client, name: str | None) -> None:
    graph = Graph().parse(f"{store.base}/graph-store?{'default' if name is None else f'graph={quote(name)}'}")
    assert isomorphic(graph, written(name))
