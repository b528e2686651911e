"""The named queries: their headers, that each runs, and what the important ones answer."""

import csv
import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from taiwan_can_help.columns import read_columns
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.dataset.vocabulary import TCH, WIKIDATA
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.queries import parse_term, read_queries

Bindings = dict[ox.Variable, ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple]
Rows = list[dict[str, str]]

FOLDER = DatasetFolder.open(default_dataset())
FILES = FOLDER.query_files()
HEADER = ("title", "title@zh-Hant", "description", "description@zh-Hant")
PARAMETER = re.compile(r'^# parameter: \?(\w+) (<[^>]+>|"[^"]*") \S.*$', re.MULTILINE)

NAMES = {
    "masks-total",
    "masks-by-section",
    "masks-by-country",
    "masks-by-kind",
    "remainders",
    "recipient-countries",
    "recipient-countries-of-masks",
    "government-recipient-countries",
    "activities-by-section-and-kind",
    "activities-by-year-and-direction",
    "records-of-place",
    "records-of-agent",
    "section-records",
    "latest-records",
    "claims",
    "claim-masks",
    "claim-countries",
    "claim-doses",
    "claim-items",
    "claim-usd",
    "claim-rounds",
    "countries",
    "world-map",
    "timeline",
    "top-recipients",
    "top-givers",
    "claims-coverage",
    "seed-joint-statement",
    "seed-academia-sinica-eu",
    "seed-groups-helped",
    "seed-goods",
    "seed-sections",
    "seed-claims",
    "links",
    "links-by-kind",
    "unlinked-agents",
    "given-to-partners-of-item",
    "records-of-item",
    "federated-queries",
}
PLACED = {
    "figures-of-place",
    "gifts-to-place",
    "givers-to-place",
    "published-totals-of-place",
    "members-of-group",
    "figures-of-agent",
    "gifts-of-agent",
    "countries-of-agent",
    "parts-of-agent",
    "figures-of-supply",
    "supply-by-recipient",
    "figures-of-section",
    "countries-of-section",
    "items-of-record",
    "figures-of-whole",
    "parts-of-record",
    "sources-of-record",
    "records-of-source",
    "claims-of-source",
    "claim-masks-records",
    "claim-masks-gaps",
    "claim-masks-promised",
    "claim-masks-remainders",
    "claim-countries-places",
}
MEASURES = {"countries": 8, "doses": 2, "items": 2, "masks": 23, "rounds": 1, "usd": 1}

# claim: what the records add up to, and of that from the national government where the query says so
TESTED = {
    "masks-over-50-million": ("33402660", "26701800"),
    "masks-54-million-november-2020": ("33402660", "26701800"),
    "masks-us-12-million-november-2020": ("5755960", "3714500"),
    "masks-us-states-4-million-may-2020": ("5755960", "3714500"),
    "masks-poland-1-million": ("500000", "500000"),
    "masks-czechia-1-million": ("100", "100"),
    "masks-slovakia-700000": ("500000", "200000"),
    "masks-holy-see-480000": ("204000", "204000"),
    "masks-guatemala-2-15-million": ("330000", "330000"),
    "masks-brazil-700000": ("775400", "770400"),
    "masks-belize-270000": ("193000", "193000"),
    "countries-over-80": ("84", "69"),
    "countries-84-november-2020": ("84", "69"),
    "doses-from-japan-4-2-million": ("4204000", None),
    "doses-from-us-4-million": ("4000000", None),
    "rounds-four-september-2021": ("3", None),
    "countries-tzu-chi-93": ("26", "2"),
    "items-tzu-chi-34-million": ("1310652", None),
    "aid-usd-70-million-may-2022": ("28908483.46", None),
}


def text_of(name: str) -> str:
    (path,) = [path for path in FILES if path.stem == name]
    return path.read_text(encoding="utf-8")


def defaults_of(query: str) -> Bindings:
    """Return the parameters of a query, each with its default value."""
    return {ox.Variable(name): parse_term(term) for name, term in PARAMETER.findall(query)}


