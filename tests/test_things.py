"""Pages of things over HTTP: what they say, that figures are those of the queries they name, and bad input."""

import csv
import html
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import Client, serving, write_dataset

BASE = "https://w3id.org/taiwan-can-help/"
LANGUAGES = ("en", "zh-Hant")
# A thing of each kind, and a heading that its page has in each language.
THINGS = {
    "country/palau": ("What was received, and when", "收到什麼、何時收到"),
    "country/united-states": ("Published totals, and what is itemised", "公布數字與逐項對照"),
    "territory/somaliland": ("Who gave", "給予方"),
    "place/colorado": ("What was received, and when", "收到什麼、何時收到"),
    "group/diplomatic-allies": ("Members", "成員"),
    "world-region/europe": ("All records", "所有記錄"),
    "section/europe": ("Countries", "受贈國"),
    "agent/tzu-chi-foundation": ("Where it gave", "捐贈去處"),
    "agent/government-of-taiwan": ("Parts of it", "所屬單位"),
    "supply/mask": ("Who received it", "受贈國"),
    "source/en-mofa-gov-tw-a4c54ea2": ("Records that rest on it", "依據此來源的記錄"),
    "claim/masks-over-50-million": ("The records that make up the number", "組成該數字的記錄"),
    "claim/countries-over-80": ("The countries that make up the number", "組成該數字的國家"),
    "activity/2020-04-01-round-1-10-million-masks": ("The whole and its parts", "整體與各部分"),
    "status/delivered": ("Records", "記錄"),
    "agent-type/ngo": ("Bodies and people", "機構與個人"),
    "unit/piece": ("What refers to it", "提及此項者"),
}
SENTENCES = {
    "2020-04-15-palau-20000-masks": (
        "Ministry of Foreign Affairs, ROC (Taiwan) sent 20,000 surgical masks, forehead thermometers and thermal"
        " cameras to Palau on 15 April 2020.",
        "中華民國外交部於2020年4月15日向帛琉寄送醫用口罩 20,000 件、額溫槍與紅外線熱像儀。",
    ),
    "2020-04-01-round-1-10-million-masks": (
        "Ministry of Foreign Affairs, ROC (Taiwan) announced 10,000,000 surgical masks for United States,"
        " Diplomatic allies of Taiwan and European Union and its member states on 1 April 2020.",
        "中華民國外交部於2020年4月1日宣布援助美國、臺灣的邦交國與歐洲聯盟及其會員國：醫用口罩 10,000,000 件。",
    ),
    "2020-04-01-colorado-100000-masks": (
        "Government of Taiwan promised 100,000 masks to Colorado. This was announced on 1 April 2020.",
        None,
    ),
    "2020-04-01-czech-joint-statement": (
        "Czech Economic and Cultural Office in Taipei and Taipei Economic and Cultural Office, Prague signed a joint"
        " statement on 1 April 2020.",
        None,
    ),
    "2021-06-04-japan-vaccine-1": (
        "Government of Japan gave vaccine (1,240,000 doses) to Taiwan on 4 June 2021.",
        "Government of Japan於2021年6月4日向臺灣捐贈疫苗 1,240,000 劑。",
    ),
}


def text_of(page: str) -> str:
    """Return the text of a page or a part of one, with single spaces."""
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", page)).split())


def part(page: str, name: str) -> str:
    """Return the section of a page that shows a named query."""
    match = re.search(rf'<section class="part" id="{name}".*?</section>', page, re.DOTALL)
    assert match, name
    return match[0]


def rows(client: Client, query: str, **values: str) -> list[dict[str, str]]:
    asked = "&".join(f"{name}={quote(value)}" for name, value in values.items())
    reply = client.get(f"/queries/{query}.csv?{asked}")
    assert reply.status == 200, reply.text
    return list(csv.DictReader(reply.text.splitlines()))


def grouped(number: str) -> str:
    return f"{int(number):,}"


