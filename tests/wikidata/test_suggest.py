"""``wikidata suggest`` and ``accept``: proposals with scores and reasons, judged by a person, become mappings."""

import csv
import os
import signal
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from conftest import COMMAND
from rdflib import OWL, URIRef

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.dataset.vocabulary import SSSOM, WIKIDATA
from taiwan_can_help.namespaces import thing

from .conftest import SOUND, dataset_of
from .server import Wikidata

TZU_CHI = URIRef(thing("agent", "tzu-chi-foundation"))
FOUND = URIRef(thing("mapping", "agent-tzu-chi-foundation-q401"))
IN_VAIN = URIRef(thing("mapping", "agent-tzu-chi-foundation-not-found"))


def run(verb: str, table: Path, dataset: Path, *options: str, typed: str | None = None) -> Result:
    command = ["wikidata", verb, str(table), "--dataset", str(dataset), *options]
    result = CliRunner().invoke(main, command, input=typed)
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def rows_of(table: Path) -> list[dict[str, str]]:
    with table.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t" if table.suffix == ".tsv" else ","))


def mark(table: Path, qid: str, answer: str) -> None:
    rows = rows_of(table)
    with table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(rows[0]), delimiter="\t" if table.suffix == ".tsv" else ",")
        writer.writeheader()
        writer.writerows({**row, "accept": answer if row["qid"] == qid else ""} for row in rows)


@pytest.fixture
def dataset(tmp_path: Path) -> Path:
    return dataset_of(tmp_path / "sound", *SOUND)


@pytest.mark.parametrize("name", ["proposals.csv", "proposals.tsv"])
@pytest.mark.usefixtures("wikidata")
def test_a_table_with_scores_and_reasons_is_edited_and_accepted(dataset: Path, tmp_path: Path, name: str) -> None:
    table = tmp_path / name
    assert run("suggest", table, dataset).exit_code == 0
    rows = rows_of(table)
    proposed = [row for row in rows if row["entity_id"] == "tzu-chi-foundation"]
    assert [row["qid"] for row in proposed] == ["Q401", "Q402"]
    assert float(proposed[0]["score"]) == 100
    assert "reconciliation score 100, a match" in proposed[0]["reasons"]
    assert 'found by searching for "慈濟"' in proposed[0]["reasons"]
    (nobody,) = [row for row in rows if row["entity_id"] == "nobody"]
    assert nobody["qid"] == ""
    mark(table, "Q401", "yes")
    result = run("accept", table, dataset)
    assert result.exit_code == 0, result.output
    assert "1 accepted. Wrote data/agents.ttl, data/mappings.ttl" in result.stdout
    mappings = new_graph().parse(dataset / "data" / "mappings.ttl")
    assert str(mappings.value(FOUND, SSSOM.reviewer_label)) == "curator"
    assert (IN_VAIN, None, None) not in mappings
    assert (TZU_CHI, OWL.sameAs, WIKIDATA.Q401) in new_graph().parse(dataset / "data" / "agents.ttl")
    assert "0 in doubt" in CliRunner().invoke(main, ["wikidata", "verify", "--dataset", str(dataset)]).stdout


@pytest.mark.usefixtures("wikidata")
def test_a_person_accepts_in_the_terminal(dataset: Path, tmp_path: Path) -> None:
    table = tmp_path / "proposals.csv"
    result = run("suggest", table, dataset, "--accept", typed="none\nnone\n1\n")
    assert result.exit_code == 0, result.output
    assert "1 Q401 Tzu Chi (Buddhist relief organization): reconciliation score 100, a match" in result.stdout
    assert (FOUND, None, None) in new_graph().parse(dataset / "data" / "mappings.ttl")
    assert [row["qid"] for row in rows_of(table) if row["accept"] == "yes"] == ["Q401"]