def run(store: ox.Store, name: str, **given: str) -> Rows:
    """Run a named query; ``given`` replaces defaults, as paths below ``id/``. IRIs come back shortened."""
    query = text_of(name)
    bindings = defaults_of(query)
    for parameter, path in given.items():
        assert ox.Variable(parameter) in bindings
        bindings[ox.Variable(parameter)] = ox.NamedNode(f"{BASE}id/{path}")
    results = store.query(query, substitutions=bindings or None)
    assert isinstance(results, ox.QuerySolutions)
    data = results.serialize(format=ox.QueryResultsFormat.CSV)
    assert data is not None
    table = csv.DictReader(data.decode().splitlines())
    return [{key: value.removeprefix(f"{BASE}id/") for key, value in row.items()} for row in table]


@pytest.fixture(scope="session")
def store() -> ox.Store:
    built = ox.Store()
    built.bulk_extend(read_dataset(FOLDER))
    for path in FOLDER.rule_files():
        triples = built.query(path.read_text(encoding="utf-8"))
        assert isinstance(triples, ox.QueryTriples)
        built.extend([ox.Quad(*triple) for triple in triples])
    return built


@pytest.fixture(scope="session")
def reordered(store: ox.Store) -> ox.Store:
    """Return the same statements put in backwards: rows without a full order would come out otherwise."""
    other = ox.Store()
    other.extend(sorted(store, key=str, reverse=True))
    return other


@pytest.fixture(scope="session")
def claims(store: ox.Store) -> dict[str, str]:
    """Return every claim's slug with the name of the query that tests it."""
    return {
        quad.subject.value.rpartition("/")[2]: quad.object.value.removeprefix(f"{BASE}queries/")
        for quad in store.quads_for_pattern(None, ox.NamedNode(str(TCH.testedBy)), None, None)
        if isinstance(quad.subject, ox.NamedNode) and isinstance(quad.object, ox.NamedNode)
    }


def test_the_queries_are_there() -> None:
    assert {path.stem for path in FILES} >= NAMES


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_header_names_and_describes_the_query_in_both_languages(path: Path) -> None:
    comment, blank, _ = path.read_text(encoding="utf-8").partition("\n\n")
    assert blank
    lines = comment.splitlines()
    assert all(line.startswith("# ") for line in lines)
    fields = dict(line.removeprefix("# ").split(": ", 1) for line in lines)
    assert all(fields.get(name, "").strip() for name in HEADER)
    assert len(PARAMETER.findall(comment)) == sum(line.startswith("# parameter:") for line in lines)


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_runs_with_its_defaults_and_without_any(store: ox.Store, path: Path) -> None:
    query = path.read_text(encoding="utf-8")
    for bindings in (defaults_of(query), None):
        results = store.query(query, substitutions=bindings or None)
        assert not isinstance(results, ox.QueryBoolean)
        assert next(iter(results), None) is not None


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_rows_come_in_the_same_order_from_another_store(store: ox.Store, reordered: ox.Store, path: Path) -> None:
    query = path.read_text(encoding="utf-8")
    bindings = defaults_of(query) or None
    first, second = store.query(query, substitutions=bindings), reordered.query(query, substitutions=bindings)
    assert isinstance(first, ox.QuerySolutions)
    assert isinstance(second, ox.QuerySolutions)
    serialized = ox.QueryResultsFormat.CSV
    assert first.serialize(format=serialized) == second.serialize(format=serialized)


def test_recipient_countries(store: ox.Store) -> None:
    rows = run(store, "recipient-countries")
    assert len(rows) == 84
    assert list(rows[0]) == ["place", "label", "iso2", "records"]
    found = {row["place"]: (row["label"], row["iso2"], row["records"]) for row in rows}
    assert found["country/united-states"] == ("United States", "US", "92")
    assert found["country/netherlands"] == ("Netherlands", "NL", "2")
    assert found["territory/somaliland"] == ("Somaliland", "", "11")
    assert "territory/guam" not in found


def test_masks_total_has_the_columns_that_are_checked(store: ox.Store) -> None:
    (row,) = run(store, "masks-total")
    assert list(row) == ["leaf", "remainder", "total", "government_total"]


