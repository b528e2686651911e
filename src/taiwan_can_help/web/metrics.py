"""``/metrics``: what the server does, in Prometheus's text format, over all its web processes.

See https://prometheus.io/docs/instrumenting/exposition_formats/. Every value of a label is one of a few.
"""

import os
import threading
import time
from bisect import bisect_left
from collections import Counter, defaultdict, deque
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, cast

from flask import Blueprint, Response, current_app

from taiwan_can_help.cache.store import Store
from taiwan_can_help.engine.watch import Lane, Outcome, Stage
from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.web.site import site

if TYPE_CHECKING:
    from prometheus_client import Counter as Count
    from prometheus_client import Gauge, Histogram
    from prometheus_client.core import Metric
    from prometheus_client.registry import Collector

blueprint = Blueprint("metrics", __name__)

EXTENSION = "tch.metrics"
BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer with the counters of all processes at this moment."""
    counted: Metrics | None = current_app.extensions.get(EXTENSION)
    if counted is None:
        raise Problem(404, "Nothing here", "This application runs without the server that counts.")
    response = Response(counted.text(site().release.id), content_type=counted.content_type)
    response.headers["Cache-Control"] = "no-store"
    return response


class Metrics:
    """The counters, which the web processes share through files in a folder.

    One of these is made for a server, before its processes are forked.
    """

    def __init__(self, folder: Path) -> None:
        # The library decides at its import, by this variable, whether processes share what they count.
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = str(folder)
        import prometheus_client as prometheus

        self._library = prometheus
        self.content_type = prometheus.CONTENT_TYPE_LATEST
        # All that is counted comes from the files, so nothing is registered.
        count = partial(prometheus.Counter, registry=None)
        timed = partial(prometheus.Histogram, buckets=BUCKETS, registry=None)
        gauge = partial(prometheus.Gauge, multiprocess_mode="livesum", registry=None)
        self._requests = count("tch_requests", "Requests answered.", ("route", "status"))
        self._seconds = timed("tch_request_seconds", "Time of requests, but for those answered at once.", ("route",))
        self._lookups = count("tch_cache_lookups", "Requests by what the cache did (RFC 9211).", ("result",))
        self._entries = gauge("tch_cache_entries", "Answers that the caches hold.")
        self._bytes = gauge("tch_cache_bytes", "Bytes that the caches hold.")
        self._stages = gauge("tch_queries", "Queries under way.", ("lane", "state"))
        self._ended = count("tch_queries_ended", "Queries by how they ended.", ("lane", "outcome"))
        self._killed = count("tch_queries_killed", "Queries whose worker was killed at work.", ("lane",))
        self._query_seconds = timed("tch_query_seconds", "Time of queries, waiting included.", ("lane",))
        # What happened since it was last written: to write it at once would take longer than a light query's rest.
        self._counted: deque[tuple[Count | Gauge, tuple[object, ...], int]] = deque()
        self._timed: deque[tuple[Histogram, str, float]] = deque()
        self._written = 0.0
        self._writing = threading.Lock()
        self.cache: Store | None = None

    def answered(self, route: str, status: int, seconds: float) -> None:
        """Count a request by the pattern of its path."""
        self._counted.append((self._requests, (route, status), 1))
        self._timed.append((self._seconds, route, seconds))

    def answered_at_once(self, hits: Mapping[str, int]) -> None:
        """Count requests that were answered from the cache without the application, by route."""
        for route, number in hits.items():
            self._counted.append((self._requests, (route, 200), number))
            self._counted.append((self._lookups, ("hit",), number))

    def looked_up(self, cache_status: str) -> None:
        """Count what the cache did by its Cache-Status."""
        result = cache_status.removeprefix("tch; ").removeprefix("fwd=").replace("; ", " ")
        self._counted.append((self._lookups, (result,), 1))

    def moved(self, before: Stage | None, after: Stage | None) -> None:
        """See Watch."""
        for stage, number in ((before, -1), (after, 1)):
            if stage is not None:
                self._counted.append((self._stages, stage.value, number))

    def ended(self, lane: Lane, outcome: Outcome, seconds: float) -> None:
        """See Watch."""
        self._counted.append((self._ended, (lane.value, outcome.value), 1))
        self._timed.append((self._query_seconds, lane.value, seconds))

    def killed(self, lane: Lane) -> None:
        """See Watch."""
        self._counted.append((self._killed, (lane.value,), 1))

    def write_each_second(self) -> None:
        """Write what this process has counted, if the last time is a second ago."""
        if time.monotonic() - self._written >= 1:
            self._write()

    def _write(self) -> None:
        with self._writing:
            self._written = time.monotonic()
            counted = Counter(self._counted.popleft() for _ in range(len(self._counted)))
            for (metric, labels, number), times in counted.items():
                metric.labels(*labels).inc(number * times)
            found: defaultdict[tuple[Histogram, str], list[float]] = defaultdict(list)
            for _ in range(len(self._timed)):
                histogram, label, seconds = self._timed.popleft()
                found[histogram, label].append(seconds)
            for (histogram, label), amounts in found.items():
                _observe_all(histogram.labels(label), amounts)
            if self.cache is not None:
                self._entries.set(len(self.cache))
                self._bytes.set(self.cache.size)

    def forget(self, process: int) -> None:
        """Leave out what a process had under way that has ended."""
        from prometheus_client.multiprocess import mark_process_dead

        mark_process_dead(process)  # type: ignore[no-untyped-call]

    def text(self, release: str) -> bytes:
        """Return all as text, and the release that is served; other processes' last second may be missing."""
        self._write()
        from prometheus_client.multiprocess import MultiProcessCollector

        registry = self._library.CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        registry.register(cast("Collector", _Release(release)))
        return self._library.generate_latest(registry)


def _observe_all(histogram: "Histogram", amounts: list[float]) -> None:
    """Observe many amounts at once: one by one, each takes as long as a part of a light query."""
    histogram._sum.inc(sum(amounts))
    for place, number in Counter(bisect_left(BUCKETS, amount) for amount in amounts).items():
        histogram._buckets[place].inc(number)


class _Release:
    """A collector of what is no counter."""

    def __init__(self, release: str) -> None:
        self._release = release

    def collect(self) -> "list[Metric]":
        """Return the release that is served, as a label."""
        from prometheus_client.core import InfoMetricFamily

        return [InfoMetricFamily("tch_release", "The release that is served.", {"id": self._release})]