@pytest.mark.parametrize("thing", THINGS)
def test_a_thing_of_each_kind_in_each_language(client: Client, thing: str) -> None:
    for language, heading in zip(LANGUAGES, THINGS[thing], strict=True):
        reply = client.get(f"/{language}/id/{thing}.html")
        assert (reply.status, reply.headers["Content-Language"]) == (200, language)
        assert heading in re.findall(r"<h2[^>]*>([^<]*)</h2>", reply.text)
        assert len(re.findall("<h1", reply.text)) == 1
        assert reply.text.count("<table") == reply.text.count("<caption") + reply.text.count('class="statements"')
        # A heading is never more than one level below the one before it.
        levels = [int(level) for level in re.findall(r"<h([1-6])", reply.text)]
        assert all(after <= before + 1 for before, after in pairwise(levels))


@pytest.mark.parametrize("thing", THINGS)
def test_every_section_names_the_query_that_made_it(client: Client, thing: str) -> None:
    page = client.get(f"/id/{thing}.html").text
    names = re.findall(r'<section class="part" id="([\w-]+)"', page)
    for name in names:
        links = [html.unescape(link) for link in re.findall(rf'href="(/queries/{name}\.(?:html|csv)[^"]*)"', page)]
        assert {link.partition("?")[2].partition("=")[2] for link in links} == {thing}
        for link in sorted(set(links)):
            assert client.get(link).status == 200, link


@pytest.mark.parametrize("record", SENTENCES)
def test_a_record_as_a_sentence(client: Client, record: str) -> None:
    for language, expected in zip(LANGUAGES, SENTENCES[record], strict=True):
        page = client.get(f"/{language}/id/activity/{record}.html").text
        match = re.search(r'<p class="sentence">(.*?)</p>', page, re.DOTALL)
        assert match
        assert expected in (None, text_of(match[1]))


def test_every_record_has_a_sentence(client: Client) -> None:
    classes = client.rows(
        "PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#> SELECT (SAMPLE(?r) AS ?record) WHERE {"
        " ?r tch:direction ?direction ; tch:status ?status ; a ?class } GROUP BY ?class ?direction ?status"
    )
    assert len(classes) > 25
    for row in classes:
        page = client.get(f"/id/{row['record'].removeprefix(BASE + 'id/')}.html").text
        match = re.search(r'<p class="sentence">(.*?)</p>', page, re.DOTALL)
        assert match, row
        assert re.fullmatch(r".{20,}\.", text_of(match[1])), row


@pytest.mark.parametrize(
    ("record", "date"),
    [
        ("2020-trinidad-tobago-20000-masks", "2020"),
        ("2020-04-paraguay-280000-masks", "April 2020"),
        ("2022-01-22-palau-omicron-supplies", "22 January 2022"),
    ],
)
def test_a_date_is_no_more_precise_than_it_is_known(client: Client, record: str, date: str) -> None:
    page = client.get(f"/id/activity/{record}.html").text
    match = re.search(r"<dt>Date</dt><dd>([^(<]+)", page)
    assert match
    assert match[1].strip() == date


def test_a_record_says_why_it_counts(client: Client) -> None:
    page = text_of(client.get("/id/activity/2020-04-15-palau-20000-masks.html").text)
    assert "20,000 masks. Leaf: Counted in full: no other record is part of this donation." in page
    chinese = text_of(client.get("/zh-Hant/id/activity/2020-04-15-palau-20000-masks.html").text)
    assert "口罩 20,000 件。 末端記錄：全數計入" in chinese


def test_a_record_can_be_cited_and_taken(client: Client) -> None:
    page = client.get("/id/activity/2020-04-15-palau-20000-masks.html").text
    release = client.get("/health").json()["release"]
    assert f"release {release}" in text_of(page)
    assert "@misc{2020-04-15-palau-20000-masks," in html.unescape(page)
    for suffix in ("ttl", "nt", "jsonld", "rdf"):
        assert f'href="/id/activity/2020-04-15-palau-20000-masks.{suffix}"' in page


