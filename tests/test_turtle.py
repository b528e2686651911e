"""Canonical Turtle: the same graph is the same bytes, and nothing is lost or rewritten on the way."""

import random
import re

import pytest
from rdflib import OWL, RDF, RDFS, SKOS, XSD, BNode, Graph, Literal, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.namespaces import thing

Triple = tuple[Node, Node, Node]

PALAU = URIRef(thing("country", "palau"))
GIFT = URIRef(thing("activity", "2020-04-15-palau-masks"))
MEMBER = URIRef(thing("group", "diplomatic-allies") + "#palau")
ELSEWHERE = URIRef("http://one.example/a(b)%20c.d/")

LITERALS = [
    Literal("1.50", datatype=XSD.decimal),
    Literal("5", datatype=XSD.decimal),
    Literal("5.", datatype=XSD.decimal),
    Literal(".5", datatype=XSD.decimal),
    Literal("0.000000001", datatype=XSD.decimal),
    Literal("1E+22", datatype=XSD.decimal),
    Literal("01", datatype=XSD.integer),
    Literal("-0", datatype=XSD.integer),
    Literal("+7", datatype=XSD.integer),
    Literal("seven", datatype=XSD.integer),
    Literal("1", datatype=XSD.boolean),
    Literal("true", datatype=XSD.boolean),
    Literal("1e0", datatype=XSD.double),
    Literal("INF", datatype=XSD.double),
    Literal("2020-04", datatype=XSD.gYearMonth),
    Literal("2020-02-30", datatype=XSD.date),
    Literal("x", datatype=URIRef("http://two.example/type")),
    Literal("臺灣", lang="zh-Hant"),
    Literal("Tâiwan", lang="nan-Latn-TW"),
    Literal('"quoted" \\ back\\slash'),
    Literal('two\nlines, a tab\t and """three""" quotes at the end "'),
    Literal("carriage\rreturn\r\nand nothing\x00 at all"),
    Literal(" "),
    Literal(""),
]

TRIPLES: list[Triple] = [
    (PALAU, RDF.type, TCH.Country),
    (PALAU, RDFS.label, Literal("Palau", lang="en")),
    (PALAU, OWL.sameAs, URIRef("http://www.wikidata.org/entity/Q695")),
    (PALAU, OWL.sameAs, ELSEWHERE),
    (GIFT, RDF.type, TCH.Donation),
    (GIFT, TCH.recipient, PALAU),
    (GIFT, DCTERMS.isPartOf, URIRef(thing("activity", "2020-04-01-round-one"))),
    (GIFT, DCTERMS.relation, RDF.nil),
    (MEMBER, SKOS.note, Literal("a thing with a hash")),
    (ELSEWHERE, URIRef("http://two.example/ns#p"), GIFT),
    (ELSEWHERE, URIRef("http://three.example/ns#p"), GIFT),
    *((PALAU, SKOS.note, literal) for literal in LITERALS),
]


@pytest.mark.parametrize("seed", range(20))
def test_any_order_gives_the_same_bytes(seed: int) -> None:
    shuffled = random.Random(seed).sample(TRIPLES, len(TRIPLES))
    assert write_turtle(new_graph(shuffled)) == write_turtle(new_graph(TRIPLES))


def test_other_prefixes_bound_to_the_graph_change_nothing() -> None:
    graph = Graph()
    graph.bind("k", thing("country", ""))
    graph.bind("two", "http://two.example/ns#")
    for triple in TRIPLES:
        graph.add(triple)
    assert write_turtle(graph) == write_turtle(new_graph(TRIPLES))


@pytest.mark.parametrize("seed", range(20))
def test_part_of_a_graph_reads_back_as_it_was(seed: int) -> None:
    chance = random.Random(seed)
    graph = new_graph(chance.sample(TRIPLES, chance.randint(0, len(TRIPLES))))
    written = write_turtle(graph)
    again = new_graph().parse(data=written, format="turtle")
    assert isomorphic(again, graph)
    assert write_turtle(again) == written


@pytest.mark.parametrize("literal", LITERALS, ids=repr)
def test_literal_keeps_its_written_form(literal: Literal) -> None:
    written = write_turtle(new_graph([(PALAU, SKOS.note, literal)]))
    (read,) = new_graph().parse(data=written, format="turtle").objects(PALAU, SKOS.note)
    assert isinstance(read, Literal)
    assert (str(read), read.language, read.datatype) == (str(literal), literal.language, literal.datatype)


@pytest.mark.parametrize(
    ("literal", "form"),
    [
        (Literal("1.50", datatype=XSD.decimal), "1.50"),
        (Literal("01", datatype=XSD.integer), '"01"^^xsd:integer'),
        (Literal("5", datatype=XSD.decimal), '"5"^^xsd:decimal'),
        (Literal("false", datatype=XSD.boolean), "false"),
        (Literal("0", datatype=XSD.boolean), '"0"^^xsd:boolean'),
        (Literal("帛琉", lang="zh-Hant"), '"帛琉"@zh-Hant'),
    ],
)
def test_literal_is_written_plainly_only_where_that_is_the_same(literal: Literal, form: str) -> None:
    assert f" skos:note {form} ." in write_turtle(new_graph([(GIFT, SKOS.note, literal)]))


def test_each_subject_has_one_block_in_order() -> None:
    blocks = write_turtle(new_graph(TRIPLES)).strip().split("\n\n")[1:]
    heads = [block.split(maxsplit=1)[0] for block in blocks]
    assert heads == [
        f"<{ELSEWHERE}>",
        "activity:2020-04-15-palau-masks",
        "country:palau",
        f"<{MEMBER}>",
    ]
    assert all(block.rstrip().endswith(" .") for block in blocks)


def test_type_comes_first_then_predicates_and_objects_in_order() -> None:
    one = Literal("one", lang="en")
    two = Literal("two", lang="en")
    graph = new_graph([(PALAU, RDFS.label, two), (PALAU, RDFS.label, one), (PALAU, DCTERMS.type, TCH.state)])
    graph.add((PALAU, RDF.type, TCH.Country))
    block = write_turtle(graph).split("\n\n", maxsplit=1)[1]
    assert block == (
        'country:palau a tch:Country ;\n    dcterms:type tch:state ;\n    rdfs:label "one"@en,\n        "two"@en .\n\n'
    )


def test_prefixes_are_the_projects_own_in_order() -> None:
    written = write_turtle(new_graph(TRIPLES))
    declared = re.findall(r"^@prefix ([\w-]+):", written, re.MULTILINE)
    assert declared == ["activity", "country", "dcterms", "owl", "rdf", "rdfs", "skos", "tch", "wd", "xsd"]


def test_one_more_subject_adds_lines_and_moves_none() -> None:
    before = write_turtle(new_graph(TRIPLES)).splitlines()
    gift = URIRef(thing("activity", "2020-05-01-another"))
    more: list[Triple] = [(gift, RDF.type, TCH.Donation), (gift, DCTERMS.isPartOf, GIFT)]
    after = iter(write_turtle(new_graph([*TRIPLES, *more])).splitlines())
    assert all(line in after for line in before)


def test_blank_node_reads_back() -> None:
    node = BNode()
    graph = new_graph([(PALAU, SKOS.note, node), (node, RDFS.label, Literal("nested"))])
    assert isomorphic(new_graph().parse(data=write_turtle(graph), format="turtle"), graph)
