"""What each table's row is about and states: one function a table."""

from collections.abc import Callable, Iterator

from rdflib import URIRef

from taiwan_can_help.intake import entities, publications, records
from taiwan_can_help.intake.batch import Row
from taiwan_can_help.intake.known import place_kind
from taiwan_can_help.intake.slots import Context, Slot
from taiwan_can_help.namespaces import thing


def subject_of(row: Row) -> URIRef:
    """Return the IRI of what the row is mainly about; for a round, the row's own id names nothing in the graph."""
    values = row.values
    match row.table:
        case "records":
            return URIRef(thing("activity", row.id))
        case "places":
            return URIRef(thing(place_kind(values["type"]), row.id))
        case "groups":
            return URIRef(f"{thing('group', values['group'])}#{values['member']}")
        case "wikidata-matches":
            found = (values.get("qid") or "not-found").lower()
            return URIRef(thing("mapping", f"{values['entity_kind']}-{values['entity_id']}-{found}"))
        case table:
            return URIRef(thing(table[:-1] if table != "supplies" else "supply", row.id))


def state(row: Row, context: Context) -> list[Slot]:
    """Return the slots that a well-formed row fills.

    Raises UnknownReference or FieldError where the row is at fault, Skipped where it can't be stated.
    """
    return list(_STATE[row.table](row, subject_of(row), context))


_STATE: dict[str, Callable[[Row, URIRef, Context], Iterator[Slot]]] = {
    "records": records.record,
    "sources": publications.source,
    "agents": entities.agent,
    "places": entities.place,
    "supplies": entities.supply,
    "units": entities.unit,
    "groups": entities.membership,
    "rounds": records.named_round,
    "claims": publications.claim,
    "wikidata-matches": publications.match,
}
