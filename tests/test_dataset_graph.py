"""The dataset graph: what a release says of itself is true, whole, and the same on any machine."""

import hashlib
import json
import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import Client, write_dataset

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.namespaces import BASE, DATASET, DATASET_GRAPH, PREFIXES
from taiwan_can_help.release.build import build
from taiwan_can_help.release.folder import Release, Releases
from taiwan_can_help.validation.changes import State
from taiwan_can_help.validation.selection import select

SOFTWARE = ("taiwan-can-help", "opencc", "pyoxigraph", "pyshacl", "rdflib", "zstandard")
ROOT = Path(__file__).parents[1]
IANA = "https://www.iana.org/assignments/media-types/"
HEADER = "".join(f"PREFIX {name}: <{space}>\n" for name, space in PREFIXES.items()) + f"BASE <{BASE}>\n"
DISTRIBUTIONS = "<dataset> dcat:distribution ?it . ?it dcat:downloadURL ?url ; dcat:mediaType ?type"
Row = tuple[str, ...]


def described(client: Client, pattern: str, names: str) -> set[Row]:
    """Return what the dataset graph holds: the values of these variables."""
    rows = client.rows(f"{HEADER} SELECT {names} WHERE {{ GRAPH <graph/dataset> {{ {pattern} }} }}")
    return {tuple(row[name.strip("?")] for name in names.split()) for row in rows}


def counted(client: Client, query: str) -> set[Row]:
    """Return the values of a query of the default graph, in the order of its variables."""
    reply = client.query(HEADER + query).json()
    names = reply["head"]["vars"]
    return {tuple(row[name]["value"] for name in names) for row in reply["results"]["bindings"]}


@pytest.mark.parametrize(
    ("pattern", "names", "query"),
    [
        ("<dataset> void:triples ?n", "?n", "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"),
        ("<dataset> void:distinctSubjects ?n", "?n", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o }"),
        ("<dataset> void:distinctObjects ?n", "?n", "SELECT (COUNT(DISTINCT ?o) AS ?n) { ?s ?p ?o }"),
        ("<dataset> void:properties ?n", "?n", "SELECT (COUNT(DISTINCT ?p) AS ?n) { ?s ?p ?o }"),
        ("<dataset> void:classes ?n", "?n", "SELECT (COUNT(DISTINCT ?c) AS ?n) { ?s a ?c }"),
        ("<dataset> void:entities ?n", "?n", "SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s ?p ?o FILTER(isIRI(?s)) }"),
        (
            "<dataset> void:classPartition ?it . ?it void:class ?c ; void:entities ?n",
            "?c ?n",
            "SELECT ?c (COUNT(DISTINCT ?s) AS ?n) { ?s a ?c } GROUP BY ?c",
        ),
        (
            "<dataset> void:propertyPartition ?it ."
            " ?it void:property ?p ; void:triples ?n ; void:distinctSubjects ?s ; void:distinctObjects ?o",
            "?p ?n ?s ?o",
            "SELECT ?p (COUNT(*) AS ?n) (COUNT(DISTINCT ?x) AS ?s) (COUNT(DISTINCT ?y) AS ?o) { ?x ?p ?y } GROUP BY ?p",
        ),
        (
            "<dataset> void:classPartition ?it . ?it void:class ?c ; void:propertyPartition ?part ."
            " ?part void:property ?p ; void:triples ?n",
            "?c ?p ?n",
            "SELECT ?c ?p (COUNT(*) AS ?n) { ?s a ?c ; ?p ?o } GROUP BY ?c ?p",
        ),
        (
            "<dataset> void:subset ?it . ?it a void:Linkset ; void:subjectsTarget <dataset> ;"
            " void:objectsTarget wd:Q2013 ; void:linkPredicate ?p ; void:triples ?n",
            "?p ?n",
            "SELECT ?p (COUNT(*) AS ?n) { ?s ?p ?o FILTER(STRSTARTS(STR(?o), STR(wd:)) && isIRI(?o)) } GROUP BY ?p",
        ),
    ],
)
def test_counts_are_those_of_the_graph(client: Client, pattern: str, names: str, query: str) -> None:
    found = described(client, pattern, names)
    assert found
    assert found == counted(client, query)


