"""The commands ``taiwan-can-help releases ...``."""

from pathlib import Path

import click

from taiwan_can_help.errors import InputError
from taiwan_can_help.options import dataset_option, releases_option
from taiwan_can_help.release.folder import Releases


@click.group("releases")
def releases_() -> None:
    """List, choose and remove built releases."""


@releases_.command("list")
@dataset_option
@releases_option
def list_(dataset: Path, releases: Path) -> None:
    """List the releases, the oldest first; * marks the current one."""
    folder = Releases(releases, dataset)
    current = folder.link.resolve().name
    for release in folder.all():
        mark = "*" if release.root.name == current else " "
        click.echo(f"{mark} {release.id} {release.triples:,} triples {release.root}")


@releases_.command("use")
@click.argument("release_id")
@dataset_option
@releases_option
def use(release_id: str, dataset: Path, releases: Path) -> None:
    """Make RELEASE_ID the current release, if it is whole; a running server takes it."""
    folder = Releases(releases, dataset)
    release = next((release for release in folder.all() if release.id == release_id), None)
    if release is None:
        raise InputError(f"{releases}: no release {release_id!r}; 'releases list' shows them")
    release.check()
    folder.use(release)
    click.echo(f"Release {release.id} is current")


@releases_.command("prune")
@click.option("--keep", type=click.IntRange(1), default=2, show_default=True, help="How many of the newest to keep.")
@dataset_option
@releases_option
def prune(keep: int, dataset: Path, releases: Path) -> None:
    """Remove old releases, but none that is current."""
    for release in Releases(releases, dataset).prune(keep):
        click.echo(f"Removed {release.id}")
