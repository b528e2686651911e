"""gunicorn's worker with threads, which answers in its event loop what needs none: what the cache holds, and queries.

A request whose bytes are exactly those of one that the cache answered before needs no parser: the same bytes ask for
the same. A query in plain form runs in the loop, and gives way while it waits. Everything else goes gunicorn's way, the
bytes read so far handed to its parser.
"""

import contextlib
import socket
import time
from collections import Counter, deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from selectors import EVENT_READ, EVENT_WRITE
from typing import TYPE_CHECKING, Any

from gunicorn import util
from gunicorn.http.wsgi import base_environ
from gunicorn.workers.gthread import TConn, ThreadWorker

from taiwan_can_help.cache.middleware import HELD, ROUTE, STATUS
from taiwan_can_help.errors import InputError
from taiwan_can_help.serving.faults import is_the_clients, problem_of, refusal
from taiwan_can_help.serving.loop import GivingSocket, Loop
from taiwan_can_help.serving.plain import GeneralFields, Response, environment
from taiwan_can_help.serving.sending import SentFile
from taiwan_can_help.web.site import SITE, Site

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIEnvironment

# What gunicorn's parser reads at a time; a longer head is not looked up.
READ_BYTES = 8192
# A longer answer gains nothing here, and sending it would keep others waiting.
MOST_BODY_BYTES = 1024 * 1024
_OK, _BLANK = b"HTTP/1.1 200 OK\r\n", b"\r\n"
_END = b"\r\n\r\n"
# A client that takes nothing for so long is left.
TAKE_SECONDS = 20

ToThread = Callable[[TConn, socket.socket], None]


