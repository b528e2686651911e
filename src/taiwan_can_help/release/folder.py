"""The folder of releases: one immutable folder for each, and a link to the current one."""

import contextlib
import hashlib
import json
import os
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from taiwan_can_help.charts import Chart, read_charts
from taiwan_can_help.columns import Column, read_columns
from taiwan_can_help.errors import InputError
from taiwan_can_help.protocol import formats
from taiwan_can_help.protocol.formats import Format
from taiwan_can_help.queries import NamedQuery, read_queries
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.report import read_json

MANIFEST = "manifest.json"
QUERIES = "queries"
CHARTS = "charts"
VALIDATION_TURTLE = "validation.ttl"
VALIDATION_JSON = "validation.json"
CURRENT = "current"
PARTIAL = ".partial-"
HOUR_SECONDS = 3600


@dataclass(frozen=True)
class Release:
    """One release on disk: the triples of its default graph and of each named one; the SHA-256 of each file by name."""

    root: Path
    id: str
    triples: int
    graphs: dict[str, int]
    files: dict[str, str]

    @classmethod
    def open(cls, root: Path) -> "Release":
        """Return the release in this folder; raises InputError when its manifest can't be used."""
        try:
            manifest = json.loads((root / MANIFEST).read_text("utf-8"))
            counts = manifest["counts"]
            return cls(root, manifest["release"], counts["triples"], counts["graphs"], manifest["files"])
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(f"{root}: not a whole release: {error}; build it anew") from error

    def check(self) -> None:
        """Raise InputError that names the first file that is missing or not as it was built."""
        for name, digest in self.files.items():
            try:
                found = digest_of(self.root / name)
            except OSError as error:
                raise InputError(f"{self.root / name}: missing from the release: {error.strerror}") from error
            if found != digest:
                raise InputError(f"{self.root / name}: is not as it was built; build the release anew")

    @property
    def nquads(self) -> Path:
        """Return the file that an engine loads."""
        return self.root / dump_name(formats.N_QUADS)

    @property
    def store(self) -> Path:
        """Return the folder of its store on disk, where there is one (``release/store.py``)."""
        return self.root.with_name(f"{self.root.name}.store")

    @property
    def quads(self) -> int:
        """Return the number of statements in all graphs."""
        return self.triples + sum(self.graphs.values())

    def queries(self) -> dict[str, NamedQuery]:
        """Return the release's named queries by name."""
        return read_queries(self.root / QUERIES)

    def columns(self) -> dict[str, Column]:
        """Return how pages show the columns of the named queries, by name."""
        return {
            name: column
            for path in sorted((self.root / QUERIES).glob("*.toml"))
            for name, column in read_columns(path).items()
        }

    def charts(self) -> dict[str, Chart]:
        """Return the release's charts by name."""
        return read_charts(self.root / CHARTS, self.queries())

    def findings(self) -> list[Finding]:
        """Return what the shapes found when the release was built."""
        return read_json((self.root / VALIDATION_JSON).read_text("utf-8"))


@dataclass(frozen=True)
class Releases:
    """The folder that holds releases; each dataset has its own link to the one that is current."""

    root: Path
    dataset: Path

    @property
    def link(self) -> Path:
        """Return the link to the dataset's current release."""
        key = hashlib.sha256(str(self.dataset.resolve()).encode()).hexdigest()[:8]
        return self.root / f"{CURRENT}-{key}"

    def all(self) -> list[Release]:
        """Return the releases that have a manifest, the oldest first."""
        found = []
        manifests = [path for path in self.root.glob(f"*/{MANIFEST}") if not path.parent.is_symlink()]
        for manifest in sorted(manifests, key=lambda path: (path.stat().st_mtime, path)):
            with contextlib.suppress(InputError):
                found.append(Release.open(manifest.parent))
        return found

    def prune(self, keep: int) -> list[Release]:
        """Remove all but the newest ``keep`` releases and those that are current for any dataset.

        What a build that was killed left half written goes too, once it is an hour old.
        """
        for partial in self.root.glob(f"{PARTIAL}*"):
            if time.time() - partial.stat().st_mtime > HOUR_SECONDS:
                shutil.rmtree(partial)
        current = {link.resolve().name for link in self.root.glob(f"{CURRENT}-*")}
        old = [release for release in self.all()[: -keep or None] if release.root.name not in current]
        for release in old:
            shutil.rmtree(release.root)
            if release.store.exists():
                shutil.rmtree(release.store)
        return old

    def find(self, key: str) -> Release | None:
        """Return the whole, undamaged release with this id, or None."""
        try:
            release = Release.open(self.root / key)
            release.check()
        except InputError:
            return None
        return release

    def current(self) -> Release:
        """Return the current release; raises InputError when there is none."""
        return Release.open(self.link)

    def use(self, release: Release) -> None:
        """Make a release the current one: a link is replaced in one step; raises InputError when it can't be."""
        link = self.root / f".{self.link.name}-{os.getpid()}"
        try:
            link.unlink(missing_ok=True)
            link.symlink_to(release.root.name)
            link.replace(self.link)
        except OSError as error:
            raise InputError(f"{self.link}: cannot be switched to {release.id}: {error.strerror}") from error


def dump_name(format_: Format) -> str:
    """Return the file name of a dump."""
    return f"dump.{format_.suffix}"


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file; raises OSError when it can't be read."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def default_releases() -> Path:
    """Return the folder for releases below the XDG cache folder."""
    cache = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(cache) / "taiwan-can-help" / "releases"
