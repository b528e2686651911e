"""The search of an index: what words find, how values of facets are counted, and what is at fault in its queries."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyoxigraph as ox
import pytest
from conftest import write_dataset

from taiwan_can_help.errors import InputError
from taiwan_can_help.index.fields import read_search_queries
from taiwan_can_help.index.read import Index
from taiwan_can_help.index.search import RELEVANCE, Choice, Search
from taiwan_can_help.index.text import words
from taiwan_can_help.index.write import write_index

HEAD = "# title: {name}\n# title@zh-Hant: 名稱\n{use}\nPREFIX e: <http://e.example/>\n\n"
RECORDS = HEAD.format(name="Records", use="") + "SELECT ?record\nWHERE {\n  ?record a e:Gift .\n}\nORDER BY ?record\n"


def field(name: str, path: str, use: str) -> str:
    return HEAD.format(name=name, use=use) + f"SELECT ?record ?{name}\nWHERE {{\n  ?record {path} ?{name} .\n}}\n"


QUERIES = {
    "records": RECORDS,
    "title": field("title", "e:title", "# weight: 10"),
    "to": field("to", "e:to", "# facet: 1\n# weight: 3"),
    "note": field("note", "e:note", "# weight: 1"),
    "year": field("year", "e:year", "# facet: 2\n# column: 1\n# descending: Newest\n# ascending: Oldest"),
}
DATA = """
@prefix e: <http://e.example/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
e:tome a e:Country ; rdfs:label "São Tomé and Príncipe"@en , "聖多美普林西比"@zh-Hant .
e:palau a e:Country ; rdfs:label "Palau"@en , "帛琉"@zh-Hant ; skos:altLabel "Belau" .
e:palau-club a e:Club ; rdfs:label "Club of Palau"@en .
e:1 a e:Gift ; e:title "100,000 masks"@en ; e:to e:tome ; e:year 2020 .
e:2 a e:Gift ; e:title "Ventilators for the islands"@en , "捐贈Ｎ９５口罩"@zh-Hant ; e:to e:palau ; e:year 2021 .
e:3 a e:Gift ; e:title "Countries meet"@en ; e:note "They spoke of masks and of Wałbrzych's aid"@en ;
  e:to e:palau , e:tome ; e:year 2020 , 2022 .
