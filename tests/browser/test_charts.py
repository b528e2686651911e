"""The charts of pages as a reader meets them: drawn, by mouse, by keyboard, narrow, dark, on paper, without scripts."""

import contextlib
import csv
import re

import pytest
from conftest import Client
from playwright.sync_api import Browser, Locator, Page, ViewportSize, expect

from browser.conftest import DESKTOP, PHONE, Visit, picture, pixels

CHARTS = ("world-map", "timeline", "top-recipients", "top-givers", "claims-coverage")
SMALL = ("Palau", "Tuvalu", "St. Kitts & Nevis", "Marshall Islands", "Nauru", "Holy See")
LARGEST = """chart => {
  const areas = [...chart.querySelectorAll('[role=link]')].map((mark) => {
    const { width, height } = mark.getBoundingClientRect();
    return width * height;
  });
  return areas.indexOf(Math.max(...areas));
}"""
RGB = re.compile(r"rgb\((\d+), (\d+), (\d+)\)")


def drawn(page: Page, name: str) -> Locator:
    """Return the picture of a chart, once all of the page are there and none moves any more."""
    expect(page.locator("figure[data-chart]:not([data-drawn])")).to_have_count(0)
    return page.locator(f"#chart-{name} .picture")


def marks(chart: Locator) -> Locator:
    return chart.get_by_role("link")


