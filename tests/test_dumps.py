"""Dumps and validation reports as files: compressed copies, negotiated codings, validators and ranges for each."""

import contextlib
import gzip
import http.client
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import zstandard
from conftest import Client, serving, write_dataset
from rdflib import Graph

from taiwan_can_help.protocol.coding import GZIP, IDENTITY, ZSTD, Coding, choose_coding

FILES = [*(f"/dump.{suffix}" for suffix in ("ttl", "nt", "nq", "trig", "jsonld", "rdf")), "/validation.ttl"]
UNPACK: dict[str, Callable[[bytes], bytes]] = {
    "identity": bytes,
    "gzip": gzip.decompress,
    "zstd": lambda body: zstandard.ZstdDecompressor().decompress(body),
}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        (None, IDENTITY),
        ("", IDENTITY),
        ("nonsense;;", IDENTITY),
        ("identity", IDENTITY),
        ("br", IDENTITY),
        ("gzip", GZIP),
        ("GZIP", GZIP),
        ("gzip, deflate, br, zstd", ZSTD),
        ("zstd;q=0.5, gzip", GZIP),
        ("zstd;q=0.2, gzip;q=0.5, identity;q=0.1", GZIP),
        ("gzip;q=0.5, identity", IDENTITY),
        ("gzip;q=0", IDENTITY),
        ("*", ZSTD),
        ("zstd;q=0, *", GZIP),
        ("*;q=0, gzip", GZIP),
        ("identity;q=0, *;q=0.1", ZSTD),
        ("*;q=0, identity", IDENTITY),
        ("identity;q=0", None),
        ("*;q=0", None),
        ("br, identity;q=0", None),
    ],
)
def test_which_coding_a_client_gets(header: str | None, coding: Coding | None) -> None:
    assert choose_coding(header) == coding


@pytest.mark.parametrize("path", FILES)
def test_each_coding_is_the_same_file(client: Client, path: str) -> None:
    plain = client.get(path)
    tags = set()
    for coding, unpack in UNPACK.items():
        reply = client.get(path, headers={"Accept-Encoding": coding})
        assert (reply.status, reply.type) == (200, plain.type)
        assert reply.headers.get("Content-Encoding", "identity") == coding
        assert reply.headers["Content-Length"] == str(len(reply.body))
        assert reply.headers["Vary"] == "Accept-Encoding"
        assert reply.headers["Accept-Ranges"] == "bytes"
        assert unpack(reply.body) == plain.body
        assert coding == "identity" or len(reply.body) < len(plain.body) / 3
        tags.add(reply.headers["ETag"])
    assert len(tags) == 3
    assert not any(tag.startswith("W/") for tag in tags)


@pytest.mark.parametrize("coding", UNPACK)
def test_a_coding_has_its_own_conditions_and_ranges(client: Client, coding: str) -> None:
    whole = client.get("/dump.ttl", headers={"Accept-Encoding": coding})
    size, tag = len(whole.body), whole.headers["ETag"]
    other = client.get("/dump.nt", headers={"Accept-Encoding": coding}).headers["ETag"]

    def part(value: str, if_range: str | None = None) -> tuple[int, bytes, str | None]:
        headers = {"Accept-Encoding": coding, "Range": value, **({"If-Range": if_range} if if_range else {})}
        reply = client.get("/dump.ttl", headers=headers)
        if reply.status != 416:
            assert reply.headers.get("Content-Encoding", "identity") == coding
            assert reply.headers["Content-Length"] == str(len(reply.body))
            assert (reply.headers["ETag"], reply.headers["Vary"]) == (tag, "Accept-Encoding")
        return reply.status, reply.body, reply.headers["Content-Range"]

    body = whole.body
    assert part("bytes=100-199") == (206, body[100:200], f"bytes 100-199/{size}")
    assert part("bytes=100-") == (206, body[100:], f"bytes 100-{size - 1}/{size}")
    assert part("bytes=-100") == (206, body[-100:], f"bytes {size - 100}-{size - 1}/{size}")
    assert part(f"bytes=0-{10 * size}") == (206, body, f"bytes 0-{size - 1}/{size}")
    assert part(f"bytes=-{10 * size}") == (206, body, f"bytes 0-{size - 1}/{size}")
    assert part("bytes=100-199", tag) == (206, body[100:200], f"bytes 100-199/{size}")
    for stale in (other, f"W/{tag}", "Wed, 21 Oct 2099 07:28:00 GMT"):
        assert part("bytes=100-199", stale) == (200, body, None)
    for ignored in ("bytes=0-9,20-29", "lines=1-2", "bytes=9-1", "bytes=", "nonsense"):
        assert part(ignored) == (200, body, None)
    for beyond in (f"bytes={size}-", "bytes=-0", f"bytes={10 * size}-{11 * size}"):
        status, _, place = part(beyond)
        assert (status, place) == (416, f"bytes */{size}")
    unchanged = client.get("/dump.ttl", headers={"Accept-Encoding": coding, "If-None-Match": tag, "Range": "bytes=0-9"})
    assert (unchanged.status, unchanged.body, unchanged.headers["ETag"]) == (304, b"", tag)
    assert unchanged.headers["Vary"] == "Accept-Encoding"
    head = client.send("HEAD", "/dump.ttl", headers={"Accept-Encoding": coding, "Range": "bytes=0-9"})
    assert (head.status, head.headers["Content-Length"], head.headers["ETag"], head.body) == (200, str(size), tag, b"")


def test_a_tag_of_another_coding_does_not_match(client: Client) -> None:
    packed = client.get("/dump.ttl", headers={"Accept-Encoding": "gzip"})
    asked = {"Accept-Encoding": "identity", "If-None-Match": packed.headers["ETag"]}
    assert client.get("/dump.ttl", headers=asked).status == 200


