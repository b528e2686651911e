"""What the rows of records and rounds state."""

from collections.abc import Iterator

from rdflib import RDF, SKOS, XSD, Literal, URIRef
from rdflib.namespace import DCTERMS
from rdflib.term import Node

from taiwan_can_help.dataset.vocabulary import TCH
from taiwan_can_help.intake.batch import Row
from taiwan_can_help.intake.known import Known
from taiwan_can_help.intake.slots import (
    Context,
    FieldError,
    Skipped,
    Slot,
    checked_span,
    code,
    country,
    given,
    number,
    one,
    references,
    text,
)
from taiwan_can_help.namespaces import thing

HOME = URIRef(thing("country", "taiwan"))

CLASS_OF_KIND = {
    "donation": TCH.Donation,
    "pledge": TCH.Pledge,
    "round": TCH.Round,
    "joint-statement": TCH.JointStatement,
    "agreement": TCH.Agreement,
    "meeting": TCH.Meeting,
    "training": TCH.Training,
    "research-cooperation": TCH.ResearchCooperation,
    "statement": TCH.Statement,
    "other": TCH.Activity,
}


def record(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a record states, its item lines included."""
    values, known = row.values, context.known
    yield one(subject, RDF.type, CLASS_OF_KIND[values["kind"]])
    yield text(subject, DCTERMS.title, values["title"], "en")
    for _, title in given(row, ["title_zh_hant"]):
        yield text(subject, DCTERMS.title, title, "zh-Hant")
    yield from _record_dates(row, subject)
    for field, predicate, kind in (
        ("region", TCH.section, "section"),
        ("date_means", TCH.dateMeaning, "date-meaning"),
        ("status", TCH.status, "status"),
        ("direction", TCH.direction, "direction"),
        ("scope", TCH.scope, "scope"),
        ("confidence", TCH.confidence, "confidence"),
    ):
        yield one(subject, predicate, code(row, field, kind, known))
    yield one(subject, TCH.aggregate, Literal("true" if values.get("aggregate") else "false", datatype=XSD.boolean))
    for _, note in given(row, ["note"]):
        yield text(subject, SKOS.editorialNote, note, "en")
    for field, predicate in (
        ("givers", TCH.giver),
        ("recipients", TCH.recipient),
        ("participants", TCH.participant),
    ):
        yield Slot(subject, predicate, references(row, field, known.party))
    yield from _record_countries(row, subject, known)
    for field, predicate, kind in (
        ("part_of", DCTERMS.isPartOf, "activity"),
        ("same_goods_as", TCH.sameGoodsAs, "activity"),
        ("sources", DCTERMS.source, "source"),
    ):
        yield Slot(subject, predicate, tuple(known.refer(slug, kind) for slug in values.get(field) or ()))
    yield from _items(row, subject, known)


def _record_dates(row: Row, subject: URIRef) -> Iterator[Slot]:
    text, precision = row.values["date"], row.values["date_precision"]
    if {"year": 4, "month": 7, "day": 10}[precision] != len(text):
        raise FieldError("date_precision", f"{precision!r} does not fit the date {text!r}; give both alike")
    days = checked_span("date", text)
    yield one(subject, TCH.earliest, Literal(days.earliest.isoformat(), datatype=XSD.date))
    yield one(subject, TCH.latest, Literal(days.latest.isoformat(), datatype=XSD.date))


def _record_countries(row: Row, subject: URIRef, known: Known) -> Iterator[Slot]:
    recipients = [known.party(slug) for slug in row.values.get("recipients") or ()]
    countries: set[Node] = set()
    others: set[Node] = set()
    if row.values["direction"] == "given":
        for iso2 in row.values.get("recipient_countries") or ():
            countries.update(known.with_country(country("recipient_countries", iso2, known)))
        # A territory without a code of its own can only be named as a recipient.
        for place in recipients:
            if place.startswith(thing("territory", "")):
                countries.update(known.with_country(place))
    else:
        for field in ("givers", "recipients", "participants"):
            for slug in row.values.get(field) or ():
                side = known.country_of.get(known.party(slug))
                if side is not None and side != HOME:
                    others.update(known.with_country(side))
    yield Slot(subject, TCH.recipientCountry, tuple(countries))
    yield Slot(subject, TCH.counterpartCountry, tuple(others))


def _items(row: Row, subject: URIRef, known: Known) -> Iterator[Slot]:
    items = row.values.get("items") or []
    lines = [URIRef(thing("item", f"{row.id}-{number}")) for number in range(1, len(items) + 1)]
    yield Slot(subject, TCH.item, tuple(lines))
    for line, item in zip(lines, items, strict=True):
        yield one(line, RDF.type, TCH.ItemLine)
        yield one(line, TCH.supply, known.refer(item["supply"], "supply"))
        quantity = item["quantity"]
        yield one(line, TCH.quantity, number(quantity) if quantity is not None else None)
        yield one(line, TCH.unit, known.refer(item["unit"], "unit") if item["unit"] else None)
        approximate = "true" if item.get("approximate") else "false"
        yield one(line, TCH.approximate, Literal(approximate, datatype=XSD.boolean))
        yield text(line, SKOS.note, item.get("note"), "en")


def named_round(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a row of rounds adds to the record of kind round that was announced on its date."""
    values = row.values
    if not values.get("announced"):
        raise Skipped("it has no date of announcement, so no record of kind round stands for it")
    if values["announced"] not in context.round_of_date:
        raise FieldError("announced", f"no record of kind round has the date {values['announced']}; add the record")
    record = context.round_of_date[values["announced"]]
    yield text(record, SKOS.altLabel, values["name"], "en")
    for _, breakdown in given(row, ["breakdown"]):
        yield text(record, TCH.breakdown, breakdown, "en")
