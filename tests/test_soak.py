"""Workers killed at random under load: only the queries they were at are lost, and each of those gets a true error.

``make soak`` runs it for a minute; TCH_SOAK_SECONDS says how long.
"""

import contextlib
import http.client
import os
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import Client, Running, children, serving

SECONDS = float(os.environ.get("TCH_SOAK_SECONDS", "5"))
CLIENTS = 6
QUERIES = (
    "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }",
    "ASK { ?s a <https://w3id.org/taiwan-can-help/ontology#Donation> }",
    "SELECT ?s ?p ?o WHERE { ?s ?p ?o } ORDER BY ?s ?p ?o LIMIT 2000",
)


@pytest.fixture(scope="module")
def running(releases: Path) -> Iterator[Running]:
    with serving(releases, "--cache-size", "0") as running:  # every query is a worker's
        yield running


def query_workers(running: Running) -> list[int]:
    def is_zygote(pid: int) -> bool:
        with contextlib.suppress(OSError):
            return b"engine.zygote" in Path(f"/proc/{pid}/cmdline").read_bytes()
        return False

    zygotes = [pid for pid in running.processes() if is_zygote(pid) and any(map(is_zygote, children(pid)))]
    return [worker for zygote in zygotes for worker in children(zygote)]


def ask(client: Client, expected: dict[str, bytes], until: float, outcomes: list[str]) -> None:
    chance = random.Random(threading.get_ident())
    while time.monotonic() < until:
        text = chance.choice(list(expected))
        try:
            reply = client.query(text)
        except http.client.IncompleteRead:
            outcomes.append("broken off")
            continue
        if reply.status == 200:
            outcomes.append("answered" if reply.body == expected[text] else f"wrong: {reply.body[:200]!r}")
        elif reply.status == 503 and "killed" in reply.json()["detail"] and reply.headers["Retry-After"]:
            outcomes.append("told of the kill")
        else:
            outcomes.append(f"{reply.status}: {reply.text[:200]}")


def test_only_queries_of_killed_workers_are_lost(running: Running) -> None:
    client = running.client
    expected = {text: client.query(text).body for text in QUERIES}
    outcomes: list[str] = []
    until = time.monotonic() + SECONDS
    clients = [threading.Thread(target=ask, args=(client, expected, until, outcomes)) for _ in range(CLIENTS)]
    for thread in clients:
        thread.start()
    kills = 0
    while time.monotonic() < until:
        if workers := query_workers(running):
            with contextlib.suppress(ProcessLookupError):
                os.kill(random.choice(workers), signal.SIGKILL)
                kills += 1
        time.sleep(0.05)
    for thread in clients:
        thread.join()
    tally = Counter(outcomes)
    print(f"\n{SECONDS:g} s, {kills} workers killed: {dict(tally)}")  # noqa: T201 (what a run is for)
    assert set(tally) <= {"answered", "told of the kill", "broken off"}
    assert tally["told of the kill"] + tally["broken off"] <= kills
    assert tally["answered"]
    assert tally["told of the kill"]
    assert client.get("/health").status == 200
