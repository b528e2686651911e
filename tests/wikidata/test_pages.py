"""``/wikidata/Q...`` and ``/links``: from an item to our thing, and what each link rests on."""

from pathlib import Path

import pytest
from conftest import Client, serving, write_dataset

NEAR = """
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
<https://w3id.org/taiwan-can-help/id/supply/one> skos:closeMatch <http://www.wikidata.org/entity/Q7> .
<https://w3id.org/taiwan-can-help/id/supply/two> skos:broadMatch <http://www.wikidata.org/entity/Q7> ;
    skos:prefLabel "Two"@en .
"""


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ("Q865", "/id/country/taiwan"),
        ("Q695", "/id/country/palau"),
        ("Q337266", "/id/agent/academia-sinica"),
        ("Q10282403", "/id/supply/surgical-mask"),
        ("Q237", "/id/country/holy-see"),
        ("Q159583", "/id/country/holy-see"),
        ("Q55", "/id/country/netherlands"),
        ("Q29999", "/id/country/netherlands"),
        ("Q161524", "/id/supply/mask"),
        ("Q1124860", "/ontology#Donation"),
    ],
)
def test_an_item_leads_to_our_thing(client: Client, item: str, path: str) -> None:
    reply = client.get(f"/wikidata/{item}")
    assert (reply.status, reply.headers["Location"]) == (303, path)


def test_an_item_of_nothing_is_a_clear_404(client: Client) -> None:
    reply = client.get("/wikidata/Q42")
    assert (reply.status, reply.type) == (404, "application/problem+json")
    assert "Q42" in reply.json()["detail"]


@pytest.mark.parametrize("name", ["Q0", "Q", "865", "q865", "Q865x", "P31", "Q-1", "Q1%0A", "Q" + "9" * 40, "%C3%A9"])
def test_a_malformed_id_is_a_400(client: Client, name: str) -> None:
    reply = client.get(f"/wikidata/{name}")
    assert (reply.status, reply.type) == (400, "application/problem+json")
    assert "Q865" in reply.json()["detail"]


def test_several_things_near_an_item_are_listed_and_a_dataset_without_links_says_so(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "near", {"data/near.ttl": NEAR})
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as running:
        reply = running.client.get("/wikidata/Q7")
        page = running.client.get("/wikidata/Q7", "text/html")
        neither = running.client.get("/wikidata/Q7", "image/png")
        links = running.client.get("/links")
    assert (reply.status, reply.type) == (300, "application/json")
    assert [row["relation"] for row in reply.json()["things"]] == ["skos:closeMatch", "skos:broadMatch"]
    assert (page.status, page.type) == (300, "text/html")
    assert "/id/supply/two" in page.text
    assert neither.status == 406
    assert (links.status, links.type) == (404, "application/problem+json")


def test_by_wd_iri_in_both_directions(client: Client) -> None:
    prefixes = (
        "PREFIX wd: <http://www.wikidata.org/entity/> PREFIX owl: <http://www.w3.org/2002/07/owl#>"
        "PREFIX country: <https://w3id.org/taiwan-can-help/id/country/> "
    )
    assert client.rows(prefixes + "SELECT ?ours { ?ours owl:sameAs wd:Q695 }") == [
        {"ours": "https://w3id.org/taiwan-can-help/id/country/palau"}
    ]
    assert client.rows(prefixes + "SELECT ?item { country:palau owl:sameAs ?item }") == [
        {"item": "http://www.wikidata.org/entity/Q695"}
    ]


def test_links_show_coverage_by_kind(client: Client) -> None:
    page = client.get("/links")
    assert (page.status, page.type) == (200, "text/html")
    assert "Coverage by kind" in page.text
    assert "/links?kind=territory" in page.text
    assert client.base + "/sparql" in page.text


def test_links_of_a_kind_show_the_evidence_of_each(client: Client) -> None:
    page = client.get("/links?kind=country")
    assert page.text.count("<tr id=") == 115
    assert "borders.json" in page.text
    assert "Kingdom of the Netherlands" in page.text
    agents = client.get("/links?kind=agent")
    assert agents.text.count("<tr id=") == 624


@pytest.mark.parametrize("kind", ["nothing", "%22", "%5C", "%0A"])
def test_links_of_no_kind_are_a_clear_404(client: Client, kind: str) -> None:
    reply = client.get(f"/links?kind={kind}")
    assert (reply.status, reply.type) == (404, "application/problem+json")
    assert "country" in reply.json()["detail"]