@pytest.mark.parametrize("place", ["country/palau", "country/italy", "country/united-states", "territory/guam"])
def test_the_figures_of_a_country_are_those_of_the_query(client: Client, place: str) -> None:
    (row,) = rows(client, "figures-of-place", place=place)
    shown = part(client.get(f"/id/{place}.html").text, "figures-of-place")
    figures = re.findall(r"<dt>(?:<[^>]+>)?([^<]+).*?</dt><dd>\s*([\d,]+)", shown)
    assert ("Masks itemised", grouped(row["total"])) in figures
    assert ("Gifts", grouped(row["gifts"])) in figures


def test_what_palau_received_and_when(client: Client) -> None:
    shown = text_of(part(client.get("/id/country/palau.html").text, "gifts-to-place"))
    for text in ("22 January 2022", "62,500 masks", "10,000 children's masks", "Shin Kong Wu Ho-Su Memorial Hospital"):
        assert text in shown


def test_who_besides_the_government_gave_to_italy(client: Client) -> None:
    shown = part(client.get("/id/country/italy.html").text, "givers-to-place")
    cells = [
        [text_of(cell) for cell in re.findall(r"<td[^>]*>(.*?)</td>", line, re.DOTALL)] for line in shown.split("<tr>")
    ]
    givers = {row[0]: row[2] for row in cells if row}
    others = {giver for giver, of_government in givers.items() if of_government == "no"}
    assert {"Buddhist Compassion Relief Tzu Chi Foundation", "Camillians, Taiwan Province"} <= others
    assert givers["Ministry of Foreign Affairs, ROC (Taiwan)"] == "yes"


def test_how_much_of_the_50_million_is_itemised_and_what_is_missing(client: Client) -> None:
    page = client.get("/id/claim/masks-over-50-million.html").text
    figures = text_of(part(page, "claim-masks"))
    for text in ("50,000,000", "33,402,660", "66.8%", "16,597,340", "26,701,800"):
        assert text in figures
    gaps = text_of(part(page, "claim-masks-gaps"))
    assert gaps.index("6,244,040") < gaps.index("1,820,000") < gaps.index("999,900")
    assert "1,923,300" in text_of(part(page, "claim-masks-remainders"))
    (total,) = rows(client, "masks-total")
    assert grouped(total["total"]) in figures


def test_which_records_rest_on_one_low_confidence_source(client: Client) -> None:
    home = client.get("/", "text/html").text
    assert 'href="/queries/low-confidence-single-source.html"' in home
    listed = client.get("/queries/low-confidence-single-source.html").text
    expected = rows(client, "low-confidence-single-source")
    assert len(expected) == 11
    assert f"{len(expected)} rows." in listed
    for row in expected:
        assert f'href="/{row["record"].removeprefix(BASE)}"' in listed


def test_home_has_its_figures_claims_and_pictures(client: Client) -> None:
    for language, texts in {
        "en": ("33,402,660", "66.8%", "84"),
        "zh-Hant": ("33,402,660", "66.8%", "逐筆列出的口罩"),
    }.items():
        page = client.get(f"/{language}/").text
        assert all(text in page for text in texts)
        for name in ("world-map", "timeline", "top-recipients", "top-givers"):
            figure = re.search(rf'<figure class="chart"[^>]* data-chart="{name}".*?</figure>', page, re.DOTALL)
            assert figure, name
            assert "<table" in figure[0]
            assert f"/queries/{name}.csv" in figure[0]
            assert f"/queries/{name}.html" in figure[0]


@pytest.mark.parametrize(
    "kind", ["country", "agent", "claim", "supply", "source", "activity", "group", "section", "status"]
)
def test_the_list_of_a_kind(client: Client, kind: str) -> None:
    for language in LANGUAGES:
        reply = client.get(f"/{language}/id/{kind}.html", "text/html")
        assert reply.status == 200
        assert f'href="/{language}/id/{kind}/' in reply.text


def test_a_long_list_goes_on_page_by_page(client: Client) -> None:
    seen: list[str] = []
    for number in range(1, 11):
        reply = client.get(f"/id/source?page={number}", "text/html")
        seen += re.findall(r'href="(/id/source/[^"]+)"', reply.text)
    assert len(seen) == len(set(seen)) == 966
    last = client.get("/id/source?page=11", "text/html")
    assert last.status == 404
    assert "pages 1 to 10" in last.text