@pytest.mark.usefixtures("wikidata")
def test_a_person_may_quit_and_is_asked_about_the_rest_later(dataset: Path, tmp_path: Path) -> None:
    table = tmp_path / "proposals.csv"
    quit_ = run("suggest", table, dataset, "--accept", typed="none\nquit\n")
    assert quit_.exit_code == 0, quit_.output
    assert "0 accepted" in quit_.stdout
    again = run("suggest", table, dataset, "--accept", typed="none\n1\n")
    assert "health-centre" not in again.stdout
    assert (FOUND, None, None) in new_graph().parse(dataset / "data" / "mappings.ttl")


@pytest.mark.parametrize(
    ("answer", "qid", "words", "code"),
    [
        ("maybe", "Q401", "accept is 'maybe'", 1),
        ("yes", "", "accepts no item", 1),
        ("no", "Q401", "0 accepted", 0),
    ],
)
@pytest.mark.usefixtures("wikidata")
def test_marks_that_say_nothing(dataset: Path, tmp_path: Path, answer: str, qid: str, words: str, code: int) -> None:
    table = tmp_path / "proposals.csv"
    run("suggest", table, dataset)
    mark(table, qid, answer)
    result = run("accept", table, dataset)
    assert (result.exit_code, words in result.output) == (code, True), result.output


@pytest.mark.usefixtures("wikidata")
def test_a_malformed_id_is_refused_and_nothing_is_written(dataset: Path, tmp_path: Path) -> None:
    table = tmp_path / "proposals.csv"
    run("suggest", table, dataset)
    mark(table, "Q401", "yes")
    table.write_text(table.read_text("utf-8").replace(",Q401,", ",q4O1,"), "utf-8")
    before = (dataset / "data" / "mappings.ttl").read_bytes()
    result = run("accept", table, dataset)
    assert result.exit_code == 1
    assert "proposals.csv:" in result.stderr
    assert "'q4O1' does not match" in result.stderr
    assert (dataset / "data" / "mappings.ttl").read_bytes() == before


def test_a_table_of_another_kind_or_none_is_told(dataset: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text("a,b\n1,2\n", "utf-8")
    result = run("accept", other, dataset)
    assert result.exit_code == 1
    assert "has no column accept" in result.stderr
    assert run("accept", tmp_path / "none.csv", dataset).exit_code == 2


@pytest.mark.parametrize(("fault", "words"), [("array", "sends a JSON list"), ("no-score", "is no number")])
def test_an_api_of_wrong_types_ends_with_a_message(
    wikidata: Wikidata, dataset: Path, tmp_path: Path, fault: str, words: str
) -> None:
    wikidata.faults = [fault]
    result = run("suggest", tmp_path / "proposals.csv", dataset)
    assert result.exit_code == 1
    assert words in result.stderr


@pytest.mark.parametrize("fault", ["429", "maxlag", "truncated"])
def test_a_busy_api_is_asked_again(wikidata: Wikidata, dataset: Path, tmp_path: Path, fault: str) -> None:
    wikidata.faults = [fault]
    assert run("suggest", tmp_path / "proposals.csv", dataset).exit_code == 0


def test_a_killed_run_goes_on_where_it_was_and_loses_nothing(wikidata: Wikidata, dataset: Path, tmp_path: Path) -> None:
    whole, table = tmp_path / "whole.csv", tmp_path / "proposals.csv"
    run("suggest", whole, dataset)
    wikidata.asked.clear()
    wikidata.hold_from = 4
    command = [*COMMAND, "wikidata", "suggest", str(table), "--dataset", str(dataset)]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert wikidata.held.wait(60)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    kept = rows_of(table)
    assert 0 < len(kept) < len(rows_of(whole))
    with table.open("a", encoding="utf-8") as stream:
        stream.write("yes,agent,cut sho")  # as a full disk leaves it
    wikidata.asked.clear()
    wikidata.hold_from = float("inf")
    run("suggest", table, dataset)
    assert table.read_text("utf-8") == whole.read_text("utf-8")
    again = {asked["search"] for asked in wikidata.asked if "search" in asked}
    assert not again & {row["label"] for row in kept}
