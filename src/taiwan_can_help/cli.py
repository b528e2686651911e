"""The command line: ``taiwan-can-help VERB``. Exit 0 good, 1 the data or query is at fault, 2 the call is wrong."""

import os
import shutil
import sys
from pathlib import Path
from pkgutil import resolve_name
from typing import IO, Any, BinaryIO

import click

from taiwan_can_help import __version__
from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.engine import EngineError, NotAcceptable, Query, QueryError
from taiwan_can_help.engine.memory import MemoryEngine, load
from taiwan_can_help.engine.pool import Limits
from taiwan_can_help.engine.remote import RemoteEngine
from taiwan_can_help.errors import InputError
from taiwan_can_help.options import dataset_option, hosts, releases_option
from taiwan_can_help.protocol.formats import (
    CSV,
    DUMP_FORMATS,
    HTML,
    RESULT_FORMATS,
    TURTLE,
    by_name_or_suffix,
)
from taiwan_can_help.release.build import build
from taiwan_can_help.release.folder import Release, Releases
from taiwan_can_help.release.store import MOST_IN_MEMORY, StoreKind
from taiwan_can_help.serving.keeping import running_keeper
from taiwan_can_help.wikidata.sssom import sssom_tsv
from taiwan_can_help.writing import whole

MEGABYTE = 1024 * 1024
EXPORTS = [*(format_.suffix for format_ in DUMP_FORMATS), "sssom"]


class Group(click.Group):
    """A group of commands that turns an InputError into its message and exit code 1."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command; input at fault ends it with a message, not a traceback."""
        try:
            return super().invoke(ctx)
        except InputError as error:
            click.echo(f"error: {error}", err=True)
            ctx.exit(1)


# Verbs that stand beside what they are about. Some need what takes longer to load than a server does to start.
ELSEWHERE = {
    "import": "taiwan_can_help.intake.commands:import_",
    "releases": "taiwan_can_help.release.commands:releases_",
    "validate": "taiwan_can_help.validation.commands:validate_",
    "wikidata": "taiwan_can_help.wikidata.commands:wikidata",
}


class Main(Group):
    """The verbs; those of ELSEWHERE are loaded when they are called."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names of all verbs."""
        return sorted([*super().list_commands(ctx), *ELSEWHERE])

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """Return the verb of this name, or None."""
        if name not in ELSEWHERE:
            return super().get_command(ctx, name)
        command: click.Command = resolve_name(ELSEWHERE[name])
        return command


@click.group(cls=Main)
@click.version_option(__version__)
def main() -> None:
    """Taiwan's international COVID-19 cooperation as linked data."""


@main.command("build")
@dataset_option
@releases_option
def build_(dataset: Path, releases: Path) -> None:
    """Build a release of the dataset, unless it is there already, and make it the current one."""
    release = _build(dataset, releases)
    click.echo(f"Release {release.id}: {release.triples:,} triples, in {release.root}")


def _build(dataset: Path, releases: Path) -> Release:
    return build(DatasetFolder.open(dataset), Releases(releases, dataset), lambda line: click.echo(line, err=True))


