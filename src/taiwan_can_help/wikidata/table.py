"""The table of proposals: written row by row, edited by a person, and read back as matches to import."""

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import IO

from taiwan_can_help.errors import InputError
from taiwan_can_help.intake.batch import Row
from taiwan_can_help.wikidata.suggest import Candidate, Thing

COLUMNS = (
    "accept", "entity_kind", "entity_id", "label", "qid", "wikidata_label", "description", "score", "reasons",
    "predicate", "category", "confidence", "evidence",
)  # fmt: skip
MATCH = ("entity_kind", "entity_id", "qid", "predicate", "wikidata_label", "category", "evidence", "confidence")
YES, NO = ("yes", "y", "x", "1", "true"), ("", "no", "n", "0", "false")


class Table:
    """A CSV file, or a TSV file by its suffix, that grows by a thing at a time."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._delimiter = "\t" if path.suffix == ".tsv" else ","

    def rows(self) -> Iterator[tuple[int, dict[str, str]]]:
        """Yield the rows with their lines; raises InputError where the file is not such a table."""
        try:
            with self.path.open(encoding="utf-8-sig", newline="") as stream:
                yield from self._rows(stream)
        except UnicodeDecodeError as error:
            raise InputError(f"{self.path}: not UTF-8 ({error}); save the file as UTF-8") from error
        except OSError as error:
            raise InputError(f"{self.path}: cannot be read: {error.strerror}") from error

    def _rows(self, stream: IO[str]) -> Iterator[tuple[int, dict[str, str]]]:
        reader = csv.DictReader(stream, delimiter=self._delimiter, strict=True)
        missing = {"accept", *MATCH} - set(reader.fieldnames or ())
        if missing:
            raise InputError(f"{self.path}: has no column {', '.join(sorted(missing))}; 'wikidata suggest' writes it")
        try:
            for row in reader:
                if None in row or None in row.values():
                    raise InputError(f"{self.path}: line {reader.line_num}: has not as many cells as the header")
                yield reader.line_num, row
        except csv.Error as error:
            raise InputError(f"{self.path}: line {reader.reader.line_num}: not CSV: {error}") from error

    def done(self) -> set[tuple[str, str]]:
        """Return the things that the table has already, by kind and id; a last line that was cut short is dropped."""
        if not self.path.exists():
            return set()
        content = self.path.read_bytes()
        whole = content[: content.rfind(b"\n") + 1]
        if whole != content:
            self.path.write_bytes(whole)
        return {(row["entity_kind"], row["entity_id"]) for _, row in self.rows()} if whole else set()

    def add(self, thing: Thing, candidates: Sequence[Candidate], chosen: Candidate | None, today: date) -> None:
        """Append a thing's candidates; one without any has a row too, so that it isn't asked for again.

        It is a single write, so that a run that is killed leaves all of a thing's rows or none.
        """
        rows = io.StringIO()
        writer = csv.DictWriter(rows, COLUMNS, delimiter=self._delimiter, lineterminator="\n")
        if not self.path.exists() or not self.path.stat().st_size:
            writer.writeheader()
        listed: Sequence[Candidate | None] = candidates or [None]
        for candidate in listed:
            writer.writerow(_row(thing, candidate, chosen, today))
        try:
            with self.path.open("ab", buffering=0) as stream:
                stream.write(rows.getvalue().encode())
        except OSError as error:
            raise InputError(f"{self.path}: cannot be written: {error.strerror}") from error

    def accepted(self, today: date) -> list[Row]:
        """Return the rows that a person marked as matches to import; raises InputError for a mark that says neither."""
        accepted = []
        for line, row in self.rows():
            mark = row["accept"].strip().lower()
            if mark not in YES + NO:
                raise InputError(f"{self.path}: line {line}: accept is {row['accept']!r}; write yes or leave it empty")
            if mark in NO:
                continue
            if not row["qid"].strip():
                raise InputError(f"{self.path}: line {line}: accepts no item; give a qid, or take the mark out")
            values = {field: row[field].strip() or None for field in MATCH}
            judged = {"reviewer": "curator", "date": today.isoformat()}
            accepted.append(Row("wikidata-matches", self.path.name, line, {**values, **judged}))
        return accepted


def _row(thing: Thing, candidate: Candidate | None, chosen: Candidate | None, today: date) -> dict[str, str]:
    row = {"entity_kind": thing.kind, "entity_id": thing.slug, "label": thing.label}
    if candidate is None:
        return row
    described = f" ({candidate.description})" if candidate.description else ""
    reasons = "; ".join(candidate.reasons)
    evidence = f'Wikidata, {today.isoformat()}: {candidate.qid} "{candidate.label}"{described}; {reasons}'
    return {
        **row,
        "accept": "yes" if candidate == chosen else "",
        "qid": candidate.qid,
        "wikidata_label": candidate.label,
        "description": candidate.description,
        "score": f"{candidate.score:g}",
        "reasons": reasons,
        "predicate": thing.predicate,
        "category": thing.category,
        "confidence": "medium",
        "evidence": evidence,
    }
