"""What a release says of itself: its id, what it was built from and by, its counts, and the SHA-256 of each file."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping

import pyoxigraph as ox

from taiwan_can_help.rdf import node
from taiwan_can_help.release.software import SOFTWARE
from taiwan_can_help.validation.findings import Finding
from taiwan_can_help.validation.report import counts

TYPE = node("rdf:type")
VERSIONS = {node("owl:versionInfo"): "versionInfo", node("owl:versionIRI"): "versionIRI"}


def write_manifest(
    release: str, dataset: str, quads: list[ox.Quad], findings: list[Finding], files: Mapping[str, str]
) -> str:
    """Return the manifest as JSON; ``release`` is the id, ``dataset`` the digest of the dataset's files.

    ``files`` are the SHA-256 of each file by name. Triples and classes are counted in the default graph.
    """
    default = [quad for quad in quads if quad.graph_name == ox.DefaultGraph()]
    manifest = {
        "release": release,
        "dataset": dataset,
        "software": SOFTWARE,
        "ontologies": _ontologies(default),
        "counts": {
            "triples": len(default),
            "quads": len(quads),
            "graphs": _tally(quad.graph_name for quad in quads),
            "classes": _tally(quad.object for quad in default if quad.predicate == TYPE),
        },
        "findings": counts(findings),
        "files": dict(files),
    }
    return json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _ontologies(quads: list[ox.Quad]) -> dict[str, dict[str, str]]:
    """Return the version of each ontology that is named, as far as it states one."""
    ontologies = [quad.subject for quad in quads if (quad.predicate, quad.object) == (TYPE, node("owl:Ontology"))]
    found: dict[str, dict[str, str]] = {term.value: {} for term in ontologies if isinstance(term, ox.NamedNode)}
    for quad in quads:
        if quad.predicate not in VERSIONS:
            continue
        match quad.subject, quad.object:
            case ox.NamedNode(value=name), (ox.NamedNode(value=version) | ox.Literal(value=version)) if name in found:
                found[name][VERSIONS[quad.predicate]] = version
    return found


def _tally(terms: Iterable[object]) -> dict[str, int]:
    return dict(Counter(term.value for term in terms if isinstance(term, ox.NamedNode)))
