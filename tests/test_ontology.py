"""The ontology and our own dataset: every term is defined and used, nothing dangles, nothing is lost."""

import re
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest
from rdflib import OWL, RDF, RDFS, SKOS
from rdflib.namespace import DCTERMS

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset, read_file
from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.namespaces import BASE, PREFIXES

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple

FOLDER = DatasetFolder.open(Path(__file__).parents[1])
ONTOLOGY = FOLDER.root / "ontology" / "ontology.ttl"
DATA = FOLDER.rdf_files("data")
HEADER = BASE + "ontology"

# Terms that neither the data, the value lists, the rules nor the queries use.
DEFINED_FOR_THEIR_OWN_SAKE = {
    "CountedAs": "the scheme of the ten reasons, which the rules use",
    "PlaceType": "the scheme of state, city and county, which the data uses",
    "UnitKind": "the scheme of the four kinds of unit, which ontology/units.ttl uses",
}

COUNTS = {
    "?x a/rdfs:subClassOf* tch:Activity": 780,
    "?x a tch:ItemLine": 1022,
    "?x a tch:Source": 966,
    "?x a tch:Agent": 624,
    "?x a/rdfs:subClassOf* tch:Place": 283,
    "?x a tch:Country": 112,
    "?x a skos:Concept; skos:inScheme <https://w3id.org/taiwan-can-help/id/supply>": 67,
    "?x a skos:Concept; skos:inScheme <https://w3id.org/taiwan-can-help/id/unit>": 21,
    "?x a tch:Claim": 37,
    "?x a org:Membership": 60,
    "?x a sssom:Mapping": 1005,
    "?x a sssom:Mapping; sssom:object_label ?label": 394,
    "?x a sssom:Mapping; owl:annotatedTarget sssom:NoTermFound": 611,
    "?x a tch:Country; owl:sameAs ?item . FILTER(STRSTARTS(STR(?item), STR(wd:Q)))": 112,
    "?x a tch:Territory; owl:sameAs ?item": 5,
    "?x dcterms:isPartOf ?y . ?x a/rdfs:subClassOf* tch:Activity . ?y a/rdfs:subClassOf* tch:Activity": 226,
    "?x tch:sameGoodsAs ?y": 36,
}


@cache
def quads() -> tuple[ox.Quad, ...]:
    """Return what ontology/ and data/ state."""
    return tuple(quad for quad in read_dataset(FOLDER) if quad.graph_name == ox.DefaultGraph())


@cache
def store() -> ox.Store:
    loaded = ox.Store()
    loaded.extend(quads())
    return loaded


@cache
def header_and_terms() -> dict[str, dict[str, list[Term]]]:
    """Return what the ontology says of each of its subjects: the objects by predicate."""
    described: dict[str, dict[str, list[Term]]] = {}
    for quad in read_file(ONTOLOGY, "ontology.ttl"):
        assert isinstance(quad.subject, ox.NamedNode)
        described.setdefault(quad.subject.value, {}).setdefault(quad.predicate.value, []).append(quad.object)
    return described


def defined() -> set[str]:
    return {iri.removeprefix(TCH) for iri in header_and_terms() if iri.startswith(TCH)}


def named(term: object) -> set[str]:
    """Return the IRI of a term or, of a literal, of its datatype."""
    if isinstance(term, ox.Literal):
        return {term.datatype.value}
    return {term.value} if isinstance(term, ox.NamedNode) else set()


def terms_in_query(text: str) -> set[str]:
    """Return the own terms that a query names, not counting its comments."""
    code = re.sub(r"^\s*#.*$", "", text, flags=re.MULTILINE)
    return set(re.findall(rf"(?:\btch:|<{re.escape(TCH)})([A-Za-z]\w*)", code))


@cache
def used() -> frozenset[str]:
    """Return the own terms that anything but the ontology itself uses."""
    files = [path for path in [*FOLDER.rdf_files("ontology"), *DATA] if path != ONTOLOGY]
    iris: set[str] = set()
    for path in files:
        for quad in read_file(path, path.name):
            iris |= named(quad.subject) | named(quad.predicate) | named(quad.object)
    terms = {iri.removeprefix(TCH) for iri in iris if iri.startswith(TCH)}
    for path in [*FOLDER.rule_files(), *FOLDER.query_files()]:
        terms |= terms_in_query(path.read_text("utf-8"))
    return frozenset(terms)


