"""Importing a batch: what lands where, what stays, and what is refused with which words."""

import csv
import difflib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rdflib import OWL, RDFS, SKOS, XSD, Graph, Literal, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.dataset.vocabulary import SSSOM, TCH, WIKIDATA
from taiwan_can_help.intake.batch import read_batch
from taiwan_can_help.intake.importing import import_batch
from taiwan_can_help.namespaces import thing

ROOT = Path(__file__).parents[1]
ONTOLOGY = ROOT / "ontology"
SCHEMAS = ROOT / "src" / "taiwan_can_help" / "intake" / "schemas"
SCHEMES = ("value-lists.ttl", "supplies.ttl", "units.ttl")

MASKS = "2020-04-15-palau-masks"
GUAM = "2020-05-guam-gowns"
SOMALILAND = "2021-somaliland-shields"
ROUND = "2020-04-01-first-round"
APRIL = "data/activities/2020-04.ttl"

Values = dict[str, Any]

PLACES: list[Values] = [
    {"id": "taiwan", "name_en": "Taiwan", "type": "country", "iso2": "TW"},
    {"id": "palau", "name_en": "Republic of Palau", "type": "country", "iso2": "PW"},
    {"id": "united-states", "name_en": "United States", "type": "country", "iso2": "US"},
    {"id": "guam", "name_en": "Guam", "type": "territory", "iso2": "GU", "part_of": "united-states"},
    {"id": "somaliland", "name_en": "Somaliland", "type": "territory", "part_of": "africa"},
    {"id": "koror", "name_en": "Koror", "type": "city", "iso2": "PW"},
    {"id": "africa", "name_en": "Africa", "type": "world-region"},
    {"id": "world", "name_en": "World", "type": "world-region"},
    {"id": "allies", "name_en": "Diplomatic allies", "type": "group"},
]
AGENTS: list[Values] = [
    {"id": "mofa", "name_en": "Ministry", "name_local": "外交部", "name_local_lang": "zh-Hant",
     "type": "ministry", "country_iso2": "TW", "aliases": "MOFA|Foreign Ministry"},
    {"id": "palau-hospital", "name_en": "Palau Hospital", "type": "hospital", "country_iso2": "PW"},
]  # fmt: skip
SOURCES: list[Values] = [
    {"id": "one", "url": "https://example.org/one", "title": "Masks", "date": "2020-04", "language": "en"},
    {"id": "two", "url": "https://example.org/two"},
]
CLAIMS: list[Values] = [
    {"id": "masks", "measure": "masks", "comparator": "at-least", "value": 5000, "scope": "worldwide",
     "source": "one"},
]  # fmt: skip
MATCHES: list[Values] = [
    {"entity_kind": "place", "entity_id": "palau", "qid": "Q695", "predicate": "owl:sameAs",
     "evidence": "a table of countries", "confidence": "high"},
]  # fmt: skip


def line(supply: str, quantity: float | None = None, unit: str | None = None) -> Values:
    return {"supply": supply, "quantity": quantity, "unit": unit}


def record(**changes: object) -> Values:
    """Return a sound record, some of its fields changed."""
    return {
        "id": MASKS, "region": "asia-pacific", "kind": "donation", "direction": "given", "scope": "covid-19",
        "title": "Masks for Palau", "date": "2020-04-15", "date_precision": "day", "date_means": "handed-over",
        "status": "delivered", "givers": ["mofa"], "recipients": ["palau-hospital"], "recipient_countries": ["PW"],
        "items": [line("surgical-mask", 5000, "piece"), line("cash-grant", 247983.46, "usd")],
        "sources": ["one"], "confidence": "high", **changes,
    }  # fmt: skip