@pytest.mark.parametrize("number", ["0", "-1", "x", "1.5", "", "9" * 5000, "１"])
def test_an_odd_page_is_told(client: Client, number: str) -> None:
    reply = client.get(f"/id/source?page={quote(number)}", "text/html")
    assert reply.status in (400, 404)
    assert reply.type == "text/html"
    assert "page" in reply.text


def test_a_kind_for_clients_that_want_data(client: Client) -> None:
    scheme = client.get("/id/section", "text/turtle")
    assert (scheme.status, scheme.headers["Location"]) == (303, "/id/section.ttl")
    kind = client.get("/id/country", "text/turtle")
    assert (kind.status, kind.type) == (406, "application/problem+json")
    assert client.get("/id/country", "text/html").status == 200
    assert client.get("/id/nothing", "text/html").status == 404
    assert client.get("/id/nothing", "text/turtle").status == 404


@pytest.mark.parametrize(
    "name",
    [
        "x" * 5000,
        "country/%00",
        "country/%0d%0a",
        "country/%E5%B8%9B%E7%90%89",
        "country/a%20b",
        "country/%3Cscript%3E",
        "country/palau/more",
        "%22",
        "country/%ff%fe",
        "country/palau.html.html",
    ],
)
def test_odd_names_are_not_found(client: Client, name: str) -> None:
    for suffix in ("", ".html"):
        reply = client.get(f"/id/{name}{suffix}", "text/html")
        assert (reply.status, reply.type) == (404, "text/html")
        assert "<script>" not in reply.text


@pytest.mark.parametrize(
    "value", ["x" * 5000, "\x00", "a b", "<script>alert(1)</script>", "country/nowhere", "帛琉", ""]
)
def test_an_odd_parameter_gets_an_answer(client: Client, value: str) -> None:
    reply = client.get(f"/queries/gifts-to-place.html?place={quote(value)}", "text/html")
    assert reply.status in (200, 400)
    assert reply.type == "text/html"
    assert "<script>" not in reply.text
    if reply.status == 200:
        assert "Nothing in the graph answers this." in reply.text


def test_a_named_query_as_a_page(client: Client) -> None:
    page = client.get("/zh-Hant/queries/givers-to-place.html?place=country/italy").text
    assert "<h1>給予某地者</h1>" in page
    assert 'value="country/italy"' in page
    assert "國家、領地或其他地方。" in page
    assert "義大利" in page
    editor = re.search(r'href="/zh-Hant/sparql#(query=[^"]+)"', page)
    assert editor
    again = client.get(f"/sparql?{html.unescape(editor[1])}", "text/csv")
    assert list(csv.DictReader(again.text.splitlines())) == rows(client, "givers-to-place", place="country/italy")


def test_a_page_that_is_asked_for_again_is_the_same(client: Client) -> None:
    first = client.get("/id/country/palau.html")
    again = client.get("/id/country/palau.html")
    assert first.body == again.body
    assert first.headers["ETag"] == again.headers["ETag"]
    unchanged = client.get("/id/country/palau.html", headers={"If-None-Match": first.headers["ETag"]})
    assert unchanged.status == 304
    assert client.get("/zh-Hant/id/country/palau.html").headers["ETag"] != first.headers["ETag"]


def test_a_dataset_without_queries_has_pages_too(tmp_path: Path) -> None:
    data = (
        f"<{BASE}id/thing/one> a <{BASE}ontology#Thing> ;"
        f' <http://www.w3.org/2000/01/rdf-schema#label> "One"@en ; <{BASE}ontology#next> <{BASE}id/thing/two> .\n'
        f'<{BASE}id/thing/two> <http://www.w3.org/2000/01/rdf-schema#label> "Zwei"@de .\n'
    )
    dataset = write_dataset(tmp_path / "bare", {"data/x.ttl": data})
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as running:
        assert running.client.get("/", "text/html").status == 200
        one = running.client.get("/id/thing/one.html").text
        assert '<span lang="de">Zwei</span>' in one
        assert "What refers to it" in running.client.get("/id/thing/two.html").text
        listed = running.client.get("/id/thing", "text/html").text
        assert "2 in all." in listed
