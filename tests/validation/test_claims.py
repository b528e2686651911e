"""A claim whose query can't test it is a violation, wherever the dataset is checked."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pyshacl
import pytest
import rdflib
from click.testing import CliRunner, Result
from conftest import write_dataset
from rdflib import Graph, URIRef

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.namespaces import PREFIXES, SHAPES
from taiwan_can_help.validation.named import check_named

from .corpus import real_quads, real_queries, real_shapes

HEADER = "".join(f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("tch", "claim", "query", "rdfs"))
CLAIMS = f"{HEADER}claim:a a tch:Claim ; tch:testedBy query:test ; tch:value 50 .\n"
TITLE = "# title: Test of a claim\n"
PARAMETER = "# parameter: ?claim <https://w3id.org/taiwan-can-help/id/claim/a> The claim.\n"
GOOD = f"{TITLE}{PARAMETER}{HEADER}SELECT ?claim ?claimed (7 AS ?itemised) WHERE {{ ?claim tch:value ?claimed }}"

# The query, or None, and what the message says.
FAULTS = {
    "is not there": (None, "There is no query query:test"),
    "has no parameter": (GOOD.replace(PARAMETER, ""), "query:test has no parameter ?claim"),
    "does not select the claim": (GOOD.replace("SELECT ?claim", "SELECT"), "SELECT projection"),
    "is no SPARQL": (GOOD.replace("WHERE {", "WHERE"), "can't be run for this claim"),
    "is no SELECT": (f"{TITLE}{PARAMETER}ASK {{ ?claim ?p ?o }}", "no SELECT query"),
    "calls a function that there is not": (GOOD.replace("(7 ", "(<x:f>(?claimed) "), "x:f"),
    "calls another endpoint": (GOOD.replace("{ ", "{ SERVICE <http://127.0.0.1/> { ").replace(" }", " } }"), "SERVICE"),
    "counts something else": (GOOD.replace("tch:value", "tch:quantity"), "no row for this claim"),
    "leaves out what is claimed": (GOOD.replace("?claimed }", "?x }"), "leaves ?claimed of this claim"),
    "does not itemise": (GOOD.replace("(7 ", "(1 / 0 "), "leaves ?itemised of this claim"),
    "itemises in one row of two": (
        GOOD.replace("(7 AS ?itemised)", "?itemised").replace(" }", " { BIND(1 AS ?itemised) } UNION {} }"),
        "leaves ?itemised of this claim",
    ),
}


def shapes_of_claims() -> str:
    """Return the real shape of the queries of claims, alone."""
    subjects = (URIRef(SHAPES + "ClaimTested"), URIRef(SHAPES + "ClaimTested-query"))
    return write_turtle(
        new_graph(triple for subject in subjects for triple in real_shapes().triples((subject, None, None)))
    )


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    """Return a dataset of one claim, another thing, and a query that tests the claim."""
    files = {
        "shapes/claims.ttl": shapes_of_claims(),
        "data/claims.ttl": CLAIMS,
        "data/other.ttl": f'{HEADER}claim:b rdfs:label "no claim" .\n',
        "data/queries/test.rq": GOOD,
    }
    return write_dataset(tmp_path / "dataset", files)


def run(dataset: Path, verb: str, *arguments: str) -> Result:
    releases = str(dataset.with_name("releases"))
    return CliRunner().invoke(main, [verb, *arguments, "--dataset", str(dataset), "--releases", releases])


def findings(dataset: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return what validate finds; its exit code says whether that is a violation."""
    result = run(dataset, "validate", "--format", "json", *arguments)
    report = json.loads(result.output)
    assert result.exit_code == (0 if report["conforms"] else 1)
    found: list[dict[str, Any]] = report["results"]
    return found


def break_query(dataset: Path) -> None:
    (dataset / "data/queries/test.rq").write_text(FAULTS["does not itemise"][0] or "", "utf-8")


