"""Pages in Debian's Chromium: what it draws, logs and asks for.

Every page that a test opens must log no error, break no rule of its policy and ask no other server for anything.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, ViewportSize, sync_playwright

DESKTOP = ViewportSize(width=1280, height=900)
PHONE = ViewportSize(width=390, height=844)
SCREENSHOTS = Path(__file__).parents[2] / "build" / "screenshots"

AXE = Path(sys.prefix) / "clients" / "node_modules" / "axe-core" / "axe.min.js"  # by make clients

Visit = Callable[..., Page]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = shutil.which("chromium")
    assert executable, "the browser tests need Chromium: apt-get install chromium fonts-noto-cjk"
    with sync_playwright() as playwright:
        # As root, as in a container, Chromium has no sandbox.
        arguments = ["--no-sandbox"] if os.geteuid() == 0 else []
        running = playwright.chromium.launch(executable_path=executable, args=arguments)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, server: str) -> Iterator[Visit]:
    """Return a function that opens a path in a browser context of its own; options are those of a context."""
    contexts: list[BrowserContext] = []
    faults: list[str] = []

    def open_page(path: str, viewport: ViewportSize = DESKTOP, **options: object) -> Page:
        context = browser.new_context(base_url=server, viewport=viewport, **options)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = context.new_page()
        watch(page, server, faults)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert faults == []


def watch(page: Page, server: str, faults: list[str]) -> None:
    """Note errors, what Chromium says of the policy, and requests to anywhere but the server."""
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on(
        "console",
        lambda message: (
            faults.append(f"{message.type}: {message.text}")
            if message.type in ("error", "warning") or "Content Security Policy" in message.text
            else None
        ),
    )
    page.on(
        "request",
        lambda request: (
            faults.append(f"request: {request.url}")
            if not request.url.startswith((f"{server}/", "data:", "blob:"))
            else None
        ),
    )


def picture(page: Page, name: str) -> None:
    """Keep a picture of the whole page, for people to look at."""
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=True)


def pixels(png: bytes) -> Image.Image:
    """Return what a screenshot shows, as a picture whose pixels can be read."""
    return Image.open(BytesIO(png)).convert("RGB")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds against WCAG 2.2 AA and its best practices (https://www.w3.org/TR/WCAG22/)."""
    page.evaluate(AXE.read_text("utf-8"))
    found = page.evaluate("async () => (await axe.run()).violations")
    return [f"{each['id']}: {node['target']} {node['failureSummary']}" for each in found for node in each["nodes"]]
