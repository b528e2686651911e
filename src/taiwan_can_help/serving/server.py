"""Serve the application with gunicorn: threads in each of a few worker processes, none of which holds the store."""

import logging
import socket
import struct
from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http.errors import ParseException

from taiwan_can_help.engine import ClientLeft, EngineError
from taiwan_can_help.serving.faults import Worker, problem_of
from taiwan_can_help.web.respond import problem_response

# More than PoolEngine's MOST_CALLS: the others go on serving files and refusals when queries wait.
THREADS = 32
# A client that sends or takes nothing for so long is left; it would hold a thread for ever.
SEND_SECONDS = 10
TAKE_SECONDS = 20


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured in code."""

    def __init__(self, app: Flask, host: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
        self._app = app
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
        }
        app.register_error_handler(ParseException, lambda error: problem_response(problem_of(error)))
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self._app

    def _when_ready(self, arbiter: Arbiter) -> None:
        for listener in arbiter.LISTENERS:
            _bound(listener.sock)
        logging.getLogger("gunicorn.error").addFilter(_in_one_line)
        self._ready(str(arbiter.LISTENERS[0]))


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