@pytest.mark.parametrize("fault", FAULTS)
def test_a_query_that_cannot_test_its_claim_is_a_violation(fault: str, dataset: Path) -> None:
    text, says = FAULTS[fault]
    query = dataset / "data/queries/test.rq"
    query.unlink() if text is None else query.write_text(text, "utf-8")
    (finding,) = findings(dataset)
    assert finding["severity"] == "violation"
    assert finding["focus"] == f"{PREFIXES['claim']}a"
    assert finding["value"] == f"<{PREFIXES['query']}test>"
    assert (finding["file"], finding["line"]) == ("data/claims.ttl", 5)
    assert finding["shape"] == f"{SHAPES}ClaimTested"
    assert says in finding["messages"]["en"]
    assert set(finding["messages"]) == {"en", "zh-Hant"}
    assert "{?" not in "".join(finding["messages"].values())


def test_a_text_is_not_the_query_of_that_name(dataset: Path) -> None:
    (dataset / "data/claims.ttl").write_text(CLAIMS.replace("query:test", '"test"'), "utf-8")
    (finding,) = findings(dataset)
    assert "There is no query test" in finding["messages"]["en"]


def test_a_query_that_tests_its_claim_passes_the_gate_and_a_broken_one_does_not(dataset: Path) -> None:
    assert findings(dataset) == []
    assert run(dataset, "build").exit_code == 0
    break_query(dataset)
    refused = run(dataset, "build")
    assert refused.exit_code == 1
    assert "tchs:ClaimTested-query" in refused.output


@pytest.mark.parametrize(
    ("path", "found"), [("data/claims.ttl", 1), ("data/queries/test.rq", 1), ("data/queries", 1), ("data/other.ttl", 0)]
)
def test_the_claims_of_a_path_are_tested(path: str, found: int, dataset: Path) -> None:
    break_query(dataset)
    assert len(findings(dataset, str(dataset / path))) == found


def test_a_query_outside_the_dataset_is_tried_in_place_of_the_one_it_is_named_like(dataset: Path) -> None:
    trial = dataset.with_name("test.rq")
    trial.write_text(FAULTS["does not itemise"][0] or "", "utf-8")
    assert len(findings(dataset, str(trial))) == 1
    assert findings(dataset) == []


def test_what_changed_since_the_release_is_tested(dataset: Path) -> None:
    assert run(dataset, "build").exit_code == 0
    assert findings(dataset, "--changed") == []
    break_query(dataset)
    assert len(findings(dataset, "--changed")) == 1


def test_what_changed_since_a_revision_is_tested(dataset: Path) -> None:
    break_query(dataset)
    git = ["git", "-C", str(dataset), "-c", "user.name=A", "-c", "user.email=a@example.org"]
    for arguments in (["init", "--quiet"], ["add", "."], ["commit", "--quiet", "--message", "Begin"]):
        subprocess.run([*git, *arguments], check=True)
    assert findings(dataset, "--since", "HEAD") == []
    (dataset / "data/claims.ttl").write_text(CLAIMS.replace("50", "60"), "utf-8")
    assert len(findings(dataset, "--since", "HEAD")) == 1


@pytest.mark.parametrize("term", ["namedBy", "parameter"])
def test_a_constraint_that_is_incomplete_is_named(term: str, dataset: Path) -> None:
    shapes = "\n".join(line for line in shapes_of_claims().splitlines() if f"tchs:{term}" not in line)
    (dataset / "shapes/claims.ttl").write_text(shapes, "utf-8")
    result = run(dataset, "validate")
    assert result.exit_code == 1
    assert "ClaimTested-query: needs tchs:namedBy" in result.output


def test_every_real_claim_is_tested_by_its_query() -> None:
    store = ox.Store()
    store.bulk_extend(real_quads())
    assert check_named(store, real_shapes(), real_queries()) == []
    assert len(check_named(store, real_shapes(), {})) == 37


def test_another_shacl_processor_passes_over_the_constraint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rdflib, "NORMALIZE_LITERALS", False)  # pySHACL switches it on and leaves it
    claim = Graph().parse(data=CLAIMS, format="turtle")
    conforms, _, _ = pyshacl.validate(claim, shacl_graph=Graph().parse(data=shapes_of_claims(), format="turtle"))
    assert conforms
    _, _, text = pyshacl.validate(claim, shacl_graph=real_shapes())
    assert "ClaimTested" not in text
