"""A server of this machine that answers as Wikidata's API and a reconciliation service do.

``items/`` holds one JSON file an item, as wbgetentities gives it; an item without a file is missing. Before it answers
truly, the server commits each of its ``faults`` once, in their order.
"""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

ITEMS = Path(__file__).parent / "items"
MAXLAG = {"error": {"code": "maxlag", "info": "Waiting for a database server: 6.2 seconds lagged.", "lag": 6.2}}


FAULTS: dict[str, tuple[int, bytes, dict[str, str]]] = {
    "429": (429, b"Too many requests", {"Retry-After": "0"}),
    "503": (503, b"Try again", {"Retry-After": "Wed, 25 Nov 2026 00:00:00 GMT"}),
    "maxlag": (200, json.dumps(MAXLAG).encode(), {"Retry-After": "0"}),
    "truncated": (200, b'{"entities": {"Q695": {"id": "Q6', {}),
    "array": (200, b"[]", {}),
    "no-entities": (200, b'{"success": 1}', {}),
    "400": (400, b"Bad request", {}),
    "refused": (200, b'{"error": {"code": "badvalue", "info": "Unrecognized value"}}', {}),
    "no-json": (200, b"<html>", {}),
    "no-search": (200, b'{"search": {}}', {}),
    "no-score": (200, b'{"q0": {"result": [{"id": "Q1", "name": "x", "score": "high"}]}}', {}),
}


class Wikidata(ThreadingHTTPServer):
    """Counts what it is asked; ``hold`` stops its answers from the given request on."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.faults: list[str] = []
        self.asked: list[dict[str, str]] = []
        self.agents: set[str] = set()
        self.extra: dict[str, Any] = {}
        self.hold_from = float("inf")
        self.held = threading.Event()

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/w/api.php"

    @property
    def reconciliation(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/reconcile"

    def ids(self) -> list[str]:
        """Return the ids that were asked for, in all requests."""
        return [qid for asked in self.asked for qid in asked.get("ids", "").split("|") if qid]

    def entity(self, qid: str) -> Any:
        path = ITEMS / f"{qid}.json"
        if qid in self.extra:
            return self.extra[qid]
        return json.loads(path.read_text("utf-8")) if path.exists() else {"id": qid, "missing": ""}


class _Handler(BaseHTTPRequestHandler):
    server: Wikidata

    def do_GET(self) -> None:
        self._answer(urlsplit(self.path).query)

    def do_POST(self) -> None:
        self._answer(self.rfile.read(int(self.headers["Content-Length"])).decode())

    def _answer(self, query: str) -> None:
        asked = {name: values[0] for name, values in parse_qs(query, keep_blank_values=True).items()}
        self.server.asked.append(asked)
        self.server.agents.add(self.headers["User-Agent"])
        if len(self.server.asked) >= self.server.hold_from:
            self.server.held.set()
            threading.Event().wait(60)
        if self.server.faults:
            self._fail(self.server.faults.pop(0))
        else:
            self._send(200, json.dumps(self._result(asked)).encode())

    def _fail(self, fault: str) -> None:
        if fault == "stall":
            threading.Event().wait(3)
        elif fault == "short":  # ends before its Content-Length
            self._send(200, b'{"entities"', length=1000)
        else:
            self._send(*FAULTS[fault])

    def _result(self, asked: dict[str, str]) -> Any:
        if "queries" in asked:
            return {
                name: {"result": list(self._reconciled(query["query"]))}
                for name, query in json.loads(asked["queries"]).items()
            }
        if asked["action"] == "wbsearchentities":
            return {"search": list(self._found(asked["search"])), "success": 1}
        bad = next((qid for qid in asked["ids"].split("|") if len(qid) > 11), None)
        if bad:
            return {
                "error": {"code": "no-such-entity", "info": f'Could not find an entity with the ID "{bad}".', "id": bad}
            }
        return {"entities": {qid: self.server.entity(qid) for qid in asked["ids"].split("|")}, "success": 1}

    def _reconciled(self, name: str) -> Iterator[Any]:
        for entity in self._alike(name):
            label = entity["labels"]["en"]["value"]
            alike = 100 if name in self._names(entity) else 60
            types = [{"id": "Q43229", "name": "organization"}]
            yield {"id": entity["id"], "name": label, "score": alike, "match": alike == 100, "type": types}

    def _found(self, name: str) -> Iterator[Any]:
        for entity in self._alike(name):
            label = entity["labels"]["en"]["value"]
            description = entity["descriptions"].get("en", {}).get("value", "")
            yield {"id": entity["id"], "title": entity["id"], "label": label, "description": description}

    def _alike(self, name: str) -> Iterator[Any]:
        for path in sorted(ITEMS.glob("*.json")):
            entity = self.server.entity(path.stem)
            if isinstance(entity.get("labels"), dict) and any(
                name in other or other in name for other in self._names(entity)
            ):
                yield entity

    def _names(self, entity: Any) -> list[str]:
        names = [text["value"] for text in entity["labels"].values()]
        return names + [text["value"] for texts in entity["aliases"].values() for text in texts]

    def _send(self, status: int, body: bytes, headers: dict[str, str] | None = None, length: int | None = None) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length if length is not None else len(body)))
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def running_wikidata() -> Iterator[Wikidata]:
    with Wikidata() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
