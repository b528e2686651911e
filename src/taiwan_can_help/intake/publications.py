"""What the rows of sources, claims and Wikidata matches state."""

from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit

from rdflib import OWL, RDF, RDFS, SDO, SKOS, XSD, Literal, URIRef
from rdflib.namespace import DC, DCTERMS

from taiwan_can_help.dataset.vocabulary import SEMAPV, SSSOM, TCH, WIKIDATA
from taiwan_can_help.intake.batch import Row
from taiwan_can_help.intake.dates import date_literal
from taiwan_can_help.intake.known import Known
from taiwan_can_help.intake.slots import (
    Context,
    FieldError,
    Slot,
    checked_span,
    checked_tag,
    code,
    given,
    number,
    one,
    text,
)
from taiwan_can_help.namespaces import PREFIXES, thing

# What the item of a match may be.
CATEGORIES = {
    "country": SDO.Country,
    "place": SDO.Place,
    "organization": SDO.Organization,
    "person": SDO.Person,
    "concept": SKOS.Concept,
}
WORLD = URIRef(thing("world-region", "world"))
# What a match may assert; a match with another predicate than before takes its earlier link back.
PREDICATES = (OWL.sameAs, RDFS.seeAlso, SKOS.exactMatch, SKOS.closeMatch, SKOS.broadMatch, SKOS.narrowMatch)


def source(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a source row states."""
    values = row.values
    yield one(subject, RDF.type, TCH.Source)
    yield one(subject, SDO.url, Literal(_checked_url(values["url"]), datatype=XSD.anyURI))
    for _, publisher in given(row, ["publisher"]):
        yield one(subject, DC.publisher, Literal(publisher) if publisher else None)
    if values.get("language"):
        checked_tag("language", values["language"])
    for _, title in given(row, ["title"]):
        yield one(subject, DCTERMS.title, Literal(title, lang=values.get("language")) if title else None)
    for field, date in given(row, ["date"]):
        if date:
            checked_span(field, date)
        yield one(subject, DCTERMS.issued, date_literal(date) if date else None)
    for _, language in given(row, ["language"]):
        yield one(subject, SDO.inLanguage, Literal(language) if language else None)


def _checked_url(url: str) -> str:
    wrong = f"{url!r} is no web address; give an absolute http or https address without spaces"
    try:
        parts = urlsplit(url)
        port_is_number = parts.port is None or parts.port >= 0
    except ValueError as error:
        raise FieldError("url", wrong) from error
    if parts.scheme not in ("http", "https") or not parts.hostname or not port_is_number:
        raise FieldError("url", wrong)
    if any(character.isspace() or character in '<>"\\^`' or not character.isprintable() for character in url):
        raise FieldError("url", wrong)
    return url


def claim(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield what a claim row states, and the named query that tests its measure."""
    values, known = row.values, context.known
    yield one(subject, RDF.type, TCH.Claim)
    yield one(subject, TCH.measure, code(row, "measure", "measure", known))
    yield one(subject, TCH.comparator, code(row, "comparator", "comparator", known))
    yield one(subject, TCH.value, number(values["value"]))
    yield one(subject, DCTERMS.spatial, WORLD if values["scope"] == "worldwide" else known.place(values["scope"]))
    yield one(subject, DCTERMS.source, known.refer(values["source"], "source"))
    yield one(subject, TCH.testedBy, URIRef(f"{PREFIXES['query']}claim-{values['measure']}"))
    for field, date in given(row, ["as_of"]):
        if date:
            checked_span(field, date)
        yield one(subject, TCH.asOf, date_literal(date) if date else None)
    for _, giver in given(row, ["giver"]):
        yield one(subject, TCH.giver, known.refer(giver, "agent") if giver else None)


def match(row: Row, subject: URIRef, context: Context) -> Iterator[Slot]:
    """Yield a mapping with its evidence, and the same link asserted directly; without a qid, that none was found."""
    values, known = row.values, context.known
    kind = values["entity_kind"]
    entity = known.place(values["entity_id"]) if kind == "place" else known.refer(values["entity_id"], kind)
    prefix, name = values["predicate"].split(":")
    predicate = URIRef(PREFIXES[prefix] + name)
    item = WIKIDATA[values["qid"]] if values.get("qid") else SSSOM.NoTermFound
    yield one(subject, RDF.type, SSSOM.Mapping)
    yield one(subject, OWL.annotatedSource, entity)
    yield one(subject, OWL.annotatedProperty, predicate)
    yield one(subject, OWL.annotatedTarget, item)
    yield one(subject, TCH.confidence, code(row, "confidence", "confidence", known))
    yield text(subject, RDFS.comment, values["evidence"], "en")
    yield from _provenance(row, subject, known)
    for _, label in given(row, ["wikidata_label"]):
        yield one(subject, SSSOM.object_label, Literal(label) if label else None)
    for _, category in given(row, ["category"]):
        yield one(subject, SSSOM.object_category, CATEGORIES[category] if category else None)
    for _, note in given(row, ["note"]):
        yield text(subject, SKOS.editorialNote, note, "en")
    if item != SSSOM.NoTermFound:
        for other in PREDICATES:
            yield Slot(entity, other, (item,) if other == predicate else (), only=item)


def _provenance(row: Row, subject: URIRef, known: Known) -> Iterator[Slot]:
    """Yield how, by whom and when a match was made; what a row leaves out is filled in for a new match only."""
    values = {field: value for field, value in row.values.items() if value is not None}
    if subject not in known.before:
        today = datetime.now(UTC).date().isoformat()
        values = {"justification": "ManualMappingCuration", "reviewer": "editor", "date": today, **values}
    if "justification" in values:
        yield one(subject, SSSOM.mapping_justification, SEMAPV[values["justification"]])
    if "reviewer" in values:
        yield one(subject, SSSOM.reviewer_label, Literal(values["reviewer"]))
    if "date" in values:
        checked_span("date", values["date"])
        yield one(subject, DCTERMS.created, date_literal(values["date"]))
