"""A thing as its page shows it: statements grouped by property, what refers to it, and its labels."""

from collections import defaultdict
from dataclasses import dataclass, field

from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.web.table import Term

LABELS = tuple(
    PREFIXES[prefix] + name for prefix, name in (("dcterms", "title"), ("skos", "prefLabel"), ("rdfs", "label"))
)
Row = dict[str, Term]


@dataclass
class Block:
    """One subject with its statements: rows by property."""

    iri: str
    properties: dict[str, list[Row]] = field(default_factory=lambda: defaultdict(list))

    def label(self, language: str) -> str | None:
        """Return the label in a language (or, for English, one without a language), if there is one."""
        for name in LABELS:
            for row in self.properties.get(name, ()):
                tag = row["value"].get("xml:lang", "en" if language == "en" else "")
                if tag.lower().startswith(language.lower()):
                    return row["value"]["value"]
        return None


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
