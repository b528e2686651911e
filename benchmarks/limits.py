"""A runaway at its limit, lookups beside it, the memory that a long result takes, and the way to a first answer."""

import http.client
import tempfile
import threading
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles
from urllib.parse import urlencode, urlsplit

from benchmarks.data import Data
from benchmarks.load import RequestFailed
from benchmarks.peers import Endpoint
from benchmarks.peers.ours import NAME, Ours
from benchmarks.processes import megabytes, wait_until_warm
from benchmarks.results import Measurement

LIMIT = 3.0
IDLE_SECONDS = 3.0
RUNAWAYS = (1, 4)
OVERRUN = "runaway stopped after its limit, s"
BESIDE = "p95 of lookups beside runaways, to idle"
MEMORY = "memory of a streamed result, MB"
FIRST_ANSWER = "built release to first answer, s"

LOOKUP = "SELECT ?p ?o WHERE {{ <https://w3id.org/taiwan-can-help/id/country/palau> ?p ?o }} LIMIT {}"
RUNAWAY = "SELECT (COUNT(*) AS ?n) WHERE { ?a ?b ?c . ?d ?e ?f FILTER(STRLEN(STR(?c)) < STRLEN(STR(?f))) }"
# Each triple ``{}`` times over.
LONG = "SELECT * WHERE {{ ?a ?b ?c . VALUES ?d {{ {} }} }}"
LONG_ROWS = 800_000


@dataclass(frozen=True)
class Round:
    """The p95 of lookups, and how long each runaway beside them went on after its limit."""

    p95: float
    overruns: tuple[float, ...]


def measure_limits(data: Data, rounds: int) -> list[Measurement]:
    """Measure when runaways end, and lookups beside them against those without, in turn."""
    server = Ours("--query-timeout", str(LIMIT))
    with tempfile.TemporaryDirectory() as folder, server.serving(data, Path(folder)) as endpoint:
        netloc = urlsplit(endpoint.url).netloc
        taken = [[_beside(netloc, number) for number in (0, *RUNAWAYS)] for _ in range(rounds)]
    found = []
    for place, number in enumerate(RUNAWAYS, start=1):
        overruns = [overrun for entry in taken for overrun in entry[place].overruns]
        ratios = [entry[place].p95 / entry[0].p95 for entry in taken]
        found.append(_measured(data, f"{number} at a time", OVERRUN, overruns))
        found.append(_measured(data, f"{number} at a time", BESIDE, ratios))
    return found


def measure_memory(data: Data, rounds: int) -> list[Measurement]:
    """Measure how much more memory than idle the server holds while it streams a long result."""
    with tempfile.TemporaryDirectory() as folder, Ours().serving(data, Path(folder)) as endpoint:
        return [_measured(data, "rows", MEMORY, [_memory(endpoint, data) for _ in range(rounds)])]


def measure_first_answer(data: Data, rounds: int) -> list[Measurement]:
    """Measure from the start of the command, its release built, to its first answer of a query."""
    taken = []
    for _ in range(rounds):
        with tempfile.TemporaryDirectory() as folder:
            started = time.perf_counter()
            with Ours().serving(data, Path(folder)) as endpoint:
                with closing(_connect(urlsplit(endpoint.url).netloc)) as connection:
                    _ask(connection, LOOKUP.format(100))
                taken.append(time.perf_counter() - started)
    return [_measured(data, "first answer", FIRST_ANSWER, taken)]


def _measured(data: Data, what: str, metric: str, samples: list[float]) -> Measurement:
    return Measurement(data.name, data.triples, what, NAME, metric, tuple(samples))


def _connect(netloc: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(netloc, timeout=60)


def _ask(connection: http.client.HTTPConnection, query: str, expected: int = 200) -> float:
    """Return the seconds that one query takes, its answer read to the end."""
    started = time.monotonic()
    connection.request("GET", "/sparql?" + urlencode({"query": query}), headers={"Accept": "text/csv"})
    response = connection.getresponse()
    while response.read(65536):
        pass
    if response.status != expected:
        raise RequestFailed(f"got {response.status} where {expected} was to come, for {query}")
    return time.monotonic() - started


def _beside(netloc: str, runaways: int) -> Round:
    """Ask lookups, each another one, while so many runaways run; for a while where there are none."""
    done = threading.Event()
    lookups: list[float] = []
    overruns: list[float] = []

    def look_up() -> None:
        with closing(_connect(netloc)) as connection:
            while not done.is_set():
                lookups.append(_ask(connection, LOOKUP.format(1000 + len(lookups))))

    def run_away() -> None:
        with closing(_connect(netloc)) as connection:
            overruns.append(_ask(connection, RUNAWAY, expected=503) - LIMIT)

    looking = threading.Thread(target=look_up)
    heavy = [threading.Thread(target=run_away) for _ in range(runaways)]
    for thread in (looking, *heavy):
        thread.start()
    if not heavy:
        time.sleep(IDLE_SECONDS)
    for thread in heavy:
        thread.join()
    done.set()
    looking.join()
    if len(overruns) < runaways or len(lookups) < 2:
        raise RequestFailed("a lookup or a runaway was not answered as it should be")
    return Round(quantiles(lookups, n=20)[18], tuple(overruns))


def _memory(endpoint: Endpoint, data: Data) -> float:
    netloc = urlsplit(endpoint.url).netloc
    for number in range(100):  # wakes all web processes, which otherwise count as the result's cost
        with closing(_connect(netloc)) as connection:
            _ask(connection, LOOKUP.format(number))
    wait_until_warm([endpoint.process])  # so would the queries that warm the cache
    idle = peak = megabytes(endpoint.process)
    query = LONG.format(" ".join(map(str, range(max(1, LONG_ROWS // data.triples)))))
    with closing(_connect(netloc)) as connection:
        connection.request("GET", "/sparql?" + urlencode({"query": query}), headers={"Accept": "text/csv"})
        response = connection.getresponse()
        while response.read(1024 * 1024):
            peak = max(peak, megabytes(endpoint.process))
    return peak - idle
