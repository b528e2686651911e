"""Read a batch, a folder of tables or one file, into rows that know where they stand."""

import csv
import io
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, ValidationError, validators

from taiwan_can_help.errors import InputError

# In this order rows are stated; each table may refer to any other.
TABLES = (
    "supplies", "units", "places", "agents", "sources", "records", "rounds", "groups", "claims", "wikidata-matches",
)  # fmt: skip


@dataclass(frozen=True)
class Row:
    """One row of a table: ``values`` holds only the fields that the row gives (null: it says there is none)."""

    table: str
    file: str
    line: int
    values: dict[str, Any]

    @property
    def id(self) -> str:
        """Return what names the row within its table, also where its own id is missing or wrong."""
        values = self.values
        if self.table == "groups":
            return f"{values.get('group')}/{values.get('member')}"
        if self.table == "wikidata-matches":
            return f"{values.get('entity_kind')}/{values.get('entity_id')}/{values.get('qid') or 'not-found'}"
        return str(values.get("id"))


@dataclass(frozen=True)
class Refusal:
    """Why a row was not taken: which field, what is wrong, and what to do."""

    row: Row
    field: str
    problem: str

    def __str__(self) -> str:
        return f"{self.row.file}:{self.row.line}: {self.row.table} {self.row.id}: {self.field}: {self.problem}"


@dataclass(frozen=True)
class Batch:
    """The rows of a batch, in the order of TABLES, and the files beside them that are no table of the format."""

    rows: tuple[Row, ...]
    other_files: tuple[str, ...]


def read_batch(path: Path) -> Batch:
    """Read the tables of a folder and its subfolders, or one ``.jsonl`` or ``.csv`` file.

    A file's stem names its table; in a ``.jsonl`` file each line may name its own in ``"table"``, and a
    file of any other name holds records. Raises InputError when a file can't be read as what it is.
    """
    if not path.exists():
        raise InputError(f"{path}: no such file or folder")
    if path.is_file():
        if path.suffix not in (".jsonl", ".csv"):
            raise InputError(f"{path}: an import file ends in .jsonl or .csv; docs/import.md has the format")
        if path.suffix == ".csv" and path.stem not in TABLES:
            raise InputError(f"{path}: a CSV file is named after its table, one of {', '.join(TABLES)}")
        return _ordered(list(_read_file(path, path.name)), [])
    rows: list[Row] = []
    others: list[str] = []
    for file in sorted(file for file in path.rglob("*") if file.is_file()):
        name = file.relative_to(path).as_posix()
        if file.stem in TABLES and file.suffix in (".jsonl", ".csv"):
            rows.extend(_read_file(file, name))
        else:
            others.append(name)
    if not rows:
        raise InputError(f"{path}: holds no table; expected files such as records.jsonl or agents.csv")
    return _ordered(rows, others)


def check_form(row: Row) -> list[Refusal]:
    """Return what the row's JSON Schema finds wrong, field by field."""
    refusals = []
    for error in sorted(_validator(row.table).iter_errors(row.values), key=lambda error: error.json_path):
        field = error.json_path.removeprefix("$").removeprefix(".") or "row"
        wanted = error.schema.get("description") if isinstance(error.schema, dict) else None
        advice = f"; give {wanted}" if wanted and field != "row" else ""
        refusals.append(Refusal(row, field, f"{error.message}{advice}"))
    return refusals


def _ordered(rows: list[Row], others: list[str]) -> Batch:
    return Batch(tuple(sorted(rows, key=lambda row: TABLES.index(row.table))), tuple(others))


def _read_file(path: Path, name: str) -> Iterator[Row]:
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(f"{name}: not UTF-8 ({error}); save the file as UTF-8") from error
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}") from error
    yield from (_read_csv if path.suffix == ".csv" else _read_jsonl)(text, name, path.stem)


def _read_jsonl(text: str, name: str, stem: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            values = json.loads(line, parse_float=_number, parse_constant=_no_number)
        except json.JSONDecodeError as error:
            raise InputError(f"{name}: line {number}, column {error.colno}: not JSON: {error.msg}") from error
        except (ValueError, RecursionError) as error:
            raise InputError(f"{name}: line {number}: not JSON: {error}") from error
        if not isinstance(values, dict):
            raise InputError(f"{name}: line {number}: not a JSON object; each line is one row")
        table = values.pop("table", stem if stem in TABLES else "records")
        if table not in TABLES:
            raise InputError(f"{name}: line {number}: no table {table!r}; one of {', '.join(TABLES)}")
        yield Row(table, name, number, values)


def _read_csv(text: str, name: str, stem: str) -> Iterator[Row]:
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    try:
        for values in reader:
            if None in values or None in values.values():
                raise InputError(f"{name}: line {reader.line_num}: has not as many cells as the header")
            row = Row(stem, name, reader.line_num, {key: value or None for key, value in values.items()})
            yield _split_aliases(row)
    except csv.Error as error:
        raise InputError(f"{name}: line {reader.reader.line_num}: not CSV: {error}") from error


def _split_aliases(row: Row) -> Row:
    aliases = row.values.get("aliases")
    if not aliases:
        return row
    names = [alias.strip() for alias in aliases.split("|") if alias.strip()]
    return replace(row, values={**row.values, "aliases": names})


class _Number(Decimal):
    """A number with a point, in the digits it was written with; shown like any other number."""

    __repr__ = Decimal.__str__


def _number(text: str) -> _Number:
    number = _Number(text)
    if abs(number.adjusted()) > 30:
        raise ValueError(f"{text} is beyond what a quantity can be")
    return number


def _no_number(text: str) -> None:
    raise ValueError(f"{text} is no number")


def _is_text(_: object, value: object) -> bool:
    """Say whether the value is a string that UTF-8 can hold, which one with half a surrogate pair is not."""
    return isinstance(value, str) and not any("\ud800" <= character <= "\udfff" for character in value)


def _matches(validator: Any, pattern: str, value: object, _: object) -> Iterator[ValidationError]:
    """Hold the whole value to the pattern: Python's ``$`` lets a line break pass at the end."""
    if validator.is_type(value, "string") and not re.fullmatch(pattern, str(value)):
        yield ValidationError(f"{value!r} does not match {pattern!r}")


def _has(_: object, names: list[str], row: object, schema: dict[str, Any]) -> Iterator[ValidationError]:
    """Name a missing field as the place of the error, so that its description tells what to give."""
    for name in names:
        if isinstance(row, dict) and name not in row:
            yield ValidationError("is missing", path=[name], schema=schema["properties"][name])


def _no_others(_: object, __: object, row: object, schema: dict[str, Any]) -> Iterator[ValidationError]:
    for name in row if isinstance(row, dict) else ():
        if name not in schema["properties"]:
            yield ValidationError("is no field of this table; correct its name, or drop it", path=[name], schema={})


_Validator = validators.extend(  # type: ignore[no-untyped-call]
    Draft202012Validator,
    {"pattern": _matches, "required": _has, "additionalProperties": _no_others},
    type_checker=Draft202012Validator.TYPE_CHECKER.redefine("string", _is_text),
)
_validators: dict[str, Any] = {}


def _validator(table: str) -> Any:
    if table not in _validators:
        schema = files("taiwan_can_help.intake").joinpath("schemas", f"{table}.json").read_text("utf-8")
        _validators[table] = _Validator(json.loads(schema))
    return _validators[table]
