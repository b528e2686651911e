"""The command ``taiwan-can-help import``."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.intake.batch import Row, read_batch
from taiwan_can_help.intake.importing import Report, import_batch
from taiwan_can_help.options import dataset_option


@click.command("import")
@click.argument("batch", type=click.Path(path_type=Path))
@click.option("--dry-run", is_flag=True, help="Check and report, but write nothing.")
@dataset_option
def import_(batch: Path, dataset: Path, *, dry_run: bool) -> None:
    """Import BATCH, a folder of tables or one file, into the dataset's Turtle (format: docs/import.md)."""
    report = import_batch(DatasetFolder.open(dataset), read_batch(batch), dry_run=dry_run, progress=_progress)
    _print_report(report, dry_run=dry_run)
    if report.refusals:
        raise SystemExit(1)


def _progress(rows: list[Row], label: str) -> Iterator[Row]:
    with click.progressbar(rows, label=label.capitalize(), file=sys.stderr) as shown:
        yield from shown


def _print_report(report: Report, *, dry_run: bool) -> None:
    for refusal in report.refusals:
        click.echo(f"refused: {refusal}")
    for row in report.skipped:
        click.echo(f"left out: {row}")
    for name in report.other_files:
        click.echo(f"no table of the format: {name}")
    for name in report.changed[:50]:
        click.echo(f"changed: {name}")
    if len(report.changed) > 50:
        click.echo(f"changed: and {len(report.changed) - 50} more")
    for table, tally in report.outcomes.items():
        parts = ", ".join(f"{tally[outcome]:,} {outcome}" for outcome in ("added", "changed", "unchanged"))
        click.echo(f"{table}: {parts}")
    if report.refusals:
        click.echo(f"{len(report.refusals)} refused: nothing was written. Mend the rows above and import again.")
    elif not report.files:
        click.echo("Nothing to write: the dataset says all this already.")
    else:
        click.echo(f"{'Would write' if dry_run else 'Wrote'} {len(report.files)} files: {', '.join(report.files)}")
