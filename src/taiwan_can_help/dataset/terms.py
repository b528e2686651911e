"""pyoxigraph's terms as rdflib's, with language tags in the case that RFC 5646 recommends."""

import logging
from collections.abc import Iterable
from functools import cache

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.languages import recommended_case

# A literal that its datatype does not allow is for the shapes to report; rdflib logs a traceback for each.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def to_rdflib(term: ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple) -> Node:
    """Return the rdflib term for a pyoxigraph term; raises TypeError for a quoted triple."""
    match term:
        case ox.NamedNode():
            return URIRef(term.value)
        case ox.BlankNode():
            return BNode(term.value)
        case ox.Literal() if term.language:
            return Literal(term.value, lang=recommended_case(term.language))
        case ox.Literal() if term.datatype.value == str(XSD.string):
            return Literal(term.value)
        case ox.Literal():
            return Literal(term.value, datatype=URIRef(term.datatype.value))
    raise TypeError(f"{term}: a triple as a term is not RDF 1.1")


def to_graph(triples: Iterable[ox.Triple]) -> Graph:
    """Return an rdflib graph of the triples, each term made once: rdflib compares the same object fastest."""
    term = cache(to_rdflib)
    return new_graph((term(t.subject), term(t.predicate), term(t.object)) for t in triples)