def colour_in_middle(mark: Locator) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Return the colour that a mark should have and the one that the screen shows in its middle."""
    mark.scroll_into_view_if_needed()
    found = RGB.match(mark.evaluate("mark => getComputedStyle(mark).fill"))
    assert found
    shot = pixels(mark.screenshot())
    shown = shot.getpixel((shot.width // 2, shot.height // 2))
    assert isinstance(shown, tuple)
    return tuple(int(part) for part in found.groups()), shown


def rows(client: Client, name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(client.get(f"/queries/{name}.csv").text.splitlines()))


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_every_chart_is_drawn_and_fits(visit: Visit, viewport: ViewportSize, scheme: str) -> None:
    page = visit("/", viewport, color_scheme=scheme)
    for name in CHARTS:
        chart = drawn(page, name)
        colours = pixels(chart.screenshot()).getcolors(1 << 24)
        assert colours
        assert len(colours) > 20, name
    assert page.evaluate("document.documentElement.scrollWidth") <= viewport["width"]
    picture(page, f"charts-{scheme}-{viewport['width']}")


def test_the_map_has_every_recipient(visit: Visit, client: Client) -> None:
    labels = marks(drawn(visit("/"), "world-map")).evaluate_all(
        "marks => marks.map(mark => mark.getAttribute('aria-label'))"
    )
    named = [label.partition(":")[0] for label in labels]
    assert sorted(named) == sorted(row["label"] for row in rows(client, "world-map"))


@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
@pytest.mark.parametrize("name", SMALL)
def test_a_small_country_can_be_seen_and_clicked(visit: Visit, name: str, viewport: ViewportSize) -> None:
    page = visit("/", viewport)
    mark = drawn(page, "world-map").get_by_role("link", name=re.compile(rf"^{re.escape(name)}:"))
    box = mark.bounding_box()
    assert box
    assert min(box["width"], box["height"]) >= 6
    meant, shown = colour_in_middle(mark)
    assert shown == meant
    mark.click()
    expect(page.get_by_role("heading", level=1)).to_contain_text(name.split()[-1])


@pytest.mark.parametrize("name", ["top-recipients", "top-givers", "timeline", "claims-coverage"])
def test_bars_are_filled_and_say_what_they_show(visit: Visit, client: Client, name: str) -> None:
    chart = drawn(visit("/"), name)
    # The timeline draws nothing for a record without a month.
    assert marks(chart).count() == sum("month" not in row or row["month"] != "" for row in rows(client, name))
    largest = marks(chart).nth(chart.evaluate(LARGEST))
    meant, shown = colour_in_middle(largest)
    assert shown == meant
    assert re.search(r"\d", largest.get_attribute("aria-label") or "")


def test_the_longest_bar_is_as_long_as_its_number_says(visit: Visit, client: Client) -> None:
    chart = drawn(visit("/"), "top-recipients")
    first, second = marks(chart).nth(0).bounding_box(), marks(chart).nth(1).bounding_box()
    assert first
    assert second
    most, next_most = (float(row["masks"]) for row in rows(client, "top-recipients")[:2])
    assert second["width"] / first["width"] == pytest.approx(next_most / most, abs=0.01)


def test_marks_are_reached_by_keyboard(visit: Visit) -> None:
    page = visit("/")
    chart = drawn(page, "world-map")
    stops = chart.locator("[tabindex='0']")
    expect(stops).to_have_count(1)
    page.locator(".figures a").last.focus()
    for _ in range(20):
        page.keyboard.press("Tab")
        if stops.evaluate("mark => mark === document.activeElement"):
            break
    page.keyboard.press("ArrowRight")
    focused = chart.locator("[role='link']:focus")
    label = focused.get_attribute("aria-label")
    assert label
    expect(chart.locator(".tooltip")).to_have_text(label)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(label.partition(":")[0])


def test_the_pointer_brings_up_the_numbers(visit: Visit) -> None:
    page = visit("/")
    chart = drawn(page, "top-recipients")
    marks(chart).first.hover()
    expect(chart.locator(".tooltip")).to_contain_text("United States: 5,755,960")
    page.mouse.move(0, 0)
    expect(chart.locator(".tooltip")).to_be_hidden()


def test_a_chart_follows_the_width_of_the_window(visit: Visit) -> None:
    page = visit("/")
    chart = drawn(page, "world-map")
    page.set_viewport_size(PHONE)
    chart.scroll_into_view_if_needed()
    width = chart.evaluate("chart => chart.clientWidth")
    assert width < PHONE["width"]
    expect(chart.locator("svg")).to_have_attribute("width", str(width))
    expect(chart.get_by_role("link", name=re.compile("^Tuvalu:"))).to_be_in_viewport(ratio=1)


def test_on_paper_a_dark_chart_is_printed_light(visit: Visit) -> None:
    page = visit("/", color_scheme="dark")
    mark = marks(drawn(page, "top-recipients")).first
    on_screen = mark.evaluate("mark => getComputedStyle(mark).fill")
    page.emulate_media(media="print")
    assert mark.evaluate("mark => getComputedStyle(mark).fill") != on_screen


@pytest.mark.parametrize("name", CHARTS)
def test_without_scripts_there_is_the_table_and_its_query(visit: Visit, client: Client, name: str) -> None:
    page = visit("/", java_script_enabled=False)
    chart = page.locator(f"#chart-{name}")
    chart.locator("summary").click()
    expect(chart.locator("tbody tr")).to_have_count(len(rows(client, name)))
    expect(chart.locator(".picture")).to_have_count(0)
    assert chart.locator("a[href$='.csv']").get_attribute("href") == f"/queries/{name}.csv"
    chart.get_by_role("link", name="Query").click()
    assert page.url.endswith(f"/queries/{name}.html")


def test_a_chart_without_its_data_says_so(browser: Browser, server: str) -> None:
    with contextlib.closing(browser.new_context(base_url=server)) as context:
        page = context.new_page()
        page.route("**/queries/timeline.csv", lambda route: route.fulfill(status=503))
        page.route("**/charts/top-givers.json*", lambda route: route.fulfill(body="{"))
        page.goto("/")
        for name in ("timeline", "top-givers"):
            said = page.locator(f"#chart-{name} [role=status]")
            expect(said).to_have_text("The chart could not be drawn; its figures are in the table.")
        expect(page.locator("#chart-top-recipients[data-drawn]")).to_be_visible()