def test_vocabularies_hold_every_term_in_use(client: Client) -> None:
    vocabularies = {row[0] for row in described(client, "<dataset> void:vocabulary ?it", "?it")}
    terms = {row[0] for row in counted(client, "SELECT DISTINCT ?t { { ?s ?t ?o } UNION { ?s a ?t } }")}
    assert vocabularies == {re.sub(r"[^/#]*$", "", term) for term in terms}


def test_things_are_where_the_description_says(client: Client) -> None:
    ((space,),) = described(client, "<dataset> void:uriSpace ?it", "?it")
    assert counted(client, f'SELECT ?s {{ ?s ?p ?o FILTER(!STRSTARTS(STR(?s), "{space}")) }}') == set()
    examples = described(client, "<dataset> void:exampleResource ?it", "?it")
    assert len(examples) > 3
    for (iri,) in examples:
        assert client.get("/" + iri.removeprefix(BASE) + ".ttl").status == 200


def test_the_default_graph_holds_none_of_it(client: Client) -> None:
    assert counted(client, f"SELECT ?p {{ <{DATASET}> ?p ?o }}") == set()
    dump = ox.parse(client.get("/dump.nt").body, format=ox.RdfFormat.N_TRIPLES)
    assert DATASET not in {quad.subject.value for quad in dump if isinstance(quad.subject, ox.NamedNode)}


@pytest.mark.parametrize("suffix", ["nq", "trig"])
def test_dumps_with_graphs_hold_it(client: Client, suffix: str) -> None:
    store = ox.Store()  # takes xsd:nonNegativeInteger for xsd:integer, as the server's does
    store.load(client.get(f"/dump.{suffix}").body, format=ox.RdfFormat.from_extension(suffix))
    held = {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(DATASET_GRAPH))}
    assert held == {quad.triple for quad in ox.parse(client.get("/dataset.nt").body, format=ox.RdfFormat.N_TRIPLES)}
    assert len(held) > 2000


def test_distributions_are_the_files_that_are_served(client: Client) -> None:
    rows = described(client, DISTRIBUTIONS, "?url ?type")
    assert len(rows) == 6
    for url, media_type in rows:
        assert client.get("/" + url.removeprefix(BASE)).type == media_type.removeprefix(IANA)
    hashed = described(
        client,
        f"{DISTRIBUTIONS} ; dcat:byteSize ?size ; spdx:checksum ?sum ."
        " ?sum spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?hash",
        "?url ?size ?hash",
    )
    # N-Quads and TriG hold the dataset graph, which cannot tell the hash of what holds it.
    assert {url.rpartition(".")[2] for url, _, _ in hashed} == {"ttl", "nt", "jsonld", "rdf"}
    for url, size, digest in hashed:
        content = client.get("/" + url.removeprefix(BASE)).body
        assert (str(len(content)), hashlib.sha256(content).hexdigest()) == (size, digest)


def test_licence_stands_at_the_dataset_and_at_each_file(client: Client) -> None:
    licence = "https://creativecommons.org/licenses/by/4.0/"
    assert described(client, "<dataset> dcterms:license ?it", "?it") == {(licence,)}
    assert described(client, "<dataset> dcat:distribution ?file . ?file dcterms:license ?it", "?file ?it") == {
        (f"{DATASET}#dump.{suffix}", licence) for suffix in ("ttl", "nt", "nq", "trig", "jsonld", "rdf")
    }


@pytest.mark.parametrize("subject", ["<dataset>", "<dataset#sparql>", "wd:Q2013"])
def test_titles_are_in_both_languages(client: Client, subject: str) -> None:
    tags = described(client, f"{subject} dcterms:title ?it BIND(LANG(?it) AS ?tag)", "?tag")
    assert {tag.lower() for (tag,) in tags} == {"en", "zh-hant"}


