"""Build a release: parse the files, run the rules, write dumps and manifest, switch to it."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help import __version__
from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.reading import read_dataset
from taiwan_can_help.errors import InputError
from taiwan_can_help.queries import read_query
from taiwan_can_help.release.dumps import canonical, write_dumps
from taiwan_can_help.release.folder import MANIFEST, QUERIES, Release, Releases

Say = Callable[[str], None]


def release_id(folder: DatasetFolder) -> str:
    """Return the key of the release that a build of this dataset gives: its content, and what builds it."""
    key = f"{folder.digest()} {__version__} pyoxigraph {ox.__version__}"
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def build(folder: DatasetFolder, releases: Releases, say: Say) -> Release:
    """Return the current release of the dataset, building it first when its content is new.

    The release's folder appears whole or not at all, and the switch to it is atomic; whatever goes wrong,
    the release before stays current. Raises InputError when the dataset or the disk is at fault.
    """
    key = release_id(folder)
    existing = releases.find(key)
    if existing is None:
        say(f"Building release {key} from {folder.root}")
        existing = _write(folder, releases, key, say)
    releases.use(existing)
    return existing


def _write(folder: DatasetFolder, releases: Releases, key: str, say: Say) -> Release:
    for path in folder.query_files():
        read_query(path)
    quads = graph_of(folder, say)
    say(f"Writing the dumps of {len(quads):,} statements")
    try:
        releases.root.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=releases.root))
    except OSError as error:
        raise InputError(f"{releases.root}: cannot be written: {error.strerror}; choose another --releases") from error
    try:
        _fill(partial, folder, key, quads)
        partial.chmod(0o755)
        target = releases.root / key
        if target.exists():  # damaged, or built by another process meanwhile
            shutil.rmtree(target)
        partial.rename(target)
    except OSError as error:
        raise InputError(f"{releases.root}: the release could not be written: {error.strerror}") from error
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Release.open(releases.root / key)


def graph_of(folder: DatasetFolder, say: Say) -> list[ox.Quad]:
    """Return all quads of the dataset, with those that its rules derive, in canonical order."""
    say("Reading the files")
    quads = canonical(read_dataset(folder))
    store = ox.Store()
    store.bulk_extend(quads)
    derived: list[ox.Quad] = []
    for path in folder.rule_files():
        say(f"Running the rule {path.name}")
        try:
            results = store.query(path.read_text("utf-8"))
        except SyntaxError as error:
            raise InputError(f"{folder.relative(path)}: {error}") from error
        if not isinstance(results, ox.QueryTriples):
            raise InputError(f"{folder.relative(path)}: a rule is a CONSTRUCT query")
        new = [ox.Quad(triple.subject, triple.predicate, triple.object) for triple in results]
        store.extend(new)
        derived.extend(new)
    return canonical([*quads, *derived])


def _fill(target: Path, folder: DatasetFolder, key: str, quads: list[ox.Quad]) -> None:
    files = write_dumps(quads)
    for path in folder.query_files():
        files[f"{QUERIES}/{path.name}"] = path.read_bytes()
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    default = sum(1 for quad in quads if quad.graph_name == ox.DefaultGraph())
    manifest = {
        "release": key,
        "dataset": folder.digest(),
        "software": {"taiwan-can-help": __version__, "pyoxigraph": ox.__version__},
        "counts": {"triples": default, "quads": len(quads)},
        "files": {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())},
    }
    with (target / MANIFEST).open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(manifest, indent=2, sort_keys=True) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
