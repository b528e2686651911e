"""The ledger of masks, to the digit, and the labels: what the rules derive from the data."""

import csv
from collections.abc import Iterable

import pyoxigraph as ox
import pytest

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.namespaces import BASE

Row = tuple[str, ...]

REASONS = {
    "leaf": 234,
    "remainder": 15,
    "sameGoods": 1,
    "noMasks": 458,
    "notGiven": 1,
    "pledge": 40,
    "notGift": 29,
    "related": 0,
    "aggregateFigure": 1,
    "notDelivered": 1,
}

# section: surgical, mask, cloth, children's, N95 or FFP2, full-face; leaf masks; remainders; sum
SECTIONS = {
    "asia-pacific": (3_862_400, 1_455_500, 5_000, 10_000, 54_000, 0, 5_386_900, 3_811_300, 9_198_200),
    "europe": (8_864_300, 1_014_000, 0, 0, 600, 100, 9_879_000, 52_900, 9_931_900),
    "international-organizations": (0, 0, 0, 0, 0, 0, 0, 0, 0),
    "latin-america-caribbean": (5_210_400, 1_054_400, 41_000, 100_000, 80_000, 0, 6_485_800, 0, 6_485_800),
    "north-america": (4_440_400, 1_174_000, 5_500, 0, 82_360, 0, 5_702_260, 554_500, 6_256_760),
    "west-asia-africa": (1_110_000, 240_000, 0, 0, 30_000, 0, 1_380_000, 0, 1_380_000),
    "worldwide": (0, 0, 0, 0, 0, 0, 0, 150_000, 150_000),
}
KINDS = ("surgical-mask", "mask", "cloth-mask", "child-mask", "n95-respirator", "full-face-respirator")

REMAINDERS = {
    "2020-04-13-new-york-new-jersey-500000-masks": 200_000,
    "2020-04-16-japan-2m-masks": 1_923_300,
    "2020-04-austria-masks-total": 50_000,
    "2020-07-23-new-england-190000-masks": 130_000,
    "2020-07-25-florida-220000-masks": 210_000,
    "2020-08-12-tainan-six-us-sister-cities": 14_500,
    "2020-scotland-taiwanese-association-masks": 2_900,
    "2021-02-20-tsmc-medtecs-ppe-eswatini-saint-lucia-somaliland": 150_000,
    "2021-02-eniwa-200000-masks": 180_000,
    "2021-09-13-japan-thanks-1240000-masks": 1_208_000,
    "2021-10-11-kanto-lai-ching-te-600000-masks": 500_000,
}

# country or territory: masks in leaf records, in remainders
COUNTRIES = {
    "united-states": (5_201_460, 554_500),
    "japan": (1_160_200, 3_811_300),
    "paraguay": (2_640_000, 0),
    "france": (1_320_000, 0),
    "united-kingdom": (1_221_000, 2_900),
    "thailand": (1_217_300, 0),
    "germany": (1_052_400, 0),
    "india": (1_000_000, 0),
    "romania": (1_000_000, 0),
    "philippines": (970_400, 0),
    "honduras": (910_000, 0),
    "brazil": (775_400, 0),
    "netherlands": (600_000, 0),
    "italy": (510_500, 0),
    "australia": (510_000, 0),
    "canada": (500_800, 0),
    "belgium": (500_000, 0),
    "spain": (500_000, 0),
    "poland": (500_000, 0),
    "slovakia": (500_000, 0),
    "several": (280_000, 150_000),
    "switzerland": (410_000, 0),
    "haiti": (380_000, 0),
    "nicaragua": (369_400, 0),
    "indonesia": (363_500, 0),
    "guatemala": (330_000, 0),
    "saint-kitts-and-nevis": (310_000, 0),
    "austria": (250_000, 50_000),
    "saint-vincent-and-the-grenadines": (300_000, 0),
    "somaliland": (250_000, 0),
    "holy-see": (204_000, 0),
    "denmark": (200_000, 0),
    "finland": (200_000, 0),
    "jordan": (200_000, 0),
    "luxembourg": (200_000, 0),
    "mongolia": (200_000, 0),
    "belize": (193_000, 0),
    "nigeria": (160_000, 0),
    "slovenia": (150_000, 0),
    "south-africa": (140_000, 0),
    "saint-lucia": (130_000, 0),
    "israel": (110_000, 0),
    "ethiopia": (100_000, 0),
    "hungary": (100_000, 0),
    "iraq": (100_000, 0),
    "lithuania": (100_000, 0),
    "palau": (92_500, 0),
    "estonia": (80_000, 0),
    "kuwait": (60_000, 0),
    "eswatini": (60_000, 0),
    "dominican-republic": (50_000, 0),
    "peru": (50_000, 0),
    "argentina": (20_000, 0),
    "marshall-islands": (20_000, 0),
    "nauru": (20_000, 0),
    "trinidad-and-tobago": (20_000, 0),
    "tuvalu": (20_000, 0),
    "venezuela": (8_000, 0),
    "brunei": (6_000, 0),
    "solomon-islands": (5_000, 0),
    "bhutan": (2_000, 0),
    "ireland": (1_000, 0),
    "czechia": (100, 0),
}