def test_the_endpoint_is_a_data_service(client: Client) -> None:
    pattern = (
        "?it a dcat:DataService ; dcat:servesDataset <dataset> ;"
        " dcat:endpointURL ?url ; dcat:endpointDescription ?about"
    )
    assert described(client, pattern, "?url ?about") == {(f"{BASE}sparql", f"{BASE}sparql")}
    assert described(client, "<dataset> void:sparqlEndpoint ?it", "?it") == {(f"{BASE}sparql",)}


def test_examples_are_the_named_queries_and_run(client: Client) -> None:
    listed = {(query["url"], query["query"]) for query in client.get("/queries", "application/json").json()}
    assert described(client, "?it a sh:SPARQLExecutable, sh:SPARQLSelectExecutable ; sh:select ?text", "?it ?text") == (
        listed
    )
    for _, text in listed:
        assert client.query(text).status == 200


def test_prefixes_are_declared(client: Client) -> None:
    pattern = "?query sh:prefixes/sh:declare ?it . ?it sh:prefix ?prefix ; sh:namespace ?space"
    declared = described(client, pattern, "?prefix ?space")
    assert {("tch", f"{BASE}ontology#"), ("wd", "http://www.wikidata.org/entity/")} <= declared
    prologue = "".join(f"PREFIX {prefix}: <{space}>\n" for prefix, space in declared)
    assert client.query(f"{prologue} ASK {{ country:palau a tch:Country }}").json()["boolean"] is True


def test_no_blank_nodes_and_nothing_named_in_vain(client: Client) -> None:
    quads = list(ox.parse(client.get("/dataset.nt").body, format=ox.RdfFormat.N_TRIPLES))
    terms = {term for quad in quads for term in (quad.subject, quad.object)}
    assert not [term for term in terms if isinstance(term, ox.BlankNode)]
    ours = {term.value for term in terms if isinstance(term, ox.NamedNode) and term.value.startswith(DATASET)}
    subjects = {quad.subject.value for quad in quads if isinstance(quad.subject, ox.NamedNode)}
    assert len(ours) > 400
    assert ours <= subjects


def test_the_build_used_every_file_and_these_versions(client: Client) -> None:
    release = client.get("/health").json()["release"]
    build_ = (
        f"?release dcterms:identifier '{release}' ; prov:wasGeneratedBy ?build ; prov:specializationOf <dataset> . "
    )
    folder = DatasetFolder.open(ROOT)
    files = {(folder.relative(path), hashlib.sha256(path.read_bytes()).hexdigest()) for path in folder.files()}
    used = "?build a prov:Activity ; prov:used ?it . ?it dcterms:title ?name ; spdx:checksum/spdx:checksumValue ?hash"
    assert {"data/queries/masks-total.rq", "ontology/rules/ledger.rq", "shapes/rules.ttl"} <= dict(files).keys()
    assert described(client, build_ + used, "?name ?hash") == files
    agents = (
        "?build prov:wasAssociatedWith ?it . ?it a prov:SoftwareAgent ; foaf:name ?name ; schema:softwareVersion ?v"
    )
    assert described(client, build_ + agents, "?name ?v") == {(name, version(name)) for name in SOFTWARE}


def test_it_agrees_with_the_citation_and_the_ontology(client: Client) -> None:
    citation = (ROOT / "CITATION.cff").read_text("utf-8")
    fields = dict(re.findall(r"^([a-z-]+): (.+)$", citation, re.MULTILINE))
    assert (fields["title"],) in described(client, "<dataset> dcterms:title ?it", "?it")
    assert described(client, "<dataset> dcat:version ?it", "?it") == {(fields["version"],)}
    assert described(client, "<dataset> dcterms:issued ?it", "?it") == {(fields["date-released"],)}
    assert described(client, "<dataset> dcat:landingPage ?it", "?it") == {(fields["url"],)}
    publishers = re.findall(r"^  - name: (.+)$", citation, re.MULTILINE)
    assert described(client, "<dataset> dcterms:publisher/foaf:name ?it", "?it") == {(name,) for name in publishers}
    keywords = described(client, "<dataset> dcat:keyword ?it FILTER(LANG(?it) = 'en')", "?it")
    assert keywords == {(word,) for word in fields["keywords"].strip("[]").split(", ")}
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["version"] == fields["version"]
    ontology = "<dataset> dcterms:conformsTo ?it . ?it owl:versionInfo ?info ; owl:versionIRI ?iri"
    assert described(client, ontology, "?it ?info ?iri") == counted(
        client, "SELECT ?it ?info ?iri { ?it a owl:Ontology ; owl:versionInfo ?info ; owl:versionIRI ?iri }"
    )


