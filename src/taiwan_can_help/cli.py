"""The command line: ``taiwan-can-help VERB``. Exit 0 good, 1 the data or query is at fault, 2 the call is wrong."""

from collections.abc import Iterator
from pathlib import Path

import click

from taiwan_can_help import __version__
from taiwan_can_help.dataset.folder import DatasetFolder, default_dataset
from taiwan_can_help.errors import InputError
from taiwan_can_help.intake.batch import Row, read_batch
from taiwan_can_help.intake.importing import Report, import_batch
from taiwan_can_help.release.build import build
from taiwan_can_help.release.folder import Release, Releases, default_releases

dataset_option = click.option(
    "--dataset",
    "dataset",
    envvar="TCH_DATASET",
    type=click.Path(path_type=Path),
    default=default_dataset,
    show_default="our own",
    help="Folder with ontology/, shapes/ and data/.",
)


class Group(click.Group):
    """A group of commands that turns an InputError into its message and exit code 1."""

    def invoke(self, ctx: click.Context) -> object:
        """Run the command; input at fault ends it with a message, not a traceback."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)


@click.group(cls=Group)
@click.version_option(__version__)
def main() -> None:
    """Taiwan's international COVID-19 cooperation as linked data."""


@main.command("import")
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
    with click.progressbar(rows, label=label.capitalize(), file=click.get_text_stream("stderr")) as shown:
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
    for table, counts in report.outcomes.items():
        parts = ", ".join(f"{counts[outcome]:,} {outcome}" for outcome in ("added", "changed", "unchanged"))
        click.echo(f"{table}: {parts}")
    if report.refusals:
        click.echo(f"{len(report.refusals)} refused: nothing was written. Mend the rows above and import again.")
    elif not report.files:
        click.echo("Nothing to write: the dataset says all this already.")
    else:
        click.echo(f"{'Would write' if dry_run else 'Wrote'} {len(report.files)} files: {', '.join(report.files)}")


releases_option = click.option(
    "--releases",
    envvar="TCH_RELEASES",
    type=click.Path(path_type=Path),
    default=default_releases,
    show_default="below the XDG cache folder",
    help="Folder that holds the built releases.",
)


@main.command("build")
@dataset_option
@releases_option
def build_(dataset: Path, releases: Path) -> None:
    """Build a release of the dataset, unless it is there already, and make it the current one."""
    release = _build(dataset, releases)
    click.echo(f"Release {release.id}: {release.triples:,} triples, in {release.root}")


def _build(dataset: Path, releases: Path) -> Release:
    return build(DatasetFolder.open(dataset), Releases(releases), lambda line: click.echo(line, err=True))
