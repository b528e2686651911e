"""gunicorn's worker with threads, which answers at once, in its event loop, what the cache holds.

A request whose bytes are exactly those of one that the cache answered before needs no parser and no thread: the
same bytes ask for the same. Everything else goes gunicorn's way, the bytes read so far handed to its parser.
"""

import contextlib
import socket
import time
from collections import Counter
from concurrent.futures import Future
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import SERVER, util
from gunicorn.workers.gthread import TConn, ThreadWorker

from taiwan_can_help.cache.middleware import HELD, ROUTE, STATUS
from taiwan_can_help.serving.faults import is_the_clients, problem_of, refusal

# What gunicorn's parser reads at a time; a longer head is not looked up.
READ_BYTES = 8192
# A longer answer gains nothing here, and sending it would keep others waiting.
MOST_BODY_BYTES = 1024 * 1024
_BLANK = b"\r\n"
_END = b"\r\n\r\n"


class Worker(ThreadWorker):  # type: ignore[misc]
    """See this module; its ``app`` is the Server, whose store, sites and metrics it uses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hits: Counter[str] = Counter()
        self._second = 0
        self._start = b""

    def enqueue_req(self, conn: TConn) -> None:
        """Hand a connection to a thread; one that has sent nothing yet waits in the event loop, not in a thread."""
        if conn.initialized or conn.data_ready:
            super().enqueue_req(conn)
            return
        conn.sock.setblocking(False)
        conn.set_timeout()
        self.pending_conns.append(conn)
        self.poller.register(conn.sock, EVENT_READ, partial(self.on_pending_socket_readable, conn))

    def on_pending_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer the first request of a connection, or hand it to a thread."""
        rest = self._answer_at_once(conn)
        if rest is None:
            super().on_pending_socket_readable(conn, client)
            return
        self.poller.unregister(client)
        self.pending_conns.remove(conn)
        self._finish(conn, rest)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a later request of a connection, or hand it to a thread."""
        rest = self._answer_at_once(conn)
        if rest is None:
            super().on_client_socket_readable(conn, client)
            return
        self.keepalived_conns.remove(conn)
        if rest:
            self.poller.unregister(client)
            self._finish(conn, rest)
        else:
            conn.set_timeout()
            self.keepalived_conns.append(conn)  # the last to time out

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what there is to do, and count it."""
        super().wait_for_and_dispatch_events(timeout)
        if self._hits:
            self.app.metrics.answered_at_once(self._hits)
            self._hits.clear()
        self.app.metrics.write_each_second()

    def handle_request(self, req: Any, conn: TConn) -> bool:
        """Let the application answer; ``answered`` is told of which bytes it was asked by."""
        req.begun = time.monotonic()
        req.spelling, conn.spelling = getattr(conn, "spelling", b""), b""
        return bool(super().handle_request(req, conn))

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read, and close."""
        if not is_the_clients(exc):
            super().handle_error(req, client, addr, exc)
            return
        self.log.warning("Refused a request: %s", exc)
        problem = problem_of(exc)
        self.app.metrics.answered("none", problem.status, 0)
        with contextlib.suppress(OSError):  # the client left
            client.sendall(refusal(problem))

    def _answer_at_once(self, conn: TConn) -> bytes | None:
        """Send what the cache has for a request, and return what of it could not be sent yet; None without."""
        try:
            request = conn.sock.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            return None  # the thread will meet it too
        if not conn.initialized:
            conn.init()
            conn.sock.setblocking(False)
        entry = None
        if self.alive:
            with contextlib.suppress(OSError):  # the server ends
                entry = self.app.store.spelt(self.app.sites.serving(), request)
        if entry is None:
            conn.spelling = request
            conn.parser.unreader.unread(request)
            return None
        self._hits[entry.route] += 1
        start = self._start_of_now()
        try:
            sent = conn.sock.sendmsg((start, entry.lines, _BLANK, entry.body))
        except BlockingIOError:
            sent = 0
        except OSError:
            return None
        if sent == len(start) + len(entry.lines) + len(_BLANK) + len(entry.body):
            return b""
        return b"".join((start, entry.lines, _BLANK, entry.body))[sent:]

    def _start_of_now(self) -> bytes:
        second = int(time.time())
        if second != self._second:
            self._second = second
            lines = (
                "HTTP/1.1 200 OK",
                f"Server: {SERVER}",
                f"Date: {util.http_date(second)}",
                "Connection: keep-alive",
            )
            self._start = "\r\n".join((*lines, "")).encode()
        return self._start

    def _finish(self, conn: TConn, rest: bytes) -> None:
        """Wait for the next request, once a thread has sent the rest to a client that takes it slowly."""
        sending: Future[bool] = Future()
        if rest:
            sending = self.tpool.submit(_send, conn, rest)
            sending.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))
        else:
            sending.set_result(True)
            self.finish_request(conn, sending)


def _send(conn: TConn, rest: bytes) -> bool:
    conn.sock.setblocking(True)
    try:
        conn.sock.sendall(rest)
    except OSError:  # the client left, or took nothing for too long
        return False
    return True


def answered(worker: Worker, req: Any, environ: dict[str, Any], resp: Any) -> None:
    """Count a request; let those of the same bytes be answered at once if this one could be.

    gunicorn's hook ``post_request``.
    """
    if resp is None or resp.status is None:
        return
    worker.app.metrics.answered(environ.get(ROUTE, "none"), resp.status_code, time.monotonic() - req.begun)
    if STATUS in environ:
        worker.app.metrics.looked_up(environ[STATUS])
    request = req.spelling
    if (
        HELD in environ
        and (environ["REQUEST_METHOD"], environ["SERVER_PROTOCOL"]) == ("GET", "HTTP/1.1")
        and resp.status_code == 200
        and resp.sent <= MOST_BODY_BYTES
        and not resp.should_close()
        and request.find(_END) == len(request) - len(_END)  # one head and nothing else
    ):
        environ[HELD](request)
