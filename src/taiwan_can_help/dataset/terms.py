"""pyoxigraph's terms as rdflib's, with language tags in the case that RFC 5646 recommends."""

import logging
from collections.abc import Iterable

import pyoxigraph as ox
from rdflib import XSD, BNode, Graph, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph

# A literal that its datatype does not allow is for the shapes to report; rdflib logs a traceback for each.
logging.getLogger("rdflib.term").setLevel(logging.ERROR)


def recommended_case(tag: str) -> str:
    """Return a language tag in the case of RFC 5646, section 2.1.1: script in title case, region in capitals.

    What follows a singleton (an extension, private use) stays in lower case.
    See https://www.rfc-editor.org/rfc/rfc5646#section-2.1.1. pyoxigraph lower-cases the tags that it reads.
    """
    subtags = tag.lower().split("-")
    end = next((place for place, subtag in enumerate(subtags) if len(subtag) == 1), len(subtags))
    return "-".join(_cased(subtag) if 0 < place < end else subtag for place, subtag in enumerate(subtags))


def _cased(subtag: str) -> str:
    if len(subtag) == 4 and subtag.isalpha():
        return subtag.title()
    return subtag.upper() if len(subtag) == 2 else subtag


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
    """Return an rdflib graph of the triples."""
    return new_graph((to_rdflib(t.subject), to_rdflib(t.predicate), to_rdflib(t.object)) for t in triples)