RECORDS = [
    record(),
    record(
        id=GUAM,
        date="2020-05",
        date_precision="month",
        recipients=["guam"],
        recipient_countries=["GU"],
        items=[line("protective-gown")],
    ),
    record(
        id=SOMALILAND,
        date="2021",
        date_precision="year",
        recipients=["somaliland"],
        recipient_countries=[],
        items=[],
    ),
    record(id=ROUND, kind="round", date="2020-04-01", status="pledged", recipients=[], recipient_countries=[]),
]


def write_jsonl(path: Path, rows: Iterable[Values]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def write_csv(path: Path, rows: list[Values]) -> Path:
    fields = list(dict.fromkeys(field for row in rows for field in row))
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, fields)
        writer.writeheader()
        writer.writerows(rows)
    return path


def write_batch(folder: Path) -> Path:
    """Write the small batch that the dataset of these tests is made of."""
    folder.mkdir()
    write_jsonl(folder / "records.jsonl", RECORDS)
    write_jsonl(folder / "sources.jsonl", SOURCES)
    write_jsonl(folder / "claims.jsonl", CLAIMS)
    write_csv(folder / "places.csv", PLACES)
    write_csv(folder / "agents.csv", AGENTS)
    write_csv(folder / "wikidata-matches.csv", MATCHES)
    return folder


def run(dataset: Path, batch: Path, *options: str) -> Result:
    """Run the import on the command line; anything but an exit is a bug and is raised."""
    result = CliRunner().invoke(main, ["import", str(batch), "--dataset", str(dataset), *options])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def import_rows(dataset: Path, *rows: Values, **table: str) -> Result:
    """Import rows from one file; each is a record unless it, or ``table``, names its table."""
    return run(dataset, write_jsonl(dataset.parent / "next.jsonl", ({**table, **row} for row in rows)))


def snapshot(dataset: Path) -> dict[str, bytes]:
    files = (path for path in dataset.rglob("*") if path.is_file())
    return {path.relative_to(dataset).as_posix(): path.read_bytes() for path in files}


def changed_files(before: dict[str, bytes], after: dict[str, bytes]) -> set[str]:
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def changed_lines(before: bytes, after: bytes) -> list[str]:
    compared = difflib.ndiff(before.decode().splitlines(), after.decode().splitlines())
    return [entry for entry in compared if entry[0] in "+-"]


def append(dataset: Path, name: str, text: str) -> None:
    with (dataset / name).open("a", encoding="utf-8") as stream:
        stream.write(text)


def graph_of(dataset: Path) -> Graph:
    graph = new_graph()
    for path in [*(dataset / "data").rglob("*.ttl"), *(dataset / "ontology").glob("[su]*.ttl")]:
        graph.parse(path)
    return graph


def values(dataset: Path, subject: str, predicate: URIRef) -> set[Node]:
    return set(graph_of(dataset).objects(URIRef(subject), predicate))


def activity(slug: str) -> str:
    return thing("activity", slug)


