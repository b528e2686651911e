"""That the harness tells right from wrong: equal values, blank nodes, order, and a missing suite."""

from pathlib import Path

import pytest

from conformance import matching, test_protocol, test_query, test_results
from conformance.expected_failures import EXPECTED_FAILURES
from conformance.matching import same
from conformance.results import READERS, Result, literal
from conformance.suite import VARIABLE, sparql11

XSD = "http://www.w3.org/2001/XMLSchema#"


def graph(turtle: str) -> Result:
    return READERS["ttl"](turtle.encode(), "http://e.example/")


def table(text: str) -> Result:
    return READERS["tsv"](text.encode(), "")


@pytest.mark.parametrize(
    ("one", "other", "datatype"),
    [
        ("01", "1", "integer"),
        ("-3", "-03", "negativeInteger"),
        ("1.50", "1.5", "decimal"),
        ("1.0E6", "1e6", "double"),
        ("1", "true", "boolean"),
    ],
)
def test_equal_values_are_equal(one: str, other: str, datatype: str) -> None:
    assert literal(one, None, XSD + datatype) == literal(other, None, XSD + datatype)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (literal("1", None, XSD + "integer"), literal("1.0", None, XSD + "decimal")),
        (literal("1", None, None), literal("01", None, None)),
        (literal("a", "en", None), literal("a", None, None)),
        (literal("x", None, XSD + "integer"), literal("y", None, XSD + "integer")),
    ],
)
def test_other_values_differ(one: str, other: str) -> None:
    assert one != other


def test_blank_nodes_match_whatever_their_names() -> None:
    assert same(graph("_:a <p> _:b . _:b <p> _:c ."), graph("_:x <p> _:y . _:z <p> _:x ."))
    assert not same(graph("_:a <p> _:b . _:b <p> _:c ."), graph("_:x <p> _:y . _:y <p> _:x ."))
    assert not same(graph("_:a <p> _:b ."), graph("_:a <p> _:a ."))
    assert not same(graph("<a> <p> 1 ."), graph("<a> <p> 2 ."))


def test_a_blank_node_is_the_same_in_all_rows() -> None:
    assert not same(table("?a\n_:x\n_:y\n"), table("?a\n_:x\n_:x\n"))


def test_order_and_repetition() -> None:
    assert same(table("?a\n1\n2\n"), table("?a\n2\n1\n"))
    assert not same(table("?a\n1\n2\n"), table("?a\n2\n1\n"), ordered=True)
    assert not same(table("?a\n1\n1\n2\n"), table("?a\n1\n2\n2\n"))
    assert not same(table("?a\n1\n"), table("?b\n1\n"))


def test_a_search_for_blank_nodes_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching, "MOST_STEPS", 10)
    ring = " ".join(f"_:n{i} <p> _:n{(i + 1) % 9} ." for i in range(9))
    rings = " ".join(f"_:n{i} <p> _:n{i // 3 * 3 + (i + 1) % 3} ." for i in range(9))
    with pytest.raises(TimeoutError, match="no match of blank nodes found in 10 steps"):
        same(graph(ring), graph(rings))


def test_without_the_suites_the_run_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(pytest.Collector.CollectError, match=f"Set {VARIABLE} to the folder"):
        sparql11()


def test_every_expected_failure_is_a_test() -> None:
    queries = {entry.id for entry in [*test_query.ENTRIES, *test_results.ENTRIES]}
    assert set(EXPECTED_FAILURES) <= queries | {test.id for test in test_protocol.TESTS}
