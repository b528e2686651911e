"""Build a release: parse the files, run the rules, write dumps and manifest, switch to it."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterable
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.charts import read_chart
from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.graph import Say, canonical, graph_of
from taiwan_can_help.errors import InputError
from taiwan_can_help.protocol.formats import TURTLE
from taiwan_can_help.queries import NamedQuery, read_query
from taiwan_can_help.release.description import describe
from taiwan_can_help.release.dumps import dump_name, write_all_graphs, write_default_graph
from taiwan_can_help.release.examples import describe_queries
from taiwan_can_help.release.folder import (
    CHARTS,
    MANIFEST,
    PARTIAL,
    QUERIES,
    VALIDATION_JSON,
    VALIDATION_TURTLE,
    Release,
    Releases,
)
from taiwan_can_help.release.manifest import write_manifest
from taiwan_can_help.release.provenance import SOFTWARE, describe_build
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.location import files_of, places_of
from taiwan_can_help.validation.report import as_json, as_text, as_turtle
from taiwan_can_help.validation.validate import validate


def release_id(folder: DatasetFolder) -> str:
    """Return the key of the release that a build of this dataset gives: its content, and what builds it."""
    key = " ".join([folder.digest(), *(f"{name} {version}" for name, version in SOFTWARE.items())])
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
    queries = {path.stem: read_query(path) for path in folder.query_files()}
    for path in folder.chart_files():
        read_chart(path, queries)  # refuses what can't be served
    quads = graph_of(folder, say)
    findings = _pass_gate(folder, quads, queries, say)
    say(f"Writing the dumps of {len(quads):,} statements")
    try:
        releases.root.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=releases.root))
    except OSError as error:
        raise InputError(f"{releases.root}: cannot be written: {error.strerror}; choose another --releases") from error
    try:
        description = chain(describe_queries(queries.values()), describe_build(folder, key))
        _fill(partial, folder, key, quads, description, findings)
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


def _pass_gate(folder: DatasetFolder, quads: list[ox.Quad], queries: dict[str, NamedQuery], say: Say) -> list[Finding]:
    """Return the findings of the shapes; raises InputError when one of them is a violation."""
    say("Checking the shapes")
    findings = validate(quads, queries)
    violations = [finding for finding in findings if finding.severity == "violation"]
    if violations:
        shown = as_text(violations[:20], places_of(files_of(folder)))
        raise InputError(f"{len(violations)} violations, so nothing is published; 'validate' shows all\n{shown}")
    return findings


def _fill(
    target: Path,
    folder: DatasetFolder,
    key: str,
    quads: list[ox.Quad],
    description: Iterable[ox.Triple],
    findings: list[Finding],
) -> None:
    places = places_of(files_of(folder))
    files = write_default_graph([quad.triple for quad in quads if quad.graph_name == ox.DefaultGraph()])
    quads = canonical([*quads, *describe(quads, files, description)])
    files |= write_all_graphs(quads, files[dump_name(TURTLE)])
    files[VALIDATION_TURTLE] = as_turtle(findings, places).encode()
    files[VALIDATION_JSON] = as_json(findings, places).encode()
    for path in folder.query_files():
        files[f"{QUERIES}/{path.name}"] = path.read_bytes()
    for path in folder.chart_files():
        files[f"{CHARTS}/{path.name}"] = path.read_bytes()
    for name, content in files.items():
        path = target / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    with (target / MANIFEST).open("w", encoding="utf-8") as stream:
        stream.write(write_manifest(key, folder.digest(), quads, findings, files))
        stream.flush()
        os.fsync(stream.fileno())
