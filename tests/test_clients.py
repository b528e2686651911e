"""Real clients of a SPARQL endpoint, as their users call them: curl, pandas, SPARQLWrapper, rdflib, Comunica."""

import subprocess
import sys
from pathlib import Path
from urllib.parse import quote, urlencode

import pandas as pd
import pytest
import SPARQLWrapper
from conformance.matching import difference, same
from conformance.results import READERS
from conftest import Client
from rdflib import Graph, Literal, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore

COUNTRY = "https://w3id.org/taiwan-can-help/id/country/"
TCH = "https://w3id.org/taiwan-can-help/ontology#"
LABEL = "http://www.w3.org/2000/01/rdf-schema#label"
PREF_LABEL = "http://www.w3.org/2004/02/skos/core#prefLabel"
LABELS = f"SELECT ?label WHERE {{ <{COUNTRY}palau> <{LABEL}> ?label }} ORDER BY LANG(?label)"
LABELS_CSV = "label\r\nPalau\r\n帛琉\r\n"
CONSTRUCT = f"CONSTRUCT {{ <{COUNTRY}palau> ?p ?o }} WHERE {{ <{COUNTRY}palau> ?p ?o }}"

CLIENTS = Path(sys.prefix) / "clients"
NODE = Path(sys.executable).with_name("node")

# rdflib's JSON-LD parser uses a class that rdflib deprecates.
pytestmark = pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated")


def run(*command: str | Path, status: int = 0) -> str:
    done = subprocess.run(command, capture_output=True, timeout=120, check=False)
    assert done.returncode == status, done.stderr.decode()
    return done.stdout.decode()


def curl(*arguments: str | Path, status: int = 0) -> str:
    return run("curl", "--silent", "--show-error", "--fail", *arguments, status=status)


@pytest.mark.parametrize(
    "arguments",
    [
        ["--get", "--data-urlencode", f"query={LABELS}"],
        ["--data-urlencode", f"query={LABELS}"],
        ["--data", f"query={quote(LABELS)}"],
        ["--header", "Content-Type: application/sparql-query", "--data-binary", LABELS],
    ],
    ids=["get", "form", "form of our own", "direct"],
)
def test_curl_asks(client: Client, arguments: list[str]) -> None:
    assert curl(*arguments, "--header", "Accept: text/csv", f"{client.base}/sparql") == LABELS_CSV


def test_curl_sends_a_file(client: Client, tmp_path: Path) -> None:
    query = tmp_path / "labels.rq"
    query.write_text(f"# 帛琉\n{LABELS}\n", "utf-8")
    header = "Content-Type: application/sparql-query"
    sent = curl("--header", header, "--data-binary", f"@{query}", f"{client.base}/sparql?format=csv")
    assert sent == curl("--data-urlencode", f"query@{query}", "--data", "format=csv", f"{client.base}/sparql")
    assert sent == LABELS_CSV


def test_curl_asks_for_the_head(client: Client) -> None:
    lines = curl("--head", "--get", "--data-urlencode", f"query={LABELS}", f"{client.base}/sparql").splitlines()
    assert lines[0].startswith("HTTP/1.1 200")
    assert "Content-Type: application/sparql-results+json" in lines


@pytest.mark.parametrize("path", ["/sparql?" + urlencode({"query": LABELS}), "/queries/claims.csv", "/dump.ttl"])
def test_curl_fetches_once(client: Client, tmp_path: Path, path: str) -> None:
    tag = tmp_path / "etag"
    common: list[str | Path] = ["--write-out", "%{http_code}", "--output", tmp_path / "body", f"{client.base}{path}"]
    assert curl("--etag-save", tag, *common) == "200"
    whole = (tmp_path / "body").read_bytes()
    assert curl("--etag-compare", tag, *common) == "304"
    assert (tmp_path / "body").read_bytes() in (b"", whole)
    tag.write_text('"another"')
    assert curl("--etag-compare", tag, *common) == "200"


def test_curl_fails_where_the_query_does(client: Client) -> None:
    assert curl("--data-urlencode", "query=SELECT nonsense", f"{client.base}/sparql", status=22) == ""


def test_curl_resumes_a_dump(client: Client, tmp_path: Path) -> None:
    whole = client.get("/dump.nt").body
    part = tmp_path / "dump.nt"
    part.write_bytes(whole[:100_000])
    curl("--continue-at", "-", "--output", part, f"{client.base}/dump.nt")
    assert part.read_bytes() == whole


def test_pandas_reads_a_query(client: Client) -> None:
    query = f"""
        SELECT ?record ?day ?masks ?section ?note WHERE {{
          ?record <{TCH}earliest> ?day ; <{TCH}countedQuantity> ?masks ; <{TCH}section>/<{PREF_LABEL}> ?section .
          FILTER(LANGMATCHES(LANG(?section), "zh"))
          OPTIONAL {{ ?record <http://www.w3.org/2004/02/skos/core#editorialNote> ?note }}
        }}"""
    url = f"{client.base}/sparql?" + urlencode({"query": query, "format": "csv"})
    frame = pd.read_csv(url, parse_dates=["day"], index_col="record")
    assert len(frame) == 780
    assert frame.index.is_unique
    assert frame["masks"].sum() == 33_402_660
    assert frame["day"].dt.year.between(2020, 2022).all()
    assert "歐洲地區" in set(frame["section"])
    assert set(frame["note"].isna()) == {True, False}


