"""A request as bytes on the wire, and its answer."""

import contextlib
import http.client
import socket
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlsplit

MOST_SECONDS = 20
NO_HEADERS = Message()


@dataclass(frozen=True)
class Sent:
    """A request as bytes, of a method; where it is ``cut``, the client says that no more will come."""

    method: str
    content: bytes
    cut: bool = False


@dataclass(frozen=True)
class Answer:
    """An answer; status 0 is a connection that was closed without one, ``whole`` whether it came to its end."""

    status: int
    headers: Message
    body: bytes
    whole: bool = True

    @property
    def type(self) -> str:
        return self.headers.get_content_type() if "Content-Type" in self.headers else ""


def exchange(base: str, sent: Sent) -> Answer:
    """Send a request on a connection of its own and read the answer to its end."""
    address = urlsplit(base)
    with socket.create_connection((address.hostname, address.port), timeout=MOST_SECONDS) as connection:
        with contextlib.suppress(OSError):  # the server answers before it has read all, and leaves
            connection.sendall(sent.content)
            if sent.cut:
                connection.shutdown(socket.SHUT_WR)
        response = http.client.HTTPResponse(connection, method=sent.method)
        try:
            response.begin()
            return Answer(response.status, response.headers, response.read())
        except http.client.IncompleteRead as error:
            return Answer(response.status, response.headers, error.partial, whole=False)
        except (http.client.RemoteDisconnected, ConnectionError):
            return Answer(0, NO_HEADERS, b"")


def request(method: str, target: str, headers: dict[str, str], body: bytes = b"") -> Sent:
    """Return a request that is well-formed as far as HTTP goes."""
    framing = {"Content-Length": str(len(body))} if body or method == "POST" else {}
    fields = {"Host": "localhost", "Connection": "close", **headers, **framing}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return Sent(method, "\r\n".join(lines).encode("latin-1") + body)