def rows_of(store: ox.Store, query: str) -> list[dict[str, str]]:
    """Return the solutions of a SELECT query as rows of text, with IRIs shortened to their last segment."""
    results = store.query(query)
    assert isinstance(results, ox.QuerySolutions)
    data = results.serialize(format=ox.QueryResultsFormat.CSV)
    assert data is not None
    table = csv.DictReader(data.decode().splitlines())
    return [{name: value.removeprefix(BASE).rpartition("/")[2] for name, value in row.items()} for row in table]


def build(folder: DatasetFolder, quads: Iterable[ox.Quad]) -> ox.Store:
    """Return a store with the quads and with what the rules derive, each from all that came before it."""
    store = ox.Store()
    store.extend(quads)
    for path in folder.rule_files():
        triples = store.query(path.read_text(encoding="utf-8"))
        assert isinstance(triples, ox.QueryTriples)
        store.extend([ox.Quad(*triple) for triple in triples])
    return store


@pytest.fixture(scope="session")
def folder() -> DatasetFolder:
    return DatasetFolder.open(default_dataset())


@pytest.fixture(scope="session")
def quads(folder: DatasetFolder) -> list[ox.Quad]:
    return list(read_dataset(folder))


@pytest.fixture(scope="session")
def store(folder: DatasetFolder, quads: list[ox.Quad]) -> ox.Store:
    return build(folder, quads)


@pytest.fixture(scope="session")
def queries(folder: DatasetFolder) -> dict[str, str]:
    return {path.stem: path.read_text(encoding="utf-8") for path in folder.query_files()}


def total_of(store: ox.Store) -> int:
    (row,) = rows_of(store, f"SELECT (SUM(?counted) AS ?total) {{ ?activity <{TCH.countedQuantity}> ?counted }}")
    return int(row["total"])


def test_every_activity_is_counted_once_and_for_one_reason(store: ox.Store) -> None:
    rows = rows_of(
        store,
        f"""SELECT (COUNT(DISTINCT ?counted) AS ?quantities) (COUNT(DISTINCT ?reason) AS ?reasons) {{
              ?activity <{TCH.direction}> ?direction .
              OPTIONAL {{ ?activity <{TCH.countedQuantity}> ?counted }}
              OPTIONAL {{ ?activity <{TCH.countedAs}> ?reason }}
            }} GROUP BY ?activity""",
    )
    assert len(rows) == 780
    assert {(row["quantities"], row["reasons"]) for row in rows} == {("1", "1")}


def test_counted_quantities_are_integers_and_never_negative(store: ox.Store) -> None:
    integer = ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")
    for quad in store.quads_for_pattern(None, ox.NamedNode(str(TCH.countedQuantity)), None, None):
        assert isinstance(quad.object, ox.Literal)
        assert quad.object.datatype == integer
        assert int(quad.object.value) >= 0


