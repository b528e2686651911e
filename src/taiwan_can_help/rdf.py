"""RDF said in Python: prefixed names, the statements about one thing, and their serialisation."""

from collections.abc import Iterable, Iterator, Mapping

import pyoxigraph as ox

from taiwan_can_help.namespaces import PREFIXES

Value = ox.NamedNode | ox.Literal


def node(name: str) -> ox.NamedNode:
    """Return the IRI of a prefixed name such as ``dcat:Dataset``; raises KeyError for a prefix we do not have."""
    prefix, _, local = name.partition(":")
    return ox.NamedNode(PREFIXES[prefix] + local)


def typed(value: object, datatype: str) -> ox.Literal:
    """Return a literal of the datatype with this prefixed name."""
    return ox.Literal(str(value), datatype=node(datatype))


def about(subject: ox.NamedNode, statements: Mapping[str, Value | Iterable[Value]]) -> Iterator[ox.Triple]:
    """Yield the triples of one subject: one or more values by the prefixed name of their property."""
    for name, values in statements.items():
        for value in [values] if isinstance(values, Value) else values:
            yield ox.Triple(subject, node(name), value)


def serialise(triples: Iterable[ox.Triple], media_type: str, *prefixes: str) -> bytes:
    """Return the triples in the RDF format with this media type, which declares these prefixes where it has any.

    Raises ValueError when the media type is none of RDF's.
    """
    format_ = ox.RdfFormat.from_media_type(media_type)
    if format_ is None:
        raise ValueError(f"{media_type} is no format of RDF")
    return ox.serialize(triples, format=format_, prefixes={name: PREFIXES[name] for name in prefixes}) or b""