@main.command("serve")
@click.option("--host", envvar="TCH_HOST", default="127.0.0.1", show_default=True)
@click.option("--port", envvar="TCH_PORT", type=click.IntRange(0, 65535), default=8000, show_default=True)
@click.option(
    "--workers",
    envvar="TCH_WORKERS",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    help="Web processes, each with a cache of its own; worth more than one from four processors on.",
)
@click.option(
    "--query-timeout",
    envvar="TCH_QUERY_TIMEOUT",
    type=click.FloatRange(0, min_open=True),
    default=10.0,
    show_default=True,
    help="Seconds after which a query is stopped.",
)
@click.option(
    "--query-memory",
    envvar="TCH_QUERY_MEMORY",
    type=click.IntRange(16),
    default=512,
    show_default=True,
    help="Megabytes that a query may take beside the graph itself.",
)
@click.option(
    "--result-size",
    envvar="TCH_RESULT_SIZE",
    type=click.IntRange(1),
    default=256,
    show_default=True,
    help="Megabytes after which a result is broken off.",
)
@click.option(
    "--store",
    envvar="TCH_STORE",
    type=click.Choice([kind.value for kind in StoreKind]),
    default=StoreKind.AUTO.value,
    show_default=True,
    help=f"Where the graph is kept; auto is on disk for more than {MOST_IN_MEMORY:,} statements.",
)
@click.option(
    "--cache-size",
    envvar="TCH_CACHE_SIZE",
    type=click.IntRange(0),
    default=128,
    show_default=True,
    help="Megabytes of answers that are kept in memory, in all web processes together; 0 keeps none.",
)
@click.option(
    "--allow-service",
    "services",
    envvar="TCH_ALLOW_SERVICE",
    metavar="HOST",
    multiple=True,
    callback=hosts,
    help="A host, or host:port, that queries may call by SERVICE; to be given for each. None without it.",
)
@dataset_option
@releases_option
def serve(
    host: str,
    port: int,
    workers: int,
    query_timeout: float,
    query_memory: int,
    result_size: int,
    store: str,
    cache_size: int,
    services: tuple[str, ...],
    dataset: Path,
    releases: Path,
) -> None:
    """Serve the dataset over HTTP, building its release first when the content is new."""
    for_each = max(1, max(4, os.cpu_count() or 1) // workers)
    limits = Limits(query_timeout, query_memory * MEGABYTE, result_size * MEGABYTE)
    with running_keeper(Releases(releases, dataset).link, for_each * workers, limits, StoreKind(store)) as keeper:
        release = _build(dataset, releases)
        keeper.begin()
        # These take as long to load as the engine does to start.
        from taiwan_can_help.serving.server import Server
        from taiwan_can_help.serving.sites import Sites
        from taiwan_can_help.web.app import create_app
        from taiwan_can_help.web.federation import Federation

        sites = Sites(keeper.run, limits, for_each)
        app = create_app(sites.current, Federation(services, query_timeout))
        keeper.wait()
        Server(
            app,
            sites,
            (host, port),
            workers,
            cache_size * MEGABYTE,
            lambda url: click.echo(f"Serving release {release.id} at {url}/"),
        ).run()


@main.command("query")
@click.argument("file", type=click.File("r", encoding="utf-8"))
@click.option("--format", "format_name", help="json, xml, csv, tsv, ttl, nt, jsonld, rdf, nq or trig.")
@click.option("--endpoint", metavar="URL", help="Ask this SPARQL endpoint instead of the dataset.")
@dataset_option
@releases_option
def query_(file: IO[str], format_name: str | None, endpoint: str | None, dataset: Path, releases: Path) -> None:
    """Run the SPARQL query in FILE (- for standard input) and print its result."""
    formats = by_name_or_suffix(format_name) if format_name else [CSV, TURTLE]
    if not formats or HTML in formats:
        raise click.BadParameter(f"there is no format {format_name!r}", param_hint="--format")
    try:
        query = Query(file.read())
    except UnicodeDecodeError as error:
        raise InputError(f"{file.name}: not UTF-8 ({error}); save the file as UTF-8") from error
    wanted = {
        kind: next((chosen for chosen in formats if chosen in offers), None) for kind, offers in RESULT_FORMATS.items()
    }
    try:
        engine = RemoteEngine(endpoint) if endpoint else MemoryEngine(load(_build(dataset, releases).nquads))
        for chunk in engine.query(query, wanted).chunks:
            sys.stdout.buffer.write(chunk)
    except QueryError as error:
        raise InputError(f"{file.name}: {error}") from error
    except NotAcceptable as error:
        raise InputError(f"{file.name}: its result is {error.kind.value}, which has no format {format_name}") from error
    except EngineError as error:
        raise InputError(f"{file.name}: {error}") from error


@main.command("export")
@click.argument("format_name", metavar="FORMAT", type=click.Choice(EXPORTS))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="File to write, else standard output.",
)
@dataset_option
@releases_option
def export(format_name: str, output: Path | None, dataset: Path, releases: Path) -> None:
    """Write the whole graph as FORMAT, or (sssom) the links to Wikidata as an SSSOM table."""
    release = _build(dataset, releases)
    if output is None:
        _export(release, format_name, sys.stdout.buffer)
        return
    try:
        with whole(output) as target:
            _export(release, format_name, target)
    except OSError as error:
        raise InputError(f"{output}: cannot be written: {error.strerror}") from error


def _export(release: Release, format_name: str, target: BinaryIO) -> None:
    if format_name == "sssom":
        target.write(sssom_tsv(load(release.nquads)).encode())
        return
    with (release.root / f"dump.{format_name}").open("rb") as dump:
        shutil.copyfileobj(dump, target)
