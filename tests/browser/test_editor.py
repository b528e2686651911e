"""The query editor as a reader uses it: write, complete, run, look, take away, share; and without scripts."""

import csv
import json
import re
from pathlib import Path
from urllib.parse import quote

import pytest
from conftest import Client
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from browser.conftest import DESKTOP, PHONE, Visit, picture, pixels, violations

COUNTRIES = """PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#>
SELECT ?country (COUNT(*) AS ?records) WHERE { ?record a tch:Donation ; tch:recipientCountry ?country }
GROUP BY ?country ORDER BY DESC(?records) ?country LIMIT 30"""


def editor(page: Page) -> Locator:
    """Return the visible tab of the editor, once it has taken the plain form's place."""
    expect(page.locator("#plain")).to_be_hidden()
    return page.locator(".tabPanel.active")


def write(page: Page, query: str) -> Locator:
    """Put a query in the place of the one that is there, as a person does."""
    tab = editor(page)
    tab.get_by_role("textbox", name="SPARQL query").focus()
    page.keyboard.press("Control+A")
    page.keyboard.press("Delete")
    page.keyboard.insert_text(query)
    return tab


def run(tab: Locator) -> Locator:
    tab.get_by_role("button", name="Run query").click()
    expect(tab.locator(".yasr_response_chip")).to_contain_text("result")
    return tab


def view(tab: Locator, name: str) -> Locator:
    tab.get_by_role("button", name=f"Shows {name} view").click()
    return tab.locator(".yasr_results")


def test_a_query_is_typed_run_and_downloaded(visit: Visit, client: Client, tmp_path: Path) -> None:
    page = visit("/sparql")
    tab = run(write(page, COUNTRIES))
    expect(tab.locator(".yasr_results tbody tr")).to_have_count(30)
    expect(tab.locator(".yasr_results tbody tr").first).to_contain_text("country:united-states")
    for name, accept in (("CSV", "text/csv"), ("JSON", "application/sparql-results+json")):
        with page.expect_download() as download:
            tab.get_by_role("link", name=name, exact=True).click()
        assert download.value.suggested_filename == f"result.{name.lower()}"
        download.value.save_as(tmp_path / name)
        assert (tmp_path / name).read_bytes() == client.query(COUNTRIES, accept).body
    assert len(list(csv.reader((tmp_path / "CSV").read_text().splitlines()))) == 31
    assert len(json.loads((tmp_path / "JSON").read_text())["results"]["bindings"]) == 30
    picture(page, "editor-table")


def test_the_download_is_of_what_was_asked_not_of_what_is_written_since(visit: Visit) -> None:
    page = visit("/sparql")
    run(write(page, COUNTRIES))
    tab = write(page, "SELECT ?other WHERE { ?other ?is ?there } LIMIT 1")
    page.keyboard.press("Tab")
    assert quote("tch:Donation", safe="") in (
        tab.get_by_role("link", name="CSV", exact=True).get_attribute("href") or ""
    )


def test_a_link_to_share_opens_the_same_query(visit: Visit) -> None:
    page = visit("/sparql")
    tab = write(page, COUNTRIES)
    tab.get_by_role("button", name="Share query").click()
    link = tab.locator(".yasqe_sharePopup input").input_value()
    other = visit(link)  # in another browser context: nothing is stored there
    shared = editor(other)
    expect(shared.locator(".yasr_results tbody tr")).to_have_count(30)
    assert "GROUP BY ?country" in shared.locator(".CodeMirror").inner_text()


def test_a_shared_link_is_followed_where_the_editor_is_open(visit: Visit) -> None:
    page = visit("/sparql")
    editor(page)
    page.evaluate("query => { location.hash = '#query=' + encodeURIComponent(query) }", COUNTRIES)
    expect(page.locator(".tabPanel.active .yasr_results tbody tr")).to_have_count(30)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#>\nSELECT * { ?s a tch:Don", "tch:Donation"),
        ("PREFIX tch: <https://w3id.org/taiwan-can-help/ontology#>\nSELECT * { ?s tch:recip", "tch:recipientCountry"),
        ("PREFIX sup", "supply: <https://w3id.org/taiwan-can-help/id/supply/>"),
    ],
    ids=["class", "property", "prefix"],
)
def test_terms_are_completed(visit: Visit, typed: str, offered: str) -> None:
    page = visit("/sparql")
    write(page, typed)
    page.keyboard.press("Control+Space")
    hint = page.locator(".CodeMirror-hint", has_text=offered).first
    hint.click()
    expect(editor(page).locator(".CodeMirror")).to_contain_text(offered)