def test_the_manifest_counts_the_same(client: Client, releases: Path) -> None:
    (link,) = releases.glob("current-*")
    manifest = json.loads((link / "manifest.json").read_text("utf-8"))
    counts = manifest["counts"]
    assert set(counts["classes"].items()) == {
        (class_, int(n)) for class_, n in counted(client, "SELECT ?c (COUNT(*) AS ?n) { ?s a ?c } GROUP BY ?c")
    }
    named = counted(client, "SELECT ?g (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g")
    assert set(counts["graphs"].items()) == {(graph, int(n)) for graph, n in named}
    assert counts["triples"] == client.get("/health").json()["triples"]
    assert counts["quads"] == counts["triples"] + sum(counts["graphs"].values())
    assert manifest["software"] == {name: version(name) for name in SOFTWARE}
    assert manifest["ontologies"] == {
        f"{BASE}ontology": {"versionInfo": "0.1.0", "versionIRI": f"{BASE}ontology/0.1.0"}
    }


@pytest.mark.parametrize(
    ("path", "accept", "media_type"),
    [
        ("/dataset", None, "text/turtle"),
        ("/dataset", "*/*", "text/turtle"),
        ("/dataset", "application/ld+json", "application/ld+json"),
        ("/dataset", "text/html", "text/html"),
        ("/dataset.rdf", "text/html", "application/rdf+xml"),
        ("/graph/dataset", None, "text/turtle"),
    ],
)
def test_the_dataset_answers_at_its_iri(client: Client, path: str, accept: str | None, media_type: str) -> None:
    reply = client.get(path, accept)
    assert (reply.status, reply.type) == (200, media_type)
    assert "Taiwan Can Help, as linked data" in reply.text
    assert client.get(path, accept, {"If-None-Match": reply.headers["ETag"]}).status == 304
    assert client.send("HEAD", path, headers={"Accept": accept or "*/*"}).status == 200


def test_the_well_known_address_leads_there(client: Client) -> None:
    for method in ("GET", "HEAD"):
        reply = client.send(method, "/.well-known/void")
        assert (reply.status, reply.headers["Location"]) == (303, "/dataset")
    assert client.get("/dataset", "image/png").status == 406
    assert client.get("/dataset.exe").status == 400


# Other datasets, by the same code.

OWN = f"""\
<{DATASET}> <http://purl.org/dc/terms/title> "Cats" <{DATASET_GRAPH}> .
<http://cats.example/> <{PREFIXES["rdf"]}type> <{PREFIXES["void"]}Dataset> <{DATASET_GRAPH}> .
<http://cats.example/> <{PREFIXES["void"]}uriSpace> "http://cats.example/cat/" <{DATASET_GRAPH}> .
"""
CATS = """\
<http://e.example/a> <http://e.example/p> <http://cats.example/cat/1>, <http://cats.example/dog> .
<http://e.example/b> <http://e.example/p> <http://cats.example/cat/1>, "http://cats.example/cat/2" .
<http://cats.example/cat/1> <http://e.example/p> <http://cats.example/cat/2> .
_:x a <http://e.example/C>, _:y .
"""


def built(root: Path, files: dict[str, str]) -> Release:
    dataset = write_dataset(root / "dataset", files)
    return build(DatasetFolder.open(dataset), Releases(root / "releases", dataset), lambda _: None)


def ask(release: Release, pattern: str, *names: str) -> set[Row]:
    store = ox.Store()
    store.bulk_load(path=str(release.nquads), format=ox.RdfFormat.N_QUADS)
    query = f"{HEADER} SELECT * WHERE {{ GRAPH <graph/dataset> {{ {pattern} }} }}"
    solutions = store.query(query)
    assert isinstance(solutions, ox.QuerySolutions)
    return {tuple(str(row[name].value) for name in names) for row in solutions}


