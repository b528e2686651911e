"""What the build made of the front end, as it is served: whole, small, kept by caches, with its licences."""

import gzip
import re

import pytest
from conftest import Client

LOADED = re.compile(r'(?:src|href)="(/static/built/[^"]+)"')


@pytest.fixture
def built(client: Client) -> list[str]:
    """Return the built files that the start page loads."""
    return LOADED.findall(client.get("/", "text/html").text)


def test_a_page_loads_what_was_built(built: list[str]) -> None:
    assert {path.rpartition(".")[2] for path in built} == {"css", "js"}


def test_a_built_file_is_kept_for_good(client: Client, built: list[str]) -> None:
    for path in built:
        assert client.get(path).headers["Cache-Control"] == "public, max-age=31536000, immutable"
    for path in ("/static/style.css", "/static/built/LICENSES.txt"):
        assert client.get(path).headers["Cache-Control"] == "no-cache"


@pytest.mark.parametrize("accept", ["gzip", "gzip;q=0.5, br;q=0", "deflate, gzip"])
def test_a_client_that_takes_gzip_gets_it(client: Client, built: list[str], accept: str) -> None:
    for path in built:
        plain = client.get(path)
        packed = client.get(path, headers={"Accept-Encoding": accept})
        assert packed.headers["Content-Encoding"] == "gzip"
        assert gzip.decompress(packed.body) == plain.body
        assert packed.type == plain.type
        assert packed.headers["Vary"] == plain.headers["Vary"] == "Accept-Encoding"
        assert packed.headers["ETag"] != plain.headers["ETag"]


def test_brotli_is_smaller(client: Client) -> None:
    path = "/static/built/LICENSES.txt"
    sizes = {
        encoding: len(client.get(path, headers={"Accept-Encoding": encoding}).body)
        for encoding in ("identity", "gzip", "gzip, deflate, br, zstd")
    }
    assert sizes["gzip, deflate, br, zstd"] < sizes["gzip"] < sizes["identity"]


def test_the_licences_of_bundled_packages_are_there(client: Client) -> None:
    text = client.get("/static/built/LICENSES.txt").text
    for package in ("vega-view", "d3-geo", "world-atlas", "topojson-client", "@zazuko/yasgui"):
        assert re.search(rf"^{package} \d", text, re.MULTILINE), package
    assert "esbuild" not in text
    assert "Redistribution and use in source and binary forms" in text


@pytest.mark.parametrize("path", ["/static/../web/app.py", "/static/built/nothing.js", "/static/built/"])
def test_nothing_else_is_served(client: Client, path: str) -> None:
    assert client.get(path).status == 404
