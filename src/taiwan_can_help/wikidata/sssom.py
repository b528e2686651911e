"""The mappings as an SSSOM table (https://mapping-commons.github.io/sssom/spec-formats-tsv/)."""

import csv
import io
import json

import pyoxigraph as ox

from taiwan_can_help.errors import InputError
from taiwan_can_help.namespaces import PREFIXES, short
from taiwan_can_help.wikidata.asking import Row, ask

SLOTS = (
    "subject_id", "subject_label", "predicate_id", "object_id", "object_label", "object_category",
    "mapping_justification", "reviewer_label", "mapping_date", "confidence", "see_also", "comment",
)  # fmt: skip
ENTITIES = ("subject_id", "predicate_id", "object_id", "object_category", "mapping_justification")
SET_ENTITIES = ("object_source",)
# Every SSSOM processor knows these; a table need not declare them.
BUILT_IN = ("owl", "rdf", "rdfs", "semapv", "skos", "sssom", "xsd")


def sssom_tsv(store: ox.Store) -> str:
    """Return the mappings of a graph as SSSOM/TSV; raises InputError when it describes no set of mappings."""
    described = ask(store, "sssom-set")
    if len(described) != 1:
        raise InputError("the dataset has to describe one sssom:MappingSet, with dcterms:title and dcterms:license")
    rows = [{slot: _value(slot, row) for slot in SLOTS} for row in ask(store, "sssom")]
    output = io.StringIO()
    output.writelines(f"#{line}\n" for line in _header(described[0], rows))
    writer = csv.DictWriter(output, SLOTS, delimiter="\t", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return output.getvalue()


def _value(slot: str, row: Row) -> str:
    value = row.get(slot, "")
    return short(value) if slot in ENTITIES else value


def _header(described: Row, rows: list[Row]) -> list[str]:
    """Return the set's metadata as lines of YAML, which takes JSON's strings."""
    metadata = {slot: short(value) if slot in SET_ENTITIES else value for slot, value in sorted(described.items())}
    curies = [row[slot] for row in rows for slot in ENTITIES if row[slot]] + [
        metadata.get(slot, "") for slot in SET_ENTITIES
    ]
    prefixes = sorted({curie.partition(":")[0] for curie in curies} & PREFIXES.keys() - {*BUILT_IN})
    return [
        "curie_map:",
        *(f"  {prefix}: {json.dumps(PREFIXES[prefix])}" for prefix in prefixes),
        *(f"{slot}: {json.dumps(value, ensure_ascii=False)}" for slot, value in metadata.items()),
    ]
