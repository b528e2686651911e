"""Named queries: ``.rq`` files whose comment header gives title, description and parameters."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import BASE

_HEADER = re.compile(r"#\s*(title|description)(?:@([A-Za-z0-9-]+))?:\s*(.+)")
_PARAMETER = re.compile(r'#\s*parameter:\s*\?(\w+)\s+(<[^>]*>|"[^"]*"(?:\^\^<[^>]*>|@[\w-]+)?)\s+(.+)')


@dataclass(frozen=True)
class Parameter:
    """A variable that a caller may bind; its default fixes what kind of term is expected."""

    name: str
    default: str
    description: str

    def bind(self, text: str) -> str:
        """Return ``text`` as an N-Triples term of the default's kind; ``country/palau`` is short for its IRI.

        Raises InputError when it can't be one. The term is bound in the engine, never pasted into a query.
        """
        default = parse_term(self.default)
        try:
            term: ox.NamedNode | ox.Literal
            if isinstance(default, ox.NamedNode):
                term = ox.NamedNode(text if ":" in text else f"{BASE}id/{text}")
            elif default.language:
                term = ox.Literal(text, language=default.language)
            else:
                term = ox.Literal(text, datatype=default.datatype)
        except ValueError as error:
            wanted = "an absolute IRI" if isinstance(default, ox.NamedNode) else "a literal"
            raise InputError(f"parameter {self.name}: {text!r} is not {wanted} ({error})") from error
        return str(term)


@dataclass(frozen=True)
class NamedQuery:
    """One named query; ``titles`` and ``descriptions`` are by language tag."""

    name: str
    text: str
    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()

    def bindings(self, values: dict[str, str]) -> dict[str, str]:
        """Return the N-Triples term of each parameter: its value where one is given, else its default."""
        return {
            parameter.name: parameter.bind(values[parameter.name]) if parameter.name in values else parameter.default
            for parameter in self.parameters
        }


def parse_term(text: str) -> ox.NamedNode | ox.Literal:
    """Parse one IRI or literal in N-Triples syntax; raises ValueError when it is neither."""
    try:
        (quad,) = ox.parse(f"<x:s> <x:p> {text} .".encode(), format=ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise ValueError(f"{text!r} is no term in N-Triples") from error
    if not isinstance(quad.object, (ox.NamedNode, ox.Literal)):
        raise ValueError(f"{text!r} is neither an IRI nor a literal")
    return quad.object


def read_query(path: Path) -> NamedQuery:
    """Read one named query; raises InputError that names file and line where its header is at fault."""
    try:
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: cannot be read: {error}") from error
    texts: dict[str, dict[str, str]] = {"title": {}, "description": {}}
    parameters: list[Parameter] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if match := _HEADER.fullmatch(line.strip()):
            texts[match[1]][match[2] or "en"] = match[3].strip()
        elif match := _PARAMETER.fullmatch(line.strip()):
            parameters.append(_parameter(path, number, match))
    if "en" not in texts["title"]:
        raise InputError(f"{path.name}: has no title; start the file with a line such as '# title: Masks in all'")
    return NamedQuery(path.stem, text, texts["title"], texts["description"], tuple(parameters))


def read_queries(folder: Path) -> dict[str, NamedQuery]:
    """Read every named query of a folder, by name, in the order of their names."""
    return {path.stem: read_query(path) for path in sorted(folder.glob("*.rq"))}


def _parameter(path: Path, number: int, match: re.Match[str]) -> Parameter:
    try:
        parse_term(match[2])
    except ValueError as error:
        raise InputError(f"{path.name}: line {number}: the default of a parameter: {error}") from error
    return Parameter(match[1], match[2], match[3].strip())
