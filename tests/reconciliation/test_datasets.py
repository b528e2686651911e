"""Other datasets than our own, and a release that takes the place of another."""

import subprocess
import time
from pathlib import Path

from conftest import COMMAND, Running, serving, write_dataset

from reconciliation.service import candidates, extend, match

TERMS = """
@prefix tch: <https://w3id.org/taiwan-can-help/ontology#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
tch:Agent a owl:Class ; rdfs:label "Agent"@en ; skos:definition "Who gives."@en .
<https://w3id.org/taiwan-can-help/id/agent-type/odd> skos:prefLabel "Odd"@en .
"""
AGENT = """
@prefix tch: <https://w3id.org/taiwan-can-help/ontology#> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
<https://w3id.org/taiwan-can-help/id/agent/one> a tch:Agent ; rdfs:label "{}"@en ;
  tch:agentType <https://w3id.org/taiwan-can-help/id/agent-type/odd> .
"""


def wait_for_another_release(running: Running, release: str) -> None:
    deadline = time.monotonic() + 20
    while running.client.get("/health").json()["release"] == release:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_a_dataset_without_such_entities_has_an_empty_service(tmp_path: Path, small: Path) -> None:
    with serving(tmp_path / "releases", "--dataset", str(small)) as running:
        assert running.client.get("/reconcile").json()["defaultTypes"] == []
        assert candidates(running.client, "Palau") == []
        assert running.client.get("/reconcile/suggest/entity?prefix=").json() == {"result": []}


def test_a_new_release_is_matched_with_at_once(tmp_path: Path) -> None:
    """Also where the agent's type stands in no value list, and so is none to match by."""
    files = {"ontology/terms.ttl": TERMS, "data/agents.ttl": AGENT.format("Old Bakery")}
    dataset, releases = write_dataset(tmp_path / "dataset", files), tmp_path / "releases"
    with serving(releases, "--dataset", str(dataset)) as running:
        assert match(running.client, "old bakery") == "agent/one"
        assert extend(running.client, ["agent/one"], [])["agent/one"] == {}
        before = running.client.get("/health").json()["release"]
        write_dataset(dataset, {"data/agents.ttl": AGENT.format("New Bakery")})
        command = [*COMMAND, "build", "--dataset", str(dataset), "--releases", str(releases)]
        subprocess.run(command, check=True, capture_output=True, timeout=120)
        wait_for_another_release(running, before)
        assert match(running.client, "old bakery") is None
        assert match(running.client, "new bakery") == "agent/one"
