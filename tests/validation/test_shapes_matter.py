"""Each thing that a shape states is needed: a broken record is found with it, and let through without it."""

from functools import cache, lru_cache

import pytest
from rdflib import RDF, RDFS, SH, Graph, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import PREFIXES, short

from .corpus import CASES, Case, Surroundings, alone, real_shapes

Statement = tuple[Node, Node, Node]

# What finds nothing by itself: what a shape is and looks at, and what it says to people.
DESCRIBES = {RDF.type, RDFS.label, RDFS.comment, SH.path, SH.name, SH.description, SH.message, SH.severity}
# What a named query decides has tests of its own, in test_claims.py.
BY_QUERY = set(real_shapes().subjects(URIRef(PREFIXES["tchs"] + "query")))
SHAPES = sorted(
    str(shape)
    for kind in (SH.NodeShape, SH.PropertyShape)
    for shape in real_shapes()[: RDF.type : kind]
    if shape not in BY_QUERY
)

# The memory of all surroundings at once would be too much; the cases of a shape come one after the other.
surroundings = lru_cache(maxsize=64)(Surroundings)


@pytest.mark.parametrize("shape", SHAPES, ids=short)
def test_without_anything_that_a_shape_states_a_broken_record_is_let_through(shape: str) -> None:
    idle = [
        f"{short(str(statement[1]))} {short(str(statement[2]))}"
        for statement in stated(shape)
        if not any(needs(case, statement) for case in CASES if statement in alone(case.expects))
    ]
    assert not idle, f"no file of broken/ needs {short(shape)} to say: {', '.join(idle)}"


def stated(shape: str) -> list[Statement]:
    """Return the shape's targets, the shapes that it refers to, and its constraints' parameters."""
    return sorted(t for t in real_shapes().triples((URIRef(shape), None, None)) if t[1] not in DESCRIBES)


def needs(case: Case, statement: Statement) -> bool:
    """Tell whether the case is found with the statement, and not without it."""
    without = new_graph(triple for triple in alone(case.expects) if triple != statement)
    try:
        return is_found_in_full(case) and not is_found(case, without)
    except InputError:
        return True  # The gate stays closed: a rule that has lost its only target is refused.


@cache
def is_found_in_full(case: Case) -> bool:
    return is_found(case, alone(case.expects))


def is_found(case: Case, shapes: Graph) -> bool:
    found = surroundings(case).findings(shapes)
    return (case.expects, case.at) in {(finding.shape, finding.focus) for finding in found}
