"""A runaway at its limit, lookups beside it, and the memory that a long result takes; one table.

Starts ``taiwan-can-help serve --query-timeout 3`` over the real dataset on a free port. Lookups are measured idle and
beside runaways in turn, and given as a ratio, since times on a shared machine say little.
"""

import contextlib
import http.client
import platform
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from statistics import median, quantiles
from urllib.parse import urlencode, urlsplit

LIMIT = 3.0
ROUNDS = 5
IDLE_SECONDS = 3.0
READY = re.compile(r"Serving release \w+ at (http://\S+)/")
LOOKUP = "SELECT ?p ?o WHERE {{ <https://w3id.org/taiwan-can-help/id/country/palau> ?p ?o }} LIMIT {}"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f FILTER(STRLEN(STR(?c)) < STRLEN(STR(?f))) }"
LONG = "SELECT * WHERE { ?a ?b ?c . VALUES ?d { 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 } }"


@contextlib.contextmanager
def serving(limit: float) -> Iterator[tuple[str, int]]:
    """Run the server with a limit of seconds; yields its host and port, and its process id."""
    with tempfile.TemporaryDirectory() as releases:
        command = [sys.executable, "-m", "taiwan_can_help", "serve", "--port", "0", "--releases", releases]
        options = ["--query-timeout", str(limit)]
        with subprocess.Popen([*command, *options], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
            assert process.stdout  # noqa: S101
            match = READY.match(process.stdout.readline())
            try:
                if match is None:
                    raise RuntimeError("the server did not start")
                yield urlsplit(match[1]).netloc, process.pid
            finally:
                process.terminate()


def ask(connection: http.client.HTTPConnection, query: str) -> tuple[int, float]:
    """Return status and seconds of one query, its answer read to the end."""
    started = time.monotonic()
    connection.request("GET", "/sparql?" + urlencode({"query": query}), headers={"Accept": "text/csv"})
    response = connection.getresponse()
    while response.read(65536):
        pass
    return response.status, time.monotonic() - started


def lookups(netloc: str, until: threading.Event) -> list[float]:
    """Send one lookup after another, none of which a cache could answer; return the seconds of each."""
    connection = http.client.HTTPConnection(netloc)
    times: list[float] = []
    with contextlib.closing(connection):
        while not until.is_set():
            status, seconds = ask(connection, LOOKUP.format(1000 + len(times)))
            if status != 200:
                raise RuntimeError(f"a lookup got {status}")
            times.append(seconds)
    return times


def beside(netloc: str, runaways: int) -> tuple[list[float], list[float]]:
    """Return the times of lookups, and those of the runaways that ran meanwhile."""
    done = threading.Event()
    found: list[float] = []
    stopped: list[float] = []

    def run_away() -> None:
        status, seconds = ask(http.client.HTTPConnection(netloc, timeout=60), RUNAWAY)
        if status != 503:
            raise RuntimeError(f"a runaway got {status}")
        stopped.append(seconds)

    looking = threading.Thread(target=lambda: found.extend(lookups(netloc, done)))
    heavy = [threading.Thread(target=run_away) for _ in range(runaways)]
    for thread in (looking, *heavy):
        thread.start()
    if not heavy:
        time.sleep(IDLE_SECONDS)
    for thread in heavy:
        thread.join()
    done.set()
    looking.join()
    return found, stopped


def proportional_memory(root: int) -> float:
    """Return the megabytes that the process and all below it hold, shared pages counted in parts (PSS)."""
    pids, total = [root], 0
    for pid in pids:
        with contextlib.suppress(OSError):
            pids += map(int, Path(f"/proc/{pid}/task/{pid}/children").read_text().split())
            lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
            total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def memory_of_a_long_result(netloc: str, pid: int) -> tuple[float, float, float]:
    """Return megabytes of the idle server, the most while it streams, and the length of the result in megabytes."""
    for number in range(100):  # wakes both web processes, which otherwise count as the result's cost
        with contextlib.closing(http.client.HTTPConnection(netloc)) as connection:
            ask(connection, LOOKUP.format(number))
    idle = peak = proportional_memory(pid)
    length = 0
    connection = http.client.HTTPConnection(netloc)
    with contextlib.closing(connection):
        connection.request("GET", "/sparql?" + urlencode({"query": LONG}), headers={"Accept": "text/csv"})
        response = connection.getresponse()
        while piece := response.read(1024 * 1024):
            length += len(piece)
            peak = max(peak, proportional_memory(pid))
    return idle, peak, length / 1024 / 1024


def main() -> None:
    """Measure and print."""
    print(f"Python {platform.python_version()}, {platform.machine()}; limit {LIMIT:g} s, {ROUNDS} rounds\n")  # noqa: T201
    with serving(LIMIT) as (netloc, _):
        rounds = [(beside(netloc, 0)[0], *beside(netloc, 1), *beside(netloc, 4)) for _ in range(ROUNDS)]
    with serving(60) as (netloc, pid):
        memory = memory_of_a_long_result(netloc, pid)
    rows = [f"{'lookups':<24}{'p50 ms':>8}{'p95 ms':>8}{'p95 to idle':>13}{'runaway stopped after, s':>28}"]
    for name, times, stopped in (
        ("idle", 0, None),
        ("beside 1 runaway", 1, 2),
        ("beside 4 runaways", 3, 4),
    ):
        p95s = [quantiles(entry[times], n=20)[18] for entry in rounds]
        ratios = [p95 / quantiles(entry[0], n=20)[18] for p95, entry in zip(p95s, rounds, strict=True)]
        p50 = median(median(entry[times]) for entry in rounds)
        seconds = [second for entry in rounds for second in (entry[stopped] if stopped else [])]
        shown = f"{min(seconds):.2f} to {max(seconds):.2f}" if seconds else ""
        rows.append(f"{name:<24}{1000 * p50:>8.2f}{1000 * median(p95s):>8.2f}{median(ratios):>13.2f}{shown:>28}")
    print("\n".join(rows))  # noqa: T201
    print(  # noqa: T201
        f"\nmemory (PSS): idle {memory[0]:.0f} MB, at most {memory[1]:.0f} MB while it streams {memory[2]:.0f} MB"
    )


if __name__ == "__main__":
    main()
