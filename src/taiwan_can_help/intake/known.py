"""What a batch may refer to: the things that the dataset has and those that the batch brings."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from rdflib import RDF, Graph, URIRef
from rdflib.namespace import DCTERMS

from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.intake.batch import Row
from taiwan_can_help.namespaces import thing

# Where a place's type puts it; states, cities and counties share the kind "place".
KIND_OF_PLACE = {
    "country": "country",
    "territory": "territory",
    "group": "group",
    "world-region": "world-region",
}
PLACE_KINDS = ("country", "territory", "place", "group", "world-region")


class UnknownReference(Exception):
    """A row refers to something that is neither in the dataset nor in the batch."""


def place_kind(place_type: str) -> str:
    """Return the kind in a place's IRI, for instance ``place`` for a city."""
    return KIND_OF_PLACE.get(place_type, "place")


@dataclass
class Known:
    """The things there are, by IRI, with what statements about records need of places and agents."""

    things: set[URIRef] = field(default_factory=set)
    before: frozenset[URIRef] = frozenset()
    place_of_iso2: dict[str, URIRef] = field(default_factory=dict)
    country_of: dict[URIRef, URIRef] = field(default_factory=dict)
    parent_of: dict[URIRef, URIRef] = field(default_factory=dict)

    @classmethod
    def of(cls, graph: Graph, subjects: set[str], rows: Iterable[tuple[Row, URIRef]]) -> "Known":
        """Collect what the dataset has (its subjects, and the graph of its records) and what a batch's rows bring."""
        known = cls()
        known.things = {URIRef(subject) for subject in subjects}
        known._add_graph(graph)
        known.before = frozenset(known.things)
        rows = list(rows)
        for row, subject in rows:
            known.things.add(subject)
            if row.table == "places":
                known._add_place(row, subject)
        for row, subject in rows:
            field = {"places": "iso2", "agents": "country_iso2"}.get(row.table)
            code = row.values.get(field) if field else None
            if code in known.place_of_iso2:
                known.country_of[subject] = known.place_of_iso2[code]
            if row.table == "places" and "part_of" in row.values:
                known._add_parent(row, subject)
        return known

    def refer(self, slug: str, *kinds: str) -> URIRef:
        """Return the IRI of the known thing with this slug; raises UnknownReference when there is none."""
        for kind in kinds:
            iri = URIRef(thing(kind, slug))
            if iri in self.things:
                return iri
        raise UnknownReference(slug)

    def party(self, slug: str) -> URIRef:
        """Return the agent or place with this slug."""
        return self.refer(slug, "agent", *PLACE_KINDS)

    def place(self, slug: str) -> URIRef:
        """Return the place with this slug."""
        return self.refer(slug, *PLACE_KINDS)

    def with_country(self, place: URIRef) -> list[URIRef]:
        """Return a country as itself, and a territory with the country that it belongs to, if any."""
        return [place, self.parent_of[place]] if place in self.parent_of else [place]

    def _add_graph(self, graph: Graph) -> None:
        for place, code in graph.subject_objects(TCH.iso2):
            self.place_of_iso2[str(code)] = URIRef(str(place))
        for subject, country in graph.subject_objects(TCH.country):
            self.country_of[URIRef(str(subject))] = URIRef(str(country))
        for place_class in (TCH.Country, TCH.Territory):
            for place in graph.subjects(RDF.type, place_class):
                self.country_of[URIRef(str(place))] = URIRef(str(place))
        for territory in graph.subjects(RDF.type, TCH.Territory):
            for parent in graph.objects(territory, DCTERMS.isPartOf):
                if (parent, RDF.type, TCH.Country) in graph:
                    self.parent_of[URIRef(str(territory))] = URIRef(str(parent))

    def _add_place(self, row: Row, subject: URIRef) -> None:
        kind = place_kind(row.values["type"])
        if kind in ("country", "territory") and row.values.get("iso2"):
            self.place_of_iso2[row.values["iso2"]] = subject

    def _add_parent(self, row: Row, subject: URIRef) -> None:
        parent = URIRef(thing("country", row.values["part_of"] or ""))
        self.parent_of.pop(subject, None)
        if place_kind(row.values["type"]) == "territory" and parent in self.things:
            self.parent_of[subject] = parent