def test_reasons(store: ox.Store) -> None:
    rows = rows_of(
        store,
        f"SELECT ?reason (COUNT(*) AS ?records) {{ ?activity <{TCH.countedAs}> ?reason }} GROUP BY ?reason",
    )
    found = {row["reason"].removeprefix("ontology#"): int(row["records"]) for row in rows}
    assert found == {reason: records for reason, records in REASONS.items() if records}


def test_same_goods_leave_out_the_white_house_gift(store: ox.Store) -> None:
    rows = rows_of(
        store,
        f"SELECT ?activity {{ ?activity <{TCH.countedAs}> <{TCH.sameGoods}> ; <{TCH.countedQuantity}> 0 }}",
    )
    assert [row["activity"] for row in rows] == ["2020-03-white-house-3600-masks"]


def test_totals(store: ox.Store, queries: dict[str, str]) -> None:
    assert rows_of(store, queries["masks-total"]) == [
        {"leaf": "28833960", "remainder": "4568700", "total": "33402660", "government_total": "26701800"}
    ]


def test_government_leaves_and_remainders(store: ox.Store, queries: dict[str, str]) -> None:
    only_government = queries["masks-total"].replace("OPTIONAL {", "{")
    (row,) = rows_of(store, only_government)
    assert (row["leaf"], row["remainder"]) == ("24038500", "2663300")


def test_sections(store: ox.Store, queries: dict[str, str]) -> None:
    rows = rows_of(store, queries["masks-by-section"])
    found = {row["section"]: (int(row["leaf"]), int(row["remainder"]), int(row["total"])) for row in rows}
    assert found == {section: figures[-3:] for section, figures in SECTIONS.items()}


def test_kinds_of_mask(store: ox.Store, queries: dict[str, str]) -> None:
    rows = rows_of(store, queries["masks-by-kind"])
    found = {(row["section"], row["kind"]): int(row["masks"]) for row in rows}
    assert found == {
        (section, kind): masks
        for section, figures in SECTIONS.items()
        for kind, masks in zip(KINDS, figures[:6], strict=True)
        if masks
    }


def test_countries(store: ox.Store, queries: dict[str, str]) -> None:
    rows = rows_of(store, queries["masks-by-country"])
    found = {row["place"] or row["label"]: (int(row["leaf"]), int(row["remainder"])) for row in rows}
    assert len(rows) == len(found)
    assert found == COUNTRIES


def test_remainders(store: ox.Store, queries: dict[str, str]) -> None:
    rows = rows_of(store, queries["remainders"])
    assert {row["record"]: int(row["masks"]) for row in rows} == REMAINDERS


def test_tables_add_up() -> None:
    assert sum(REMAINDERS.values()) == sum(remainder for _, remainder in COUNTRIES.values()) == 4_568_700
    assert sum(leaf for leaf, _ in COUNTRIES.values()) == 28_833_960
    assert sum(figures[-1] for figures in SECTIONS.values()) == 33_402_660


def test_recipient_countries(store: ox.Store, queries: dict[str, str]) -> None:
    found = {
        name: len(rows_of(store, queries[name]))
        for name in ("recipient-countries", "recipient-countries-of-masks", "government-recipient-countries")
    }
    assert found == {
        "recipient-countries": 84,
        "recipient-countries-of-masks": 69,
        "government-recipient-countries": 69,
    }


def test_one_mask_more_in_a_leaf_is_one_mask_more_in_all(folder: DatasetFolder, quads: list[ox.Quad]) -> None:
    line = ox.NamedNode(f"{BASE}id/item/2020-04-15-palau-20000-masks-1")
    quantity = ox.NamedNode(str(TCH.quantity))
    (before,) = [quad for quad in quads if quad.subject == line and quad.predicate == quantity]
    assert isinstance(before.object, ox.Literal)
    after = ox.Quad(line, quantity, ox.Literal(int(before.object.value) + 1), before.graph_name)
    changed = [after if quad == before else quad for quad in quads]
    assert total_of(build(folder, changed)) == 33_402_661


