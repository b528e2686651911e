"""What the rows of agents, places, groups, supplies and units state."""

from collections.abc import Iterator

from rdflib import RDF, RDFS, SDO, SKOS, Literal, URIRef
from rdflib.namespace import DCTERMS, ORG

from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.intake.batch import Row
from taiwan_can_help.intake.dates import date_literal
from taiwan_can_help.intake.known import place_kind
from taiwan_can_help.intake.slots import (
    Context,
    FieldError,
    Slot,
    checked_span,
    checked_tag,
    code,
    concept,
    country,
    given,
    one,
    text,
    with_evidence,
)

CLASS_OF_PLACE_KIND = {
    "country": TCH.Country,
    "territory": TCH.Territory,
    "group": TCH.Group,
    "world-region": TCH.WorldRegion,
    "place": TCH.Place,
}


def agent(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what an agent row states."""
    with_evidence(row, "agent", context.known)
    values, known = row.values, context.known
    yield one(subject, RDF.type, TCH.Agent)
    yield text(subject, RDFS.label, values["name_en"], "en")
    yield one(subject, TCH.agentType, code(row, "type", "agent-type", known))
    if values.get("name_local"):
        if not values.get("name_local_lang"):
            raise FieldError("name_local_lang", "name_local needs its language; give a tag such as zh-Hant")
        tag = checked_tag("name_local_lang", values["name_local_lang"])
        yield text(subject, RDFS.label, values["name_local"], tag)
    for _, aliases in given(row, ["aliases"]):
        yield Slot(subject, SKOS.altLabel, tuple(Literal(alias) for alias in aliases or ()))
    for field, iso2 in given(row, ["country_iso2", "located_in_iso2"]):
        predicate = TCH.country if field == "country_iso2" else TCH.locatedIn
        yield one(subject, predicate, country(field, iso2, known) if iso2 else None)
    for _, parent in given(row, ["part_of"]):
        yield one(subject, DCTERMS.isPartOf, known.refer(parent, "agent") if parent else None)


def place(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a place row states; names of countries and territories are CLDR's or the dataset's own."""
    with_evidence(row, "place", context.known)
    values, known = row.values, context.known
    kind, iso2 = place_kind(values["type"]), values.get("iso2")
    yield one(subject, RDF.type, CLASS_OF_PLACE_KIND[kind])
    names = {"en": values["name_en"]}
    if kind in ("country", "territory"):
        names |= context.names.of(row.id, iso2)
        yield one(subject, TCH.iso2, Literal(iso2) if iso2 else None)
    else:
        yield one(subject, TCH.country, country("iso2", iso2, known) if iso2 else None)
    for language, name in names.items():
        yield text(subject, RDFS.label, name, language)
    other = values["name_en"] if names["en"] != values["name_en"] else None
    yield text(subject, SKOS.altLabel, other, "en")
    if kind == "place":
        yield one(subject, DCTERMS.type, TCH[values["type"]])
    for _, parent in given(row, ["part_of"]):
        yield one(subject, DCTERMS.isPartOf, known.place(parent) if parent else None)


def membership(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a row of groups states: a place's membership, with its dates."""
    yield one(subject, RDF.type, ORG.Membership)
    yield one(subject, ORG.organization, context.known.refer(row.values["group"], "group"))
    yield one(subject, ORG.member, context.known.place(row.values["member"]))
    for field, date in given(row, ["from", "to"]):
        if date:
            checked_span(field, date)
        predicate = SDO.startDate if field == "from" else SDO.endDate
        yield one(subject, predicate, date_literal(date) if date else None)
    for _, basis in given(row, ["basis"]):
        yield text(subject, SKOS.note, basis, "en")


def supply(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a supply row states."""
    with_evidence(row, "supply", context.known)
    yield from concept(subject, "supply")
    yield text(subject, SKOS.prefLabel, row.values["label_en"], "en")
    yield text(subject, SKOS.prefLabel, row.values["label_zh_hant"], "zh-Hant")
    for _, broader in given(row, ["broader"]):
        yield one(subject, SKOS.broader, context.known.refer(broader, "supply") if broader else None)
    for _, definition in given(row, ["definition_en"]):
        yield text(subject, SKOS.definition, definition, "en")


def unit(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a unit row states."""
    yield from concept(subject, "unit")
    yield text(subject, SKOS.prefLabel, row.values["label_en"], "en")
    yield one(subject, DCTERMS.type, TCH[row.values["kind"] + "Unit"])
    yield one(subject, SKOS.notation, Literal(row.values["ucum_or_iso4217"]))
