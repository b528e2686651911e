"""Serve the application with gunicorn: threads in each of a few worker processes, none of which holds the store."""

import gc
import logging
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import ParseException

from taiwan_can_help.cache.middleware import Cache
from taiwan_can_help.cache.store import Store
from taiwan_can_help.engine import ClientLeft, EngineError
from taiwan_can_help.serving.faults import problem_of
from taiwan_can_help.serving.sites import Sites
from taiwan_can_help.serving.warming import keep_warm
from taiwan_can_help.serving.worker import TAKE_SECONDS, Worker, answered
from taiwan_can_help.web.metrics import EXTENSION
from taiwan_can_help.web.respond import problem_response
from taiwan_can_help.web.site import site_of

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

# More than the MOST_CALLS of PoolEngine and the MOST_WAITING of Flights together: the others go on serving files and
# refusals when queries wait.
THREADS = 48
# A client that sends nothing for so long is left; it would hold a thread for ever.
SEND_SECONDS = 10


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured in code."""

    def __init__(
        self,
        app: Flask,
        sites: Sites,
        address: tuple[str, int],
        workers: int,
        cache_bytes: int,
        ready: Callable[[str], None],
    ) -> None:
        host, port = address
        self.metrics = app.extensions[EXTENSION] = sites.metrics
        self.store = self.metrics.cache = Store(cache_bytes // workers)
        self.sites = sites
        self._cache = Cache(app, lambda environ: str(site_of(environ, sites.current).release.root), self.store)
        self._app: WSGIApplication = self._cache if cache_bytes else app
        self._ready = ready
        self._settings: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": Worker,
            "threads": THREADS,
            "keepalive": 5,
            # A stop waits this long for requests under way, then ends; gunicorn's own 30 outlasts most supervisors.
            "graceful_timeout": 10,
            "limit_request_line": 8190,
            "loglevel": "warning",
            "control_socket_disable": True,
            # No header says where the application is mounted: any client could send it.
            "forwarder_headers": "",
            "proc_name": "taiwan-can-help",
            "when_ready": self._when_ready,
            "post_worker_init": self._when_forked,
            "post_request": answered,
            "child_exit": lambda _, worker: self.metrics.forget(worker.pid),
        }
        app.register_error_handler(ParseException, lambda error: problem_response(problem_of(error)))
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> "WSGIApplication":
        """Return the application."""
        return self._app

    def _when_forked(self, _: Worker) -> None:
        if self._app is self._cache:
            keep_warm(self._cache, self.sites)

    def _when_ready(self, arbiter: Arbiter) -> None:
        for listener in arbiter.LISTENERS:
            _bound(listener.sock)
        logging.getLogger("gunicorn.error").addFilter(_in_one_line)
        self._ready(str(arbiter.LISTENERS[0]))
        # What is loaded by now stays: a collection in a web process would write to all of these pages, and so have a
        # copy made of each. What a request leaves is freed without the collector, but for a little.
        gc.freeze()
        gc.set_threshold(100_000, 50, 100)


def _bound(listener: socket.socket) -> None:
    """Set limits of time on the connections that the listener accepts: they inherit them (socket(7), tcp(7))."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", SEND_SECONDS, 0))
    if listener.family in (socket.AF_INET, socket.AF_INET6):
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, TAKE_SECONDS * 1000)


def _in_one_line(record: logging.LogRecord) -> bool:
    """Keep what is no fault of the program in the log without the traceback that gunicorn gives it."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, (TimeoutError, BlockingIOError)):
        record.msg, record.args, record.exc_info = "A client that sent or took nothing was left.", (), None
    elif isinstance(error, EngineError):
        record.msg, record.args, record.exc_info = "A result was broken off: %s", (str(error),), None
    return not isinstance(error, ClientLeft)
