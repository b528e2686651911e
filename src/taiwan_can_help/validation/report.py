"""Findings as people and machines read them: text, JSON, Turtle, annotations of a hosted repository."""

import json
from collections.abc import Callable, Mapping

from taiwan_can_help.namespaces import short
from taiwan_can_help.validation.findings import SEVERITIES, Finding
from taiwan_can_help.validation.location import Place

Places = Mapping[str, Place]


def counts(findings: list[Finding]) -> dict[str, int]:
    """Return how many findings there are of each severity."""
    return {name: sum(finding.severity == name for finding in findings) for name in SEVERITIES}


def as_text(findings: list[Finding], places: Places) -> str:
    """Return the findings grouped by file and record, then a line that counts them."""
    lines: list[str] = []
    focus = None
    for finding in sorted(findings, key=lambda f: (_place(f, places).file, _place(f, places).line)):
        if finding.focus != focus:
            focus = finding.focus
            place = _place(finding, places)
            lines.append(f"{place.file}:{place.line}: {short(focus)}")
        lines.append(f"  {finding.severity}: {finding.message()}")
        about = [
            f"{name} {text}"
            for name, text in (("at", finding.path), ("value", finding.value))
            if text and text != f"<{focus}>"
        ]
        lines.append(f"    {short(finding.rule)}" + "".join(f", {_shorten(part)}" for part in about))
    lines.append(", ".join(f"{number} {name}{'' if number == 1 else 's'}" for name, number in _named(findings)))
    return "\n".join(lines) + "\n"


def as_json(findings: list[Finding], places: Places) -> str:
    """Return the findings as a JSON document."""
    results = [
        {
            "severity": finding.severity,
            "focus": finding.focus,
            "path": finding.path,
            "value": finding.value,
            "shape": finding.shape,
            "constraint": finding.constraint,
            "component": finding.component,
            "messages": {language or "und": text for language, text in finding.messages},
            "file": _place(finding, places).file,
            "line": _place(finding, places).line,
        }
        for finding in findings
    ]
    conforms = not counts(findings)["violation"]
    document = {"conforms": conforms, "counts": counts(findings), "results": results}
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def read_json(document: str) -> list[Finding]:
    """Return the findings of a JSON document that as_json wrote."""
    return [
        Finding(
            result["severity"],
            result["focus"],
            result["path"],
            result["value"],
            result["shape"],
            result["component"],
            tuple((language.replace("und", ""), text) for language, text in result["messages"].items()),
            result["constraint"],
        )
        for result in json.loads(document)["results"]
    ]


def as_turtle(findings: list[Finding], _places: Places) -> str:
    """Return the findings as a sh:ValidationReport in canonical Turtle."""
    # They need rdflib, which takes a while to load; a server reads findings without it.
    from taiwan_can_help.dataset.turtle import write_turtle
    from taiwan_can_help.validation.results import to_report

    return write_turtle(to_report(findings))


def as_github(findings: list[Finding], places: Places) -> str:
    """Return the findings as workflow commands that annotate files in a pull request."""
    level = {"violation": "error", "warning": "warning", "info": "notice"}
    lines = []
    for finding in findings:
        place = _place(finding, places)
        text = f"{short(finding.focus)}: {finding.message()}".replace("%", "%25").replace("\n", "%0A")
        lines.append(f"::{level[finding.severity]} file={place.file},line={place.line}::{text}")
    return "".join(line + "\n" for line in lines)


FORMATS: dict[str, Callable[[list[Finding], Places], str]] = {
    "text": as_text,
    "json": as_json,
    "turtle": as_turtle,
    "github": as_github,
}


def _named(findings: list[Finding]) -> list[tuple[str, int]]:
    return list(counts(findings).items())


def _place(finding: Finding, places: Places) -> Place:
    return places.get(finding.focus, Place("(derived)", 0))


def _shorten(part: str) -> str:
    name, _, text = part.partition(" ")
    return f"{name} {short(text[1:-1])}" if text.startswith("<") else part