def test_records_by_year_and_direction(store: ox.Store) -> None:
    rows = run(store, "activities-by-year-and-direction")
    assert {(row["year"], row["direction"].partition("/")[2]): int(row["records"]) for row in rows} == {
        ("2020", "given"): 476,
        ("2020", "received"): 17,
        ("2020", "mutual"): 56,
        ("2021", "given"): 127,
        ("2021", "received"): 40,
        ("2021", "mutual"): 28,
        ("2022", "given"): 24,
        ("2022", "received"): 3,
        ("2022", "mutual"): 9,
    }


def test_records_by_section_and_kind(store: ox.Store) -> None:
    rows = run(store, "activities-by-section-and-kind")
    assert sum(int(row["records"]) for row in rows) == 780
    found = {(row["section"], row["kind_label"]): int(row["records"]) for row in rows}
    assert found["section/north-america", "Joint statement"] == 2
    assert found["section/international-organizations", "Activity"] == 3
    assert found["section/asia-pacific", "Donation"] == 133


def test_latest_records_do_not_begin_with_a_bare_year(store: ox.Store) -> None:
    rows = run(store, "latest-records")
    assert len(rows) == 20
    assert rows[0]["record"] == "activity/2022-10-30-global-health-welfare-forum"
    assert [row["earliest"] for row in rows] == sorted((row["earliest"] for row in rows), reverse=True)


def test_records_of_place(store: ox.Store) -> None:
    assert len(run(store, "records-of-place")) == 24
    assert {row["place"] for row in run(store, "records-of-place")} == {"country/palau"}
    guam = run(store, "records-of-place", place="territory/guam")
    states = run(store, "records-of-place", place="country/united-states")
    assert guam
    assert {row["record"] for row in guam} < {row["record"] for row in states}
    assert run(store, "records-of-place", place="country/no-such-country") == []


def test_records_of_agent(store: ox.Store) -> None:
    rows = run(store, "records-of-agent", agent="agent/academia-sinica")
    assert {row["role"] for row in rows} >= {"participant"}
    assert "activity/2020-03-18-academia-sinica-eu-videoconference" in {row["record"] for row in rows}


@pytest.mark.parametrize(("section", "records"), [("europe", 129), ("worldwide", 52)])
def test_section_records(store: ox.Store, section: str, records: int) -> None:
    assert len(run(store, "section-records", section=f"section/{section}")) == records


def test_all_claims_are_listed(store: ox.Store, claims: dict[str, str]) -> None:
    rows = run(store, "claims")
    assert len(rows) == len(claims) == 37
    assert {row["claim"].removeprefix("claim/") for row in rows} == set(claims)
    assert all(row["label"] and row["publisher"] and row["place"] for row in rows)


def test_every_claim_is_tested_by_a_query_that_answers(store: ox.Store, claims: dict[str, str]) -> None:
    measures = dict.fromkeys(MEASURES, 0)
    for claim, query in claims.items():
        (row,) = run(store, query, claim=f"claim/{claim}")
        assert row["claim"] == f"claim/{claim}"
        assert float(row["claimed"]) > 0
        assert float(row["itemised"]) > 0
        assert float(row["share"]) == pytest.approx(float(row["itemised"]) / float(row["claimed"]), abs=1e-4)
        measures[query.removeprefix("claim-")] += 1
    assert measures == MEASURES


@pytest.mark.parametrize("claim", TESTED)
def test_what_the_records_hold_against_a_claim(store: ox.Store, claims: dict[str, str], claim: str) -> None:
    (row,) = run(store, claims[claim], claim=f"claim/{claim}")
    assert (row["itemised"], row.get("government")) == TESTED[claim]


