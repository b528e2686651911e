"""The commands ``taiwan-can-help wikidata ...``."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, TypeVar

import click
import pyoxigraph as ox

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.options import dataset_option
from taiwan_can_help.wikidata.api import Api
from taiwan_can_help.wikidata.cache import Cache, default_cache
from taiwan_can_help.wikidata.quickstatements import as_csv, as_v1, statements_of
from taiwan_can_help.wikidata.suggest import Candidate, Thing, propose, things_of
from taiwan_can_help.wikidata.table import Table
from taiwan_can_help.wikidata.verify import as_json, as_text, links_of, verify, write

Command = TypeVar("Command", bound=Callable[..., Any])


def api_options(command: Command) -> Command:
    """Add --api and --contact to a command."""
    address = click.option(
        "--api",
        "api_address",
        envvar="TCH_WIKIDATA_API",
        default="https://www.wikidata.org/w/api.php",
        show_default=True,
        metavar="URL",
        help="Wikidata's API.",
    )
    contact = click.option(
        "--contact",
        envvar="TCH_WIKIDATA_CONTACT",
        default=BASE,
        show_default=True,
        help="Whom the API's operators may write to: an e-mail or web address, sent as User-Agent.",
    )
    return address(contact(command))


@click.group("wikidata")
def wikidata() -> None:
    """Check the links to Wikidata, find more, and give back."""


@wikidata.command("verify")
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--write", "is_written", is_flag=True, help="Write day, revision and doubts into the mappings.")
@api_options
@dataset_option
def verify_(format_name: str, api_address: str, contact: str, dataset: Path, *, is_written: bool) -> None:
    """Hold every link against Wikidata; exit 1 where one is in doubt.

    What Wikidata says is kept for a day below the XDG cache folder, so an interrupted run goes on where it was.
    """
    folder = DatasetFolder.open(dataset)
    links, languages = links_of(_store(folder))
    api = Api(api_address, contact)
    outcomes = verify(api, Cache(default_cache(), api_address), links, languages, _progress)
    click.echo((as_json if format_name == "json" else as_text)(outcomes), nl=False)
    if is_written:
        files = write(folder, outcomes, _today())
        click.echo(f"Wrote {', '.join(files) or 'nothing: the mappings say all this already'}", err=True)
    if any(outcome.doubts for outcome in outcomes):
        raise SystemExit(1)


def _progress(entities: Iterator[tuple[str, object]], number: int) -> Iterable[tuple[str, object]]:
    with click.progressbar(entities, length=number, label="Asking for items", file=sys.stderr) as shown:
        yield from shown


@wikidata.command("suggest")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--accept", "asks", is_flag=True, help="Ask about each thing here, and import what is accepted.")
@click.option(
    "--reconciliation",
    envvar="TCH_WIKIDATA_RECONCILIATION",
    default="https://wikidata.reconci.link/en/api",
    show_default=True,
    metavar="URL",
    help="A reconciliation service over Wikidata.",
)
@api_options
@dataset_option
def suggest(table: Path, reconciliation: str, api_address: str, contact: str, dataset: Path, *, asks: bool) -> None:
    """Propose items for what has none, into TABLE (.csv or .tsv), with scores and reasons.

    Write yes into the column accept of the right rows, then run 'wikidata accept TABLE'. Things that the table
    has already are not asked for again, so an interrupted run goes on where it was.
    """
    proposals, folder = Table(table), DatasetFolder.open(dataset)
    done = proposals.done()
    things = [thing for thing in things_of(_store(folder)) if (thing.kind, thing.slug) not in done]
    found = propose(Api(api_address, contact), Api(reconciliation, contact), things)
    if asks:
        _ask_about(found, proposals)
        _import_accepted(proposals, folder)
        return
    with click.progressbar(found, length=len(things), label="Asking for candidates", file=sys.stderr) as shown:
        for thing, candidates in shown:
            proposals.add(thing, candidates, None, _today())
    click.echo(f"{table}: {len(things)} things added, {len(done)} were there. Mark rows, then 'wikidata accept'.")


def _ask_about(found: Iterable[tuple[Thing, Sequence[Candidate]]], proposals: Table) -> None:
    for thing, candidates in found:
        chosen = None
        if candidates:
            click.echo(f"\n{thing.kind}/{thing.slug}: {thing.label}")
            for number, candidate in enumerate(candidates, start=1):
                described = f" ({candidate.description})" if candidate.description else ""
                reasons = "; ".join(candidate.reasons)
                click.echo(f"  {number} {candidate.qid} {candidate.label}{described}: {reasons}")
            keys = [*(str(number) for number in range(1, len(candidates) + 1)), "none", "quit"]
            answer = click.prompt("Which is it?", type=click.Choice(keys), default="none")
            if answer == "quit":
                return
            chosen = candidates[int(answer) - 1] if answer != "none" else None
        proposals.add(thing, candidates, chosen, _today())


@wikidata.command("accept")
@click.argument("table", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@dataset_option
def accept(table: Path, dataset: Path) -> None:
    """Make mappings of the rows of TABLE that are marked in the column accept."""
    _import_accepted(Table(table), DatasetFolder.open(dataset))


def _import_accepted(table: Table, folder: DatasetFolder) -> None:
    # jsonschema's grammar of IRIs takes seconds to load; no other verb needs it.
    from taiwan_can_help.intake.batch import Batch
    from taiwan_can_help.intake.importing import import_batch

    rows = table.accepted(_today()) if table.path.exists() else []
    report = import_batch(folder, Batch(tuple(rows), ()), dry_run=False, progress=lambda some, _: some)
    for refusal in report.refusals:
        click.echo(f"refused: {refusal}", err=True)
    if report.refusals:
        click.echo("Nothing was written. Mend the rows above and accept again.", err=True)
        raise SystemExit(1)
    click.echo(f"{len(rows)} accepted. Wrote {', '.join(report.files) or 'nothing: the dataset says all this already'}")


@wikidata.command("quickstatements")
@click.option("--format", "format_name", type=click.Choice(["v1", "csv"]), default="v1", show_default=True)
@click.option("--dry-run", is_flag=True, help="Only say what would be stated, and what is left out.")
@click.option(
    "--retrieved",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day on which you looked at the sources; without it no date of retrieval is stated.",
)
@dataset_option
def quickstatements(format_name: str, retrieved: datetime | None, dataset: Path, *, dry_run: bool) -> None:
    """Print what Wikidata can be told, each statement with its source, for QuickStatements.

    Look at each source before you upload: you vouch for what you state.
    """
    export = statements_of(_store(DatasetFolder.open(dataset)), retrieved.date() if retrieved else None)
    if not dry_run:
        click.echo((as_csv if format_name == "csv" else as_v1)(export.statements), nl=False)
        return
    for statement in export.statements:
        record = statement.record.rpartition("/")[2]
        click.echo(f"{statement.item}: {statement.event} {statement.time}, {statement.address} ({record})")
    for item, number in export.left_out.items():
        click.echo(f"left out: {item}: {number} records, which QuickStatements would run together")
    publishers = sum(bool(statement.publisher) for statement in export.statements)
    click.echo(f"{len(export.statements)} statements, all with their source, {publishers} with a publisher's item")


def _store(folder: DatasetFolder) -> ox.Store:
    store = ox.Store()
    store.bulk_extend(read_dataset(folder))
    return store


def _today() -> date:
    return datetime.now(UTC).date()