def test_a_prefix_of_ours_declares_itself(visit: Visit) -> None:
    page = visit("/sparql")
    tab = write(page, "")
    page.keyboard.type("SELECT * WHERE { ?s a sssom:")
    expect(tab.locator(".CodeMirror")).to_contain_text("PREFIX sssom: <https://w3id.org/sssom/>")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_countries_and_numbers_are_a_map_and_bars(visit: Visit, viewport: ViewportSize, scheme: str) -> None:
    page = visit("/sparql", viewport, color_scheme=scheme)
    tab = run(write(page, COUNTRIES))
    for name in ("Map", "Bars"):
        results = view(tab, name)
        mark = results.get_by_role("link", name=re.compile("^country:united-states: 9[0-9]$"))
        mark.scroll_into_view_if_needed()
        fill = mark.evaluate("mark => getComputedStyle(mark).fill")
        shot = pixels(mark.screenshot())
        colours = {f"rgb{colour}" for _, colour in shot.getcolors(1 << 24) or ()}
        assert fill in colours
        assert results.get_by_role("link").count() == 30
        picture(page, f"editor-{name.lower()}-{scheme}-{viewport['width']}")
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    mark.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("United States")


def test_things_in_results_are_this_servers(visit: Visit, server: str) -> None:
    page = visit("/sparql")
    link = run(write(page, COUNTRIES)).locator(".yasr_results a.iri").first
    link.hover()
    assert link.get_attribute("href") == f"{server}/id/country/united-states"


@pytest.mark.parametrize(
    ("query", "said"),
    [("SELECT * WHERE { ?s ?p }", "The query is at fault"), ("SELECT * { SERVICE <x:y> {} }", "SERVICE is refused")],
)
def test_what_is_wrong_with_a_query_is_said(browser: Browser, server: str, query: str, said: str) -> None:
    # Chromium logs the status, so the page is not watched.
    page = browser.new_page(base_url=server)
    page.goto("/sparql")
    tab = write(page, query)
    tab.get_by_role("button", name="Run query").click()
    expect(tab.get_by_role("alert")).to_contain_text(said)
    page.close()


def test_examples_and_the_run_button_are_reached_by_keyboard(visit: Visit) -> None:
    page = visit("/sparql")
    editor(page)
    page.get_by_role("link", name="Skip to content").focus()
    press_until(page, page.get_by_role("link", name="Masks itemised in all", exact=True))
    page.keyboard.press("Enter")
    tab = page.locator(".tabPanel.active")
    expect(tab.locator(".CodeMirror")).to_contain_text("government_total")
    expect(tab.get_by_role("textbox", name="SPARQL query")).to_be_focused()
    press_until(page, tab.get_by_role("button", name="Run query"))
    page.keyboard.press("Enter")
    expect(tab.locator(".yasr_results tbody")).to_contain_text("33402660")


def press_until(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if target.evaluate("element => element === document.activeElement"):
            return
    pytest.fail("the Tab key does not lead there")


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit: Visit, viewport: ViewportSize, scheme: str) -> None:
    page = visit("/sparql", viewport, color_scheme=scheme)
    tab = editor(page)
    assert violations(page) == []
    run(write(page, COUNTRIES))
    assert violations(page) == []
    for name in ("Map", "Bars", "Response"):
        view(tab, name)
        page.wait_for_load_state("networkidle")
        assert violations(page) == [], name


def test_without_scripts_the_form_asks(visit: Visit) -> None:
    page = visit("/sparql", java_script_enabled=False)
    page.get_by_label("A SPARQL query").fill(COUNTRIES)
    page.get_by_role("button", name="Run").click()
    expect(page.locator("tbody tr")).to_have_count(30)
    page.go_back()
    page.get_by_role("link", name="Masks itemised in all", exact=True).click()
    expect(page.locator("main")).to_contain_text("33,402,660")


def test_where_the_editor_fails_the_form_stays(browser: Browser, server: str) -> None:
    page = browser.new_page(base_url=server)
    page.route("**/editor.json", lambda route: route.fulfill(status=503))
    page.goto("/sparql")
    page.wait_for_load_state("networkidle")
    expect(page.get_by_label("A SPARQL query")).to_be_visible()
    page.get_by_role("button", name="Run").click()
    expect(page.locator("tbody tr")).to_have_count(20)
    page.close()
