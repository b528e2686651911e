"""Import a batch: check every row, fill the slots in the dataset's graph, write the files that change."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from rdflib import OWL, RDF, Graph, Literal, URIRef
from rdflib.term import Node

from taiwan_can_help.dataset.folder import DatasetFolder
from taiwan_can_help.dataset.vocabulary import SSSOM, TCH, WIKIDATA
from taiwan_can_help.intake.batch import Batch, Refusal, Row, check_form
from taiwan_can_help.intake.files import read_managed, subjects, write_managed
from taiwan_can_help.intake.known import Known, UnknownReference
from taiwan_can_help.intake.names import CountryNames
from taiwan_can_help.intake.publications import PREDICATES
from taiwan_can_help.intake.slots import Context, FieldError, Skipped, Slot
from taiwan_can_help.intake.statements import state, subject_of

# Wraps an iterable to show how far it has come; the second argument says of what.
Progress = Callable[[list[Row], str], Iterable[Row]]


@dataclass(frozen=True)
class Report:
    """What an import did or, in a dry run, would do."""

    outcomes: dict[str, Counter[str]]
    refusals: tuple[Refusal, ...]
    skipped: tuple[Refusal, ...]
    changed: tuple[str, ...]
    files: tuple[str, ...]
    other_files: tuple[str, ...]


def import_batch(folder: DatasetFolder, batch: Batch, *, dry_run: bool, progress: Progress) -> Report:
    """Check all rows and, unless one is refused or it is a dry run, write the dataset's files.

    A row is refused for its form (JSON Schema), a reference to nothing, a second use of its id, or a value
    without sense; with any refusal nothing is written. Raises InputError when the dataset's own files can't
    be read or written.
    """
    graph = read_managed(folder)
    refusals = _malformed(progress(list(batch.rows), "checking"))
    bad = {id(refusal.row) for refusal in refusals}
    sound = [row for row in batch.rows if id(row) not in bad]
    context = Context(
        Known.of(graph, subjects(folder), [(row, subject_of(row)) for row in sound]),
        CountryNames(folder.root / "data" / "country-names.toml"),
        _rounds_by_date(graph, sound),
    )
    slots_of, more_refusals, skipped = _state_all(progress(sound, "stating"), context)
    refusals = sorted(refusals + more_refusals, key=lambda refusal: (refusal.row.file, refusal.row.line))
    touched = _fill(graph, [slot for _, slots in slots_of for slot in slots])
    _drop_lines_without_record(graph)
    _drop_what_was_found_since(graph)
    outcomes: dict[str, Counter[str]] = defaultdict(Counter)
    changed: list[str] = []
    for row, slots in slots_of:
        outcome = _outcome(slots, touched, context.known.before)
        outcomes[row.table][outcome] += 1
        if outcome == "changed":
            changed.append(f"{row.table} {row.id}")
    files = [] if refusals else write_managed(folder, graph, dry_run=dry_run)
    return Report(outcomes, tuple(refusals), tuple(skipped), tuple(changed), tuple(files), batch.other_files)


def _state_all(
    rows: Iterable[Row], context: Context
) -> tuple[list[tuple[Row, list[Slot]]], list[Refusal], list[Refusal]]:
    stated: list[tuple[Row, list[Slot]]] = []
    refusals: list[Refusal] = []
    skipped: list[Refusal] = []
    for row in rows:
        try:
            stated.append((row, state(row, context)))
        except UnknownReference as error:
            refusals.append(_dangling(row, str(error)))
        except FieldError as error:
            refusals.append(Refusal(row, error.field, error.problem))
        except Skipped as error:
            skipped.append(Refusal(row, "row", str(error)))
    return stated, refusals, skipped


def _malformed(rows: Iterable[Row]) -> list[Refusal]:
    refusals: list[Refusal] = []
    first_of: dict[tuple[str, str], Row] = {}
    for row in rows:
        refusals.extend(check_form(row))
        first = first_of.setdefault((row.table, row.id), row)
        if first is not row:
            where = f"{first.file}:{first.line}"
            refusals.append(Refusal(row, "id", f"stands already at {where}; give each row its own, or drop one"))
    return refusals


def _dangling(row: Row, slug: str) -> Refusal:
    field = next((name for name, value in row.values.items() if slug in _leaves(value)), "row")
    problem = f"{slug!r} is neither in the dataset nor in this import; add it, or correct the id"
    return Refusal(row, field, problem)


def _leaves(value: object) -> list[object]:
    if isinstance(value, dict):
        return [leaf for part in value.values() for leaf in _leaves(part)]
    if isinstance(value, list):
        return [leaf for part in value for leaf in _leaves(part)]
    return [value]


def _rounds_by_date(graph: Graph, rows: Iterable[Row]) -> dict[str, URIRef]:
    rounds = {
        subject_of(row): row.values["date"] for row in rows if row.table == "records" and row.values["kind"] == "round"
    }
    for record in graph.subjects(RDF.type, TCH.Round):
        day = graph.value(record, TCH.earliest)
        if day == graph.value(record, TCH.latest):
            rounds.setdefault(URIRef(str(record)), str(day))
    return {date: record for record, date in rounds.items()}


def _fill(graph: Graph, slots: list[Slot]) -> set[tuple[URIRef, URIRef]]:
    """Fill the slots and return the subjects and predicates whose values are now others."""
    wanted: dict[tuple[URIRef, URIRef, str | None, Node | None], set[Node]] = defaultdict(set)
    for slot in slots:
        wanted[slot.subject, slot.predicate, slot.language, slot.only].update(slot.values)
    touched: set[tuple[URIRef, URIRef]] = set()
    for (subject, predicate, language, only), values in wanted.items():
        present = {value for value in graph.objects(subject, predicate) if _in_slot(value, language, only)}
        if present == values:
            continue
        touched.add((subject, predicate))
        for value in present - values:
            graph.remove((subject, predicate, value))
        for value in values - present:
            graph.add((subject, predicate, value))
    return touched


def _drop_lines_without_record(graph: Graph) -> None:
    owned = set(graph.objects(None, TCH.item))
    for line in set(graph.subjects(RDF.type, TCH.ItemLine)) - owned:
        graph.remove((line, None, None))


def _drop_what_was_found_since(graph: Graph) -> None:
    """Drop each mapping to nothing of a thing that is now linked to an item."""
    for mapping in set(graph.subjects(OWL.annotatedTarget, SSSOM.NoTermFound)):
        ours = graph.value(mapping, OWL.annotatedSource)
        if any(str(item).startswith(WIKIDATA) for link in PREDICATES for item in graph.objects(ours, link)):
            graph.remove((mapping, None, None))


def _outcome(slots: list[Slot], touched: set[tuple[URIRef, URIRef]], before: frozenset[URIRef]) -> str:
    if not any((slot.subject, slot.predicate) in touched for slot in slots):
        return "unchanged"
    return "changed" if slots[0].subject in before else "added"


def _in_slot(value: Node, language: str | None, only: Node | None) -> bool:
    if only is not None:
        return value == only
    return language is None or (isinstance(value, Literal) and value.language == language)
