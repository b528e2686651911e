"""Named queries: ``.rq`` files whose comment header gives title, description and parameters."""

import re
from dataclasses import dataclass, field
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import BASE

_ENTRY = re.compile(r"#\s*(title|heading|description|parameter|columns|page|list)(?:@([A-Za-z0-9-]+))?:\s*(.+)")
_FORMS = {
    "parameter": re.compile(r'\?(\w+)\s+(<[^>]*>|"[^"]*"(?:\^\^<[^>]*>|@[\w-]+)?)\s+(.+)'),
    "parameter text": re.compile(r"\?(\w+)\s+(.+)"),
    "columns": re.compile(r"\?\w+(?:\s+\?\w+)*"),
    "page": re.compile(r"<([^>]*)>\s+\?(\w+)\s+(\d+)"),
    "list": re.compile(r"[\w-]+"),
}


@dataclass(frozen=True)
class Parameter:
    """A variable that a caller may bind; its default fixes what kind of term is expected."""

    name: str
    default: str
    description: str
    translations: dict[str, str] = field(default_factory=dict)

    @property
    def descriptions(self) -> dict[str, str]:
        """Return the description by language tag."""
        return {"en": self.description, **self.translations}

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
class Placement:
    """That a query is a section of a thing's page: of which things, the parameter that is the thing, and the order.

    The things are those of a class, those in a scheme, or those that refer to ``of`` in any other way.
    """

    of: str
    parameter: str
    order: int


@dataclass(frozen=True)
class NamedQuery:
    """One named query; ``titles`` and ``descriptions`` are by language tag.

    ``columns`` are those that pages show, where they are not all; ``placements`` say on which things' pages the query
    is a section, under ``headings``, and ``lists`` of which kind of thing (the segment after ``id/``) it is the list.
    """

    name: str
    text: str
    titles: dict[str, str] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    columns: tuple[str, ...] = ()
    placements: tuple[Placement, ...] = ()
    lists: str | None = None
    headings: dict[str, str] = field(default_factory=dict)

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
    header = _Header.of(path, text)
    titles = header.texts("title")
    if "en" not in titles:
        raise InputError(f"{path.name}: has no title; start the file with a line such as '# title: Masks in all'")
    parameters = _parameters(header)
    placements = tuple(Placement(match[1], match[2], int(match[3])) for match in header.matches("page"))
    unknown = {placement.parameter for placement in placements} - {parameter.name for parameter in parameters}
    if unknown:
        raise InputError(f"{path.name}: 'page' names ?{min(unknown)}, which no line 'parameter' does")
    return NamedQuery(
        path.stem,
        text,
        titles,
        header.texts("description"),
        parameters,
        columns=tuple(name for match in header.matches("columns") for name in match[0].replace("?", "").split()),
        placements=placements,
        lists=next((match[0] for match in header.matches("list")), None),
        headings=header.texts("heading") or titles,
    )


def read_queries(folder: Path) -> dict[str, NamedQuery]:
    """Read every named query of a folder, by name, in the order of their names."""
    return {path.stem: read_query(path) for path in sorted(folder.glob("*.rq"))}


@dataclass(frozen=True)
class _Entry:
    number: int
    key: str
    language: str | None
    value: str


@dataclass(frozen=True)
class _Header:
    """The lines of a file that say something of its query."""

    path: Path
    entries: tuple[_Entry, ...]

    @classmethod
    def of(cls, path: Path, text: str) -> "_Header":
        lines = ((number, _ENTRY.fullmatch(line.strip())) for number, line in enumerate(text.splitlines(), start=1))
        return cls(path, tuple(_Entry(number, match[1], match[2], match[3]) for number, match in lines if match))

    def texts(self, key: str) -> dict[str, str]:
        """Return the texts of a key by language."""
        return {entry.language or "en": entry.value for entry in self.entries if entry.key == key}

    def matches(self, key: str) -> list[re.Match[str]]:
        """Return what the lines of a key say; raises InputError for one that has not their form."""
        return [self.match(entry, _FORMS[key]) for entry in self.entries if entry.key == key and not entry.language]

    def match(self, entry: _Entry, form: re.Pattern[str]) -> re.Match[str]:
        """Return what a line says; raises InputError when it has not the form."""
        match = form.fullmatch(entry.value)
        if match is None:
            raise self.error(entry, f"{entry.value!r} is no {entry.key!r} of a query")
        return match

    def error(self, entry: _Entry, what: str) -> InputError:
        return InputError(f"{self.path.name}: line {entry.number}: {what}")


def _parameters(header: _Header) -> tuple[Parameter, ...]:
    entries = [entry for entry in header.entries if entry.key == "parameter"]
    texts: dict[str, dict[str, str]] = {}
    for entry in entries:
        if entry.language:
            match = header.match(entry, _FORMS["parameter text"])
            texts.setdefault(match[1], {})[entry.language] = match[2]
    return tuple(_parameter(header, entry, texts) for entry in entries if not entry.language)


def _parameter(header: _Header, entry: _Entry, texts: dict[str, dict[str, str]]) -> Parameter:
    match = header.match(entry, _FORMS["parameter"])
    try:
        parse_term(match[2])
    except ValueError as error:
        raise header.error(entry, f"the default of a parameter: {error}") from error
    return Parameter(match[1], match[2], match[3].strip(), texts.get(match[1], {}))
