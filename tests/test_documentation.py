"""The documentation of ontology and shapes, the download page, and what crawlers and search engines read."""

import hashlib
import json
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from pathlib import Path

import pytest
from conftest import DATASET, Client, serving, write_dataset

BASE = "https://w3id.org/taiwan-can-help/"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9", "x": "http://www.w3.org/1999/xhtml"}


class Page(HTMLParser):
    """The ids, links, visible words and data blocks of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.ids: set[str] = set()
        self.links: list[str] = []
        self.blocks: list[str] = []
        self._in_block = False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.ids.add(found.get("id") or "")
        if tag == "a":
            self.links.append(found.get("href") or "")
        self._in_block = tag == "script" and found.get("type") == "application/ld+json"

    def handle_data(self, data: str) -> None:
        if self._in_block:
            self.blocks.append(data)

    def handle_endtag(self, tag: str) -> None:
        if tag == "script":
            self._in_block = False


def test_every_term_has_an_anchor_a_definition_and_its_uses(client: Client) -> None:
    page = Page(client.get("/ontology.html", "text/html").text)
    terms = client.rows(
        "PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#> SELECT DISTINCT ?t "
        f"{{ ?t rdfs:isDefinedBy <{BASE}ontology> . FILTER(STRSTARTS(STR(?t), '{BASE}ontology#')) }}"
    )
    names = {row["t"].partition("#")[2] for row in terms}
    assert len(names) > 40
    assert names <= page.ids
    used = [link for link in page.links if link.startswith("/queries/uses-of-term.html?term=")]
    assert len(used) > 40
    rows = client.get("/queries/uses-of-term.csv?term=" + f"{BASE}ontology%23Round").text.splitlines()
    assert len(rows) == 1 + 3


@pytest.mark.parametrize(("path", "words"), [
    ("/en/ontology.html", ["Goods, money or services that a source reports", "How things are tied", "484 times"]),
    ("/zh-Hant/ontology.html", ["來源記載已寄出或已交付的物資", "事物如何相連", "484 次"]),
    ("/en/shapes", ["Give the record at least one source", "at least", "What is checked"]),
    ("/zh-Hant/shapes", ["請為記錄提供至少一項來源", "至少", "檢查內容"]),
    ("/en/download", ["SHA-256", "Cite it", "dump.ttl"]),
    ("/zh-Hant/download", ["SHA-256", "引用方式", "dump.ttl"]),
])  # fmt: skip
def test_documentation_speaks_both_languages(client: Client, path: str, words: list[str]) -> None:
    reply = client.get(path, "text/html")
    assert (reply.status, reply.type) == (200, "text/html")
    for word in words:
        assert word in reply.text


def test_the_diagram_says_what_its_table_says(client: Client) -> None:
    text = client.get("/en/ontology.html").text
    svg = text[text.index("<svg") : text.index("</svg>")]
    rows = text[text.index("</svg>") :].partition("</table>")[0].count("<tr>") - 1
    assert svg.count('class="tie"') == rows > 10


def test_shapes_come_as_a_page_and_as_data(client: Client) -> None:
    assert client.get("/shapes", "text/turtle").type == "text/turtle"
    assert client.get("/shapes.ttl").type == "text/turtle"
    assert client.get("/shapes").type == "text/turtle"
    assert client.get("/shapes.html", "text/turtle").type == "text/html"
    page = Page(client.get("/shapes", "text/html").text)
    findings = Page(client.get("/validation", "text/html").text)
    for link in findings.links:
        if link.startswith("/shapes#"):
            assert link.partition("#")[2] in page.ids


def test_a_download_is_named_with_its_checksum(client: Client) -> None:
    text = client.get("/en/download").text
    sums = dict(re.findall(r"^([0-9a-f]{64})  (dump\.\w+)$", text, re.MULTILINE))
    for digest, name in sums.items():
        assert hashlib.sha256(client.get(f"/{name}").body).hexdigest() == digest
    assert len(sums) == 6


def test_a_record_tells_search_engines_what_it_is(client: Client) -> None:
    page = Page(client.get("/en/id/activity/2020-08-21-palau-ventilators.html", "text/html").text)
    (block,) = page.blocks
    described = json.loads(block)
    things = {thing["@id"]: thing for thing in described["@graph"]}
    record = things[f"{BASE}id/activity/2020-08-21-palau-ventilators"]
    assert described["@context"] == {"@vocab": "https://schema.org/"}
    assert record["@type"] == ["DonateAction"]
    assert record["startTime"][0]["@value"] == "2020-08-21"
    assert record["citation"][0]["@id"].startswith("https://")
    assert things[record["recipient"][0]["@id"]]["name"]


def test_the_start_page_describes_the_dataset(client: Client) -> None:
    (block,) = Page(client.get("/", "text/html").text).blocks
    things = {thing["@id"]: thing for thing in json.loads(block)["@graph"]}
    dataset = things[f"{BASE}dataset"]
    assert dataset["@type"] == ["Dataset"]
    assert len(dataset["distribution"]) == 6
    assert dataset["license"] == [{"@id": "https://creativecommons.org/licenses/by/4.0/"}]


def test_text_of_the_data_cannot_leave_its_block(tmp_path: Path) -> None:
    evil = '<https://w3id.org/taiwan-can-help/id/x/evil> <http://www.w3.org/2000/01/rdf-schema#label> "</script><b>" .'
    dataset = write_dataset(tmp_path / "d", {**DATASET, "data/evil.ttl": evil})
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as running:
        text = running.client.get("/id/x/evil.html", "text/html").text
    assert "</script><b>" not in text
    (thing,) = json.loads(Page(text).blocks[0])["@graph"]
    assert thing["name"] == [{"@value": "</script><b>"}]


def test_the_sitemap_leads_to_pages_in_both_languages(client: Client) -> None:
    index = ET.fromstring(client.get("/sitemap.xml").text)
    (address,) = [element.text or "" for element in index.iterfind(".//s:loc", SITEMAP)]
    assert address == f"{client.base}/sitemap-1.xml"
    pages = ET.fromstring(client.get("/sitemap-1.xml").text)
    found = [element.text or "" for element in pages.iterfind(".//s:loc", SITEMAP)]
    assert f"{client.base}/en/id/country/palau.html" in found
    assert f"{client.base}/zh-Hant/id/country/palau.html" in found
    assert len(found) == len(set(found)) > 4000
    assert len(pages.findall(".//x:link", SITEMAP)) == 2 * len(found)
    for address in found[:: len(found) // 30]:
        assert client.get(address.removeprefix(client.base), "text/html").status == 200
    assert client.get("/sitemap-2.xml").status == client.get("/sitemap-0.xml").status == 404


def test_robots_are_kept_out_of_facets_and_queries(client: Client) -> None:
    reply = client.get("/robots.txt")
    assert reply.type == "text/plain"
    lines = reply.text.splitlines()
    assert {"Disallow: /search?", "Disallow: /sparql?", "Disallow: /queries/*?"} <= set(lines)
    assert f"Sitemap: {client.base}/sitemap.xml" in lines


def test_pages_name_their_other_language(client: Client) -> None:
    text = client.get("/zh-Hant/id/country/palau.html", "text/html").text
    assert '<html lang="zh-Hant">' in text
    assert '<link rel="alternate" hreflang="en" href="/en/id/country/palau.html">' in text
    assert '<link rel="canonical" href="/zh-Hant/id/country/palau.html">' in text


@pytest.mark.parametrize(("accepted", "language"), [
    ("zh-TW,zh;q=0.9,en;q=0.5", "zh-Hant"), ("zh-CN", "zh-Hant"), ("de,en;q=0.5", "en"), ("fr", "en"), ("", "en"),
])  # fmt: skip
def test_the_language_follows_the_reader(client: Client, accepted: str, language: str) -> None:
    reply = client.get("/id/country/palau.html", "text/html", {"Accept-Language": accepted})
    assert reply.headers["Content-Language"] == language
    assert "Accept-Language" in reply.headers["Vary"]
    assert f'<html lang="{language}">' in reply.text
