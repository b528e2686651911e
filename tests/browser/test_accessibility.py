"""What axe-core finds on pages, light and dark, wide and narrow, with everything that opens open."""

import pytest
from playwright.sync_api import ViewportSize, expect

from browser.conftest import DESKTOP, PHONE, Visit, violations


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_the_start_page(visit: Visit, viewport: ViewportSize, scheme: str) -> None:
    page = visit("/", viewport, color_scheme=scheme)
    expect(page.locator("[data-drawn]")).to_have_count(page.locator("[data-chart]").count())
    for summary in page.locator("summary").all():
        summary.click()
    assert violations(page) == []
