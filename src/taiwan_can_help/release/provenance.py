"""How a release came about: PROV-O of its build (https://www.w3.org/TR/prov-o/), the same on any machine."""

from collections.abc import Iterator

import pyoxigraph as ox

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.namespaces import DATASET
from taiwan_can_help.rdf import about, node, typed
from taiwan_can_help.release.software import SOFTWARE


def describe_build(folder: DatasetFolder, release: str) -> Iterator[ox.Triple]:
    """Yield the build of a release: the files it used, by SHA-256, the software it ran, and what it made.

    No time, host or user is told, so that the same input gives the same triples. Files and software are named
    by what identifies them, so that the descriptions of two releases can be read together.
    """
    build = _part(f"build-{release}")
    agents = [_part(f"software-{name}-{version}") for name, version in SOFTWARE.items()]
    hashes = folder.hashes()
    yield from about(
        _part(f"release-{release}"),
        {
            "rdf:type": node("prov:Entity"),
            "dcterms:identifier": ox.Literal(release),
            "prov:specializationOf": ox.NamedNode(DATASET),
            "prov:wasGeneratedBy": build,
        },
    )
    yield from about(
        build,
        {
            "rdf:type": node("prov:Activity"),
            "prov:used": [_part(f"file-{digest}") for digest in hashes.values()],
            "prov:wasAssociatedWith": agents,
        },
    )
    for agent, (name, version) in zip(agents, SOFTWARE.items(), strict=True):
        yield from about(
            agent,
            {
                "rdf:type": node("prov:SoftwareAgent"),
                "foaf:name": ox.Literal(name),
                "schema:softwareVersion": ox.Literal(version),
            },
        )
    for name, digest in hashes.items():
        file = _part(f"file-{digest}")
        yield from about(file, {"rdf:type": node("prov:Entity"), "dcterms:title": ox.Literal(name)})
        yield from has_checksum(file, digest)


def has_checksum(file: ox.NamedNode, digest: str) -> Iterator[ox.Triple]:
    """Yield the SHA-256 of a file in SPDX's terms (https://www.w3.org/TR/vocab-dcat-3/#Class:Checksum)."""
    checksum = _part(f"sha256-{digest}")
    yield from about(file, {"spdx:checksum": checksum})
    yield from about(
        checksum,
        {
            "rdf:type": node("spdx:Checksum"),
            "spdx:algorithm": node("spdx:checksumAlgorithm_sha256"),
            "spdx:checksumValue": typed(digest, "xsd:hexBinary"),
        },
    )


def _part(fragment: str) -> ox.NamedNode:
    return ox.NamedNode(f"{DATASET}#{fragment}")
