"""Each kind of page in both languages, wide and narrow; ways through the site, by keyboard and without scripts."""

import re

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from browser.conftest import DESKTOP, PHONE, Visit, picture, violations

KINDS = {
    "home": "/",
    "explore": "/search?country=country/germany&kind=Donation",
    "explore-nothing": "/search?q=zeppelin",
    "record": "/id/activity/2020-04-15-palau-20000-masks.html",
    "round": "/id/activity/2020-04-01-round-1-10-million-masks.html",
    "country": "/id/country/saint-kitts-and-nevis.html",
    "country-with-most": "/id/country/united-states.html",
    "agent": "/id/agent/tzu-chi-foundation.html",
    "supply": "/id/supply/surgical-mask.html",
    "section": "/id/section/europe.html",
    "group": "/id/group/diplomatic-allies.html",
    "source": "/id/source/en-mofa-gov-tw-a4c54ea2.html",
    "claim": "/id/claim/masks-over-50-million.html",
    "list": "/id/country",
    "queries": "/queries",
    "named-query": "/queries/gifts-to-place.html?place=country/germany",
    "editor": "/sparql",
    "ontology": "/ontology.html",
    "shapes": "/shapes",
    "checks": "/validation",
    "links": "/links?kind=country",
    "download": "/download",
}
# No text of ours has any: where it is seen, a page has escaped what it was to send.
MARKUP = re.compile(r"</[a-z]+>|<[a-z]+ [a-z]+=")
# What a first visit to a page other than the editor may load.
MOST_BYTES = 250_000


def overflow(page: Page) -> int:
    """Return by how many pixels the page is wider than the window."""
    return int(page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth"))


@pytest.mark.parametrize("language", ["en", "zh-Hant"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_of_page(visit: Visit, kind: str, viewport: ViewportSize, language: str) -> None:
    page = visit(f"/{language}{KINDS[kind]}", viewport)
    page.wait_for_load_state("networkidle")
    expect(page.locator("html")).to_have_attribute("lang", language)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert MARKUP.findall(page.locator("body").inner_text()) == []
    assert overflow(page) <= 0
    assert violations(page) == []
    picture(page, f"{kind}-{language}-{viewport['width']}")


@pytest.mark.parametrize(
    "path", ["/en/nowhere", "/zh-Hant/id/country/atlantis", "/en/search?page=99", "/en/search?kind=x"]
)
def test_pages_of_what_is_not_there(visit: Visit, path: str) -> None:
    page = visit("/en/")
    faults = page.context.new_page()  # not watched: Chromium logs the status as an error
    faults.goto(path)
    assert violations(faults) == []
    expect(faults.get_by_role("link").first).to_be_visible()


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "editor"])
def test_a_first_visit_loads_little(visit: Visit, kind: str) -> None:
    page = visit(KINDS[kind])
    page.wait_for_load_state("networkidle")
    loaded = page.evaluate(
        "performance.getEntries().filter(e => 'transferSize' in e).reduce((sum, e) => sum + e.transferSize, 0)"
    )
    assert 1000 < loaded < MOST_BYTES


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_facets_are_combined_and_taken_back(visit: Visit, scripts: bool) -> None:
    page = visit("/en/search", java_script_enabled=scripts)
    page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first.fill("masks")
    page.get_by_role("button", name="Search").click()
    first = page.get_by_role("heading", level=2).first.inner_text()
    page.get_by_label("Europe").first.check()
    page.get_by_label("Donation").first.check()
    page.get_by_role("button", name="Apply filters").click()
    assert page.get_by_role("heading", level=2).first.inner_text() != first
    for chosen in ("Europe", "Donation"):
        expect(page.get_by_label(chosen).first).to_be_checked()
    page.go_back()
    expect(page.get_by_label("Europe").first).not_to_be_checked()
    assert page.get_by_role("heading", level=2).first.inner_text() == first


def test_by_keyboard_from_the_start_page_to_a_record(visit: Visit) -> None:
    page = visit("/en/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to content")
    page.keyboard.press("Enter")
    page.goto("/en/search")
    field = page.get_by_role("searchbox").or_(page.get_by_role("textbox")).first
    for _ in range(30):
        if field.evaluate("field => field === document.activeElement"):
            break
        page.keyboard.press("Tab")
    expect(field).to_be_focused()
    page.keyboard.type("Palau ventilators")
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="5 ventilators, 500 face shields")).to_be_visible()
    for _ in range(80):
        page.keyboard.press("Tab")
        if "face shields" in page.locator(":focus").inner_text():
            break
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("ventilators")


def test_the_language_changes_and_stays(visit: Visit) -> None:
    page = visit("/id/country/palau.html")
    page.get_by_role("link", name="繁體中文").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("帛琉")
    page.get_by_role("link", name="公布數字").first.click()
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hant")


def test_reading_needs_no_scripts(visit: Visit) -> None:
    page = visit("/en/", java_script_enabled=False)
    page.locator("#chart-world-map summary").click()
    expect(page.locator("#chart-world-map")).to_contain_text("Palau")
    page.get_by_role("link", name="Palau").first.click()
    expect(page.get_by_role("heading", name="What was received, and when")).to_be_visible()
