"""What is matched, what is only proposed, and how types and properties change it."""

import pytest
from conftest import Client

from reconciliation.service import candidates, match, send


@pytest.mark.parametrize(
    ("text", "level", "score"),
    [
        ("country/palau", "identifier", 100),
        ("Palau", "exact", 100),
        ("帛琉", "exact", 100),
        ("PALAU", "folded", 98),
        ("Ｐａｌａｕ", "folded", 98),
        ("PW", "alias", 94),
        ("PLW", "alias", 94),
        ("Q695", "alias", 94),
        ("Palaos", "alias", 94),
        ("帕劳", "alias", 94),
        ("palaos", "folded_alias", 93),
    ],
)
def test_each_way_to_name_a_thing_has_its_level(client: Client, text: str, level: str, score: float) -> None:
    first = candidates(client, text)[0]
    assert (first["id"], first["match"], first["score"]) == ("country/palau", True, score)
    assert {"id": level, "value": True} in first["features"]


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("Cote d'Or; the", None),
        ("the philippines", "country/philippines"),
        ("South Korea", "country/south-korea"),
        ("Korea, South", "country/south-korea"),
        ("臺中市政府", "agent/taichung-city-government"),
        ("台中市政府", "agent/taichung-city-government"),
        ("São Paulo", "place/sao-paulo"),
        ("sao-paulo", "place/sao-paulo"),
        ("U.S.A.", "country/united-states"),
        ("Palau Red-Cross Society", "agent/palau-red-cross-society"),
        ("Gillead Sciences", "agent/gilead-sciences"),
        ("Surgical masks", "supply/surgical-mask"),
    ],
)
def test_what_writers_vary_does_not_matter(client: Client, text: str, meant: str | None) -> None:
    assert match(client, text) == meant


def test_a_misspelt_name_scores_less_by_each_slip(client: Client) -> None:
    one, two = candidates(client, "Guatamala")[0], candidates(client, "Phillipines")[0]
    assert (one["id"], one["score"], one["match"]) == ("country/guatemala", 86, True)
    assert (two["id"], two["score"], two["match"]) == ("country/philippines", 84, True)


@pytest.mark.parametrize("text", ["Taiwan", "臺灣", "台湾", "taiwan"])
def test_a_label_is_sure_beside_the_same_alias_of_another(client: Client, text: str) -> None:
    assert match(client, text) == "country/taiwan"


@pytest.mark.parametrize(
    "text",
    ["Ministry", "Red Cross", "Ministerio de Relaciones Exteriores", "Republic of Palau Ministry", "Somewhere Else"],
)
def test_several_or_none_are_only_proposed(client: Client, text: str) -> None:
    assert match(client, text) is None


def test_a_short_word_or_a_first_letter_is_never_misspelt(client: Client) -> None:
    assert match(client, "Oman") is None
    assert match(client, "Gerv") is None
    assert match(client, "Zigeria") is None
    assert candidates(client, "Zigeria")[0]["id"] == "country/nigeria"


def test_a_character_makes_another_chinese_name(client: Client) -> None:
    assert match(client, "高雄市政府") == match(client, "Kaohsiung City Government")
    assert match(client, "高熊市政府") is None


def test_a_country_that_the_graph_has_not_is_matched_with_nothing(client: Client) -> None:
    """Georgia is here a state of the United States, which Wikidata calls so too."""
    found = candidates(client, "Georgia")
    assert (found[0]["id"], found[0]["match"]) == ("place/georgia-us-state", False)
    assert match(client, "Georgia", type="Place") is None
    assert match(client, "Georgia", type="state") == "place/georgia-us-state"
    assert match(client, "Georgia", properties=[{"pid": "country", "v": "US"}]) == "place/georgia-us-state"


def test_a_type_restricts(client: Client) -> None:
    kinds = {"Agent", "Place"}
    assert {type_["id"] for c in candidates(client, "Palau", limit=50) for type_ in c["type"]} >= kinds
    for found in candidates(client, "Palau", type="Agent", limit=50):
        assert "Agent" in [type_["id"] for type_ in found["type"]]
    assert match(client, "Palau", type=["Agent", "Country"]) == "country/palau"
    assert match(client, "Palau", type=["Agent", "Country"], type_strict="all") is None
    assert match(client, "Palau", type=["Country", "Place"], type_strict="all") == "country/palau"


