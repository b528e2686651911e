"""How cost grows with the length of the result, and with the number of clients."""

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from benchmarks.compare import FIRST_TIME_RATE, REPEATED_RATE, Comparison, System, interleave
from benchmarks.data import Data
from benchmarks.questions import Question
from benchmarks.results import Measurement, Results

ROWS, LOOKUP = "rows-100000", "lookup"
ROWS_SUFFIX, CLIENTS_SUFFIX = " rows", " clients"


@dataclass(frozen=True)
class Curves:
    """At which size of data, and for which numbers of rows and of clients."""

    at: int
    lengths: tuple[int, ...] = (10, 100, 1_000, 10_000, 100_000, 1_000_000)
    clients: tuple[int, ...] = (1, 2, 4, 8, 16, 32, 64)
    rounds: int = 3
    seconds: int = 2


def by_length(curves: Curves, data: Data, systems: Sequence[System], rows: Question, results: Results) -> Iterator[str]:
    """Measure p50 by the number of rows; yields the name of each step."""
    lengths = [
        replace(rows, name=rows_name(length), text=rows.text.replace("LIMIT 100000", f"LIMIT {length}"))
        for length in curves.lengths
        if length <= data.triples
    ]
    comparison = Comparison(data, systems, lengths, results, curves.rounds)
    for _ in comparison.check_answers():
        pass
    yield from comparison.latencies()


def by_clients(
    curves: Curves, data: Data, servers: Sequence[System], lookup: Question, results: Results
) -> Iterator[str]:
    """Measure requests a second by the number of clients, by wrk; yields the name of each step."""
    numbers = (f"clients-{number}" for number in itertools.count())
    for clients in curves.clients:
        yield clients_name(clients)
        for metric in (REPEATED_RATE, FIRST_TIME_RATE):
            distinct = numbers if metric == FIRST_TIME_RATE else None
            work = {
                server.name: partial(_rate, server, lookup, clients, curves.seconds, distinct) for server in servers
            }
            samples, _ = interleave(work, curves.rounds)
            results.add(
                Measurement(data.name, data.triples, clients_name(clients), name, metric, tuple(found))
                for name, found in samples.items()
            )


def rows_name(length: int) -> str:
    """Return the name of a question for so many rows."""
    return f"{length}{ROWS_SUFFIX}"


def clients_name(clients: int) -> str:
    """Return the name of lookups by so many clients."""
    return f"{clients}{CLIENTS_SUFFIX}"


def _rate(server: System, lookup: Question, clients: int, seconds: int, numbers: Iterator[str] | None) -> float:
    return server.rate(lookup, clients, seconds, next(numbers) if numbers else None)
