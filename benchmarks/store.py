"""The store in memory beside the one on disk: start, memory and latency. ``python -m benchmarks.store [TRIPLES]``.

Two tables on standard output. Queries go to the workers directly, to both stores in turn, with no HTTP between; after
each, an engine's processes are weighed in proportional memory (PSS), which does not count the system's file cache.
"""

import contextlib
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import click
import psutil

from benchmarks.data import prepare
from benchmarks.measure import machine
from benchmarks.questions import Question, questions
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.engine import Query
from taiwan_can_help.engine.pool import Limits, PoolEngine, running_pool
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import ResultKind
from taiwan_can_help.release.folder import Release, Releases
from taiwan_can_help.release.store import StoreKind, source_of

RUNS = 5
WORKERS = 2
LIMITS = Limits(seconds=600, memory=16 * 1024**3, result=4 * 1024**3)
FORMATS = {ResultKind.BINDINGS: f.JSON, ResultKind.BOOLEAN: f.JSON, ResultKind.GRAPH: f.TURTLE}


@dataclass
class Stored:
    """One kind of store: seconds to write and to start it, bytes of files and of memory, seconds by question."""

    source: Path
    written: float
    started: float = 0.0
    idle: int = 0
    most: int = 0
    seconds: dict[str, list[float]] = field(default_factory=dict)

    def files(self) -> int:
        """Return the bytes that it has on disk."""
        files = [self.source] if self.source.is_file() else [*self.source.iterdir()]
        return sum(path.stat().st_size for path in files)

    def memory(self) -> int:
        """Return the bytes of memory that its processes hold; shared pages count in parts."""
        total = 0
        for process in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.NoSuchProcess):  # a worker ends with its long query
                if str(self.source) in process.cmdline():
                    total += process.memory_full_info().pss
        return total


def measure_stores(release: Release, asked: Sequence[Question]) -> list[Stored]:
    """Start an engine over each kind of store, memory first, and ask both everything in turn."""
    stores = [_written(release, kind) for kind in (StoreKind.MEMORY, StoreKind.DISK)]
    with contextlib.ExitStack() as running:
        engines = []
        for store in stores:
            begun = time.perf_counter()
            engine = running.enter_context(running_pool(store.source, WORKERS, LIMITS))
            _ask(engine, "ASK {}")
            store.started = time.perf_counter() - begun
            store.idle = store.most = store.memory()
            engines.append(engine)
        for question in asked:
            for number in range(RUNS):
                for store, engine in zip(stores, engines, strict=True):
                    store.seconds.setdefault(question.name, []).append(_ask(engine, question.again(number)))
            for store in stores:
                store.most = max(store.most, store.memory())
    return stores


def _written(release: Release, kind: StoreKind) -> Stored:
    begun = time.perf_counter()
    source = source_of(release, kind)
    return Stored(source, time.perf_counter() - begun)


def _ask(engine: PoolEngine, text: str) -> float:
    begun = time.perf_counter()
    for _ in engine.query(Query(text), FORMATS).chunks:
        pass
    return time.perf_counter() - begun


def show(release: Release, memory: Stored, disk: Stored) -> str:
    """Return the tables in Markdown."""
    mega = 1024 * 1024
    rows = [
        f"{release.quads:,} statements; {machine()}",
        "",
        "| | memory | disk |",
        "|---|---|---|",
        f"| store written, s | | {disk.written:.1f} |",
        f"| engine started, s | {memory.started:.2f} | {disk.started:.2f} |",
        f"| files, MB | {memory.files() / mega:.0f} | {disk.files() / mega:.0f} |",
        f"| memory idle, {WORKERS} workers, MB | {memory.idle / mega:.0f} | {disk.idle / mega:.0f} |",
        f"| memory after the questions, at most, MB | {memory.most / mega:.0f} | {disk.most / mega:.0f} |",
        "",
        "| question, p50 ms | memory | disk | disk / memory |",
        "|---|---|---|---|",
    ]
    for name, samples in memory.seconds.items():
        inside, outside = 1000 * median(samples), 1000 * median(disk.seconds[name])
        rows.append(f"| {name} | {inside:.2f} | {outside:.2f} | {outside / inside:.1f} |")
    return "\n".join(rows)


@click.command()
@click.argument("triples", type=click.IntRange(20_000), default=1_000_000)
def main(triples: int) -> None:
    """Measure with a made dataset of about so many TRIPLES."""
    with tempfile.TemporaryDirectory(prefix="tch-store-") as temporary:
        data = prepare(triples, Path(temporary))
        release = Releases(data.releases, data.dataset.root).current()
        asked = questions(DatasetFolder.open(default_dataset()))
        click.echo(show(release, *measure_stores(release, asked)))


if __name__ == "__main__":
    main()
