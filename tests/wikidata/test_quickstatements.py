"""``wikidata quickstatements``: what Wikidata can be told, never without its source."""

import csv
import io
import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from taiwan_can_help.cli import main
from taiwan_can_help.wikidata.quickstatements import COLUMNS

VALUE = re.compile(r'Q[1-9]\d*|\+\d{4}-\d\d-\d\dT00:00:00Z/(9|10|11)|"https?://[^"\s]+"|[a-zA-Z-]+:"[^"\t]+"')


def run(*options: str) -> Result:
    result = CliRunner().invoke(main, ["wikidata", "quickstatements", *options])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def v1(*options: str) -> list[dict[str, str]]:
    """Return the statements of V1: the item as ``qid``, the others by property."""
    statements = []
    for line in run(*options).stdout.splitlines():
        item, *cells = line.split("\t")
        assert len(cells) % 2 == 0
        statements.append({"qid": item, **dict(zip(cells[::2], cells[1::2], strict=True))})
    return statements


def test_each_statement_has_an_event_a_time_a_giver_and_its_source() -> None:
    statements = v1()
    assert len(statements) == 12
    for statement in statements:
        assert statement.keys() >= {"qid", "P793", "P585", "P710", "S854"}
        assert "S813" not in statement, "no date of retrieval is made up"
        assert all(VALUE.fullmatch(value) for value in statement.values()), statement


def test_an_item_has_one_statement_at_most() -> None:
    items = [statement["qid"] for statement in v1()]
    assert len(items) == len(set(items))


def test_the_police_of_the_philippines() -> None:
    (statement,) = [statement for statement in v1("--retrieved", "2026-11-25") if statement["qid"] == "Q963772"]
    assert statement == {
        "qid": "Q963772",
        "P793": "Q1124860",
        "P585": "+2020-06-11T00:00:00Z/11",
        "P710": "Q5589404",
        "S854": '"https://www.taiwannews.com.tw/en/news/3946669"',
        "S1476": 'en:"Taiwan donates more masks, PPE to Philippines"',
        "S577": "+2020-06-12T00:00:00Z/11",
        "S813": "+2026-11-25T00:00:00Z/11",
    }


def test_csv_says_the_same() -> None:
    rows = list(csv.DictReader(io.StringIO(run("--format", "csv", "--retrieved", "2026-11-25").stdout)))
    assert tuple(rows[0]) == COLUMNS
    as_v1 = v1("--retrieved", "2026-11-25")
    assert [row["qid"] for row in rows] == [statement["qid"] for statement in as_v1]
    assert [row["S854"] for row in rows] == [statement["S854"] for statement in as_v1]
    assert [row["s1476"] for row in rows] == [statement.get("S1476", "") for statement in as_v1]


def test_a_dry_run_says_what_and_what_not() -> None:
    text = run("--dry-run").stdout
    assert "12 statements, all with their source" in text
    assert "left out: Q458: 2 records, which QuickStatements would run together" in text
    assert "\t" not in text


@pytest.mark.parametrize("option", [["--retrieved", "yesterday"], ["--format", "xml"]])
def test_a_wrong_call_is_exit_2(option: list[str]) -> None:
    assert run(*option).exit_code == 2


def test_a_record_without_a_source_gives_no_statement(tmp_path: Path) -> None:
    from .conftest import PREFIXES, mapping

    gift = """
tch:Donation skos:closeMatch wd:Q1124860 .
<https://w3id.org/taiwan-can-help/id/activity/gift> a tch:Donation ; tch:confidence confidence:high ;
    tch:direction <https://w3id.org/taiwan-can-help/id/direction/given> ;
    tch:status <https://w3id.org/taiwan-can-help/id/status/delivered> ;
    tch:giver agent:tsai-ing-wen ; tch:recipient agent:academia-sinica ;
    tch:earliest "2020-04-01"^^xsd:date ; tch:latest "2020-04-30"^^xsd:date .
"""
    links = mapping("agent:academia-sinica", "Q337266", "schema:Organization")
    links += mapping("agent:tsai-ing-wen", "Q233984", "schema:Person")
    path = tmp_path / "data" / "all.ttl"
    path.parent.mkdir()
    path.write_text(PREFIXES + links + gift, "utf-8")
    assert run("--dataset", str(tmp_path)).stdout == ""
    source = "<https://w3id.org/taiwan-can-help/id/activity/gift> dcterms:source <http://e.example/s> .\n"
    source += '<http://e.example/s> schema:url "https://example.org/one"^^xsd:anyURI .\n'
    path.write_text(PREFIXES + links + gift + source, "utf-8")
    assert run("--dataset", str(tmp_path)).stdout == (
        'Q337266\tP793\tQ1124860\tP585\t+2020-04-00T00:00:00Z/10\tP710\tQ233984\tS854\t"https://example.org/one"\n'
    )
