"""A release's store on disk: beside the release, written when it is first asked for, and checked before each use.

RocksDB's files are not the same bytes twice, so they are no part of the release itself.
"""

import json
import os
import shutil
import sys
import tempfile
from enum import Enum
from pathlib import Path

from taiwan_can_help.engine.disk import write_store
from taiwan_can_help.errors import InputError
from taiwan_can_help.release.folder import PARTIAL, Release, digest_of

# In memory as many take about 2 GB; docs/scale.md has the figures.
MOST_IN_MEMORY = 5_000_000
CHECKSUMS = "checksums.json"


class StoreKind(Enum):
    """Where the quads are that queries are answered from; ``auto`` decides by their number."""

    MEMORY = "memory"
    DISK = "disk"
    AUTO = "auto"


def source_of(release: Release, kind: StoreKind) -> Path:
    """Return what an engine of this kind opens: the release's N-Quads, or the folder of its store on disk.

    A store that is missing, damaged or of another build of the release is written, whole or not at all.
    Raises InputError when there is no room for it, and EngineError when it can't be written.
    """
    if kind is StoreKind.MEMORY or (kind is StoreKind.AUTO and release.quads <= MOST_IN_MEMORY):
        return release.nquads
    if not _is_whole(release):
        print(f"Writing the store on disk of {release.quads:,} statements", file=sys.stderr, flush=True)  # noqa: T201
        try:
            _write(release)
        except OSError as error:
            raise InputError(f"{release.store}: the store could not be written: {error.strerror}") from error
    return release.store


def _is_whole(release: Release) -> bool:
    try:
        checksums = json.loads((release.store / CHECKSUMS).read_text("utf-8"))
        found = {name: digest_of(release.store / name) for name in checksums["files"]}
        return bool(checksums == {"source": release.files[release.nquads.name], "files": found})
    except (OSError, ValueError, KeyError, TypeError):
        return False


def _write(release: Release) -> None:
    partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=release.root.parent))
    try:
        write_store(release.nquads, partial)
        files = {path.name: digest_of(path) for path in sorted(partial.iterdir()) if path.name not in ("LOG", "LOCK")}
        checksums = {"source": release.files[release.nquads.name], "files": files}
        with (partial / CHECKSUMS).open("w", encoding="utf-8") as stream:
            json.dump(checksums, stream, indent=2)
            stream.flush()
            os.fsync(stream.fileno())
        partial.chmod(0o755)
        if release.store.exists():
            shutil.rmtree(release.store)
        partial.rename(release.store)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