e:4 a e:Gift ; e:title "臺灣醫用口罩"@zh-Hant .
e:5 a e:Other ; e:title "masks"@en .
"""


def make(folder: Path, queries: dict[str, str] | None = None, data: str = DATA) -> Index:
    files = {f"{name}.rq": text for name, text in (QUERIES if queries is None else queries).items()}
    paths = sorted(write_dataset(folder, files).glob("*.rq"))
    quads = list(ox.parse(data.encode(), format=ox.RdfFormat.TURTLE))
    (folder / "index.sqlite").write_bytes(write_index(quads, read_search_queries(paths)))
    return Index.open(folder / "index.sqlite")


@pytest.fixture(scope="module")
def search(tmp_path_factory: pytest.TempPathFactory) -> Search:
    return make(tmp_path_factory.mktemp("index")).search


def found(search: Search, text: str) -> list[str]:
    wanted = words(text)
    hits = search.hits(Choice(wanted))
    return [record.iri.removeprefix("http://e.example/") for record in search.records(hits, RELEVANCE, wanted)]


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("口罩", {"2", "4"}),
        ("罩", {"2", "4"}),
        ("醫", {"4"}),
        ("用口", {"4"}),
        ("用口罩", {"4"}),
        ("口用", set()),
        ("台湾", {"4"}),
        ("医用口罩", {"4"}),
        ("N95", {"2"}),
        ("n95口罩", {"2"}),
        ("Ｎ９５", {"2"}),
        ("sao tome", {"1", "3"}),
        ("SÃO TOMÉ", {"1", "3"}),
        ("Sa\u0303o", {"1", "3"}),
        ("walbrzych", {"3"}),
        ("100000", {"1"}),
        ("100,000", {"1"}),
        ("mask", {"1", "3"}),
        ("masks", {"1", "3"}),
        ("ventil", {"2"}),
        ("ventilator", {"2"}),
        ("country", {"3"}),
        ("entilators", set()),
        ("masks palau", {"3"}),
        ("palau masks", {"3"}),
        ("belau", {"2", "3"}),
        ("帛琉", {"2", "3"}),
        ("帛琉 口罩", {"2"}),
        ("AND", {"1", "3"}),
        ("masks NOT palau", set()),
        ('"masks', {"1", "3"}),
        ("title:masks", set()),
        ("mas*", {"1", "3"}),
    ],
)
def test_words_find(search: Search, text: str, records: set[str]) -> None:
    assert set(found(search, text)) == records


def test_a_match_in_the_title_comes_first(search: Search) -> None:
    assert found(search, "masks") == ["1", "3"]


@pytest.mark.parametrize("text", ["", "***", '"', "(", "^", "{}", "\u3000", "\u0301", "--", "。，"])
def test_what_has_no_word_finds_nothing(search: Search, text: str) -> None:
    assert found(search, text) == []
    assert search.things(words(text), 5) == []


def test_parts_that_are_found_alone_are_named(search: Search) -> None:
    assert search.alone("masks nowhere") == {"masks": 2}
    assert search.alone("帛琉口罩") == {"帛琉": 2, "口罩": 2}


def test_a_thing_that_is_called_just_so_comes_first(search: Search) -> None:
    things = [thing.iri.removeprefix("http://e.example/") for thing in search.things(["palau"], 5)]
    assert things == ["palau", "palau-club"]
    assert [thing.kind for thing in search.things(["帛琉"], 5)] == ["http://e.example/Country"]


def counts(search: Search, choice: Choice) -> dict[str, dict[str, int]]:
    return {
        facet: {value.key: number for value, number in values} for facet, values in search.hits(choice).counts.items()
    }


def test_a_facet_counts_what_the_others_leave(search: Search) -> None:
    palau, later = search.value("to", "palau"), search.value("year", "2021")
    assert palau
    assert later
    assert counts(search, Choice()) == {"to": {"palau": 2, "tome": 2}, "year": {"2020": 2, "2021": 1, "2022": 1}}
    assert counts(search, Choice(values={"to": [palau]})) == {
        "to": {"palau": 2, "tome": 2},
        "year": {"2020": 1, "2021": 1, "2022": 1},
    }
    assert counts(search, Choice(["masks"], {"year": [later]})) == {
        "to": {"palau": 0, "tome": 0},
        "year": {"2020": 2, "2021": 0, "2022": 1},
    }


def test_a_value_is_known_by_its_key_and_its_iri(search: Search) -> None:
    assert search.value("to", "palau") == search.value("to", "http://e.example/palau")
    assert search.value("to", "nowhere") is None


def test_values_that_end_in_the_same_have_longer_keys(tmp_path: Path) -> None:
    data = "@prefix e: <http://e.example/> . e:1 a e:Gift ; e:to e:country\\/georgia , e:state\\/georgia , e:palau ."
    search = make(tmp_path, data=data).search
    assert set(search.values["to"]) == {"http://e.example/country/georgia", "http://e.example/state/georgia", "palau"}


def test_orders(search: Search) -> None:
    hits = search.hits(Choice())
    assert search.orders == ["-year", "year"]
    for order, expected in {"-year": ["2", "1", "3", "4"], "year": ["1", "3", "2", "4"]}.items():
        listed = [record.iri[-1] for record in search.records(hits, order, None)]
        assert listed == expected
        assert [record.iri[-1] for record in search.records(hits, order, None, 1, 2)] == expected[1:3]


def test_many_threads_find_the_same(search: Search) -> None:
    texts = ["masks", "口罩", "罩", "palau", "sao tome", "nowhere"] * 50
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(lambda text: found(search, text), texts)) == [found(search, text) for text in texts]


def test_a_dataset_without_queries_is_searched_by_names(tmp_path: Path) -> None:
    search = make(tmp_path, {}).search
    assert [thing.iri for thing in search.things(["belau"], 5)] == ["http://e.example/palau"]
    assert len(search.hits(Choice(["masks"])).records) == 0
    assert search.fields("facet") == []


def test_the_index_does_not_depend_on_the_order_of_quads(tmp_path: Path) -> None:
    quads = list(ox.parse(DATA.encode(), format=ox.RdfFormat.TURTLE))
    paths = sorted(write_dataset(tmp_path, {f"{name}.rq": text for name, text in QUERIES.items()}).glob("*.rq"))
    queries = read_search_queries(paths)
    assert write_index(quads, queries) == write_index(quads[::-1], queries)


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("to", QUERIES["to"].replace("# title:", "# name:"), "to.rq: has no title"),
        (
            "to",
            QUERIES["to"].replace("?to", "?from"),
            r"to.rq: selects \?record \?from; it must select \?record and \?to",
        ),
        ("to", QUERIES["to"].replace("SELECT ?record ?to", "ASK"), "to.rq: write 'SELECT"),
        ("to", QUERIES["to"].replace("e.example", "other.example"), "to.rq: the prefix e: is not what it is in"),
        ("to", QUERIES["to"].replace("e:to ?to", "e:to to"), "to.rq: "),
        ("records", RECORDS.replace("?record", "?gift"), r"records.rq: selects \?gift; it must select \?record"),
    ],
)
def test_a_query_at_fault_is_named(tmp_path: Path, name: str, text: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        make(tmp_path, QUERIES | {name: text})


def test_fields_need_records(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"has no records\.rq"):
        make(tmp_path, {"to": QUERIES["to"]})
