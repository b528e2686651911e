"""Findings as the results of a SHACL validation report (https://www.w3.org/TR/shacl/#validation-report), and back."""

from collections.abc import Iterable, Iterator

from rdflib import RDF, SH, XSD, Graph, Literal, URIRef
from rdflib.term import Node
from rdflib.util import from_n3

from taiwan_can_help.dataset.turtle import new_graph
from taiwan_can_help.namespaces import BASE
from taiwan_can_help.validation.findings import SEVERITIES, Finding

IRIS = (SH.Violation, SH.Warning, SH.Info)
SEVERITY_OF: dict[Node | None, str] = dict(zip(IRIS, SEVERITIES, strict=True))
RESULTS = BASE + "validation#"


def from_report(report: Graph) -> Iterator[Finding]:
    """Yield the results of a report."""
    # Not by type: a nested shape's result is the detail of another, and no finding of its own.
    for result in report.objects(None, SH.result):
        severity = report.value(result, SH.resultSeverity)
        yield Finding(
            SEVERITY_OF[severity],
            str(report.value(result, SH.focusNode)),
            _n3(report.value(result, SH.resultPath)),
            _n3(report.value(result, SH.value)),
            str(report.value(result, SH.sourceShape)),
            str(report.value(result, SH.sourceConstraintComponent)),
            _messages(report.objects(result, SH.resultMessage)),
            None if (constraint := report.value(result, SH.sourceConstraint)) is None else str(constraint),
        )


def to_report(findings: list[Finding]) -> Graph:
    """Return the findings as a report, its results numbered in their order."""
    graph = new_graph()
    report = URIRef(BASE + "validation")
    conforms = not any(finding.severity == "violation" for finding in findings)
    graph.add((report, RDF.type, SH.ValidationReport))
    graph.add((report, SH.conforms, Literal("true" if conforms else "false", datatype=XSD.boolean)))
    iri_of = dict(zip(SEVERITIES, IRIS, strict=True))
    for number, finding in enumerate(findings, start=1):
        result = URIRef(f"{RESULTS}{number}")
        graph.add((report, SH.result, result))
        graph.add((result, RDF.type, SH.ValidationResult))
        graph.add((result, SH.resultSeverity, iri_of[finding.severity]))
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
