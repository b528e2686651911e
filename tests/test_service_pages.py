"""Pages over HTTP: links that lead somewhere, nothing from elsewhere, a policy that forbids scripts inline."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from conftest import Client

BASE = "https://w3id.org/taiwan-can-help/"
PAGES = [
    "/",
    "/queries",
    "/sparql",
    "/ontology.html",
    "/id/country/palau.html",
    "/id/section/europe.html",
    "/id/supply/surgical-mask.html",
    "/id/claim/masks-over-50-million.html",
    "/id/activity/2020-04-15-palau-20000-masks.html",
    "/id/activity/2020-04-01-round-1-10-million-masks.html",
    "/id/agent/tzu-chi-foundation.html",
    "/id/source/en-mofa-gov-tw-a4c54ea2.html",
    "/id/group/diplomatic-allies.html",
    "/id/world-region/world.html",
    "/id/unit/piece.html",
    "/id/country",
    "/id/section.html",
    "/id/agent?page=2",
    "/queries/claims.html",
    "/queries/masks-total.html",
    "/sparql?query=ASK%20%7B%7D",
    "/sparql?query=CONSTRUCT%20WHERE%20%7B%3Fs%20%3Fp%20%3Fo%7D%20LIMIT%205",
    "/sparql?query=nonsense",
    "/id/country/nowhere.html",
    "/nowhere",
]
MOST_LINKS = 60


@dataclass
class Page(HTMLParser):
    """The links of a page, what it loads, and its elements."""

    links: list[str] = field(default_factory=list)
    loaded: list[str] = field(default_factory=list)
    ids: set[str] = field(default_factory=set)
    language: str | None = None
    inline: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "html":
            self.language = values.get("lang")
        if identifier := values.get("id"):
            self.ids.add(identifier)
        target = values.get("href") or values.get("src")
        if tag in ("a", "form") and target:
            self.links.append(target)
        elif target and not (tag == "link" and values.get("rel") in ("alternate", "canonical")):
            self.loaded.append(target)
        elif target:
            self.links.append(target)
        self.inline += [name for name in values if name == "style" or name.startswith("on")]
        # A script of another type is data, which no browser runs.
        runs = values.get("type") in (None, "", "module", "text/javascript")
        if tag == "style" or (tag == "script" and runs and not values.get("src")):
            self.inline.append(tag)


def read(client: Client, path: str) -> tuple[int, Page]:
    reply = client.get(path, "text/html")
    assert reply.type == "text/html"
    page = Page()
    page.feed(reply.text)
    return reply.status, page


def follow(client: Client, path: str) -> int:
    """Return the status at the end of at most two redirects, as a browser meets it."""
    for _ in range(3):
        reply = client.send("HEAD", path, headers={"Accept": "text/html"})
        if reply.status != 303:
            break
        path = urljoin(path, reply.headers["Location"])
    return reply.status


@pytest.mark.parametrize("path", PAGES)
def test_page_is_safe_and_whole(client: Client, path: str) -> None:
    reply = client.get(path, "text/html")
    policy = reply.headers["Content-Security-Policy"]
    directives = {words[0]: words[1:] for part in policy.split(";") if (words := part.split())}
    scripts = directives.get("script-src", directives["default-src"])
    assert not {"*", "'unsafe-inline'", "'unsafe-eval'", "http:", "https:", "data:"} & set(scripts)
    assert "unsafe-inline" not in policy
    assert reply.headers["X-Content-Type-Options"] == "nosniff"
    _, page = read(client, path)
    assert page.language == "en"
    assert page.inline == []
    assert page.loaded
    for target in page.loaded:
        assert not urlsplit(target).netloc, target
        assert client.get(target).status == 200, target


@pytest.mark.parametrize("path", [path for path in PAGES if "nowhere" not in path and "nonsense" not in path])
def test_internal_links_lead_somewhere(client: Client, path: str) -> None:
    status, page = read(client, path)
    assert status == 200
    internal = {target.partition("#")[0] for target in page.links if not urlsplit(target).netloc} - {""}
    assert internal
    assert not [target for target in page.links if target.startswith(BASE)]
    for target in sorted(internal)[:MOST_LINKS]:
        assert follow(client, urljoin(path, target)) == 200, target


def test_ontology_terms_resolve(client: Client) -> None:
    terms = client.rows(f"SELECT DISTINCT ?t {{ ?t a ?c FILTER(STRSTARTS(STR(?t), '{BASE}ontology#')) }}")
    _, page = read(client, "/ontology.html")
    names = {row["t"].partition("#")[2] for row in terms}
    assert len(names) > 40
    assert names <= page.ids
    redirect = client.get("/ontology", "text/turtle")
    assert (redirect.status, redirect.headers["Location"], redirect.headers["Vary"]) == (303, "/ontology.ttl", "Accept")
    turtle = client.get("/ontology.ttl").text
    assert all(f"tch:{name} " in turtle or f"tch:{name}\n" in turtle for name in names)


def test_every_term_in_use_is_defined(client: Client) -> None:
    undefined = client.rows(
        f"SELECT DISTINCT ?p {{ ?s ?p ?o FILTER(STRSTARTS(STR(?p), '{BASE}ontology#'))"
        " FILTER NOT EXISTS { ?p a ?c } }"
    )
    assert undefined == []


def test_things_that_are_pointed_at_exist(client: Client) -> None:
    dangling = client.rows(
        f"SELECT DISTINCT ?o {{ ?s ?p ?o FILTER(STRSTARTS(STR(?o), '{BASE}id/')) FILTER NOT EXISTS {{ ?o ?q ?x }} }}"
    )
    assert dangling == []


@pytest.mark.parametrize(
    ("start", "language", "heading", "other"),
    [("/en", "en", "Palau", "帛琉"), ("/zh-Hant", "zh-Hant", "帛琉", "Palau")],
)
def test_a_page_is_in_one_language_and_gives_the_name_in_the_other(
    client: Client, start: str, language: str, heading: str, other: str
) -> None:
    text = client.get(f"{start}/id/country/palau.html").text
    assert f'<html lang="{language}">' in text
    assert f"<h1>{heading}</h1>" in text
    assert f'lang="{"zh-Hant" if language == "en" else "en"}">{other}</span>' in text


def test_home_leads_with_the_masks(client: Client) -> None:
    assert "33,402,660" in client.get("/", "text/html").text


def test_health(client: Client) -> None:
    reply = client.get("/health")
    assert (reply.status, reply.type, reply.headers["Cache-Control"]) == (200, "application/json", "no-store")
    assert reply.json()["status"] == "ok"
    assert len(reply.json()["release"]) == 16
