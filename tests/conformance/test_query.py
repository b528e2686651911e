"""The 328 tests of the SPARQL 1.1 query language: evaluation, and good and bad syntax."""

import json
from collections import Counter

import pytest

from conformance.evaluation import MEDIA_TYPES, ask, check, is_graph
from conformance.manifest import Entry, read_manifest
from conformance.suite import parameters, sparql11

ENTRIES = read_manifest(sparql11() / "manifest-sparql11-query.ttl")


def of_kind(kind: str) -> list[object]:
    return parameters(entry for entry in ENTRIES if entry.kind == kind)


def test_the_suite_is_whole() -> None:
    kinds = Counter(entry.kind for entry in ENTRIES)
    assert kinds == {"QueryEvaluationTest": 225, "PositiveSyntaxTest11": 63, "NegativeSyntaxTest11": 40}
    assert len({entry.id for entry in ENTRIES}) == 328


@pytest.mark.parametrize("entry", of_kind("QueryEvaluationTest"))
def test_evaluation(entry: Entry) -> None:
    check(entry, ("ttl",) if is_graph(entry) else ("srx", "srj"))


@pytest.mark.parametrize("entry", of_kind("PositiveSyntaxTest11"))
def test_good_syntax(entry: Entry) -> None:
    response = ask(entry, f"{MEDIA_TYPES['srx']}, {MEDIA_TYPES['ttl']}")
    # Good syntax may still call a function that nobody knows (test_4): refused, but only after it was parsed.
    text = response.get_data(as_text=True)
    assert response.status_code == 200 or "custom function" in text, text


@pytest.mark.parametrize("entry", of_kind("NegativeSyntaxTest11"))
def test_bad_syntax(entry: Entry) -> None:
    response = ask(entry, f"{MEDIA_TYPES['srx']}, {MEDIA_TYPES['ttl']}")
    assert response.status_code == 400
    assert response.mimetype == "application/problem+json"
    assert json.loads(response.data)["title"] == "The query is at fault"
