"""A thing as its page shows it: statements grouped by property, and what refers to it."""

from collections import defaultdict
from dataclasses import dataclass, field

from taiwan_can_help.namespaces import expand
from taiwan_can_help.web.table import Term

Row = dict[str, Term]


@dataclass
class Block:
    """One subject with its statements: rows by property."""

    iri: str
    properties: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def values(self, name: str) -> list[Term]:
        """Return the values of a property, by its name with prefix (``tch:giver``)."""
        return [row["value"] for row in self.properties.get(expand(name), [])]

    def value(self, name: str) -> str | None:
        """Return the first value of a property as text, or None."""
        values = self.values(name)
        return values[0]["value"] if values else None

    def text(self, name: str) -> dict[str, str]:
        """Return the values of a property by language."""
        return {value.get("xml:lang", ""): value["value"] for value in self.values(name)}

    @property
    def types(self) -> list[str]:
        """Return the classes that the subject is stated to have."""
        return [value["value"] for value in self.values("rdf:type")]

    @property
    def referred(self) -> set[str]:
        """Return everything that the statements refer to."""
        rows = (row for rows in self.properties.values() for row in rows)
        return {row["value"]["value"] for row in rows if row["value"]["type"] == "uri"}


@dataclass(frozen=True)
class Description:
    """What a page shows of a thing; ``parts`` are the things named by a fragment of its IRI."""

    block: Block
    parts: list[Block]
    links: dict[str, list[Row]]


def describe_thing(iri: str, statements: list[Row], links: list[Row]) -> Description:
    """Group the rows of the page's two queries."""
    blocks: dict[str, Block] = {iri: Block(iri)}
    for row in statements:
        subject = row["part"]["value"] if "part" in row else iri
        blocks.setdefault(subject, Block(subject)).properties[row["property"]["value"]].append(row)
    incoming: dict[str, list[Row]] = defaultdict(list)
    for row in links:
        incoming[row["property"]["value"]].append(row)
    main = blocks.pop(iri)
    return Description(main, list(blocks.values()), dict(incoming))
