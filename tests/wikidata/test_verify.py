"""``wikidata verify``: what agrees, what is in doubt and why, and that it is polite, patient and resumed."""

import json
import os
import signal
import subprocess
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from conftest import COMMAND
from rdflib import URIRef

from taiwan_can_help.cli import main
from taiwan_can_help.dataset.turtle import new_graph, write_turtle
from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.namespaces import thing
from taiwan_can_help.wikidata.api import ATTEMPTS, Api, ApiError

from .conftest import SOUND, dataset_of
from .server import ITEMS, Wikidata


def run(dataset: Path, *options: str) -> Result:
    result = CliRunner().invoke(main, ["wikidata", "verify", "--dataset", str(dataset), *options])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def outcomes(dataset: Path) -> dict[str, Any]:
    result = run(dataset, "--format", "json")
    report = json.loads(result.stdout)
    return {link["thing"].rpartition("/")[2]: link for link in report["links"]}


@pytest.mark.usefixtures("wikidata")
def test_sound_links_agree_and_exit_0(tmp_path: Path) -> None:
    result = run(dataset_of(tmp_path / "sound", *SOUND))
    assert result.exit_code == 0, result.output
    assert result.stdout == "4 links checked: 4 agree, 0 in doubt\n"
    found = outcomes(tmp_path / "sound")
    assert found["palau"]["agreements"] == ['called "Palau" there too', "ISO 3166-1 code PW"]
    assert found["texas"]["agreements"] == ['called "Texas" there too', "ISO 3166-2 code US-TX"]
    assert found["tsai-ing-wen"]["agreements"] == ['called "Tsai Ing-wen" there too', "a human there"]
    assert found["palau"]["revision"] == 2100000001


@pytest.mark.usefixtures("wikidata")
@pytest.mark.parametrize(
    ("slug", "doubt"),
    [
        ("north-york", "Q30280908 redirects to Q14875360 (North York General Hospital): link that one"),
        ("gone", "Wikidata has no item Q99999999: it was deleted, or never there"),
        ("health-centre", "a country's item there (ISO 3166-1 code HU), but no country with us"),
        ("wrong", "not of the documented form: $.labels"),
    ],
)
def test_a_bad_link_is_in_doubt_with_the_reason(tmp_path: Path, slug: str, doubt: str) -> None:
    found = outcomes(dataset_of(tmp_path / "all"))
    assert any(doubt in text for text in found[slug]["doubts"]), found[slug]
    text = run(tmp_path / "all")
    assert text.exit_code == 1
    assert f"doubt: agent:{slug}" in text.stdout
    assert "8 links checked: 4 agree, 4 in doubt" in text.stdout


@pytest.mark.parametrize(
    ("changes", "doubt"),
    [
        ({"labels": {}, "aliases": {}}, "none of our names is one of the item's"),
        ({"claims": {}}, "ISO 3166-1 code PW with us, none there"),
        ({"claims": "HU"}, "ISO 3166-1 code PW with us, HU there"),
        ({"claims": "Q4167410"}, "a disambiguation page there"),
        ({"claims": "Q5"}, "a human there, but no person with us"),
    ],
)
def test_what_speaks_against_a_country(wikidata: Wikidata, tmp_path: Path, changes: Any, doubt: str) -> None:
    entity = json.loads((ITEMS / "Q695.json").read_text("utf-8"))
    claims = json.dumps(entity["claims"])
    if changes.get("claims") == "HU":
        changes = {"claims": json.loads(claims.replace('"PW"', '"HU"'))}
    elif isinstance(changes.get("claims"), str):
        changes = {"claims": json.loads(claims.replace('"Q6256"', f'"{changes["claims"]}"'))}
    wikidata.extra["Q695"] = {**entity, **changes}
    found = outcomes(dataset_of(tmp_path / "one", "country:palau"))
    assert doubt in " ".join(found["palau"]["doubts"])


@pytest.mark.parametrize("entity", [None, [], "Q695", {}, {"id": 695}, {"id": "Q695", "claims": {"P297": [{}]}}])
def test_an_answer_of_wrong_types_is_a_doubt_and_is_not_kept(wikidata: Wikidata, tmp_path: Path, entity: Any) -> None:
    dataset = dataset_of(tmp_path / "one", "country:palau")
    wikidata.extra["Q695"] = entity
    assert "not of the documented form" in outcomes(dataset)["palau"]["doubts"][0]
    del wikidata.extra["Q695"]
    assert outcomes(dataset)["palau"]["doubts"] == []


def test_it_says_who_asks_and_asks_once_by_fifties(wikidata: Wikidata, tmp_path: Path) -> None:
    many = many_links(tmp_path, 120)
    run(many, "--contact", "curator@example.org")
    assert [len(asked["ids"].split("|")) for asked in wikidata.asked] == [50, 50, 20]
    assert all(asked["maxlag"] == "5" and asked["redirects"] == "yes" for asked in wikidata.asked)
    assert {"en", "zh-hant"} <= set(wikidata.asked[0]["languages"].split("|"))
    (agent,) = wikidata.agents
    assert "curator@example.org" in agent
    run(many)
    assert len(wikidata.asked) == 3, "what was said of items is kept"


