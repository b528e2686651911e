"""How pages show the columns of named queries: a TOML file of the dataset, a table for each column.

An example, ``data/queries/columns.toml``:

    [date]
    en = "Date"
    zh-Hant = "日期"
    from = "earliest"      # shown as one: the span between two columns of dates
    to = "latest"

    [share]
    en = "Share"
    zh-Hant = "比例"
    form = "share"         # of a whole: 0.25 is shown as 25 %, with a bar

A column of form ``things`` holds several IRIs, parted by spaces; one of form ``plain`` numbers that are not grouped
(years), one of form ``language`` codes of languages.
"""

import tomllib
from dataclasses import dataclass, field
from pathlib import Path

from taiwan_can_help.errors import InputError

FORMS = ("", "language", "plain", "share", "things")


@dataclass(frozen=True)
class Column:
    """A column: its headings by language tag, its form, and the two columns of the dates it spans, if it does."""

    name: str
    headings: dict[str, str] = field(default_factory=dict)
    form: str = ""
    span: tuple[str, str] | None = None


def read_columns(path: Path) -> dict[str, Column]:
    """Read the columns by name; raises InputError that names file and column where something is amiss."""
    try:
        tables = tomllib.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read: {error}") from error
    return {name: _column(path, name, table) for name, table in tables.items()}


def _column(path: Path, name: str, table: object) -> Column:
    if not isinstance(table, dict) or not all(isinstance(value, str) for value in table.values()):
        raise InputError(f'{path.name}: {name}: is no table of texts such as en = "Date"')
    form, first, last = (table.pop(key, "") for key in ("form", "from", "to"))
    if form not in FORMS:
        raise InputError(f"{path.name}: {name}: there is no form {form!r}; there are {', '.join(filter(None, FORMS))}")
    if bool(first) != bool(last):
        raise InputError(f"{path.name}: {name}: 'from' and 'to' go together")
    return Column(name, table, form, (first, last) if first else None)
