"""Findings: what a shape says of a focus node."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rdflib import RDF, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node
from rdflib.util import from_n3

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.namespaces import BASE

# From worst to mildest; SHACL, section 2.1.4 (https://www.w3.org/TR/shacl/#severity).
SEVERITIES = {SH.Violation: "violation", SH.Warning: "warning", SH.Info: "info"}
RESULTS = BASE + "validation#"


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
    return list(SEVERITIES.values()).index(finding.severity)


def in_order(findings: Iterable[Finding]) -> list[Finding]:
    """Return the findings without repetition, the worst first, then by focus node and shape."""
    return sorted(
        set(findings),
        key=lambda f: (rank(f), f.focus, f.rule, f.path or "", f.value or "", f.messages),
    )


def from_report(report: Graph) -> Iterator[Finding]:
    """Yield the results of a SHACL validation report (https://www.w3.org/TR/shacl/#validation-report)."""
    # Not by type: a nested shape's result is the detail of another, and no finding of its own.
    for result in report.objects(None, SH.result):
        severity = report.value(result, SH.resultSeverity)
        yield Finding(
            SEVERITIES[URIRef(str(severity))],
            str(report.value(result, SH.focusNode)),
            _n3(report.value(result, SH.resultPath)),
            _n3(report.value(result, SH.value)),
            str(report.value(result, SH.sourceShape)),
            str(report.value(result, SH.sourceConstraintComponent)),
            _messages(report.objects(result, SH.resultMessage)),
            None if (constraint := report.value(result, SH.sourceConstraint)) is None else str(constraint),
        )


def to_report(findings: list[Finding]) -> Graph:
    """Return the findings as a SHACL validation report, its results numbered in their order."""
    graph = new_graph()
    report = URIRef(BASE + "validation")
    conforms = not any(finding.severity == "violation" for finding in findings)
    graph.add((report, RDF.type, SH.ValidationReport))
    graph.add((report, SH.conforms, Literal("true" if conforms else "false", datatype=XSD.boolean)))
    severity_of = {name: iri for iri, name in SEVERITIES.items()}
    for number, finding in enumerate(findings, start=1):
        result = URIRef(f"{RESULTS}{number}")
        graph.add((report, SH.result, result))
        graph.add((result, RDF.type, SH.ValidationResult))
        graph.add((result, SH.resultSeverity, severity_of[finding.severity]))
        graph.add((result, SH.focusNode, URIRef(finding.focus)))
        graph.add((result, SH.sourceShape, URIRef(finding.shape)))
        graph.add((result, SH.sourceConstraintComponent, URIRef(finding.component)))
        if finding.constraint:
            graph.add((result, SH.sourceConstraint, URIRef(finding.constraint)))
        for language, text in finding.messages:
            graph.add((result, SH.resultMessage, Literal(text, lang=language or None)))
        for predicate, term in ((SH.resultPath, finding.path), (SH.value, finding.value)):
            if term is not None:
                graph.add((result, predicate, _term(term)))
    return graph


def _messages(literals: Iterable[Node]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted((literal.language or "", str(literal)) for literal in literals if isinstance(literal, Literal)))


def _n3(term: Node | None) -> str | None:
    return None if term is None else term.n3()


def _term(text: str) -> Node:
    term = from_n3(text)
    return term if isinstance(term, Node) else Literal(text)
