"""Serve the application with gunicorn: threads in each of a few worker processes, none of which holds the store."""

from collections.abc import Callable
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

THREADS = 8


class Server(BaseApplication):  # type: ignore[misc]
    """gunicorn, configured in code."""

    def __init__(self, app: Flask, host: str, port: int, workers: int, ready: Callable[[str], None]) -> None:
        self._app = app
        self._settings: dict[str, Any] = {
            "bind": f"[{host}]:{port}" if ":" in host else f"{host}:{port}",
            "workers": workers,
            "worker_class": "gthread",
            "threads": THREADS,
            "keepalive": 5,
            # A stop waits this long for requests under way, then ends; gunicorn's own 30 outlasts most supervisors.
            "graceful_timeout": 10,
            "limit_request_line": 8190,
            "loglevel": "warning",
            "control_socket_disable": True,
            "proc_name": "taiwan-can-help",
            "when_ready": lambda arbiter: ready(str(arbiter.LISTENERS[0])),
        }
        super().__init__()

    def load_config(self) -> None:
        """Hand the settings to gunicorn."""
        for name, value in self._settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Return the application."""
        return self._app
