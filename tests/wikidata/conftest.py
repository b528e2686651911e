"""A small dataset with links good and bad, and the server that knows better."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import write_dataset

from taiwan_can_help.dataset.folder import default_dataset

from .server import Wikidata, running_wikidata

PREFIXES = """
PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#>
PREFIX agent: <https://w3id.org/taiwan-can-help/id/agent/>
PREFIX agent-type: <https://w3id.org/taiwan-can-help/id/agent-type/>
PREFIX confidence: <https://w3id.org/taiwan-can-help/id/confidence/>
PREFIX country: <https://w3id.org/taiwan-can-help/id/country/>
PREFIX mapping: <https://w3id.org/taiwan-can-help/id/mapping/>
PREFIX place: <https://w3id.org/taiwan-can-help/id/place/>
PREFIX dcterms: <http://purl.org/dc/terms/>
PREFIX owl: <http://www.w3.org/2002/07/owl#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX schema: <https://schema.org/>
PREFIX semapv: <https://w3id.org/semapv/vocab/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
PREFIX sssom: <https://w3id.org/sssom/>
PREFIX wd: <http://www.wikidata.org/entity/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
"""
AGENTS = """
agent:academia-sinica a tch:Agent ; rdfs:label "Academia Sinica"@en ; tch:agentType agent-type:government .
agent:tsai-ing-wen a tch:Agent ; rdfs:label "Tsai Ing-wen"@en ; tch:agentType agent-type:person .
agent:north-york a tch:Agent ; rdfs:label "North York General Hospital"@en ; tch:agentType agent-type:hospital .
agent:gone a tch:Agent ; rdfs:label "Gone"@en ; tch:agentType agent-type:company .
agent:health-centre a tch:Agent ; rdfs:label "Health Centre (Hungary)"@en ; tch:agentType agent-type:government .
agent:wrong a tch:Agent ; rdfs:label "Wrong"@en ; tch:agentType agent-type:company .
agent:tzu-chi-foundation a tch:Agent ; rdfs:label "Buddhist Compassion Relief Tzu Chi Foundation"@en, "慈濟"@zh-Hant ;
    tch:agentType agent-type:ngo .
agent:nobody a tch:Agent ; rdfs:label "Nobody Knows"@en ; tch:agentType agent-type:company .
"""
PLACES = """
country:palau a tch:Country ; rdfs:label "Palau"@en ; tch:iso2 "PW" .
country:united-states a tch:Country ; rdfs:label "United States"@en ; tch:iso2 "US" .
place:texas a tch:Place ; rdfs:label "Texas"@en ; tch:country country:united-states .
"""
LINKS = {
    "agent:academia-sinica": ("Q337266", "schema:Organization"),
    "agent:tsai-ing-wen": ("Q233984", "schema:Person"),
    "agent:north-york": ("Q30280908", "schema:Organization"),
    "agent:gone": ("Q99999999", "schema:Organization"),
    "agent:health-centre": ("Q28", "schema:Organization"),
    "agent:wrong": ("Q300", "schema:Organization"),
    "country:palau": ("Q695", "schema:Country"),
    "place:texas": ("Q1439", "schema:Place"),
}
SOUND = ("agent:academia-sinica", "agent:tsai-ing-wen", "country:palau", "place:texas")


def mapping(thing: str, qid: str, category: str) -> str:
    """Return a mapping with its direct link, in Turtle."""
    kind, _, slug = thing.partition(":")
    kind = "place" if kind == "country" else kind
    return f"""
{thing} owl:sameAs wd:{qid} .
mapping:{kind}-{slug}-{qid.lower()} a sssom:Mapping ; owl:annotatedSource {thing} ; owl:annotatedProperty owl:sameAs ;
    owl:annotatedTarget wd:{qid} ; sssom:object_label "{slug}" ; sssom:object_category {category} ;
    sssom:mapping_justification semapv:ManualMappingCuration ; sssom:reviewer_label "editor" ;
    dcterms:created "2026-11-25"^^xsd:date ; tch:confidence confidence:high ; rdfs:comment "seen"@en .
"""


NOT_FOUND = """
mapping:agent-tzu-chi-foundation-not-found a sssom:Mapping ; owl:annotatedSource agent:tzu-chi-foundation ;
    owl:annotatedProperty owl:sameAs ; owl:annotatedTarget sssom:NoTermFound ;
    sssom:mapping_justification semapv:LexicalMatching ; sssom:reviewer_label "software" ;
    dcterms:created "2026-11-25"^^xsd:date ; tch:confidence confidence:low ; rdfs:comment "looked for"@en .
"""


def dataset_of(root: Path, *things: str) -> Path:
    """Write a dataset that links these things, all of them where none is named."""
    links = "".join(mapping(thing, *LINKS[thing]) for thing in things or LINKS)
    # As in the real dataset: the schemes that rows refer to, and direct links in the files of the things.
    files = {
        "data/agents.ttl": PREFIXES + AGENTS,
        "data/places.ttl": PREFIXES + PLACES,
        "data/mappings.ttl": PREFIXES + NOT_FOUND + links,
    }
    write_dataset(root, files)
    (root / "ontology").mkdir()
    shutil.copy(default_dataset() / "ontology" / "value-lists.ttl", root / "ontology")
    shutil.copy(default_dataset() / "ontology" / "ontology.ttl", root / "ontology")
    return root


@pytest.fixture
def wikidata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Wikidata]:
    """Run the server; the commands ask it, and keep what it says below a folder of the test."""
    with running_wikidata() as server:
        monkeypatch.setenv("TCH_WIKIDATA_API", server.api)
        monkeypatch.setenv("TCH_WIKIDATA_RECONCILIATION", server.reconciliation)
        monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
        yield server
