"""``/search`` over the real data: what readers find, choose and take with them, and what is at fault in a request."""

import csv
import random
import re
from html.parser import HTMLParser
from io import StringIO
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

import pytest
from conftest import Client, Reply

ID = "https://w3id.org/taiwan-can-help/id/"
HTML = "text/html"
SELECTIONS = 100
FACETS = ["section", "country", "giver", "kind", "supply", "year", "direction", "status", "confidence", "sources"]


def ask(client: Client, *parameters: tuple[str, str], suffix: str = ".json") -> Reply:
    reply = client.get(f"/search{suffix}?{urlencode(parameters)}")
    assert reply.status == 200, reply.text
    return reply


def records(client: Client, *parameters: tuple[str, str]) -> list[dict[str, str]]:
    return list(csv.DictReader(StringIO(ask(client, *parameters, suffix=".csv").text)))


def by_sparql(client: Client, query: str) -> set[str]:
    reply = client.send("POST", "/sparql", query.encode(), {"Content-Type": "application/sparql-query"})
    assert reply.status == 200, reply.text
    return {row["record"]["value"] for row in reply.json()["results"]["bindings"]}


class Elements(HTMLParser):
    """The elements of a page, as (tag, attributes), and its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.all: list[tuple[str, dict[str, str | None]]] = []
        self.said = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.all.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said += data

    def of(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.all if name == tag]

    def links(self, start: str) -> list[dict[str, str | None]]:
        """Return the links to addresses with a query below a path."""
        return [link for link in self.of("a") if re.match(rf"{start}[^?]*\?", link["href"] or "")]


def page(client: Client, path: str, status: int = 200) -> Elements:
    reply = client.get(path, HTML)
    assert (reply.status, reply.type) == (status, HTML)
    return Elements(reply.text)


@pytest.fixture(scope="module")
def everything(client: Client) -> Any:
    return ask(client).json()


def test_everything_is_every_record(client: Client, everything: Any) -> None:
    number = client.rows(
        "PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#> PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>"
        " SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r a/rdfs:subClassOf* tch:Activity }"
    )[0]["n"]
    assert everything["total"] == int(number) == len(records(client))
    assert [facet["name"] for facet in everything["facets"]] == FACETS


@pytest.mark.parametrize("seed", range(SELECTIONS))
def test_a_selection_is_what_its_sparql_query_gives(client: Client, everything: Any, seed: int) -> None:
    """Some to three facets, one to three values of each, a third of them with words."""
    chance = random.Random(seed)
    chosen = []
    for facet in chance.sample(everything["facets"], chance.randint(0 if seed % 3 == 0 else 1, 3)):
        values = facet["values"][: chance.choice((3, 10, 1000))]
        some = chance.sample(values, min(len(values), chance.randint(1, 3)))
        chosen += [(facet["name"], value["key"]) for value in some]
    if seed % 3 == 0:
        chosen.append(("q", chance.choice(["口罩", "palau", "ventilators", "慈濟", "rice", "joint statement", "疫苗"])))
    answer = ask(client, *chosen).json()
    listed = [row["record"] for row in records(client, *chosen)]
    assert len(listed) == len(set(listed)) == answer["total"]
    if answer["sparql"] is None:
        assert answer["total"] > 200
        assert "q" in dict(chosen)
    else:
        assert by_sparql(client, answer["sparql"]) == set(listed)


@pytest.mark.parametrize("seed", range(20))
def test_a_count_is_how_many_records_its_value_gives(client: Client, everything: Any, seed: int) -> None:
    chance = random.Random(seed)
    first, second = chance.sample(everything["facets"], 2)
    chosen = [(first["name"], chance.choice(first["values"][:5])["key"])]
    facets = {facet["name"]: facet["values"] for facet in ask(client, *chosen).json()["facets"]}
    value = chance.choice(facets[second["name"]])
    assert ask(client, *chosen, (second["name"], value["key"])).json()["total"] == value["records"]
    # In the facet itself the choice takes nothing away.
    offered = {value["key"]: value["records"] for value in facets[first["name"]]}
    assert offered == {value["key"]: value["records"] for value in first["values"]}


def test_what_palau_received_and_when(client: Client) -> None:
    shown = page(client, "/search?country=palau&direction=given&sort=earliest")
    assert "100 tonnes" in shown.said or "rice" in shown.said
    dates = [row["earliest"] for row in records(client, ("country", "palau"), ("sort", "earliest"))]
    assert dates == sorted(dates)
    assert len(dates) == 24


def test_who_besides_the_government_gave_to_italy(client: Client) -> None:
    answer = ask(client, ("country", "italy"), ("direction", "given")).json()
    givers = {value["key"] for facet in answer["facets"] if facet["name"] == "giver" for value in facet["values"]}
    asked = (
        "PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#>"
        f" SELECT DISTINCT ?g {{ ?r tch:recipientCountry <{ID}country/italy> ; tch:giver ?g }}"
    )
    assert givers == {row["g"].rpartition("/")[2] for row in client.rows(asked)}
    assert len(givers) > 3


def test_which_records_rest_on_one_low_confidence_source(client: Client) -> None:
    listed = {row["record"] for row in records(client, ("confidence", "low"), ("sources", "1"))}
    asked = (
        "PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#> PREFIX dcterms: <http://purl.org/dc/terms/>"
        f" SELECT ?record {{ ?record tch:confidence <{ID}confidence/low> ; dcterms:source ?s }}"
        " GROUP BY ?record HAVING(COUNT(?s) = 1)"
    )
    assert listed == by_sparql(client, asked)
    assert listed


def test_a_broader_supply_has_the_records_of_narrower_ones(client: Client) -> None:
    broader, narrower = (
        {row["record"] for row in records(client, ("supply", supply))} for supply in ("mask", "surgical-mask")
    )
    assert narrower < broader


@pytest.mark.parametrize("value", ["palau", "country/palau", f"{ID}country/palau"])
def test_a_value_by_any_of_its_names(client: Client, value: str) -> None:
    assert ask(client, ("country", value)).json()["total"] == 24


def test_the_most_masks_first(client: Client) -> None:
    counted = [row["masks"] for row in records(client, ("sort", "-masks"))]
    having = [int(masks) for masks in counted if masks]
    assert having == sorted(having, reverse=True)
    assert not any(counted[len(having) :])
    assert sum(having) == 33402660


def test_pages_hold_every_record_once(client: Client) -> None:
    chosen = [("q", "masks"), ("size", "50")]
    first = ask(client, *chosen).json()
    found = [record["id"] for record in first["records"]]
    following = first["links"]["next"]
    while following:
        answer = client.get(following).json()
        found += [record["id"] for record in answer["records"]]
        following = answer["links"]["next"]
    assert len(found) == len(set(found)) == first["total"] > 200
    assert found == [row["record"] for row in records(client, *chosen)]


def test_things_are_found_by_name(client: Client) -> None:
    for text in ("帛琉", "palau", "PALAU"):
        assert ask(client, ("q", text)).json()["things"][0]["id"] == f"{ID}country/palau"
    assert ask(client, ("q", "sao paulo")).json()["things"][0]["label"] == "São Paulo"


def test_csv_has_a_row_for_each_record(client: Client) -> None:
    reply = ask(client, ("q", "omicron"), ("country", "palau"), suffix=".csv")
    assert reply.type == "text/csv"
    rows = list(csv.DictReader(StringIO(reply.text)))
    assert list(rows[0]) == [
        "record", "title", "title_zh", "earliest", "latest", "kind", "giver", "recipient", "country", "goods",
        "masks", "source",
    ]  # fmt: skip
    row = next(row for row in rows if row["record"] == f"{ID}activity/2022-01-22-palau-omicron-supplies")
    assert (row["kind"], row["country"], row["masks"], row["earliest"]) == ("Donation", "Palau", "72500", "2022-01-22")
    assert "children's mask" in row["goods"].lower()
    assert row["source"].startswith("https://")


def test_labels_are_in_the_language_of_the_path(client: Client) -> None:
    record = client.get("/zh-Hant/search.json?q=omicron&country=palau").json()["records"][0]
    assert record["country"][0]["label"] == "帛琉"
    shown = page(client, "/zh-Hant/search?country=palau")
    assert "國家：帛琉" in shown.said
    assert "24 筆記錄" in shown.said


def test_the_format_goes_by_accept_and_suffix(client: Client) -> None:
    assert client.get("/search?q=rice").type == "application/json"
    for accept, suffix in ((HTML, "html"), ("text/csv", "csv"), ("application/json", "json")):
        assert client.get("/search?q=rice", accept).type == accept
        assert client.get(f"/search.{suffix}?q=rice").type == accept
    assert client.get("/search", "image/png").status == 406
    assert client.get("/search.xml").status == 404


@pytest.mark.parametrize("path", ["/search.html?q=rice", "/search.json?q=rice", "/search.csv?q=rice"])
def test_an_answer_holds_until_it_changes(client: Client, path: str) -> None:
    reply = client.get(path)
    coded = {"Accept-Encoding"} if reply.type == "text/html" else set()
    assert {part.strip() for part in reply.headers["Vary"].split(",")} == {"Accept", "Accept-Language", *coded}
    again = client.get(path, headers={"If-None-Match": reply.headers["ETag"]})
    assert (again.status, again.body) == (304, b"")
    chinese = client.get(path, headers={"Accept-Language": "zh-TW"})
    assert chinese.headers["ETag"] != reply.headers["ETag"]


def test_the_form_asks_for_what_is_chosen(client: Client) -> None:
    """Without a script: a GET form whose boxes are checked as the address says, and which keeps the order."""
    shown = page(client, "/search?q=rice&country=palau&country=haiti&sort=-masks")
    form = shown.of("form")[0]
    assert (form.get("method", "get"), form["action"]) == ("get", "/search")
    sent = [
        (field["name"], field["value"])
        for field in shown.of("input")
        if field["name"] != "query" and (field["type"] != "checkbox" or "checked" in field)
    ]
    assert sorted(sent) == [("country", "haiti"), ("country", "palau"), ("q", "rice"), ("sort", "-masks")]


def test_a_facet_is_a_group_with_its_name(client: Client) -> None:
    shown = page(client, "/search")
    assert len(shown.of("fieldset")) == len(shown.of("legend")) == len(FACETS)
    assert len(shown.of("details")) >= 4
    boxes = [field for field in shown.of("input") if field["type"] == "checkbox"]
    assert len(boxes) > 300
    assert len(client.get("/search", HTML).body) < 250_000


def test_links_between_selections_are_not_for_crawlers(client: Client) -> None:
    shown = page(client, "/search?q=masks&country=japan&page=2")
    links = shown.links("/search")
    assert len(links) > 5
    assert [link["href"] for link in links if "nofollow" not in (link.get("rel") or "")] == []
    assert {"name": "robots", "content": "noindex"} in shown.of("meta")


def test_each_choice_can_be_taken_away(client: Client) -> None:
    shown = page(client, "/search?q=masks&country=japan&year=2020")
    left = [parse_qsl(urlsplit(link["href"] or "").query) for link in shown.of("a") if link.get("title")]
    assert sorted(map(dict, left), key=str) == [
        {"country": "japan", "year": "2020"},
        {"q": "masks", "country": "japan"},
        {"q": "masks", "year": "2020"},
    ]


def test_the_query_of_a_selection_can_be_opened(client: Client) -> None:
    shown = page(client, "/search?country=palau&year=2020")
    (link,) = shown.links("/sparql")
    (editor,) = [link["href"] or "" for link in shown.of("a") if (link["href"] or "").startswith("/sparql#")]
    query = (link["href"] or "").removeprefix("/sparql?query=")
    assert editor == f"/sparql#query={query}"
    assert unquote(query) in shown.said
    opened = client.get(link["href"] or "", "application/json").json()
    assert {row["record"]["value"] for row in opened["results"]["bindings"]} == {
        row["record"] for row in records(client, ("country", "palau"), ("year", "2020"))
    }


def test_a_query_with_too_many_records_says_what_it_leaves_out(client: Client) -> None:
    assert "leaves the words out" in page(client, "/search?q=masks").said
    shown = page(client, "/search?q=masks&country=united-states")
    assert "lists the records that match the words" in shown.said
    assert any(form.get("method") == "post" and form["action"] == "/sparql" for form in shown.of("form"))


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("country=atlantis", 400),
        ("country=palau&country=atlantis", 400),
        ("kind=%3Cscript%3E", 400),
        ("year=%00", 400),
        ("page=0", 400),
        ("page=-1", 400),
        ("page=x", 400),
        ("page=1.5", 400),
        ("page=1000000000", 400),
        ("page=%D9%A1", 400),
        ("page=999", 404),
        ("size=0", 400),
        ("size=101", 400),
        ("sort=nope", 400),
        ("q=" + "masks+" * 1000, 400),
        ("q=" + quote("口罩" * 300), 400),
        ("q=a%00b", 400),
        ("q=a%1Bb", 400),
        ("q=%FF%FE", 400),
        ("country=%C3%28", 400),
        ("q=AND", 200),
        ("q=masks+OR", 200),
        ("q=NOT+masks", 200),
        ("q=NEAR%28a+b%2C+5%29", 200),
        ("q=%22", 200),
        ("q=%22masks", 200),
        ("q=*", 200),
        ("q=title%3Amasks", 200),
        ("q=%5Emasks", 200),
        ("q=a*b%2Bc-d%28%29%7B%7D", 200),
        ("q=%27%3B+DROP+TABLE+record%3B--", 200),
        ("q=%EF%BF%BF", 200),
        ("q=%F0%9F%98%B7", 200),
        ("q=+++", 200),
        ("q=" + quote(" ".join("abcdefghijklmnopqrstuvwxyz0123456789" * 2)), 200),
        ("q=" + quote("口" * 200), 200),
        ("q=" + quote("".join(chr(0x4E00 + number) for number in range(200))), 200),
        ("q=" + quote(" ".join(chr(0x4E00 + number) for number in range(100))), 200),
        ("&&&=&=x&q", 200),
        ("page=&size=&sort=&country=", 200),
    ],
)
def test_odd_requests_get_a_helpful_answer(client: Client, query: str, status: int) -> None:
    shown = page(client, f"/search?{query}", status)
    assert any(field["name"] == "q" for field in shown.of("input"))
    if status != 200:
        reply = client.get(f"/search.json?{query}")
        assert (reply.status, reply.type) == (status, "application/problem+json")
        assert len(reply.json()["detail"]) < 1000
        assert client.get(f"/search.csv?{query}").status == status


def test_a_request_beyond_the_limit_of_a_line_is_refused(client: Client) -> None:
    assert client.get("/search?q=" + "x" * 10_240, HTML).status in (400, 414)


def test_a_misspelt_value_gets_a_suggestion(client: Client) -> None:
    assert "palau" in client.get("/search.json?country=plau").json()["detail"]


def test_an_unknown_parameter_is_told(client: Client) -> None:
    assert "fbclid" in page(client, "/search?country=palau&fbclid=1").said
    assert client.get("/search.json?contry=palau").status == 400


def test_nothing_found_says_what_to_try(client: Client) -> None:
    assert "By itself" in page(client, "/search?q=palau+xyzzy").said
    assert "Try fewer or shorter words" in page(client, "/search?q=xyzzy").said
    assert "Take one of the choices" in page(client, "/search?country=palau&confidence=low&kind=Round").said
    assert "have no meaning here" in page(client, "/search?q=*").said


def test_what_is_typed_stays_text(client: Client) -> None:
    text = '"><script>alert(1)</script>'
    reply = client.get(f"/search?q={quote(text)}", HTML)
    assert reply.status == 200
    assert "<script>" not in reply.text
    assert re.search(r'name="q" value="&#34;&gt;&lt;script&gt;', reply.text)