def test_pandas_reads_a_named_query(client: Client) -> None:
    frame = pd.read_csv(f"{client.base}/queries/masks-by-country.csv")
    assert list(frame.columns) == ["place", "label", "leaf", "remainder", "total"]
    assert (frame["leaf"] + frame["remainder"]).equals(frame["total"])
    assert frame["total"].sum() == 33_402_660
    assert frame.loc[frame["place"] == f"{COUNTRY}japan", "label"].item() == "Japan"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
def test_sparqlwrapper_selects(client: Client, method: str, name: str) -> None:
    wrapper = SPARQLWrapper.SPARQLWrapper(f"{client.base}/sparql")
    wrapper.setMethod(method)
    wrapper.setReturnFormat(name)
    wrapper.setQuery(LABELS)
    result = wrapper.query()
    with result.response:
        content = result.response.read()
    reader = READERS[{"json": "srj", "xml": "srx"}.get(name, name)]
    direct = client.query(LABELS, "text/csv" if name == "csv" else "application/sparql-results+json")
    expected = READERS["csv" if name == "csv" else "srj"](direct.body, "")
    assert same(expected, reader(content, ""), ordered=True)


def test_sparqlwrapper_converts(client: Client) -> None:
    wrapper = SPARQLWrapper.SPARQLWrapper2(f"{client.base}/sparql")
    wrapper.setQuery(LABELS)
    result = wrapper.query()
    assert isinstance(result, SPARQLWrapper.SmartWrapper.Bindings)
    assert [(row["label"].value, row["label"].lang) for row in result.bindings] == [
        ("Palau", "en"),
        ("帛琉", "zh-Hant"),
    ]


@pytest.mark.parametrize("name", ["turtle", "n3", "xml", "rdf+xml", "json-ld"])
def test_sparqlwrapper_constructs(client: Client, name: str) -> None:
    wrapper = SPARQLWrapper.SPARQLWrapper(f"{client.base}/sparql")
    wrapper.setReturnFormat(name)
    wrapper.setQuery(CONSTRUCT)
    result = wrapper.query()
    with result.response:
        media_type, content = result.response.headers.get_content_type(), result.response.read()
    assert len(Graph().parse(data=content, format=media_type)) >= 5


def test_sparqlwrapper_raises_for_a_bad_query(client: Client) -> None:
    wrapper = SPARQLWrapper.SPARQLWrapper(f"{client.base}/sparql")
    wrapper.setQuery("SELECT nonsense")
    with pytest.raises(SPARQLWrapper.SPARQLExceptions.QueryBadFormed):
        wrapper.query()


@pytest.mark.parametrize("method", ["GET", "POST", "POST_FORM"])
@pytest.mark.parametrize("return_format", ["xml", "json", "csv", "tsv"])
def test_rdflib_sparql_store(client: Client, return_format: str, method: str) -> None:
    store = SPARQLStore(f"{client.base}/sparql", returnFormat=return_format, method=method)
    count = list(store.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"))
    assert int(str(count[0][0])) == client.get("/health").json()["triples"]  # type: ignore[index]
    graph = Graph(store)
    labels = set(graph.objects(URIRef(f"{COUNTRY}palau"), URIRef(LABEL)))
    assert {str(label) for label in labels} == {"Palau", "帛琉"}
    if return_format != "csv":  # which has no languages
        assert labels == {Literal("Palau", lang="en"), Literal("帛琉", lang="zh-Hant")}


def comunica(source: str, query: str, media_type: str = "application/sparql-results+json") -> bytes:
    """Run a query in Comunica over a source."""
    script = CLIENTS / "node_modules" / ".bin" / "comunica-sparql"
    assert script.exists(), f"Comunica is not in {CLIENTS}: run make clients"
    return run(NODE, script, source, query, "--outputType", media_type).encode()


@pytest.mark.parametrize(
    ("query", "media_type", "name"),
    [
        (
            f"""SELECT ?country ?label (COUNT(?record) AS ?records) WHERE {{
                  ?record <{TCH}recipientCountry> ?country . ?country <{LABEL}> ?label
                  FILTER(LANGMATCHES(LANG(?label), "zh")) OPTIONAL {{ ?country <{TCH}none> ?none }}
                }} GROUP BY ?country ?label""",
            "application/sparql-results+json",
            "srj",
        ),
        (f"ASK {{ ?record <{TCH}recipientCountry> <{COUNTRY}palau> }}", "application/sparql-results+json", "srj"),
        (f"ASK {{ ?record <{TCH}recipientCountry> <{COUNTRY}atlantis> }}", "application/sparql-results+json", "srj"),
        (CONSTRUCT, "application/n-triples", "nt"),
    ],
    ids=["select", "ask", "ask for what is not", "construct"],
)
def test_comunica(client: Client, query: str, media_type: str, name: str) -> None:
    expected = READERS[name](client.query(query, media_type).body, "")
    actual = READERS[name](comunica(f"sparql@{client.base}/sparql", query, media_type), "")
    assert same(expected, actual), difference(expected, actual)
    assert expected.boolean is not None or expected.rows


@pytest.mark.parametrize("path", ["/sparql", "/dump.ttl", "/dump"])
def test_comunica_finds_out_what_it_is_given(client: Client, path: str) -> None:
    query = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    (row,) = READERS["srj"](comunica(f"{client.base}{path}", query), "").rows
    assert row == (("n", f'"{client.get("/health").json()["triples"]}"^^<integer>'),)