@pytest.mark.parametrize("fault", ["429", "503", "maxlag", "truncated", "short"])
def test_a_busy_api_is_asked_again(wikidata: Wikidata, tmp_path: Path, fault: str) -> None:
    wikidata.faults = [fault, fault]
    result = run(dataset_of(tmp_path / "sound", *SOUND))
    assert result.exit_code == 0, result.output
    assert len(wikidata.asked) == 3


def test_an_api_that_stays_busy_is_given_up_with_its_words(wikidata: Wikidata, tmp_path: Path) -> None:
    wikidata.faults = ["maxlag"] * ATTEMPTS
    result = run(dataset_of(tmp_path / "sound", *SOUND))
    assert result.exit_code == 1
    assert "6.2 seconds lagged" in result.stderr
    assert len(wikidata.asked) == ATTEMPTS


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        ("array", "sends a JSON list"),
        ("no-entities", "no object 'entities'"),
        ("400", "answers 400"),
        ("refused", "badvalue: Unrecognized value"),
    ],
)
def test_an_api_that_refuses_is_not_asked_again(wikidata: Wikidata, tmp_path: Path, fault: str, words: str) -> None:
    wikidata.faults = [fault]
    result = run(dataset_of(tmp_path / "sound", *SOUND))
    assert result.exit_code == 1
    assert words in result.stderr
    assert len(wikidata.asked) == 1


def test_an_api_that_stalls_is_left_and_asked_again(wikidata: Wikidata) -> None:
    wikidata.faults = ["stall"]
    answer = Api(wikidata.api, seconds=0.5).ask({"action": "wbgetentities", "ids": "Q695"})
    assert answer["entities"]["Q695"]["id"] == "Q695"


def test_an_address_that_nobody_answers_is_named() -> None:
    with pytest.raises(ApiError, match=r"http://127\.0\.0\.1:1/ can't be reached"):
        Api("http://127.0.0.1:1/", seconds=0.1).ask({})


@pytest.mark.usefixtures("wikidata")
def test_an_address_that_is_none_ends_with_a_message(tmp_path: Path) -> None:
    result = run(dataset_of(tmp_path / "sound", *SOUND), "--api", "ftp://example.org/")
    assert result.exit_code == 1
    assert "is no http address" in result.stderr


@pytest.mark.usefixtures("wikidata")
def test_one_id_that_the_api_cannot_take_spoils_no_other(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path / "sound", *SOUND)
    data = dataset / "data" / "mappings.ttl"
    data.write_text(data.read_text("utf-8").replace("wd:Q1439 ;", "wd:Q999999999999 ;"), "utf-8")
    found = outcomes(dataset)
    assert "no item Q999999999999" in found["texas"]["doubts"][0]
    assert found["palau"]["doubts"] == []


@pytest.mark.usefixtures("wikidata")
def test_only_write_changes_the_dataset_and_then_says_what_was_seen(tmp_path: Path) -> None:
    dataset = dataset_of(tmp_path / "all")
    before = {path: path.read_bytes() for path in sorted((dataset / "data").iterdir())}
    run(dataset)
    assert {path: path.read_bytes() for path in sorted((dataset / "data").iterdir())} == before
    result = run(dataset, "--write")
    assert result.exit_code == 1
    path = dataset / "data" / "mappings.ttl"
    graph = new_graph().parse(path)
    assert path.read_text("utf-8") == write_turtle(graph)
    palau, gone = (URIRef(thing("mapping", name)) for name in ("place-palau-q695", "agent-gone-q99999999"))
    assert str(graph.value(palau, TCH.checkedRevision)) == "2100000001"
    assert graph.value(palau, TCH.checkedOn)
    assert graph.value(palau, TCH.doubt) is None
    assert "deleted" in str(graph.value(gone, TCH.doubt))
    written = path.read_bytes()
    run(dataset, "--write")
    assert path.read_bytes() == written


def test_a_killed_run_goes_on_where_it_was(wikidata: Wikidata, tmp_path: Path) -> None:
    dataset = many_links(tmp_path, 120)
    wikidata.hold_from = 3
    command = [*COMMAND, "wikidata", "verify", "--dataset", str(dataset)]
    with subprocess.Popen(command, env=dict(os.environ), stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert wikidata.held.wait(60)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    asked = wikidata.ids()
    wikidata.asked.clear()
    wikidata.hold_from = float("inf")
    run(dataset)
    assert len(asked) == 120
    assert wikidata.ids() == asked[100:]


def many_links(tmp_path: Path, number: int) -> Path:
    """Return a dataset with as many links, to items that are missing."""
    dataset = dataset_of(tmp_path / "many", "agent:academia-sinica")
    path = dataset / "data" / "mappings.ttl"
    head, _, block = path.read_text("utf-8").rpartition("\nagent:academia-sinica owl")
    block = "\nagent:academia-sinica owl" + block
    blocks = [block.replace("Q337266", f"Q{n}").replace("q337266", f"q{n}") for n in range(1000, 1000 + number)]
    path.write_text(head + "".join(blocks), "utf-8")
    return dataset
