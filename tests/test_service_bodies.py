"""Request bodies on the wire: chunked, cut short, too long, broken."""

import json
import socket
from urllib.parse import urlsplit

import pytest
from conftest import Client

DIRECT = b"Content-Type: application/sparql-query"
CHUNKED = b"Transfer-Encoding: chunked"


def post(client: Client, *headers: bytes, body: bytes, cut: bool = False) -> tuple[int, bytes, bytes]:
    """Send a POST to /sparql as it is, and return status, headers and body of the answer."""
    line = b"POST /sparql HTTP/1.1"
    return send(client, line, b"Host: x", b"Connection: close", DIRECT, *headers, b"", body, cut=cut)


def send(client: Client, *lines: bytes, cut: bool = False) -> tuple[int, bytes, bytes]:
    """Send lines as they are; where they are ``cut``, say that no more will come."""
    address = urlsplit(client.base)
    with socket.create_connection((address.hostname, address.port), timeout=30) as connection:
        connection.sendall(b"\r\n".join(lines))
        if cut:
            connection.shutdown(socket.SHUT_WR)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    head, _, rest = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), head, rest


def chunk(content: bytes) -> bytes:
    return b"%x\r\n%s\r\n" % (len(content), content)


def test_a_chunked_body_is_read_whole(client: Client) -> None:
    status, _, answer = post(client, CHUNKED, body=chunk(b"ASK") + chunk(b" {}") + b"0\r\n\r\n")
    assert (status, b'"boolean":true' in answer) == (200, True)


@pytest.mark.parametrize("framing", [b"zz\r\nASK {}\r\n0\r\n", b"-6\r\nASK {}\r\n0\r\n", b"6\r\nASK {}0\r\n"])
def test_broken_chunks_are_the_clients_fault(client: Client, framing: bytes) -> None:
    status, head, _ = post(client, CHUNKED, body=framing + b"\r\n")
    assert status == 400
    assert b"application/problem+json" in head


def test_a_chunked_body_is_refused_where_it_passes_the_limit_and_not_cut(client: Client) -> None:
    query = b"ASK {} #" + b"x" * 1024 * 1024
    status, head, _ = post(client, CHUNKED, body=chunk(query) + b"0\r\n\r\n")
    assert status == 413
    assert b"application/problem+json" in head


def test_a_body_that_is_cut_short_is_not_taken_for_whole(client: Client) -> None:
    status, head, _ = post(client, b"Content-Length: 40", body=b"ASK {}", cut=True)
    assert status == 400
    assert b"application/problem+json" in head


@pytest.mark.parametrize("header", [b"SCRIPT_NAME: /x", b"PATH_INFO: /health"])
def test_a_header_does_not_say_where_the_service_stands(client: Client, header: bytes) -> None:
    status, _, answer = post(client, header, b"Content-Length: 6", body=b"ASK {}")
    assert (status, b'"boolean":true' in answer) == (200, True)


@pytest.mark.parametrize(
    ("line", "status"),
    [
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1", 414),
        (b"GET / HTTP/1.1\r\nX-Long: " + b"x" * 9000, 431),
        (b"GET / HTTP/1.1\r\nExpect: the unexpected", 417),
        (b"GET / HTTP/1.1\r\nTransfer-Encoding: nonsense", 501),
        (b"GET / HTTP/1.1\r\nContent-Length: -1", 400),
        (b"get / HTTP/1.1", 400),
        (b"GET /health", 400),
    ],
)
def test_what_breaks_http_itself_is_told_so_in_a_problem_too(client: Client, line: bytes, status: int) -> None:
    found, head, body = send(client, line, b"Host: x", b"", b"")
    assert (found, json.loads(body)["status"]) == (status, status)
    assert b"application/problem+json" in head


@pytest.mark.parametrize("piece", ['\\"', '\\"""\n', "-", "1", "a."])
def test_a_long_query_is_refused_as_soon_as_a_short_one(client: Client, piece: str) -> None:
    query = b"ASK { SERVICE RAND " + piece.encode() * (1_000_000 // len(piece))
    status, _, _ = post(client, b"Content-Length: %d" % len(query), body=query)
    assert status in (400, 403)
