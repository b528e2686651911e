"""What is read of a request in plain form is what gunicorn reads; every other form is left to gunicorn."""

import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import pytest
from gunicorn.config import Config
from gunicorn.http import get_parser
from gunicorn.http.errors import ParseException
from gunicorn.http.wsgi import base_environ, create
from hypothesis import given
from hypothesis import strategies as st

from taiwan_can_help.serving.plain import Response, environment

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

SERVER, CLIENT = ("127.0.0.1", 8000), ("127.0.0.1", 50000)
CONFIG = Config()
CONFIG.set("forwarder_headers", "")
# Not from the head: objects of this connection, and what gunicorn has for protocols that a plain request can't speak.
OF_THE_SERVER = {"wsgi.input", "wsgi.errors", "wsgi.early_hints", "gunicorn.socket"}


def read_by_gunicorn(request: bytes) -> dict[str, Any] | None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(request)
        theirs.shutdown(socket.SHUT_WR)
        try:
            parsed = next(get_parser(CONFIG, ours, CLIENT))
        except (ParseException, StopIteration):
            return None
        return dict(create(parsed, ours, CLIENT, SERVER, CONFIG)[1])


def read_here(request: bytes) -> dict[str, Any] | None:
    base = base_environ(CONFIG)
    base |= {"SCRIPT_NAME": "", "wsgi.url_scheme": "http", "SERVER_NAME": SERVER[0], "SERVER_PORT": str(SERVER[1])}
    found = environment(request, base | {"REMOTE_ADDR": CLIENT[0], "REMOTE_PORT": str(CLIENT[1])})
    return None if found is None else dict(found)


def without(environ: dict[str, Any] | None) -> dict[str, Any] | None:
    return environ and {name: value for name, value in environ.items() if name not in OF_THE_SERVER}


ORDINARY = ["Accept", "accept", "Accept-Language", "User-Agent", "Cookie", "If-None-Match", "X-Y", "1"]
FRAMING = ["Content-Type", "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "TE"]
NAMES = st.sampled_from([*ORDINARY, *FRAMING, "Host", "X-Forwarded-Proto", "Forwarded", "Script_Name", "Remote-User"])
VALUES = st.one_of(
    st.sampled_from(["*/*", "text/csv;q=0.5, */*", "keep-alive", "close", "0", "5", "chunked", "https", "", '"x"']),
    st.text(st.characters(max_codepoint=0x17F), max_size=8),
)
LINES = st.builds(
    "{}:{}{}{}\r\n".format, NAMES, st.sampled_from(["", " ", "  ", "\t"]), VALUES, st.sampled_from(" \t\r,")
)
TARGETS = st.text(st.sampled_from("/a%2F%20?&=+#.;:@é\x00 \t"), max_size=12)


@given(TARGETS, st.lists(LINES, max_size=4), st.sampled_from(["\r\n", "\n", "", "\r\nX", "\r\n\r\n"]))
def test_a_plain_request_says_the_same_as_to_gunicorn(target: str, lines: list[str], end: str) -> None:
    head = f"GET /{target} HTTP/1.1\r\nHost: example.org\r\n{''.join(lines)}{end}".encode("latin-1", "replace")
    found = read_here(head)
    if found is not None:
        assert without(found) == without(read_by_gunicorn(head))


def test_what_clients_send_is_plain() -> None:
    for fields in (
        "Accept: */*",
        "accept: text/csv\r\nUser-Agent: curl/8.5.0\r\nConnection: keep-alive",
        "Accept-Encoding:gzip",
    ):
        head = f"GET /sparql?query=ASK%7B%7D&format=csv HTTP/1.1\r\nHost: example.org:8000\r\n{fields}\r\n\r\n".encode()
        assert read_here(head) is not None
        assert without(read_here(head)) == without(read_by_gunicorn(head))


@pytest.mark.parametrize(
    "head",
    [
        "POST / HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.0\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nconnection:keep-alive, upgrade\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX-Forwarded-Proto: https\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX_Y: z\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\nX: y\r\n folded\r\n\r\n",
        "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        "GET http://a/ HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
    ],
)
def test_other_forms_are_left_to_gunicorn(head: str) -> None:
    assert read_here(head.encode()) is None


class Taken(bytearray):
    def sendall(self, content: bytes) -> None:
        self.extend(content)


def application(status: str, headers: list[tuple[str, str]], body: Iterable[bytes]) -> "WSGIApplication":
    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:  # noqa: ARG001
        start_response(status, headers)
        return body

    return answer


def test_a_body_of_unknown_length_is_chunked_and_one_that_breaks_off_has_no_end() -> None:
    def breaks_off() -> Any:
        yield b"one"
        raise ValueError("broken")

    taken = Taken()
    response = Response(taken, b"Server: x\r\n")
    response.answer(application("200 OK", [("Content-Type", "text/csv")], [b"one", b"", b"two"]), {})
    start = b"HTTP/1.1 200 OK\r\nServer: x\r\nContent-Type: text/csv\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert bytes(taken) == start + b"3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n"

    taken.clear()
    response = Response(taken, b"Server: x\r\n")
    with pytest.raises(ValueError, match="broken"):
        response.answer(application("200 OK", [("Content-Type", "text/csv")], breaks_off()), {})
    assert bytes(taken) == start + b"3\r\none\r\n"


@pytest.mark.parametrize(("status", "body"), [("304 Not Modified", []), ("200 OK", [b""])])
def test_a_response_without_content_is_its_head(status: str, body: list[bytes]) -> None:
    taken = Taken()
    response = Response(taken, b"")
    headers = [("Content-Length", "0")] if status[0] == "2" else [("ETag", '"x"')]
    response.answer(application(status, headers, body), {})
    assert bytes(taken).startswith(f"HTTP/1.1 {status}\r\n".encode())
    assert bytes(taken).endswith(b"\r\n\r\n")
    assert b"chunked" not in bytes(taken)