def things(kind: str, *slugs: str) -> set[URIRef]:
    return {URIRef(thing(kind, slug)) for slug in slugs}


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder that holds the small batch and, beside it, the dataset that came of it."""
    folder = tmp_path_factory.mktemp("imported")
    (folder / "dataset" / "ontology").mkdir(parents=True)
    for name in SCHEMES:
        shutil.copy(ONTOLOGY / name, folder / "dataset" / "ontology")
    result = run(folder / "dataset", write_batch(folder / "batch"))
    assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def batch(imported: Path, tmp_path: Path) -> Path:
    return shutil.copytree(imported / "batch", tmp_path / "batch")


@pytest.fixture
def dataset(imported: Path, tmp_path: Path) -> Path:
    return shutil.copytree(imported / "dataset", tmp_path / "dataset")


# What an import writes


def test_each_thing_lands_in_its_file(dataset: Path) -> None:
    assert {name for name in snapshot(dataset) if name.startswith("data/")} == {
        "data/activities/2020-04.ttl", "data/activities/2020-05.ttl", "data/activities/2021-01.ttl",
        "data/agents.ttl", "data/claims.ttl", "data/mappings.ttl", "data/places.ttl", "data/sources.ttl",
    }  # fmt: skip


def test_files_are_canonical(dataset: Path) -> None:
    for path in (dataset / "data").rglob("*.ttl"):
        assert path.read_text("utf-8") == write_turtle(new_graph().parse(path)), path


def test_second_import_has_nothing_to_write(dataset: Path, batch: Path) -> None:
    before = snapshot(dataset)
    result = run(dataset, batch)
    assert result.exit_code == 0
    assert "Nothing to write" in result.output
    assert "records: 0 added, 0 changed, 4 unchanged" in result.output
    assert snapshot(dataset) == before


def test_relative_dataset_folder(dataset: Path, batch: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(dataset)
    assert "Nothing to write" in run(Path(), batch).output


def test_one_changed_quantity_changes_one_line(dataset: Path) -> None:
    before = snapshot(dataset)
    result = import_rows(dataset, record(items=[line("surgical-mask", 6000, "piece"), RECORDS[0]["items"][1]]))
    after = snapshot(dataset)
    assert changed_files(before, after) == {APRIL}
    assert [entry.split() for entry in changed_lines(before[APRIL], after[APRIL])] == [
        ["-", "tch:quantity", "5000", ";"],
        ["+", "tch:quantity", "6000", ";"],
    ]
    assert f"changed: records {MASKS}" in result.output
    assert "records: 0 added, 1 changed, 0 unchanged" in result.output
    assert f"Wrote 1 files: {APRIL}" in result.output


def test_dry_run_reports_and_writes_nothing(dataset: Path, tmp_path: Path) -> None:
    before = snapshot(dataset)
    rows = [record(), record(id=GUAM, title="Other words"), record(id="2020-04-20-new", date="2020-04-20")]
    result = run(dataset, write_jsonl(tmp_path / "next.jsonl", rows), "--dry-run")
    assert result.exit_code == 0
    assert "records: 1 added, 1 changed, 1 unchanged" in result.output
    assert "Would write" in result.output
    assert snapshot(dataset) == before


def test_report_of_the_function_says_the_same(dataset: Path, batch: Path) -> None:
    report = import_batch(DatasetFolder.open(dataset), read_batch(batch), dry_run=False, progress=lambda rows, _: rows)
    assert report.outcomes["places"] == {"unchanged": len(PLACES)}
    assert (report.refusals, report.skipped, report.changed, report.files) == ((), (), (), ())


def test_one_file_may_hold_several_tables(dataset: Path) -> None:
    result = import_rows(
        dataset,
        {"table": "sources", "id": "three", "url": "https://example.org/three"},
        {"table": "agents", "id": "third", "name_en": "Third", "type": "ngo"},
        record(id="2020-06-01-third", date="2020-06-01", givers=["third"], sources=["three"]),
    )
    assert result.exit_code == 0, result.output
    assert values(dataset, activity("2020-06-01-third"), TCH.giver) == things("agent", "third")


def test_other_files_of_a_folder_are_named(dataset: Path, batch: Path) -> None:
    (batch / "NOTES.txt").write_text("by hand")
    assert "no table of the format: NOTES.txt" in run(dataset, batch).output


def test_round_is_told_of_a_record_that_the_dataset_has(dataset: Path, tmp_path: Path) -> None:
    rows: list[Values] = [
        {"id": "first", "name": "First round", "announced": "2020-04-01"},
        {"id": "next", "name": "Next round", "announced": None},
    ]
    result = run(dataset, write_csv(tmp_path / "rounds.csv", rows))
    assert result.exit_code == 0, result.output
    assert "left out: rounds.csv:3: rounds next: " in result.output
    assert values(dataset, activity(ROUND), SKOS.altLabel) == {Literal("First round", lang="en")}


# What is stated


@pytest.mark.parametrize(
    ("slug", "earliest", "latest"),
    [
        (MASKS, "2020-04-15", "2020-04-15"),
        (GUAM, "2020-05-01", "2020-05-31"),
        (SOMALILAND, "2021-01-01", "2021-12-31"),
    ],
)
def test_partial_date_is_a_span(dataset: Path, slug: str, earliest: str, latest: str) -> None:
    assert values(dataset, activity(slug), TCH.earliest) == {Literal(earliest, datatype=XSD.date)}
    assert values(dataset, activity(slug), TCH.latest) == {Literal(latest, datatype=XSD.date)}


@pytest.mark.parametrize(
    ("written", "stated", "datatype"),
    [
        ("5000", "5000", XSD.integer),
        ("247983.46", "247983.46", XSD.decimal),
        ("1.50", "1.50", XSD.decimal),
        ("5e6", "5000000", XSD.integer),
        ("1e-9", "0.000000001", XSD.decimal),
    ],
)
def test_quantity_keeps_its_digits(dataset: Path, written: str, stated: str, datatype: URIRef) -> None:
    row = json.dumps(record(items=[line("cash-grant", 1234567, "usd")])).replace("1234567", written)
    path = dataset.parent / "records.jsonl"
    path.write_text(row)
    assert run(dataset, path).exit_code == 0
    quantity = Literal(stated, datatype=datatype)
    assert values(dataset, thing("item", f"{MASKS}-1"), TCH.quantity) == {quantity}
    assert "Nothing to write" in run(dataset, path).output
    assert "1 unchanged" in run(dataset, path).output


@pytest.mark.parametrize(
    ("slug", "countries"),
    [
        (MASKS, things("country", "palau")),
        (GUAM, things("territory", "guam") | things("country", "united-states")),
        (SOMALILAND, things("territory", "somaliland")),
    ],
)
def test_recipient_countries(dataset: Path, slug: str, countries: set[URIRef]) -> None:
    assert values(dataset, activity(slug), TCH.recipientCountry) == countries


def test_received_record_states_the_other_sides_country(dataset: Path) -> None:
    import_rows(dataset, record(direction="received", givers=["palau-hospital"], recipients=["taiwan"]))
    assert values(dataset, activity(MASKS), TCH.counterpartCountry) == things("country", "palau")
    assert not values(dataset, activity(MASKS), TCH.recipientCountry)


@pytest.mark.parametrize(
    ("own", "names", "other"),
    [
        ("", {"en": "Palau", "zh-Hant": "帛琉"}, {"Republic of Palau"}),
        ('[palau]\nzh-Hant = "帛琉共和國"\n', {"en": "Palau", "zh-Hant": "帛琉共和國"}, {"Republic of Palau"}),
        ('[palau]\nen = "Republic of Palau"\n', {"en": "Republic of Palau", "zh-Hant": "帛琉"}, set()),
    ],
)
def test_country_names_are_the_datasets_then_cldrs(
    dataset: Path, own: str, names: dict[str, str], other: set[str]
) -> None:
    (dataset / "data" / "country-names.toml").write_text(own, "utf-8")
    assert import_rows(dataset, PLACES[1], table="places").exit_code == 0
    palau = thing("country", "palau")
    assert values(dataset, palau, RDFS.label) == {Literal(name, lang=tag) for tag, name in names.items()}
    assert values(dataset, palau, SKOS.altLabel) == {Literal(name, lang="en") for name in other}


def test_names_of_an_agent_keep_their_language_tag(dataset: Path) -> None:
    mofa = thing("agent", "mofa")
    assert values(dataset, mofa, RDFS.label) == {
        Literal("Ministry", lang="en"),
        Literal("外交部", lang="zh-Hant"),
    }
    assert values(dataset, mofa, SKOS.altLabel) == {Literal("MOFA"), Literal("Foreign Ministry")}


# What a second import leaves, and what it takes away


@pytest.mark.parametrize(
    ("name", "statement", "row"),
    [
        (
            "ontology/units.ttl",
            (thing("unit", "jar"), SKOS.prefLabel, Literal("罐", lang="zh-Hant")),
            {"table": "units", "id": "jar", "label_en": "jar", "kind": "count", "ucum_or_iso4217": "{jar}"},
        ),
        (
            "data/claims.ttl",
            (thing("claim", "masks"), SKOS.editorialNote, Literal("by hand", lang="en")),
            {"table": "claims", **CLAIMS[0], "value": 6000},
        ),
        (
            "data/places.ttl",
            (thing("country", "palau"), OWL.sameAs, URIRef("https://sws.geonames.org/1559582/")),
            {"table": "wikidata-matches", **MATCHES[0], "confidence": "medium"},
        ),
        (APRIL, (activity(MASKS), DCTERMS.title, Literal("口罩", lang="zh-Hant")), record(title="Other words")),
    ],
)
def test_statement_made_by_hand_survives(
    dataset: Path, name: str, statement: tuple[str, URIRef, Node], row: Values
) -> None:
    import_rows(dataset, row)
    subject, predicate, value = statement
    append(dataset, name, f"<{subject}> <{predicate}> {value.n3()} .\n")
    assert import_rows(dataset, row).exit_code == 0
    assert value in values(dataset, subject, predicate)
    assert (dataset / name).read_text("utf-8") == write_turtle(new_graph().parse(dataset / name))


def test_field_left_out_leaves_what_is_there_and_null_clears_it(dataset: Path) -> None:
    def note() -> set[Node]:
        return values(dataset, activity(MASKS), SKOS.editorialNote)

    import_rows(dataset, record(note="a note"))
    import_rows(dataset, record())
    assert note() == {Literal("a note", lang="en")}
    import_rows(dataset, record(note=None))
    assert note() == set()


def test_dropped_item_line_disappears(dataset: Path) -> None:
    result = import_rows(dataset, record(items=RECORDS[0]["items"][:1]))
    assert result.exit_code == 0
    assert values(dataset, activity(MASKS), TCH.item) == things("item", f"{MASKS}-1")
    assert not list(graph_of(dataset).predicate_objects(URIRef(thing("item", f"{MASKS}-2"))))


def test_record_whose_month_changes_moves(dataset: Path) -> None:
    before = snapshot(dataset)
    assert import_rows(dataset, record(id=GUAM, date="2020-07", date_precision="month")).exit_code == 0
    after = snapshot(dataset)
    july = "data/activities/2020-07.ttl"
    assert changed_files(before, after) == {"data/activities/2020-05.ttl", july}
    assert "data/activities/2020-05.ttl" not in after
    assert f"activity:{GUAM} a tch:Donation".encode() in after[july]
    assert f"item:{GUAM}-1 a tch:ItemLine".encode() in after[july]


def test_match_with_another_predicate_takes_its_earlier_link_back(dataset: Path) -> None:
    tag = {**MATCHES[0], "entity_kind": "supply", "entity_id": "rice", "qid": "Q1"}
    for predicate in ("skos:closeMatch", "skos:exactMatch"):
        import_rows(dataset, {**tag, "predicate": predicate}, table="wikidata-matches")
    import_rows(dataset, {**tag, "predicate": "skos:exactMatch", "qid": "Q2"}, table="wikidata-matches")
    rice = thing("supply", "rice")
    assert {WIKIDATA.Q1, WIKIDATA.Q2} <= values(dataset, rice, SKOS.exactMatch)
    assert WIKIDATA.Q1 not in values(dataset, rice, SKOS.closeMatch)


# What is refused

SOURCE: Values = {"table": "sources", "id": "three", "url": "https://example.org/three"}
AGENT: Values = {"table": "agents", "id": "third", "name_en": "Third", "type": "ngo"}
UNKNOWN = "is neither in the dataset nor in this import; add it"

REFUSALS: list[tuple[str, Values, str, str]] = [
    ("unknown supply", record(items=[line("masque")]), "items", f"'masque' {UNKNOWN}"),
    ("unknown unit", record(items=[line("rice", 1, "sack")]), "items", f"'sack' {UNKNOWN}"),
    ("dangling giver", record(givers=["nobody"]), "givers", f"'nobody' {UNKNOWN}"),
    ("dangling recipient", record(recipients=["nobody"]), "recipients", f"'nobody' {UNKNOWN}"),
    ("dangling part_of", record(part_of=["no-record"]), "part_of", f"'no-record' {UNKNOWN}"),
    ("dangling source", record(sources=["no-page"]), "sources", f"'no-page' {UNKNOWN}"),
    ("dangling parent", {**AGENT, "part_of": "no-body"}, "part_of", f"'no-body' {UNKNOWN}"),
    ("negative quantity", record(items=[line("rice", -5, "kg")]), "items[0].quantity", "give a number above zero"),
    ("no quantity", record(items=[{"supply": "rice", "unit": "kg"}]), "items[0].quantity", "is missing; give"),
    ("impossible date", record(date="2020-02-30"), "date", "'2020-02-30' is no date of the calendar"),
    ("year zero", record(date="0000", date_precision="year"), "date", "is no date of the calendar"),
    ("date with a line break", record(date="2020-04-15\n"), "date", "give YYYY, YYYY-MM or YYYY-MM-DD"),
    ("more than the precision", record(date_precision="month"), "date_precision", "give both alike"),
    ("less than the precision", record(date="2020"), "date_precision", "give both alike"),
    ("date of a source", {**SOURCE, "date": "2020-13"}, "date", "is no date of the calendar"),
    ("no source", record(sources=[]), "sources", "give ids of sources, at least one"),
    ("unknown status", record(status="announced"), "status", "'announced' is no code of id/status; give one"),
    ("unknown section", record(region="arctic"), "region", "'arctic' is no code of id/section; give one"),
    ("unknown kind", record(kind="gift"), "kind", "give a class of the ontology in lower case"),
    ("unknown agent type", {**AGENT, "type": "club"}, "type", "'club' is no code of id/agent-type"),
    ("unknown field", record(colour="blue"), "colour", "is no field of this table; correct its name, or drop it"),
    ("qid without evidence", {**AGENT, "qid": "Q42"}, "qid", "Q42 has no evidence; add a row to wikidata-matches"),
    ("unknown ISO code", record(recipient_countries=["ZZ"]), "recipient_countries", "'ZZ'; add the place"),
    ("ISO code of an agent", {**AGENT, "country_iso2": "ZZ"}, "country_iso2", "'ZZ'; add the place"),
    ("local name without tag", {**AGENT, "name_local": "Dritte"}, "name_local_lang", "give a tag such as"),
    ("impossible tag", {**SOURCE, "language": "en-aaaaaaaaa"}, "language", "give one such as zh-Hant"),
    ("half a surrogate pair", record(title="\ud800"), "title", "give a title in your own words"),
    ("text for a list", record(givers="mofa"), "givers", "give ids of agents or places"),
    ("round without record", {"table": "rounds", "id": "r", "name": "R", "announced": "2020-06-01"}, "announced",
     "add the record"),
    ("duplicate id", record(id=GUAM), "id", "stands already at next.jsonl:1; give each row its own, or drop one"),
    *((f"no {field}", {name: value for name, value in record().items() if name != field}, field, "is missing; give")
      for field in ("title", "kind", "date", "sources", "confidence")),
    *((f"url {url!r}", {**SOURCE, "url": url}, "url", "give an absolute http or https address")
      for url in ("", "example.org/a", "ftp://example.org/a", "https://", "https:///path", "http://[::1/",
                  "https://example.org:port/", "https://example.org/a b", "https://example.org/<a>",
                  "javascript:alert(1)", "https://example.org/a\n")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("row", "field", "advice"), [case[1:] for case in REFUSALS], ids=[case[0] for case in REFUSALS]
)
def test_refusal_says_where_what_and_how_to_mend_it(dataset: Path, row: Values, field: str, advice: str) -> None:
    before = snapshot(dataset)
    path = dataset.parent / "next.jsonl"
    sound = record(id=GUAM, title="Sound, but not written either")
    path.write_text(f"{json.dumps(sound)}\n{json.dumps(row)}\n", "utf-8")
    result = run(dataset, path)
    place = f"refused: next.jsonl:2: {row.get('table', 'records')} {row['id']}: {field}: "
    (refusal,) = [entry for entry in result.output.splitlines() if entry.startswith("refused: ")]
    assert refusal.startswith(place)
    assert advice in refusal
    assert "1 refused: nothing was written" in result.output
    assert result.exit_code == 1
    assert snapshot(dataset) == before


def test_every_fault_of_form_is_told_at_once(dataset: Path) -> None:
    result = import_rows(dataset, record(status="No Code", date="soon"), {**SOURCE, "url": ""})
    refused = [entry.split(": ")[3] for entry in result.output.splitlines() if entry.startswith("refused: ")]
    assert refused == ["date", "status", "url"]


# What can't be read


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("records.jsonl", b'{"id": }', "records.jsonl: line 1, column 8: not JSON"),
        ("records.jsonl", b'\n{"id": NaN}', "records.jsonl: line 2: not JSON: NaN is no number"),
        ("records.jsonl", b'{"id": 1e999}', "records.jsonl: line 1: not JSON: 1e999 is beyond"),
        ("records.jsonl", b'{"id": ' + b"1" * 5000 + b"}", "records.jsonl: line 1: not JSON"),
        ("records.jsonl", b"[" * 100_000, "records.jsonl: line 1: not JSON"),
        ("records.jsonl", b"[]", "records.jsonl: line 1: not a JSON object"),
        ("records.jsonl", b'{"table": "recipes"}', "records.jsonl: line 1: no table 'recipes'; one of supplies"),
        ("records.jsonl", b'{"id": "\xff"}', "records.jsonl: not UTF-8"),
        ("agents.csv", b'id,name_en,type\na,"b,c\n', "agents.csv: line 2: not CSV"),
        ("agents.csv", b"id,name_en,type\na,b\n", "agents.csv: line 2: has not as many cells as the header"),
        ("agents.csv", b"id,name_en,type\na,b,ngo,d\n", "agents.csv: line 2: has not as many cells"),
        ("people.csv", b"id,name_en,type\na,b,ngo\n", "a CSV file is named after its table, one of supplies"),
        ("records.xlsx", b"PK", "an import file ends in .jsonl or .csv"),
        ("folder/notes.txt", b"nothing", "holds no table; expected files such as records.jsonl"),
        ("missing.jsonl", None, "missing.jsonl: no such file or folder"),
    ],
)
def test_unreadable_batch(dataset: Path, tmp_path: Path, name: str, content: bytes | None, message: str) -> None:
    before = snapshot(dataset)
    path = tmp_path / name
    if content is not None:
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    result = run(dataset, path.parent if "/" in name else path)
    assert result.exit_code == 1
    assert message in result.output
    assert result.output.startswith("error: ")
    assert snapshot(dataset) == before


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("data/agents.ttl", "agent:x a", "error: data/agents.ttl: line {end}, column "),
        ("ontology/value-lists.ttl", "status:x a", "error: ontology/value-lists.ttl: line {end}, column "),
        ("data/places.ttl", f"<{thing('item', 'x-1')}> <{TCH.quantity}> 1 .", "an item line that no record has"),
        ("data/places.ttl", "<urn:x> a <urn:y> .", "urn:x: stands in a file that imports write"),
        (APRIL, f"<{activity('x')}> <{TCH.item}> <{thing('item', 'x-1')}> .", "has item lines but no tch:earliest"),
        ("data/country-names.toml", "[palau", "country-names.toml: "),
    ],
)
def test_fault_in_the_datasets_own_files(dataset: Path, batch: Path, name: str, text: str, message: str) -> None:
    append(dataset, name, text)
    before = snapshot(dataset)
    result = run(dataset, batch)
    end = (dataset / name).read_text("utf-8").count("\n") + 1
    assert result.exit_code == 1
    assert message.format(end=end) in result.output
    assert snapshot(dataset) == before


def test_file_that_cannot_be_written(dataset: Path) -> None:
    (dataset / "data/activities/2020-08.ttl").mkdir()
    result = import_rows(dataset, record(date="2020-08-01"))
    assert result.exit_code == 1
    assert "2020-08.ttl" in result.output


def test_no_such_dataset(tmp_path: Path, batch: Path) -> None:
    result = run(tmp_path / "nowhere", batch)
    assert result.exit_code == 1
    assert "nowhere: no such folder" in result.output


# What docs/import.md promises


VAIN: Values = {
    "entity_kind": "agent", "entity_id": "mofa", "qid": None, "predicate": "owl:sameAs",
    "evidence": "looked for in a table", "confidence": "low",
    "justification": "LexicalMatching", "reviewer": "software",
}  # fmt: skip


def test_what_was_looked_for_in_vain_is_a_mapping_until_it_is_found(dataset: Path) -> None:
    vain, found = thing("mapping", "agent-mofa-not-found"), thing("mapping", "agent-mofa-q7")
    assert import_rows(dataset, VAIN, table="wikidata-matches").exit_code == 0
    assert values(dataset, vain, OWL.annotatedTarget) == {SSSOM.NoTermFound}
    assert values(dataset, vain, SSSOM.reviewer_label) == {Literal("software")}
    assert values(dataset, thing("agent", "mofa"), OWL.sameAs) == set()
    match = {**VAIN, "qid": "Q7", "wikidata_label": "Seven", "category": "organization", "date": "2026-11-25"}
    assert import_rows(dataset, match, table="wikidata-matches").exit_code == 0
    assert values(dataset, vain, OWL.annotatedTarget) == set()
    assert values(dataset, found, OWL.annotatedTarget) == {WIKIDATA.Q7}
    assert values(dataset, found, SSSOM.object_category) == {URIRef("https://schema.org/Organization")}
    assert values(dataset, found, DCTERMS.created) == {Literal("2026-11-25", datatype=XSD.date)}


def test_a_match_keeps_its_date_and_reviewer_when_it_is_imported_again(dataset: Path) -> None:
    match = {**MATCHES[0], "date": "2020-01-01", "reviewer": "curator"}
    import_rows(dataset, match, table="wikidata-matches")
    mapping = thing("mapping", "place-palau-q695")
    before = snapshot(dataset)
    assert "Nothing to write" in import_rows(dataset, MATCHES[0], table="wikidata-matches").output
    assert snapshot(dataset) == before
    assert values(dataset, mapping, SSSOM.reviewer_label) == {Literal("curator")}
    assert values(dataset, mapping, DCTERMS.created) == {Literal("2020-01-01", datatype=XSD.date)}


@pytest.mark.parametrize("schema", sorted(SCHEMAS.glob("*.json")), ids=lambda path: path.stem)
def test_document_lists_every_field(schema: Path) -> None:
    document = (ROOT / "docs" / "import.md").read_text("utf-8")
    described = json.loads(schema.read_text("utf-8"))
    section = document[document.index("## The tables") : document.index("## What is checked")]
    for field in described["properties"]:
        needed = "yes" if field in described["required"] else ""
        assert f"| `{field}` | {needed} | " in section