@pytest.mark.parametrize("claim", ["items-tzu-chi-34-million", "countries-tzu-chi-93"])
def test_a_claim_of_one_giver_counts_the_gifts_of_that_giver(
    store: ox.Store, claims: dict[str, str], claim: str
) -> None:
    of_anyone = ox.Store()
    of_anyone.extend(
        quad
        for quad in store
        if (quad.subject, quad.predicate) != (ox.NamedNode(f"{BASE}id/claim/{claim}"), ox.NamedNode(str(TCH.giver)))
    )
    (own,) = run(store, claims[claim], claim=f"claim/{claim}")
    (every,) = run(of_anyone, claims[claim], claim=f"claim/{claim}")
    assert 0 < int(own["itemised"]) < int(every["itemised"])


def test_a_claim_knows_what_was_given_by_its_date(store: ox.Store) -> None:
    (row,) = run(store, "claim-masks", claim="claim/masks-17-million-april-2020")
    assert int(row["itemised_by_then"]) < int(row["itemised"])
    (undated,) = run(store, "claim-masks")
    assert undated["itemised_by_then"] == undated["itemised"]


def test_the_map_agrees_with_recipients_and_masks_by_country(store: ox.Store) -> None:
    rows = run(store, "world-map")
    gifts = {row["place"]: row["records"] for row in run(store, "recipient-countries")}
    assert {row["place"]: row["records"] for row in rows} == gifts
    masks = {row["place"]: row["total"] for row in run(store, "masks-by-country")}
    assert {row["place"]: row["masks"] for row in rows} == {place: masks.get(place, "0") for place in gifts}


def test_the_top_recipients_are_those_with_most_masks(store: ox.Store) -> None:
    rows = [(row["place"], row["masks"]) for row in run(store, "top-recipients")]
    named = [(row["place"], row["total"]) for row in run(store, "masks-by-country") if row["place"]]
    assert len(rows) == 15
    assert {masks for _, masks in rows} == {masks for _, masks in named[:15]}
    assert set(rows) <= set(named)


def test_every_record_has_its_place_in_the_timeline(store: ox.Store) -> None:
    rows = run(store, "timeline")
    all_records = sum(int(row["records"]) for row in run(store, "activities-by-year-and-direction"))
    assert sum(int(row["records"]) for row in rows) == all_records
    assert {row["month"] for row in rows} >= {"", "2020-04"}
    assert len({row["label"] for row in rows}) == len({row["label_zh"] for row in rows}) == 8


def test_the_coverage_of_a_claim_is_what_its_test_itemises_by_its_day(store: ox.Store) -> None:
    rows = {row["claim"]: row["itemised"] for row in run(store, "claims-coverage")}
    assert "claim/masks-over-50-million" in rows
    for claim, itemised in rows.items():
        (row,) = run(store, "claim-masks", claim=claim)
        assert row["itemised_by_then"] == itemised, claim


def test_seed_joint_statement(store: ox.Store) -> None:
    rows = run(store, "seed-joint-statement")
    assert {(row["record"], row["date"]) for row in rows} == {
        ("activity/2020-03-18-us-taiwan-joint-statement", "2020-03-18")
    }
    assert {row["partner"] for row in rows} >= {"agent/mofa-taiwan", "agent/american-institute-in-taiwan"}


def test_seed_academia_sinica(store: ox.Store) -> None:
    rows = run(store, "seed-academia-sinica-eu")
    assert {row["record"] for row in rows} == {"activity/2020-03-18-academia-sinica-eu-videoconference"}
    assert {row["partner"] for row in rows} >= {"agent/academia-sinica", "agent/european-commission"}


def test_seed_groups(store: ox.Store) -> None:
    rows = run(store, "seed-groups-helped")
    masks = {row["group"]: int(row["masks"]) for row in rows}
    assert set(masks) == {
        "country/united-states",
        "country/japan",
        "section/europe",
        "section/west-asia-africa",
        "group/diplomatic-allies",
        "group/new-southbound-partners",
    }
    assert masks["country/united-states"] == 5_755_960
    assert masks["country/japan"] == 4_971_500
    assert masks["section/europe"] == 9_931_900
    assert all(int(row["records"]) > 0 and int(row["masks"]) > 0 for row in rows)


def test_seed_goods(store: ox.Store) -> None:
    found = {row["label"]: int(row["records"]) for row in run(store, "seed-goods")}
    assert found["Personal protective equipment"] > found["Medical equipment"] > found["Medicine"] > 0


