"""Time pieces of work and show what came out."""

import os
import platform
import resource
import statistics
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import version

import click

RUNS = 5
PACKAGES = ("pyoxigraph", "pyshacl", "rdflib", "flask", "gunicorn")


@dataclass(frozen=True)
class Timing:
    """What each run of a piece of work took: seconds that passed, and seconds of processor time."""

    name: str
    seconds: tuple[float, ...]
    processor: tuple[float, ...]


def measure(name: str, work: Callable[[], object], runs: int = RUNS) -> Timing:
    """Run the work several times over and time each run, the processes that it starts included."""
    seconds, processor = [], []
    for _ in range(runs):
        start, used = time.perf_counter(), _processor_time()
        work()
        seconds.append(time.perf_counter() - start)
        processor.append(_processor_time() - used)
    return Timing(name, tuple(seconds), tuple(processor))


def together(name: str, timings: Sequence[Timing]) -> Timing:
    """Return the sum of some timings, run by run."""
    seconds = zip(*(timing.seconds for timing in timings), strict=True)
    processor = zip(*(timing.processor for timing in timings), strict=True)
    return Timing(name, tuple(map(sum, seconds)), tuple(map(sum, processor)))


def show(title: str, timings: Iterable[Timing]) -> None:
    """Print a table of medians in milliseconds, with the least and the most of the time that passed."""
    click.echo(f"\n{title}\n{'':32}{'median ms':>11}{'least':>11}{'most':>11}{'processor':>11}")
    for timing in timings:
        passed = (statistics.median(timing.seconds), min(timing.seconds), max(timing.seconds))
        shown = (*passed, statistics.median(timing.processor))
        click.echo(f"{timing.name:32}" + "".join(f"{1000 * seconds:11,.1f}" for seconds in shown))


def machine() -> str:
    """Return the processors, the load as the script starts, and the versions of what is measured."""
    packages = ", ".join(f"{name} {version(name)}" for name in PACKAGES)
    load = ", ".join(f"{average:.2f}" for average in os.getloadavg())
    return (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} processors, load {load}; "
        f"Python {platform.python_version()}, {packages}; {RUNS} runs each"
    )


def _processor_time() -> float:
    usages = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)