def test_a_type_that_should_be_only_lowers(client: Client) -> None:
    found = candidates(client, "Palau", type="Agent", type_strict="should")
    palau = next(candidate for candidate in found if candidate["id"] == "country/palau")
    assert (palau["score"], palau["match"]) == (80, False)
    assert {"id": "type", "value": False} in palau["features"]


def test_a_property_that_agrees_makes_sure(client: Client) -> None:
    text = "Ministry of Health"
    plain = {candidate["id"]: candidate for candidate in candidates(client, text, limit=50)}
    assert not any(candidate["match"] for candidate in plain.values())
    hinted = candidates(client, text, properties=[{"pid": "country", "v": "Paraguay"}])[0]
    before = plain[hinted["id"]]["score"]
    assert hinted["score"] == round(100 - (100 - before) / 2, 1)
    assert {"id": "property:country", "value": True} in hinted["features"]


@pytest.mark.parametrize("value", ["Palau", "PW", "帛琉", "palau", {"id": "country/palau"}, ["Nauru", "Palau"]])
def test_an_entity_as_a_value_may_be_given_in_any_way(client: Client, value: object) -> None:
    query = {"type": "Agent", "properties": [{"pid": "country", "v": value}]}
    found = candidates(client, "Red Cross Society", **query)
    assert found[0]["id"] == "agent/palau-red-cross-society"
    assert {"id": "property:country", "value": True} in found[0]["features"]


def test_a_property_that_contradicts_forbids_a_match(client: Client) -> None:
    found = candidates(client, "Palau", properties=[{"pid": "iso2", "v": "NR"}])
    palau = next(candidate for candidate in found if candidate["id"] == "country/palau")
    assert (palau["score"], palau["match"]) == (80, False)
    assert {"id": "property:iso2", "value": False} in palau["features"]


def test_a_property_that_is_not_known_of_it_changes_nothing(client: Client) -> None:
    assert match(client, "Palau", properties=[{"pid": "agentType", "v": "Hospital or clinic"}]) == "country/palau"


def test_a_code_finds_what_a_poor_name_does_not(client: Client) -> None:
    assert match(client, "Belau") is None
    assert match(client, "Belau", properties=[{"pid": "iso2", "v": "PW"}]) == "country/palau"
    assert match(client, "Nauru", properties=[{"pid": "iso2", "v": "PW"}]) is None


def test_properties_alone_are_a_query(client: Client) -> None:
    assert match(client, properties=[{"pid": "iso2", "v": "PW"}]) == "country/palau"
    assert match(client, properties=[{"pid": "wikidata", "v": "Q695"}]) == "country/palau"
    both = [{"pid": "iso2", "v": "PW"}, {"pid": "wikidata", "v": "Q1"}]
    assert match(client, properties=both) is None
    several = candidates(client, properties=[{"pid": "country", "v": "Palau"}])
    assert len(several) > 1
    assert not any(candidate["match"] for candidate in several)
    assert candidates(client, properties=[{"pid": "iso2", "v": "XX"}]) == []


def test_candidates_are_ordered_limited_and_told_apart(client: Client) -> None:
    found = candidates(client, "Ministry of Health", limit=7)
    assert len(found) == 7
    assert [c["score"] for c in found] == sorted((c["score"] for c in found), reverse=True)
    assert len(candidates(client, "Ministry of Health")) == 10
    palau = candidates(client, "Ministry of Health and Human Services of Palau")[0]
    assert palau["description"] == "Ministry, Palau"
    assert [type_["id"] for type_ in palau["type"]] == ["agent-type/ministry", "Agent"]


def test_queries_of_a_batch_do_not_touch_each_other(client: Client) -> None:
    batch = {"a": {"query": "Palau"}, "": {"query": "Nauru"}, "🥝": {"query": "Nowhere at all"}}
    together = send(client, batch).json()
    assert list(together) == list(batch)
    for key, query in batch.items():
        assert send(client, {key: query}).json()[key] == together[key]
