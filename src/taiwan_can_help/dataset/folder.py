"""A dataset folder: ``ontology/``, ``shapes/`` and ``data/``, each of which may be missing or empty."""

import hashlib
from dataclasses import dataclass
from pathlib import Path

from pyoxigraph import RdfFormat

from taiwan_can_help.errors import InputError

RDF_SUFFIXES = {
    ".ttl": RdfFormat.TURTLE,
    ".nt": RdfFormat.N_TRIPLES,
    ".trig": RdfFormat.TRIG,
    ".nq": RdfFormat.N_QUADS,
    ".jsonld": RdfFormat.JSON_LD,
}


@dataclass(frozen=True)
class DatasetFolder:
    """The folder that holds a dataset.

    RDF files lie anywhere under ``ontology/``, ``shapes/`` and ``data/``; rules (CONSTRUCT queries that a
    build runs) under ``ontology/rules/``; named queries under ``data/queries/``, with what pages call
    their columns; charts of them under ``data/charts/``; what the search of records is made of under ``data/search/``.
    """

    root: Path

    @classmethod
    def open(cls, root: Path) -> "DatasetFolder":
        """Return the dataset at ``root``; raises InputError when there is no such folder."""
        if not root.is_dir():
            raise InputError(f"{root}: no such folder; --dataset takes a folder with ontology/, shapes/, data/")
        return cls(root)

    def rdf_files(self, part: str) -> list[Path]:
        """Return the RDF files of one part (``ontology``, ``shapes`` or ``data``), sorted by path."""
        return self._files(part, set(RDF_SUFFIXES))

    def rule_files(self) -> list[Path]:
        """Return the CONSTRUCT queries that derive triples at build, in the order they run."""
        return self._files("ontology/rules", {".rq"})

    def query_files(self) -> list[Path]:
        """Return the named queries, sorted by path."""
        return self._files("data/queries", {".rq"})

    def search_files(self) -> list[Path]:
        """Return the queries that say what a record is and what its fields are, sorted by path."""
        return self._files("data/search", {".rq"})

    def column_files(self) -> list[Path]:
        """Return the file that says how pages show the columns of the named queries, if there is one."""
        return self._files("data/queries", {".toml"})

    def chart_files(self) -> list[Path]:
        """Return the charts of named queries, sorted by path."""
        return self._files("data/charts", {".json"})

    def relative(self, path: Path) -> str:
        """Return a file's name within the dataset, with forward slashes."""
        return path.relative_to(self.root).as_posix()

    def files(self) -> list[Path]:
        """Return all files that a build reads."""
        rdf_files = [path for part in ("ontology", "shapes", "data") for path in self.rdf_files(part)]
        return [
            *rdf_files,
            *self.rule_files(),
            *self.query_files(),
            *self.column_files(),
            *self.chart_files(),
            *self.search_files(),
        ]

    def hashes(self) -> dict[str, str]:
        """Return the SHA-256 of each file that a build reads, by its name within the dataset."""
        found = {}
        for path in self.files():
            with path.open("rb") as stream:
                found[self.relative(path)] = hashlib.file_digest(stream, "sha256").hexdigest()
        return found

    def digest(self) -> str:
        """Return the SHA-256 of all names and bytes that a build reads: equal content, equal digest."""
        lines = "".join(f"{digest} {name}\n" for name, digest in self.hashes().items())
        return hashlib.sha256(lines.encode()).hexdigest()

    def _files(self, part: str, suffixes: set[str]) -> list[Path]:
        paths = (self.root / part).rglob("*")
        return sorted(path for path in paths if path.suffix in suffixes and path.is_file())


def default_dataset() -> Path:
    """Return our own dataset: the copy in an installed wheel, or the checkout the package runs from."""
    package = Path(__file__).parents[1]
    bundled = package / "bundled"
    return bundled if bundled.is_dir() else package.parents[1]
