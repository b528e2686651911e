"""Three kinds of requests: as our own description has them, queries, and bytes."""

import math
from collections.abc import Callable, Iterator
from email.message import Message
from pathlib import Path
from typing import Any, TypeVar

import pytest
import schemathesis
from conftest import Running, serving
from hypothesis.strategies import SearchStrategy
from requests.exceptions import ChunkedEncodingError

from fuzz.described import AS_DESCRIBED, described_requests
from fuzz.exchange import Answer, Sent, exchange
from fuzz.judge import judge
from fuzz.queries import query_requests
from fuzz.running import REQUESTS, SEED, TALLY, try_many
from fuzz.usage import usage
from fuzz.wire import wire_requests

# Tight limits, so that they are met often and a run takes minutes; the cache is soon full: what grows then is a leak.
LIMITS = ("--query-timeout", "0.5", "--query-memory", "256", "--result-size", "8", "--cache-size", "16")
# What a process may grow by over the second half of a run: descriptors of connections about to close, and memory, since
# a page of the largest result takes 20 MB or so, and the allocator keeps for each thread the most that it ever took.
MORE_DESCRIPTORS = 4
MORE_BYTES = 64 * 1024 * 1024

Value = TypeVar("Value")


@pytest.fixture(scope="module")
def running(releases: Path) -> Iterator[Running]:
    print(f"\n{REQUESTS:,} requests, TCH_FUZZ_SEED={SEED}")  # noqa: T201 (to repeat a run that was stopped)
    with serving(releases, *LIMITS) as running:
        yield running


def fuzz(
    running: Running, kind: str, strategy: SearchStrategy[Value], send: Callable[[Value], tuple[Sent, Answer]]
) -> None:
    """Send a third of the requests, in two halves; after each the server is well, after the second it has not grown."""

    def attempt(value: Value) -> None:
        sent, answer = send(value)
        TALLY.add(kind, judge(sent, answer), sent.content)
        assert running.client.get("/health").status == 200

    rest = usage(running)
    half = math.ceil(REQUESTS / 6)
    try_many(strategy, attempt, half, 0)
    before = usage(running, rest.processes)
    try_many(strategy, attempt, half, 1)
    after = usage(running, rest.processes)
    assert TALLY.sent(kind) >= 2 * half
    assert after.processes == rest.processes
    assert after.descriptors.keys() == before.descriptors.keys()
    descriptors = max(count - before.descriptors[pid] for pid, count in after.descriptors.items())
    memory = max(size - before.memory[pid] for pid, size in after.memory.items())
    TALLY.grown[kind] = f"{descriptors} fd {memory / 2**20:.1f} M"
    assert descriptors <= MORE_DESCRIPTORS
    assert memory <= MORE_BYTES


def test_queries(running: Running) -> None:
    def send(sent: Sent) -> tuple[Sent, Answer]:
        return sent, exchange(running.client.base, sent)

    fuzz(running, "queries", query_requests(), send)


def test_bytes(running: Running) -> None:
    def send(sent: Sent) -> tuple[Sent, Answer]:
        return sent, exchange(running.client.base, sent)

    fuzz(running, "bytes", wire_requests(), send)


def test_as_described(running: Running) -> None:
    description = schemathesis.openapi.from_url(f"{running.client.base}/openapi.json")

    def send(asked: tuple[schemathesis.Case[Any], str]) -> tuple[Sent, Answer]:
        case, accept = asked
        sent = Sent(case.method, repr((case.method, case.formatted_path, case.query, case.body, accept)).encode())
        headers = Message()
        try:
            response = case.call(headers={"Connection": "close", "Accept": accept}, allow_redirects=False)
        except ChunkedEncodingError:
            return sent, Answer(200, headers, b"", whole=False)
        case.validate_response(response, checks=AS_DESCRIBED)
        for name, values in response.headers.items():
            if name.lower() != "content-encoding":  # it is taken off already
                headers[name] = values[0]
        return sent, Answer(response.status_code, headers, response.content)

    fuzz(running, "described", described_requests(description), send)