def test_seed_sections(store: ox.Store) -> None:
    assert {row["section"]: int(row["records"]) for row in run(store, "seed-sections")} == {
        "section/asia-pacific": 171,
        "section/europe": 129,
        "section/international-organizations": 56,
        "section/latin-america-caribbean": 152,
        "section/north-america": 139,
        "section/west-asia-africa": 81,
    }


def test_seed_claims(store: ox.Store) -> None:
    found = {row["claim"]: (row["claimed"], row["itemised"], row["government"]) for row in run(store, "seed-claims")}
    assert found == {
        "claim/masks-over-50-million": ("50000000", "33402660", "26701800"),
        "claim/countries-over-80": ("80", "84", "69"),
    }


def test_everything_given_to_the_partners_of_taiwans_item(store: ox.Store) -> None:
    rows = run(store, "given-to-partners-of-item")
    assert {row["item"] for row in rows} == {str(WIKIDATA.Q865)}
    palau = [row for row in rows if row["recipient"] == "country/palau"]
    assert {row["recipient_item"] for row in palau} == {str(WIKIDATA.Q695)}
    assert str(WIKIDATA.Q10282403) in {row["supply_item"] for row in palau}
    assert {"2020-04-15-palau-20000-masks"} < {row["record"].removeprefix("activity/") for row in palau}


def test_records_of_an_item_name_the_items_of_the_others(store: ox.Store) -> None:
    rows = run(store, "records-of-item")
    assert {row["role"] for row in rows} == {"giver", "recipient", "participant"} - {"giver"}
    assert {row["item"] for row in rows} == {str(WIKIDATA.Q695)}
    assert any(row["other_item"] for row in rows)


def test_unlinked_agents_are_those_without_an_item_by_their_records(store: ox.Store) -> None:
    rows = run(store, "unlinked-agents")
    assert len(rows) == 624 - 89
    assert rows[0]["agent"] == "agent/mofa-taiwan"
    assert all(row["looked_for"] for row in rows)


def test_links_by_kind(store: ox.Store) -> None:
    rows = {row["kind"]: row for row in run(store, "links-by-kind")}
    counted = {
        kind: (int(row["things"]), int(row["linked"]), int(row["near_only"]), int(row["not_found"]))
        for kind, row in rows.items()
    }
    assert counted["agent"] == (624, 89, 0, 535)
    assert counted["country"] == (112, 112, 0, 0)
    assert counted["territory"] == (5, 5, 0, 0)
    assert counted["place"] == (149, 126, 0, 23)
    assert counted["supply"] == (67, 10, 15, 42)


def test_links_of_a_kind_have_their_evidence(store: ox.Store) -> None:
    results = store.query(text_of("links"), substitutions={ox.Variable("kind"): ox.Literal("country")})
    assert isinstance(results, ox.QuerySolutions)
    rows = list(results)
    assert len(rows) == 112 + 3
    assert all(row["evidence"] and row["date"] and row["reviewer"] for row in rows)


def test_federated_queries_parse_and_name_both_endpoints(store: ox.Store) -> None:
    rows = run(store, "federated-queries")
    assert {row["at"] for row in rows} == {"https://query.wikidata.org/", "https://w3id.org/taiwan-can-help/sparql"}
    for row in rows:
        ox.Store().query("ASK { FILTER(false) }")
        assert "SERVICE" in row["query"] or "VALUES" in row["query"]


def test_the_queries_of_pages_are_placed_on_things_that_there_are(store: ox.Store) -> None:
    queries = read_queries(FOLDER.root / "data/queries")
    assert {name for name, query in queries.items() if query.placements} >= PLACED
    for query in queries.values():
        for placement in query.placements:
            of = ox.NamedNode(placement.of)
            assert next(store.quads_for_pattern(None, None, of, None), None) is not None, (query.name, placement.of)