@pytest.mark.parametrize("files", [{}, {"data/x.ttl": CATS}])
def test_a_dataset_that_says_nothing_of_itself(tmp_path: Path, files: dict[str, str]) -> None:
    release = built(tmp_path, files)
    assert ask(release, "<dataset> void:triples ?n", "n") == {(str(release.triples),)}
    assert ask(release, "<dataset> dcterms:title ?n", "n") == set()
    assert ask(release, "<dataset> void:subset ?n", "n") == set()
    assert len(ask(release, DISTRIBUTIONS, "url")) == 6
    assert release.graphs == {DATASET_GRAPH: len(ask(release, "?s ?p ?o", "s", "p", "o"))}


def test_a_dataset_that_links_to_another(tmp_path: Path) -> None:
    release = built(tmp_path, {"data/x.ttl": CATS, "data/own.nq": OWN})
    assert ask(release, "<dataset> dcterms:title ?it", "it") == {("Cats",)}
    links = "?it a void:Linkset ; void:objectsTarget ?to ; void:linkPredicate ?by ; void:triples ?n"
    assert ask(release, links, "to", "by", "n") == {("http://cats.example/", "http://e.example/p", "2")}
    # Two classes, one of them without a name; three things with a name.
    assert ask(release, "<dataset> void:classes ?c ; void:entities ?e", "c", "e") == {("2", "3")}
    assert ask(release, "<dataset> void:classPartition/void:class ?it", "it") == {("http://e.example/C",)}


@pytest.mark.parametrize(
    ("text", "class_", "property_"),
    [
        ("SELECT ?s {?s ?p ?o}", "SPARQLSelectExecutable", "select"),
        ("ask{}", "SPARQLAskExecutable", "ask"),
        ("CONSTRUCT {?s ?p ?o} {\nSELECT * {?s ?p ?o}}", "SPARQLConstructExecutable", "construct"),
        ("PREFIX select: <http://e.example/SELECT#>\nASK { ?ask select:x 'SELECT' }", "SPARQLAskExecutable", "ask"),
    ],
)
def test_the_form_of_an_example(tmp_path: Path, text: str, class_: str, property_: str) -> None:
    whole = f"# title: One, to SELECT\n{text}\n"
    release = built(tmp_path, {"data/queries/one.rq": whole})
    assert ask(release, "query:one a ?it", "it") == {(PREFIXES["sh"] + name,) for name in ("SPARQLExecutable", class_)}
    assert ask(release, f"query:one sh:{property_} ?it ; rdfs:label ?label", "it", "label") == {
        (whole, "One, to SELECT")
    }


def test_describe_has_no_executable_of_its_own(tmp_path: Path) -> None:
    release = built(tmp_path, {"data/queries/one.rq": "# title: One\nDESCRIBE <http://e.example/a>\n"})
    assert ask(release, "query:one a ?it", "it") == {(f"{PREFIXES['sh']}SPARQLExecutable",)}


def test_two_files_of_the_same_bytes(tmp_path: Path) -> None:
    release = built(tmp_path, {"data/a.ttl": "", "data/b.ttl": ""})
    assert ask(release, "?build prov:used ?it . ?it dcterms:title ?name", "name") == {("data/a.ttl",), ("data/b.ttl",)}


def test_what_a_build_adds_is_no_change_to_check(tmp_path: Path) -> None:
    release = built(tmp_path, {"data/x.ttl": CATS, "data/own.nq": OWN})
    before = State(list(read_file(release.nquads, "dump.nq")), release.queries())
    folder = DatasetFolder.open(tmp_path / "dataset")
    assert select(folder, (), None, before).focus == set()
    write_dataset(folder.root, {"data/more.nt": "<http://e.example/new> <http://e.example/p> <http://e.example/a> .\n"})
    assert select(folder, (), None, before).focus == {"http://e.example/new"}
