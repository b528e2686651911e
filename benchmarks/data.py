"""The graphs that are measured: the real dataset and made ones, each built as a release by our own command."""

import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.generator import generate
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.release.folder import Releases

SEED = 2020
REAL = "real"
BUILD = "build, s"
COMMAND = [sys.executable, "-m", "taiwan_can_help"]


@dataclass(frozen=True)
class Data:
    """A built release of a dataset, and its default graph as N-Triples, which every peer loads."""

    name: str
    dataset: DatasetFolder
    releases: Path
    triples: int
    ntriples: Path
    build_seconds: float


def prepare(size: int | None, folder: Path) -> Data:
    """Build the real dataset (None), or one of about so many triples, in a new folder.

    Raises CalledProcessError, with what the command said, when the build fails.
    """
    releases, ntriples = folder / "releases", folder / "graph.nt"
    dataset = DatasetFolder.open(default_dataset())
    if size is not None:
        made = folder / "dataset"
        generate(dataset, made, size, SEED)
        dataset = DatasetFolder.open(made)
    where = ["--dataset", str(dataset.root), "--releases", str(releases)]
    started = time.perf_counter()
    _run([*COMMAND, "build", *where])
    seconds = time.perf_counter() - started
    _run([*COMMAND, "export", "nt", "--output", str(ntriples), *where])
    triples = Releases(releases, dataset.root).current().triples
    return Data(REAL if size is None else shown(size), dataset, releases, triples, ntriples, seconds)


def shown(size: int) -> str:
    """Return a number of triples in short: 20k, 1M."""
    return f"{size // 1_000_000}M" if size >= 1_000_000 else f"{size // 1000}k"


def _run(command: list[str]) -> None:
    subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 (our own command)