def test_every_column_that_pages_show_is_in_the_result_and_has_headings_in_both_languages(store: ox.Store) -> None:
    columns = read_columns(FOLDER.root / "data/queries/columns.toml")
    shown: set[str] = set()
    for query in read_queries(FOLDER.root / "data/queries").values():
        results = store.query(query.text, substitutions=defaults_of(query.text) or None)
        assert isinstance(results, ox.QuerySolutions)
        variables = {variable.value for variable in results.variables}
        shown |= set(query.columns) or variables
        for name in query.columns:
            column = columns[name]
            assert column.headings.keys() == {"en", "zh-Hant"}, name
            assert name in variables or (column.span and set(column.span) <= variables), (query.name, name)
    assert set(columns) <= shown


def test_figures_of_a_place_are_those_of_masks_by_country(store: ox.Store) -> None:
    rows = [row for row in run(store, "masks-by-country") if row["place"]]
    assert len(rows) > 50
    for row in rows:
        (figures,) = run(store, "figures-of-place", place=row["place"])
        assert [figures[name] for name in ("leaf", "remainder", "total")] == [
            row[name] for name in ("leaf", "remainder", "total")
        ], row["place"]


def test_figures_of_a_place_count_the_gifts_of_recipient_countries(store: ox.Store) -> None:
    for row in run(store, "recipient-countries"):
        (figures,) = run(store, "figures-of-place", place=row["place"])
        # The gift to Sint Maarten is stated with the Netherlands, too, and counts on the pages of both.
        assert int(figures["gifts"]) == int(row["records"]) + (row["place"] == "country/netherlands"), row["place"]


def test_the_first_and_last_month_are_known_months(store: ox.Store) -> None:
    (palau,) = run(store, "figures-of-place")
    assert (palau["first"], palau["last"]) == ("2020-03", "2022-04")
    (year_only,) = run(store, "figures-of-place", place="territory/sint-maarten")
    assert (year_only["first"], year_only["last"]) == ("", "")


def test_what_palau_received(store: ox.Store) -> None:
    rows = run(store, "gifts-to-place")
    assert len(rows) == 16
    found = {row["record"].removeprefix("activity/"): row for row in rows}
    assert found["2022-01-22-palau-omicron-supplies"]["masks"] == "72500"
    assert len(found["2022-01-22-palau-omicron-supplies"]["goods"].split()) == 3
    assert [row["earliest"] for row in rows] == sorted((row["earliest"] for row in rows), reverse=True)


def test_who_gave_to_italy(store: ox.Store) -> None:
    rows = run(store, "givers-to-place")
    others = {row["giver"] for row in rows if row["national_government"] == "false"}
    assert others >= {"agent/tzu-chi-foundation", "agent/people-of-taiwan"}
    assert "agent/mofa-taiwan" in {row["giver"] for row in rows} - others


def test_the_masks_of_givers_to_a_place_are_those_counted_for_it(store: ox.Store) -> None:
    """Of Palau's gifts none has several givers with masks, so that they add up."""
    (figures,) = run(store, "figures-of-place", place="country/palau")
    assert sum(int(row["masks"]) for row in run(store, "givers-to-place", place="country/palau")) == int(
        figures["total"]
    )


def test_members_of_a_group(store: ox.Store) -> None:
    rows = {row["member"]: row for row in run(store, "members-of-group")}
    assert len(rows) == 15
    assert rows["country/nicaragua"]["until"] == "2021-12-09"
    assert (rows["country/palau"]["masks"], rows["country/palau"]["gifts"]) == ("92500", "15")


def test_figures_of_an_agent_are_the_lengths_of_its_lists(store: ox.Store) -> None:
    for agent in ("agent/tzu-chi-foundation", "agent/mofa-taiwan", "agent/academia-sinica"):
        (figures,) = run(store, "figures-of-agent", agent=agent)
        roles = [row["role"] for row in run(store, "records-of-agent", agent=agent)]
        assert [int(figures[name]) for name in ("gave", "received", "took_part")] == [
            roles.count(role) for role in ("giver", "recipient", "participant")
        ]


