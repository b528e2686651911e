"""The options that several commands share."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import click

from taiwan_can_help.dataset.folder import default_dataset
from taiwan_can_help.release.folder import default_releases

Command = TypeVar("Command", bound=Callable[..., Any])


def dataset_option(command: Command) -> Command:
    """Add --dataset to a command."""
    return click.option(
        "--dataset",
        "dataset",
        envvar="TCH_DATASET",
        type=click.Path(path_type=Path),
        default=default_dataset,
        show_default="our own",
        help="Folder with ontology/, shapes/ and data/.",
    )(command)


def releases_option(command: Command) -> Command:
    """Add --releases to a command."""
    return click.option(
        "--releases",
        envvar="TCH_RELEASES",
        type=click.Path(path_type=Path),
        default=default_releases,
        show_default="below the XDG cache folder",
        help="Folder that holds the built releases.",
    )(command)


def hosts(_: click.Context, __: click.Parameter, value: tuple[str, ...]) -> tuple[str, ...]:
    """Check the names of hosts, each with or without a port."""
    for name in value:
        if not re.fullmatch(r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:[0-9]{1,5})?", name):
            raise click.BadParameter(f"{name!r} is no host; give a name such as query.wikidata.org, or host:port")
    return value
