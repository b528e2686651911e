"""Write a release: parse the files, run the rules, pass the gate, write dumps, index and manifest."""

import os
import shutil
import tempfile
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.charts import read_chart
from taiwan_can_help.columns import read_columns
from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.graph import Say, canonical, graph_of
from taiwan_can_help.errors import InputError
from taiwan_can_help.index.fields import read_search_queries
from taiwan_can_help.index.write import INDEX, write_index
from taiwan_can_help.queries import NamedQuery, read_query
from taiwan_can_help.release.description import describe
from taiwan_can_help.release.dumps import write_all_graphs, write_default_graph
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
    digest_of,
)
from taiwan_can_help.release.manifest import write_manifest
from taiwan_can_help.release.packing import pack
from taiwan_can_help.release.provenance import describe_build
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.location import files_of, places_of
from taiwan_can_help.validation.report import as_json, as_text, as_turtle
from taiwan_can_help.validation.validate import validate


@dataclass(frozen=True)
class _Content:
    """What a release is made of: the dataset with its queries and its graph, which the shapes let through."""

    folder: DatasetFolder
    queries: dict[str, NamedQuery]
    quads: list[ox.Quad]
    findings: list[Finding]


def write_release(folder: DatasetFolder, releases: Releases, key: str, say: Say) -> Release:
    """Build a release and put its folder in place, whole or not at all.

    Raises InputError when the dataset or the disk is at fault.
    """
    queries = {path.stem: read_query(path) for path in folder.query_files()}
    for path in folder.column_files():
        read_columns(path)
    for path in folder.chart_files():
        read_chart(path, queries)
    quads = graph_of(folder, say)
    content = _Content(folder, queries, quads, _pass_gate(folder, quads, queries, say))
    try:
        releases.root.mkdir(parents=True, exist_ok=True)
        partial = Path(tempfile.mkdtemp(prefix=PARTIAL, dir=releases.root))
    except OSError as error:
        raise InputError(f"{releases.root}: cannot be written: {error.strerror}; choose another --releases") from error
    try:
        _fill(partial, content, key, say)
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


def _fill(target: Path, content: _Content, key: str, say: Say) -> None:
    folder, quads, findings = content.folder, content.quads, content.findings
    say(f"Writing the dumps of {len(quads):,} statements")
    dumps = write_default_graph(target, quads)
    description = chain(describe_queries(content.queries.values()), describe_build(folder, key))
    quads = canonical([*quads, *describe(quads, dumps, description)])
    dumps += write_all_graphs(target, quads)
    places = places_of(files_of(folder)) if findings else {}
    reports = [target / VALIDATION_TURTLE, target / VALIDATION_JSON]
    for path, report in zip(reports, (as_turtle(findings, places), as_json(findings, places)), strict=True):
        path.write_text(report, "utf-8")
    (target / INDEX).write_bytes(write_index(quads, read_search_queries(folder.search_files())))
    say("Compressing the files")
    pack([*dumps, *reports])
    (target / QUERIES).mkdir()
    for path in (*folder.query_files(), *folder.column_files()):
        shutil.copyfile(path, target / QUERIES / path.name)
    (target / CHARTS).mkdir()
    for path in folder.chart_files():
        shutil.copyfile(path, target / CHARTS / path.name)
    files = {path.relative_to(target).as_posix(): digest_of(path) for path in target.rglob("*") if path.is_file()}
    with (target / MANIFEST).open("w", encoding="utf-8") as stream:
        stream.write(write_manifest(key, folder.digest(), quads, findings, files))
        stream.flush()
        os.fsync(stream.fileno())
