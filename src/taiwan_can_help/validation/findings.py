"""Findings: what a shape says of a focus node."""

from collections.abc import Iterable
from dataclasses import dataclass

# From worst to mildest; SHACL, section 2.1.4 (https://www.w3.org/TR/shacl/#severity).
SEVERITIES = ("violation", "warning", "info")


@dataclass(frozen=True)
class Finding:
    """One validation result; ``messages`` are by language tag, ``value`` and ``path`` as written in N-Triples."""

    severity: str
    focus: str
    path: str | None
    value: str | None
    shape: str
    component: str
    messages: tuple[tuple[str, str], ...]
    constraint: str | None = None

    @property
    def rule(self) -> str:
        """Return the IRI of what says so: the SPARQL constraint, or the shape."""
        return self.constraint or self.shape

    def message(self, language: str = "en") -> str:
        """Return the message in a language, or in whatever language it has."""
        texts = dict(self.messages)
        return texts.get(language) or next(iter(texts.values()), "does not conform")


def rank(finding: Finding) -> int:
    """Return the place of a finding's severity, the worst first."""
    return SEVERITIES.index(finding.severity)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without repetition, the worst first, then by focus node and shape."""
    return sorted(
        set(findings),
        key=lambda f: (rank(f), f.focus, f.rule, f.path or "", f.value or "", f.messages, f.shape, f.component),
    )