def languages(term: str, predicate: str) -> list[str]:
    """Return the languages of a term's texts, as often as they occur; oxigraph writes tags in lower case."""
    texts = header_and_terms()[TCH + term].get(predicate, [])
    return sorted(text.language or "" for text in texts if isinstance(text, ox.Literal))


def test_every_term_in_use_is_defined() -> None:
    assert used() - defined() == set()


def test_every_defined_term_is_used_or_has_its_reason() -> None:
    assert defined() - used() == set(DEFINED_FOR_THEIR_OWN_SAKE)


@pytest.mark.parametrize("term", sorted(defined()))
def test_term_has_label_and_definition_in_both_languages(term: str) -> None:
    assert languages(term, str(RDFS.label)) == ["en", "zh-hant"]
    assert languages(term, str(SKOS.definition)) == ["en", "zh-hant"]
    assert header_and_terms()[TCH + term][str(RDFS.isDefinedBy)] == [ox.NamedNode(HEADER)]


def is_property(term: str) -> bool:
    types = header_and_terms()[TCH + term][str(RDF.type)]
    return any(ox.NamedNode(str(kind)) in types for kind in (OWL.ObjectProperty, OWL.DatatypeProperty))


@pytest.mark.parametrize("term", sorted(filter(is_property, defined())))
def test_property_has_domain_and_range_or_says_why_not(term: str) -> None:
    description = header_and_terms()[TCH + term]
    assert {str(RDFS.domain), str(RDFS.range)} <= description.keys() or str(SKOS.note) in description


@pytest.mark.parametrize(
    ("predicate", "value"),
    [
        (RDF.type, ox.NamedNode(str(OWL.Ontology))),
        (OWL.versionInfo, None),
        (OWL.versionIRI, None),
        (DCTERMS.title, None),
        (DCTERMS.creator, None),
        (DCTERMS.license, ox.NamedNode("https://creativecommons.org/licenses/by/4.0/")),
        (PREFIXES["vann"] + "preferredNamespacePrefix", ox.Literal("tch")),
        (PREFIXES["vann"] + "preferredNamespaceUri", ox.Literal(str(TCH))),
    ],
)
def test_ontology_header(predicate: str, value: Term | None) -> None:
    values = header_and_terms()[HEADER][str(predicate)]
    assert values
    assert value is None or values == [value]


def test_no_blank_nodes() -> None:
    terms = (term for quad in quads() for term in (quad.subject, quad.object))
    assert not [term for term in terms if isinstance(term, ox.BlankNode)]


def test_nothing_refers_to_what_is_not_described() -> None:
    subjects = {quad.subject for quad in quads()}
    objects = {quad.object for quad in quads() if isinstance(quad.object, ox.NamedNode)}
    ours = {term for term in objects if term.value.startswith(BASE + "id/") and "#" not in term.value}
    assert ours
    assert ours - subjects == set()


def test_data_has_files() -> None:
    assert {"data/agents.ttl", "data/activities/2020-04.ttl"} <= {FOLDER.relative(path) for path in DATA}


@pytest.mark.parametrize("path", [path for path in DATA if path.suffix == ".ttl"], ids=FOLDER.relative)
def test_file_is_in_canonical_form(path: Path) -> None:
    assert path.read_bytes() == write_turtle(new_graph().parse(path)).encode()


@pytest.mark.parametrize(("pattern", "count"), COUNTS.items())
def test_count(pattern: str, count: int) -> None:
    counted = "DISTINCT ?x ?y" if "?y" in pattern else "DISTINCT ?x"
    query = f"SELECT {counted} WHERE {{ {pattern} }}"
    solutions = store().query(query, prefixes=PREFIXES)
    assert isinstance(solutions, ox.QuerySolutions)
    assert len(list(solutions)) == count