def test_an_added_part_moves_masks_from_the_remainder_to_a_leaf(folder: DatasetFolder, quads: list[ox.Quad]) -> None:
    whole = ox.NamedNode(f"{BASE}id/activity/2020-07-25-florida-220000-masks")
    part, line = ox.NamedNode(f"{BASE}id/activity/test-part"), ox.NamedNode(f"{BASE}id/item/test-part-1")
    facts: list[tuple[ox.NamedNode, str, ox.NamedNode | ox.Literal]] = [
        (part, "http://www.w3.org/1999/02/22-rdf-syntax-ns#type", ox.NamedNode(str(TCH.Donation))),
        (part, "http://purl.org/dc/terms/isPartOf", whole),
        (part, str(TCH.direction), ox.NamedNode(f"{BASE}id/direction/given")),
        (part, str(TCH.scope), ox.NamedNode(f"{BASE}id/scope/covid-19")),
        (part, str(TCH.status), ox.NamedNode(f"{BASE}id/status/delivered")),
        (part, str(TCH.item), line),
        (line, str(TCH.supply), ox.NamedNode(f"{BASE}id/supply/cloth-mask")),
        (line, str(TCH.unit), ox.NamedNode(f"{BASE}id/unit/piece")),
        (line, str(TCH.quantity), ox.Literal(10)),
    ]
    added = [ox.Quad(subject, ox.NamedNode(predicate), value) for subject, predicate, value in facts]
    changed = build(folder, [*quads, *added])
    assert total_of(changed) == 33_402_660
    counted = rows_of(
        changed,
        f"SELECT ?activity ?counted {{ VALUES ?activity {{ {whole} {part} }} "
        f"?activity <{TCH.countedQuantity}> ?counted }}",
    )
    assert {row["activity"]: row["counted"] for row in counted} == {
        "2020-07-25-florida-220000-masks": "209990",
        "test-part": "10",
    }


def test_what_had_no_label_has_one_in_both_languages(store: ox.Store) -> None:
    rows = rows_of(
        store,
        """PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#>
           PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
           SELECT ?subject (GROUP_CONCAT(LANG(?label)) AS ?languages) {
             VALUES ?class {
               tch:Claim tch:ItemLine <http://www.w3.org/ns/org#Membership> <https://w3id.org/sssom/Mapping>
             }
             ?subject a ?class . OPTIONAL { ?subject rdfs:label ?label }
           } GROUP BY ?subject""",
    )
    assert len(rows) == 1022 + 37 + 60 + 1005
    assert {" ".join(sorted(row["languages"].split())) for row in rows} == {"en zh-hant"}


@pytest.mark.parametrize(
    ("subject", "language", "label"),
    [
        ("id/claim/masks-over-50-million", "en", "Masks, at least 50,000,000: World"),
        ("id/claim/masks-us-12-million-november-2020", "zh-hant", "口罩，至少 12,000,000：美國"),
        ("id/item/2020-04-15-palau-20000-masks-1", "en", "20,000 surgical masks"),
        ("id/item/2020-04-15-palau-20000-masks-1", "zh-hant", "醫用口罩 20,000 件"),
        ("id/source/100noticias-com-ni-92097e0a", "en", "100% Noticias (from Infobae), 2020-04-17"),
        ("id/group/diplomatic-allies#belize", "en", "Belize in Diplomatic allies of Taiwan"),
        ("id/mapping/agent-academia-sinica-q337266", "en", "Academia Sinica = Q337266"),
        ("id/mapping/agent-academia-sinica-q337266", "zh-hant", "中央研究院 = Q337266"),
        ("id/mapping/place-holy-see-q159583", "en", "Holy See ≈ Q159583"),
        ("id/mapping/agent-mofa-taiwan-not-found", "en", "Ministry of Foreign Affairs, ROC (Taiwan): not found"),
        ("id/mapping/agent-mofa-taiwan-not-found", "zh-hant", "中華民國外交部：查無項目"),
    ],
)
def test_labels(store: ox.Store, subject: str, language: str, label: str) -> None:
    predicate = ox.NamedNode("http://www.w3.org/2000/01/rdf-schema#label")
    expected = ox.Quad(ox.NamedNode(BASE + subject), predicate, ox.Literal(label, language=language))
    assert expected in store
