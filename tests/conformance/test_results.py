"""The 10 tests of the result formats: CSV, TSV and JSON."""

import pytest

from conformance.evaluation import check
from conformance.manifest import Entry, read_manifest
from conformance.suite import parameters, sparql11

ENTRIES = read_manifest(sparql11() / "manifest-sparql11-results.ttl")


def test_the_suite_is_whole() -> None:
    assert len({entry.id for entry in ENTRIES}) == 10


@pytest.mark.parametrize("entry", parameters(ENTRIES))
def test_result_format(entry: Entry) -> None:
    assert entry.result is not None
    check(entry, (entry.result.suffix.removeprefix("."),))
