"""How long batches of reconciliation queries take, over HTTP from a server of its own.

The names are those of the table that tests hold the quality against, so right, misspelt and foreign ones are mixed.
"""

import csv
import http.client
import itertools
import json
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

from benchmarks.data import prepare
from benchmarks.measure import machine
from benchmarks.peers.ours import Ours

GOLD = Path(__file__).parents[1] / "tests" / "reconciliation" / "gold.csv"
BATCHES = 200
HEADERS = {"Content-Type": "application/x-www-form-urlencoded"}


def batches(names: list[str], size: int) -> Iterator[bytes]:
    """Yield the forms of batches of so many queries, without end."""
    endless = itertools.cycle(names)
    while True:
        queries = {f"q{n}": {"query": name} for n, name in enumerate(itertools.islice(endless, size))}
        yield urlencode({"queries": json.dumps(queries)}).encode()


def seconds(connection: http.client.HTTPConnection, body: bytes) -> float:
    """Return how long one batch takes, its answer read to the end."""
    started = time.perf_counter()
    connection.request("POST", "/reconcile", body, HEADERS)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise RuntimeError(f"a batch got {response.status}")
    return time.perf_counter() - started


def main() -> None:
    """Measure and print."""
    print(machine(), "\n")  # noqa: T201
    with GOLD.open(encoding="utf-8", newline="") as file:
        names = [row["name"] for row in csv.DictReader(file)]
    with tempfile.TemporaryDirectory() as name, Ours().serving(prepare(None, Path(name)), Path(name)) as endpoint:
        netloc = urlsplit(endpoint.url).netloc
        first = seconds(http.client.HTTPConnection(netloc, timeout=60), next(batches(names, 10)))
        for _ in range(20):  # until every web process has its index
            seconds(http.client.HTTPConnection(netloc, timeout=60), next(batches(names, 10)))
        connection = http.client.HTTPConnection(netloc, timeout=60)
        print(f"{'first batch, the index built': <32}{1000 * first:>10.0f} ms\n")  # noqa: T201
        print(f"{f'{BATCHES} batches, ms':<32}{'median':>10}{'p95':>10}{'most':>10}")  # noqa: T201
        for size in (1, 10, 100):
            times = [1000 * seconds(connection, body) for body in itertools.islice(batches(names, size), BATCHES)]
            figures = f"{median(times):>10.1f}{quantiles(times, n=20)[18]:>10.1f}{max(times):>10.1f}"
            print(f"{f'of {size}':<32}{figures}")  # noqa: T201


if __name__ == "__main__":
    main()
