"""Where the suites are, and their tests as pytest's parameters."""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Protocol, TypeVar

import pytest

from conformance.expected_failures import EXPECTED_FAILURES

VARIABLE = "TCH_CONFORMANCE"
CHECKOUT = Path(__file__).parents[2]


class Named(Protocol):
    """Anything with a test's name."""

    @property
    def id(self) -> str: ...


Case = TypeVar("Case", bound=Named)


def sparql11() -> Path:
    """Return the folder of the W3C's SPARQL 1.1 tests."""
    return folder("w3c-sparql/sparql11")


def folder(name: str) -> Path:
    """Return the folder of a suite; without it the run fails, it does not skip."""
    root = Path(os.environ.get(VARIABLE) or CHECKOUT.parent / "shared" / "conformance")
    if not (root / name).is_dir():
        raise pytest.Collector.CollectError(
            f"The conformance suites are not in {root}: there is no folder {name}.\n"
            f"Set {VARIABLE} to the folder that holds them; tests/conformance/README.md says how to get them."
        )
    return (root / name).resolve()


def parameters(cases: Iterable[Case]) -> list[object]:
    """Return each test as a pytest parameter under its own name, marked where it is expected to fail."""
    return [pytest.param(case, id=case.id, marks=_marks(case.id)) for case in cases]


def _marks(name: str) -> list[pytest.MarkDecorator]:
    reason = EXPECTED_FAILURES.get(name)
    return [pytest.mark.xfail(strict=True, raises=AssertionError, reason=reason)] if reason else []
