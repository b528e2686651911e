"""Read the index of a release."""

import sqlite3
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path

from taiwan_can_help.errors import InputError
from taiwan_can_help.index.search import Search
from taiwan_can_help.namespaces import BASE

MOST_REMEMBERED = 50_000


@dataclass(frozen=True)
class Text:
    """A text in a language; the tag is empty where it is in none."""

    text: str
    language: str


class Index:
    """The index of a release, open for reading from any thread."""

    def __init__(self, database: sqlite3.Connection) -> None:
        self._database = database
        self.label = lru_cache(MOST_REMEMBERED)(self._label)
        self.search = Search(database)

    @classmethod
    def open(cls, path: Path) -> "Index":
        """Open the file; raises InputError when it can't be."""
        try:
            # SQLite is compiled to be safe in several threads (sqlite3.threadsafety is 3), and nothing is written.
            address = f"{path.absolute().as_uri()}?mode=ro&immutable=1"
            return cls(sqlite3.connect(address, uri=True, check_same_thread=False))
        except sqlite3.Error as error:
            raise InputError(f"{path}: cannot be opened: {error}; build the release anew") from error

    def labels(self, iri: str) -> dict[str, str]:
        """Return the labels of a thing by language."""
        return dict(self._database.execute("SELECT language, text FROM label WHERE iri = ?", (iri,)).fetchall())

    @cached_property
    def things(self) -> list[str]:
        """Return the IRIs of the things that have a page and a label, in order."""
        within = (BASE + "id/", BASE + "id0")  # "0" follows "/"
        found = self._database.execute("SELECT DISTINCT iri FROM label WHERE iri > ? AND iri < ? ORDER BY iri", within)
        return [iri for (iri,) in found if "#" not in iri]

    def below(self, prefix: str, most: int, skip: int) -> list[str]:
        """Return the things that have a label and whose IRI starts with a prefix, in the order of their IRIs."""
        asked = "SELECT DISTINCT iri FROM label WHERE iri > ? AND iri < ? ORDER BY iri LIMIT ? OFFSET ?"
        return [iri for (iri,) in self._database.execute(asked, (prefix, prefix + chr(0x10FFFF), most, skip))]

    def count(self, prefix: str) -> int:
        """Return how many things ``below`` would give in all."""
        asked = "SELECT COUNT(DISTINCT iri) FROM label WHERE iri > ? AND iri < ?"
        (number,) = self._database.execute(asked, (prefix, prefix + chr(0x10FFFF))).fetchone()
        return int(number)

    def _label(self, iri: str, language: str) -> Text | None:
        """Return the label of a thing in a language, else in English, else in any, or None."""
        labels = self.labels(iri)
        for tag in (language, "", "en", *labels):
            if tag in labels:
                return Text(labels[tag], tag)
        return None
