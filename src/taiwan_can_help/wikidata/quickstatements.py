"""What can be given back to Wikidata, as QuickStatements: gifts to organizations, each with its source.

See https://www.wikidata.org/wiki/Help:QuickStatements for both formats. The tool adds to a statement of the same
property and value that is there already, so two gifts to one item would run together into one statement with two
dates: an item with several is left out.
"""

import csv
import io
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

import pyoxigraph as ox

from taiwan_can_help.dataset.vocabulary import WIKIDATA
from taiwan_can_help.wikidata.asking import Row, ask

EVENT, POINT_IN_TIME, PARTICIPANT = "P793", "P585", "P710"
ADDRESS, TITLE, PUBLISHED, PUBLISHER, RETRIEVED = "S854", "S1476", "S577", "S123", "S813"
PRECISION = {4: 9, 7: 10, 10: 11}  # by the length of a date: year, month, day
# In CSV a capital S begins a reference, and a small one goes on with it.
COLUMNS = ("qid", "P793", "qal585", "qal710", "S854", "s1476", "s577", "s123", "s813")


@dataclass(frozen=True)
class Statement:
    """An event of an item, with one source: values as QuickStatements writes them, absent ones empty."""

    record: str
    item: str
    event: str
    time: str
    participant: str
    address: str
    title: str
    published: str
    publisher: str
    retrieved: str

    def cells(self) -> tuple[str, ...]:
        """Return the values in the order of COLUMNS."""
        return (
            self.item, self.event, self.time, self.participant, self.address, self.title, self.published,
            self.publisher, self.retrieved,
        )  # fmt: skip


@dataclass(frozen=True)
class Export:
    """The statements, and the items that are left out since several records would run together there."""

    statements: tuple[Statement, ...]
    left_out: dict[str, int]


def statements_of(store: ox.Store, retrieved: date | None) -> Export:
    """Return what a graph lets us state; ``retrieved`` is the day on which its sources were looked at."""
    records: dict[str, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
    for row in ask(store, "statements"):
        records[row["item"]][row["record"]].append(row)
    for of_item in records.values():
        for record in [record for record, rows in of_item.items() if len({row.get("giver") for row in rows}) != 1]:
            del of_item[record]
    stated = [rows[0] for of_item in records.values() for rows in of_item.values() if "giver" in rows[0]]
    times = Counter(row["item"] for row in stated)
    # One source in each: every further one would be a statement of its own.
    statements = tuple(_statement(row, retrieved) for row in stated if times[row["item"]] == 1)
    left_out = {_qid(item): number for item, number in times.items() if number > 1}
    return Export(statements, left_out)


def as_v1(statements: Iterable[Statement]) -> str:
    """Return the statements in the format V1: a line each, its cells parted by tabs."""
    return "".join("\t".join(_v1_cells(statement)) + "\n" for statement in statements)


def _v1_cells(statement: Statement) -> list[str]:
    names = ("", EVENT, POINT_IN_TIME, PARTICIPANT, ADDRESS, TITLE, PUBLISHED, PUBLISHER, RETRIEVED)
    cells: list[str] = []
    for name, value in zip(names, statement.cells(), strict=True):
        if value:
            cells += [name, value] if name else [value]
    return cells


def as_csv(statements: Iterable[Statement]) -> str:
    """Return the statements in the CSV format."""
    output = io.StringIO()
    writer = csv.writer(output, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(statement.cells() for statement in statements)
    return output.getvalue()


def _statement(row: Row, retrieved: date | None) -> Statement:
    publisher = row.get("publisher", "")
    return Statement(
        record=row["record"],
        item=_qid(row["item"]),
        event=_qid(row["event"]),
        time=_span(row["earliest"], row["latest"]),
        participant=_qid(row["giver"]),
        address=_quoted(row["url"]),
        title=f"{row['title_language']}:{_quoted(row['title'])}" if row.get("title_language") else "",
        published=_time(row["published"]) if "published" in row else "",
        publisher=_qid(publisher) if publisher.startswith(WIKIDATA) else "",
        retrieved=_time(retrieved.isoformat()) if retrieved else "",
    )


def _qid(iri: str) -> str:
    return iri.removeprefix(WIKIDATA)


def _quoted(text: str) -> str:
    """Return a string as QuickStatements takes it: in quotes, without those and the tabs that would end it."""
    return '"' + " ".join(text.replace('"', "”").split()) + '"'


def _span(earliest: str, latest: str) -> str:
    """Return a day, or the month or year that a span of days is."""
    if earliest == latest:
        return _time(earliest)
    return _time(earliest[:7] if earliest[:7] == latest[:7] else earliest[:4])


def _time(text: str) -> str:
    """Return a date of any precision: 11 is a day, 10 a month, 9 a year."""
    padded = f"{text}-00-00"[:10]
    return f"+{padded}T00:00:00Z/{PRECISION[len(text)]}"
