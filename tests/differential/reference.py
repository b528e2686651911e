"""Oxigraph's own server, which answers from the same graph by a path of its own."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from conftest import Client

OXIGRAPH = Path(sys.executable).with_name("oxigraph")
START_SECONDS = 30


@contextlib.contextmanager
def serving_reference(nquads: bytes) -> Iterator[Client]:
    """Run ``oxigraph serve`` on a free port with these quads in memory."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = [str(OXIGRAPH), "serve", "--bind", f"127.0.0.1:{port}"]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(port)
            client = Client(f"http://127.0.0.1:{port}")
            loaded = client.send("POST", "/store", nquads, {"Content-Type": "application/n-quads"})
            assert loaded.status == 204, loaded.text
            yield client
        finally:
            process.terminate()


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            socket.create_connection(("127.0.0.1", port)).close()
        except ConnectionRefusedError:
            assert time.monotonic() < deadline, f"{OXIGRAPH} did not listen at port {port}"
            time.sleep(0.05)
        else:
            return
