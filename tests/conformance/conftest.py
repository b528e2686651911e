"""The table at the end of ``make conformance``: for each suite what ran, passed, and is known to fail."""

from collections import Counter
from pathlib import Path

from pytest import TerminalReporter  # noqa: PT013 (for the type)

OUTCOMES = ("passed", "xfailed", "failed", "xpassed", "error")


def pytest_terminal_summary(terminalreporter: TerminalReporter) -> None:
    """Print the table."""
    suites: dict[str, Counter[str]] = {}
    for outcome in OUTCOMES:
        for report in terminalreporter.stats.get(outcome, []):
            path = Path(report.nodeid.partition("::")[0])
            if path.parent.name == "conformance" and "[" in report.nodeid:  # the tests that check us do not count
                name = path.stem.removeprefix("test_").replace("_", " ")
                suites.setdefault(name, Counter())[outcome] += 1
    terminalreporter.section("conformance")
    terminalreporter.line(f"{'suite':<24}{'tests':>8}{'pass':>8}{'known to fail':>16}{'fail':>8}")
    for name, tally in sorted(suites.items()):
        failed = tally["failed"] + tally["xpassed"] + tally["error"]
        counted = f"{tally.total():>8}{tally['passed']:>8}{tally['xfailed']:>16}{failed:>8}"
        terminalreporter.line(f"{name:<24}{counted}")
