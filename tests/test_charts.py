"""Charts: what a build takes for one, and what the server sends of it."""

import json
from pathlib import Path

import pytest
from conftest import Client, write_dataset

from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.errors import InputError
from taiwan_can_help.release.build import build
from taiwan_can_help.release.folder import Release, Releases

NAMES = {path.stem for path in DatasetFolder.open(default_dataset()).chart_files()}
TEXTS = {"title": "All", "title@zh-Hant": "全部", "description": "Dots."}


def built(dataset: Path) -> Release:
    return build(DatasetFolder.open(dataset), Releases(dataset.with_name("releases"), dataset), lambda _: None)


def texts(value: object) -> list[str]:
    match value:
        case dict():
            return [*value, *(text for member in value.values() for text in texts(member))]
        case list():
            return [text for member in value for text in texts(member)]
    return [str(value)]


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_chart_comes_in_both_languages(client: Client, name: str) -> None:
    english = client.get(f"/charts/{name}.json?lang=en").json()
    chinese = client.get(f"/charts/{name}.json?lang=zh-Hant").json()
    for member in ("title", "description"):
        assert english[member].isascii()
        assert not chinese[member].isascii()
    assert english["usermeta"]["note"] != chinese["usermeta"]["note"]
    assert not [text for text in texts(english) if "@zh-Hant" in text]
    assert client.get(f"/charts/{name}.json").json() == english
    assert client.get(f"/charts/{name}.json?lang=tlh").json() == english


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_chart_reads_the_query_of_its_name(client: Client, name: str) -> None:
    chart = client.get(f"/charts/{name}.json").json()
    assert [data["url"] for data in chart["data"] if data.get("url", "").startswith("/")] == [f"/queries/{name}.csv"]


def test_a_chart_is_sent_once(client: Client) -> None:
    tag = client.get("/charts/timeline.json").headers["ETag"]
    assert client.get("/charts/timeline.json", headers={"If-None-Match": tag}).status == 304


def test_what_is_no_chart_is_not_found(client: Client) -> None:
    reply = client.get("/charts/nothing.json")
    assert reply.status == 404
    assert "timeline" in reply.json()["detail"]


def test_a_dataset_brings_charts_of_its_own(small: Path) -> None:
    write_dataset(small, {"data/charts/all.json": json.dumps({**TEXTS, "marks": [{"x": 1, "x@zh-Hant": 2}]})})
    release = built(small)
    release.check()
    chart = release.charts()["all"]
    assert chart.in_language("zh-Hant") == {"title": "全部", "description": "Dots.", "marks": [{"x": 2}]}


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("all", "{", "all.json: cannot be read as JSON"),
        ("all", "[]", "all.json: has no title and description"),
        ("all", '{"title": "All"}', "all.json: has no description"),
        ("other", json.dumps(TEXTS), "other.json: there is no named query 'other'"),
    ],
)
def test_a_build_refuses_what_is_no_chart(small: Path, name: str, text: str, said: str) -> None:
    write_dataset(small, {f"data/charts/{name}.json": text})
    with pytest.raises(InputError, match=said):
        built(small)