class Worker(ThreadWorker):  # type: ignore[misc]
    """See this module; its ``app`` is the Server, whose store, sites and metrics it uses."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._hits: Counter[str] = Counter()
        self._general = GeneralFields()
        self._site: Site | None = None
        self._environment = {**base_environ(self.cfg), "SCRIPT_NAME": "", "wsgi.url_scheme": "http"}
        self._environment["wsgi.multithread"] = True
        # The clients whose requests are in the loop, as long as nothing comes from them.
        self._in_loop: set[socket.socket] = set()
        self._left: set[socket.socket] = set()

    def run(self) -> None:
        """Answer until the end."""
        self._loop = Loop(self.poller, self.tpool, self.method_queue.defer, self.app.sites.workers)
        super().run()

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
        """Answer the first request of a connection, or hand it on."""
        self._on_readable(conn, client, self.pending_conns, super().on_pending_socket_readable)

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Answer a later request of a connection, or hand it on."""
        self._on_readable(conn, client, self.keepalived_conns, super().on_client_socket_readable)

    def _on_readable(self, conn: TConn, client: socket.socket, idle: deque[TConn], to_thread: ToThread) -> None:
        """Answer from the cache at once; else run the request in the event loop, or in a thread what is not for it."""
        if client.fileno() < 0 or client not in self.poller.get_map():
            return  # what another event led to has ended its connection, or is at it
        if client in self._in_loop:
            self._look_at(client)
            return
        rest = self._answer_at_once(conn)
        if rest is None:
            environ = self._for_the_loop(conn)
            if environ is None:
                _give_back(conn)
                to_thread(conn, client)
                return
            idle.remove(conn)
            self.poller.modify(client, EVENT_READ, partial(self.on_client_socket_readable, conn))
            self._handle_here(conn, environ)
            return
        idle.remove(conn)
        if rest or idle is not self.keepalived_conns:
            self.poller.unregister(client)
            self._finish(conn, rest)
        else:
            self._keep(conn)

    def _keep(self, conn: TConn) -> None:
        conn.set_timeout()
        self.keepalived_conns.append(conn)  # the last to time out

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Do what there is to do, all from the release of the moment, and count it."""
        self._site = None
        super().wait_for_and_dispatch_events(self._loop.seconds_left(timeout))
        self._loop.wake_late()
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

    def _answer_at_once(self, conn: TConn) -> bytes | SentFile | None:
        """Send what the cache has for a request, and return what of it could not be sent yet; None without."""
        conn.spelling = b""
        try:
            request = conn.sock.recv(READ_BYTES)
        except BlockingIOError:
            return b""
        except OSError:
            return None  # the thread will meet it too
        if not conn.initialized:
            conn.init()
            conn.sock.setblocking(False)
        entry = file = None
        if self.alive:
            with contextlib.suppress(OSError, InputError):  # the server ends, or the release is gone
                conn.site = self._site = self._site or self.app.sites.current()
                found = self.app.store.spelt(str(conn.site.release.root), request)
                file = Path(found.file).open("rb") if found and found.file else None  # noqa: SIM115 (SentFile's)
                entry = found
        if entry is None:
            conn.spelling = request
            return None
        self._hits[entry.route] += 1
        parts = (_OK, self._general.lines(), entry.lines, _BLANK, entry.body)
        if file is not None:
            return SentFile(b"".join(parts), file)
        try:
            sent = conn.sock.sendmsg(parts)
        except BlockingIOError:
            sent = 0
        except OSError:
            return None
        return b"" if sent == sum(map(len, parts)) else b"".join(parts)[sent:]

    def _for_the_loop(self, conn: TConn) -> "WSGIEnvironment | None":
        """Return what the application is told of a query in plain form; pages, which take long to make, are others."""
        request = conn.spelling
        if not request.startswith(b"GET /sparql?") or b"html" in request:
            return None
        if not hasattr(conn, "environment"):
            (name, port, *_), (peer, peer_port, *_) = conn.server, conn.client
            own = {"SERVER_NAME": name, "SERVER_PORT": str(port), "REMOTE_ADDR": peer, "REMOTE_PORT": str(peer_port)}
            conn.environment = {**self._environment, **own, "gunicorn.socket": conn.sock}
        environ = environment(request, conn.environment)
        if environ is not None and hasattr(conn, "site"):
            environ[SITE] = conn.site
        return environ

    def _handle_here(self, conn: TConn, environ: "WSGIEnvironment") -> None:
        """Handle a request in the event loop, or in a thread where too many wait for it."""
        self._in_loop.add(conn.sock)
        if not self._loop.start(partial(self._handle_in_turn, conn, environ)):
            self._in_loop.discard(conn.sock)
            self.poller.unregister(conn.sock)
            _give_back(conn)
            self.enqueue_req(conn)

    def _handle_in_turn(self, conn: TConn, environ: "WSGIEnvironment") -> None:
        client = conn.sock
        keep = client not in self._left and self._respond(conn, environ)
        self._left.discard(client)
        is_watched = client in self._in_loop
        self._in_loop.discard(client)
        if keep and self.alive and is_watched:
            self._keep(conn)
            return
        if is_watched:
            self.poller.unregister(client)
        if keep:
            self.finish_request(conn, _Done(keep))
            return
        self._loop.aside(partial(util.close_graceful, client))  # it waits for what the client still sends
        self.nr_conns -= 1

    def _respond(self, conn: TConn, environ: "WSGIEnvironment") -> bool:
        """Let the application answer, and return whether the connection may be used again."""
        begun = time.monotonic()
        spelling, conn.spelling = conn.spelling, b""
        response = Response(GivingSocket(conn.sock, self._loop, TAKE_SECONDS), self._general.lines())
        try:
            response.answer(self.wsgi, environ)
        except OSError:  # the client left, or took nothing for too long
            return False
        except Exception as error:
            if response.begun:
                self.log.exception("Error handling request")
            else:
                self.handle_error(None, conn.sock, conn.client, error)
            return False
        finally:
            self.count(environ, response.status, time.monotonic() - begun)
        self.hold(environ, spelling, response.status, response.sent)
        return True

    def hold(self, environ: dict[str, Any], request: bytes, status: int, sent: int) -> None:
        """Let requests of these bytes be answered at once from now on, where the cache holds the answer."""
        if HELD in environ and status == 200 and sent <= MOST_BODY_BYTES:
            environ[HELD](request)

    def count(self, environ: dict[str, Any], status: int, seconds: float) -> None:
        """Count a request that the application has answered."""
        self.app.metrics.answered(environ.get(ROUTE, "none"), status, seconds)
        if STATUS in environ:
            self.app.metrics.looked_up(environ[STATUS])

    def _look_at(self, client: socket.socket) -> None:
        """See what comes from a client whose request is in the loop: the end, or its next request too early."""
        self.poller.unregister(client)
        self._in_loop.discard(client)
        try:
            left = not client.recv(1, socket.MSG_PEEK)
        except OSError:
            left = True
        if left:
            self._left.add(client)
            self._loop.client_left(client.fileno())

    def _finish(self, conn: TConn, rest: bytes | SentFile) -> None:
        """Wait for the next request, once the rest is sent: a file from here, anything else by a thread."""
        if isinstance(rest, SentFile):
            self.poller.register(conn.sock, EVENT_WRITE, partial(self._send_on, conn, rest))
        elif rest:
            sending = self.tpool.submit(_send, conn, rest)
            sending.add_done_callback(lambda done: self.method_queue.defer(self.finish_request, conn, done))
        else:
            self.finish_request(conn, _Done(keep=True))

    def _send_on(self, conn: TConn, file: SentFile, client: socket.socket) -> None:
        """Send more of a file to a client that takes more."""
        try:
            if not file.send(client):
                return
            keep = True
        except OSError:  # the client left, or took nothing for too long
            keep = False
        file.close()
        self.poller.unregister(client)
        self.finish_request(conn, _Done(keep))


@dataclass(frozen=True)
class _Done:
    """What gunicorn takes for a Future that is done; a real one has a lock to make, for each request."""

    keep: bool

    def cancelled(self) -> bool:
        return False

    def result(self) -> bool:
        return self.keep


def _give_back(conn: TConn) -> None:
    """Let gunicorn's parser have what was read of a request."""
    if conn.spelling:
        conn.parser.unreader.unread(conn.spelling)


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
    worker.count(environ, resp.status_code, time.monotonic() - req.begun)
    request = req.spelling
    if (
        (environ["REQUEST_METHOD"], environ["SERVER_PROTOCOL"]) == ("GET", "HTTP/1.1")
        and not resp.should_close()
        and request.find(_END) == len(request) - len(_END)  # one head and nothing else
    ):
        worker.hold(environ, request, resp.status_code, resp.sent)