def test_figures_of_sections_are_those_of_masks_by_section(store: ox.Store) -> None:
    for row in run(store, "masks-by-section"):
        (figures,) = run(store, "figures-of-section", section=row["section"])
        assert figures["masks"] == row["total"]


def test_a_supply_adds_up_as_the_ledger_has_it(store: ox.Store) -> None:
    """Leaf records of surgical masks, in pieces (the ledger's table)."""
    found = {row["unit"]: row["quantity"] for row in run(store, "figures-of-supply")}
    assert found["unit/piece"] == "23487500"


@pytest.mark.parametrize("query", ["figures-of-supply", "supply-by-recipient"])
def test_what_no_source_counts_has_no_quantity(store: ox.Store, query: str) -> None:
    rows = run(store, query)
    assert {bool(row["unit"]) for row in rows} == {True, False}
    assert all(bool(row["unit"]) == bool(row["quantity"]) for row in rows)


def test_the_records_of_a_claim_make_up_its_number(store: ox.Store, claims: dict[str, str]) -> None:
    counted = {"claim-masks": "records", "claim-doses": "records", "claim-items": "records", "claim-usd": "records"}
    for claim, query in claims.items():
        (row,) = run(store, query, claim=f"claim/{claim}")
        if query in counted:
            parts = run(store, f"{query}-records", claim=f"claim/{claim}")
            assert sum(float(part["counted"]) for part in parts) == pytest.approx(float(row["itemised"])), claim
            assert len(parts) == int(row["records"]), claim
        elif query == "claim-countries":
            assert len(run(store, "claim-countries-places", claim=f"claim/{claim}")) == int(row["itemised"]), claim
        else:
            assert len(run(store, f"{query}-records", claim=f"claim/{claim}")) == int(row["itemised"]), claim


def test_what_is_missing_of_the_50_million(store: ox.Store) -> None:
    (row,) = run(store, "claim-masks")
    assert row["missing"] == "16597340"
    remainders = run(store, "claim-masks-remainders")
    assert {(each["record"], each["counted"]) for each in remainders} == {
        (each["record"], each["masks"]) for each in run(store, "remainders")
    }
    gaps = [
        (each["place"], each["value"], each["itemised"], each["missing"]) for each in run(store, "claim-masks-gaps")
    ]
    assert gaps[0] == ("country/united-states", "12000000", "5755960", "6244040")
    assert ("country/guatemala", "2150000", "330000", "1820000") in gaps
    promised = run(store, "claim-masks-promised")
    assert promised[0]["record"] == "activity/2020-05-kanazawa-kaga-1m-masks-pledge"


def test_published_totals_of_a_place_agree_with_the_queries_that_test_them(
    store: ox.Store, claims: dict[str, str]
) -> None:
    for place in ("country/united-states", "country/poland", "country/belize", "country/japan"):
        for row in run(store, "published-totals-of-place", place=place):
            if row["itemised"]:
                (tested,) = run(store, claims[row["claim"].removeprefix("claim/")], claim=row["claim"])
                assert (row["itemised"], row["share"]) == (tested["itemised"], tested["share"]), row["claim"]


def test_low_confidence_on_a_single_source(store: ox.Store) -> None:
    low = {
        quad.subject
        for quad in store.quads_for_pattern(
            None, ox.NamedNode(str(TCH.confidence)), ox.NamedNode(f"{BASE}id/confidence/low")
        )
    }
    source = ox.NamedNode("http://purl.org/dc/terms/source")
    expected = {
        subject.value.removeprefix(f"{BASE}id/")
        for subject in low
        if isinstance(subject, ox.NamedNode) and len(list(store.quads_for_pattern(subject, source, None))) == 1
    }
    assert {row["record"] for row in run(store, "low-confidence-single-source")} == expected
    assert len(expected) == 11


def test_lists_have_every_thing_of_their_kind(store: ox.Store) -> None:
    lengths = {"countries": 112, "territories": 5, "places": 149, "groups": 9, "world-regions": 8, "agents": 624}
    lengths |= {"records": 780, "sources": 966, "supplies": 67, "sections": 7, "claims": 37}
    assert {name: len(run(store, name)) for name in lengths} == lengths