@pytest.mark.parametrize("path", ["/dump.ttl", "/validation.json"])
def test_a_client_that_takes_no_coding_there_is(client: Client, path: str) -> None:
    reply = client.get(path, headers={"Accept-Encoding": "br, identity;q=0"})
    assert (reply.status, reply.headers["Vary"]) == (406, "Accept-Encoding")
    assert "zstd, gzip" in reply.json()["detail"]


@pytest.mark.parametrize(("suffix", "type_", "coding"), [("gz", "gzip", "gzip"), ("zst", "zstd", "zstd")])
@pytest.mark.parametrize("path", FILES[:-1])
def test_a_compressed_copy_is_a_file_of_its_own(
    client: Client, path: str, suffix: str, type_: str, coding: str
) -> None:
    reply = client.get(f"{path}.{suffix}", headers={"Accept-Encoding": "gzip, zstd"})
    assert (reply.status, reply.type) == (200, f"application/{type_}")
    assert "Content-Encoding" not in reply.headers
    assert UNPACK[coding](reply.body) == client.get(path).body
    assert client.get(f"{path}.{suffix}", headers={"If-None-Match": reply.headers["ETag"]}).status == 304
    part = client.get(f"{path}.{suffix}", headers={"Range": "bytes=10-"})
    assert (part.status, part.body) == (206, reply.body[10:])


def test_a_gzip_copy_tells_no_time_and_no_name(client: Client) -> None:
    # RFC 1952, section 2.3: no flags, the modification time is zero.
    head = client.get("/dump.ttl.gz").body[:8]
    assert head[:3] == b"\x1f\x8b\x08"
    assert head[3:8] == bytes(5)


@pytest.mark.parametrize("path", ["/dump.ttl.br", "/dump.gz", "/dump.ttl.gz.gz", "/dump..gz", "/dump.ttl."])
def test_no_such_copy(client: Client, path: str) -> None:
    assert client.get(path).status == 404


def test_curl_unpacks_and_resumes(client: Client, tmp_path: Path) -> None:
    def curl(*arguments: str | Path) -> bytes:
        return subprocess.run(["curl", "-sSf", *arguments], capture_output=True, timeout=60, check=True).stdout

    url = f"{client.base}/dump.ttl"
    plain = client.get("/dump.ttl").body
    assert curl(url) == plain
    assert curl("--compressed", url) == plain
    assert b"content-encoding" in curl("--compressed", "--head", url).lower()
    target = tmp_path / "dump.ttl.gz"
    target.write_bytes(client.get("/dump.ttl.gz").body[:50_000])
    curl("--continue-at", "-", "--output", target, f"{url}.gz")
    assert gzip.decompress(target.read_bytes()) == plain


def test_rdflib_parses_an_address(client: Client) -> None:
    graph = Graph().parse(f"{client.base}/dump.ttl", format="turtle")
    assert len(graph) == client.get("/health").json()["triples"]


def test_one_connection_serves_many_parts(client: Client) -> None:
    whole = client.get("/dump.nt.gz").body
    connection = http.client.HTTPConnection(urlsplit(client.base).netloc, timeout=30)
    found = b""
    for start in range(0, len(whole), 50_000):
        connection.request("GET", "/dump.nt.gz", headers={"Range": f"bytes={start}-{start + 49_999}"})
        found += connection.getresponse().read()
    connection.close()
    assert found == whole


def test_a_dump_that_was_sent_before_is_the_same_however_it_is_taken(client: Client) -> None:
    whole = client.get("/dump.nt").body
    parts = urlsplit(client.base)
    asked = b"GET /dump.nt HTTP/1.1\r\nHost: again\r\n\r\n"

    def connected(buffer: int) -> socket.socket:
        connection = socket.socket()
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        connection.settimeout(20)
        connection.connect((str(parts.hostname), parts.port or 80))
        return connection

    with connected(1024 * 1024) as usual, connected(4096) as slow:
        for number in range(4):
            with connected(4096) as leaves:
                leaves.sendall(asked)
                leaves.recv(100)
            slow.sendall(asked)
            usual.sendall(asked)
            for connection in (usual, slow):
                with contextlib.closing(http.client.HTTPResponse(connection)) as response:
                    response.begin()
                    assert response.read() == whole
                    assert number == 0 or "hit" in response.headers["Cache-Status"]
    again = {"Host": "again"}
    first = client.get("/dump.nt", headers={**again, "Range": "bytes=10-19"})
    assert (first.status, first.body) == (206, whole[10:20])
    assert client.get("/dump.nt", headers={**again, "If-None-Match": first.headers["ETag"]}).status == 304
    head = client.send("HEAD", "/dump.nt", headers=again)
    assert (head.status, head.body, head.headers["Content-Length"]) == (200, b"", str(len(whole)))


def test_other_files_too_say_how_long_they_are(client: Client) -> None:
    whole = client.get("/static/style.css").body
    past = client.get("/static/style.css", headers={"Range": "bytes=9999999-"})
    assert (past.status, past.headers["Content-Range"]) == (416, f"bytes */{len(whole)}")


def test_files_without_a_byte(tmp_path: Path) -> None:
    dataset = write_dataset(tmp_path / "empty", {})
    with serving(tmp_path / "releases", "--dataset", str(dataset)) as running:
        for coding, unpack in UNPACK.items():
            reply = running.client.get("/dump.nt", headers={"Accept-Encoding": coding})
            assert (reply.status, unpack(reply.body)) == (200, b"")
        past = running.client.get("/dump.nt", headers={"Range": "bytes=0-"})
        assert (past.status, past.headers["Content-Range"]) == (416, "bytes */0")
