"""``python -m benchmarks``: measure, and write what came out to the page and the charts in ``docs/``."""

import signal
import sys
from pathlib import Path

import click

from benchmarks.generator import generate as generate_dataset
from benchmarks.report import as_text, write_report
from benchmarks.run import Plan, Run, full_plan, scale_plan
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset

HERE = Path(__file__).parent
RESULTS, SCALE = (HERE / "results" / name for name in ("bench.json", "scale.json"))
DOCS = HERE.parent / "docs"


@click.group()
def main() -> None:
    """Measure our server beside its peers."""


@main.command()
def run() -> None:
    """Measure at the real size and a million triples; under 20 minutes."""
    _measure(full_plan(), RESULTS)


@main.command()
@click.option("--most", type=click.IntRange(20_000), default=10_000_000, show_default=True, help="The most triples.")
def scale(most: int) -> None:
    """Measure how cost grows with data, with results and with clients."""
    _measure(scale_plan(most), SCALE)


@main.command()
def report() -> None:
    """Write the page and the charts anew from the results of the last runs."""
    write_report(DOCS, RESULTS, SCALE)


def _measure(plan: Plan, target: Path) -> None:
    # A stop from outside ends the servers too, as Ctrl-C does.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    run = Run(plan)
    target.parent.mkdir(exist_ok=True)
    try:
        run.measure()
    finally:
        run.results.write(target)
    write_report(DOCS, RESULTS, SCALE)
    click.echo(as_text(run.results))


@main.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--triples", type=click.IntRange(20_000, 10_000_000), default=1_000_000, show_default=True)
@click.option("--seed", type=int, default=2020, show_default=True)
def generate(target: Path, triples: int, seed: int) -> None:
    """Write a dataset folder of about so many triples, which looks like ours, to TARGET."""
    generate_dataset(DatasetFolder.open(default_dataset()), target, triples, seed)


if __name__ == "__main__":
    main()
