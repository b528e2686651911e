"""The command ``taiwan-can-help validate``."""

from pathlib import Path

import click

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_file
from taiwan_can_help.options import dataset_option, releases_option
from taiwan_can_help.release.folder import Releases
from taiwan_can_help.validation.changes import State
from taiwan_can_help.validation.report import FORMATS, counts
from taiwan_can_help.validation.selection import select
from taiwan_can_help.validation.validate import validate


@click.command("validate")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), default="text", show_default=True)
@click.option("--strict", is_flag=True, help="Warnings fail too.")
@click.option("--changed", is_flag=True, help="Only what differs from the current release.")
@click.option("--since", metavar="REVISION", help="Only what differs from this git revision.")
@dataset_option
@releases_option
def validate_(
    paths: tuple[Path, ...],
    format_name: str,
    since: str | None,
    dataset: Path,
    releases: Path,
    *,
    strict: bool,
    changed: bool,
) -> None:
    """Check the dataset against its shapes; with PATHS, only the things that these files describe.

    A path may lie outside the dataset: its statements are then checked together with it. Of a query (.rq),
    what it tests is checked.
    """
    if (changed and since) or (paths and (changed or since)):
        raise click.UsageError("PATHS, --changed and --since each choose what to check; give one of them")
    folder = DatasetFolder.open(dataset)
    before = None
    if changed:
        release = Releases(releases, dataset).current()
        before = State(read_file(release.nquads, str(release.nquads)), release.queries())
    selection = select(folder, paths, since, before)
    findings = validate(selection.quads, selection.queries, selection.focus)
    click.echo(FORMATS[format_name](findings, selection.places), nl=False)
    number = counts(findings)
    if number["violation"] or (strict and number["warning"]):
        raise SystemExit(1)
