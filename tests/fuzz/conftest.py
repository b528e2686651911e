"""The table at the end of a long run."""

import pytest

from fuzz.running import LARGE, SEED, TALLY


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if LARGE and TALLY.answers:
        terminalreporter.section(f"TCH_FUZZ_SEED={SEED}")
        for line in TALLY.lines():
            terminalreporter.write_line(line)
