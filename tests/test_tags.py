"""Language tags in results: in the case of RFC 5646, in every format, and no byte of a text touched."""

import io
import itertools
import json
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rdflib import Dataset, Literal
from rdflib.util import from_n3

from taiwan_can_help.engine import Query
from taiwan_can_help.engine.memory import RDF_FORMAT, RESULTS_FORMAT, MemoryEngine
from taiwan_can_help.engine.tags import RecasedOutput
from taiwan_can_help.languages import recommended_case
from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format, ResultKind

# rdflib's readers of formats with graphs use what rdflib deprecates.
pytestmark = pytest.mark.filterwarnings(
    "ignore:ConjunctiveGraph is deprecated", "ignore:Dataset.(default_context|contexts) is deprecated"
)

Texts = Counter[tuple[str, str | None]]
Objects = list[tuple[int, ox.Literal]]

# What a text may hold to look like a tag, like the end of a literal or like what stands around one.
NASTY = [
    '"@zh-hant', "@zh-hant", "@zh-hant ", ' xml:lang="zh-hant"', '"xml:lang":"zh-hant"', '"@language":"zh-hant"',
    '"', '""', "\\", "\\\\", " ", " , ", " ;", " .", " .\n", "\n", "\t", "<", ">", "}", "{", "&", "&quot;", "'",
    " )>>", "<http://e.example/zh-hant>", "_:zh-hant", "en-us", "貓", "A", "z",
]  # fmt: skip
TAGS = st.sampled_from(["en", "zh-hant", "zh-hant-tw", "en-us", "de-1996", "en-ca-x-ca"]) | st.from_regex(
    r"[a-z]{2,3}(-[a-z]{4})?(-[a-z]{2})?(-[1-9][a-z]{3}|-[a-z]{5,8})?(-x(-[a-z0-9]{1,8}){1,3})?", fullmatch=True
)
LITERALS = st.builds(
    lambda fragments, tag: ox.Literal("".join(fragments), language=tag) if tag else ox.Literal("".join(fragments)),
    st.lists(st.sampled_from(NASTY), max_size=6),
    st.none() | TAGS,
)
# Few subjects, so that literals stand beside each other in the formats that group them.
OBJECTS = st.lists(st.tuples(st.integers(0, 2), LITERALS), min_size=1, max_size=12, unique=True)
SIZES = st.lists(st.integers(1, 40), min_size=1)


@pytest.mark.parametrize(
    ("tag", "recommended"),
    [
        ("EN", "en"),
        ("zh-hant", "zh-Hant"),
        ("zh-hant-tw", "zh-Hant-TW"),
        ("de-1996", "de-1996"),
        ("sl-rozaj-biske-1994", "sl-rozaj-biske-1994"),
        # The examples of RFC 5646, section 2.1.1.
        ("mn-cyrl-mn", "mn-Cyrl-MN"),
        ("en-ca-x-ca", "en-CA-x-ca"),
        ("sgn-be-fr", "sgn-BE-FR"),
        ("az-latn-x-latn", "az-Latn-x-latn"),
        ("x-ab-cdef", "x-ab-cdef"),
    ],
)
def test_recommended_case(tag: str, recommended: str) -> None:
    assert recommended_case(tag) == recommended


def quads_of(objects: Objects) -> list[ox.Quad]:
    names: list[ox.DefaultGraph | ox.NamedNode | ox.BlankNode]
    names = [ox.DefaultGraph(), ox.NamedNode("http://e.example/zh-hant"), ox.BlankNode("zh-hant")]
    predicate = ox.NamedNode("http://e.example/@language")
    return [ox.Quad(ox.NamedNode(f"http://e.example/{n}"), predicate, literal, names[n]) for n, literal in objects]


def serialized(objects: Objects, format_: Format) -> bytes:
    quads = quads_of(objects)
    if format_ in RDF_FORMAT:
        statements = quads if format_ in (f.N_QUADS, f.TRIG) else [quad.triple for quad in quads]
        return ox.serialize(statements, format=RDF_FORMAT[format_], prefixes=PREFIXES) or b""
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in quads)
    results = store.query("SELECT ?s ?o ?again WHERE { ?s ?p ?o BIND(?o AS ?again) }")
    assert isinstance(results, ox.QuerySolutions)
    return results.serialize(format=RESULTS_FORMAT[format_]) or b""


def recased(content: bytes, format_: Format, sizes: Iterable[int]) -> bytes:
    """Write the content in pieces of these sizes."""
    collected, stream = io.BytesIO(), io.BytesIO(content)
    output = RecasedOutput(collected, format_)
    for size in sizes:
        piece = stream.read(size)
        if not piece:
            break
        assert output.write(piece) == len(piece)
    output.finish()
    return collected.getvalue()


def texts_in_json(content: bytes) -> Texts:
    terms = [term for row in json.loads(content)["results"]["bindings"] for term in row.values()]
    return Counter((term["value"], term.get("xml:lang")) for term in terms if term["type"] == "literal")


def texts_in_xml(content: bytes) -> Texts:
    literals = ElementTree.fromstring(content).iter("{http://www.w3.org/2005/sparql-results#}literal")
    return Counter((term.text or "", term.get("{http://www.w3.org/XML/1998/namespace}lang")) for term in literals)


def texts_in_tsv(content: bytes) -> Texts:
    cells = [cell for line in content.decode().split("\n")[1:] for cell in line.split("\t")]
    terms = [from_n3(cell) for cell in cells if cell.startswith('"')]
    return Counter((str(term), term.language) for term in terms if isinstance(term, Literal))


def texts_in_rdf(parser: str) -> Callable[[bytes], Texts]:
    def read(content: bytes) -> Texts:
        quads = Dataset().parse(data=content, format=parser).quads()
        return Counter((str(term), term.language) for _, _, term, _ in quads if isinstance(term, Literal))

    return read


READERS = {
    f.JSON: texts_in_json,
    f.XML: texts_in_xml,
    f.TSV: texts_in_tsv,
    f.TURTLE: texts_in_rdf("turtle"),
    f.N_TRIPLES: texts_in_rdf("nt"),
    f.N_QUADS: texts_in_rdf("nquads"),
    f.TRIG: texts_in_rdf("trig"),
    f.JSON_LD: texts_in_rdf("json-ld"),
    f.RDF_XML: texts_in_rdf("xml"),
}
FORMATS = pytest.mark.parametrize("format_", READERS, ids=lambda format_: format_.name)


@FORMATS
@given(objects=OBJECTS, sizes=SIZES)
@settings(max_examples=150, deadline=None)
def test_tags_are_recased_and_texts_kept(format_: Format, objects: Objects, sizes: list[int]) -> None:
    wanted: Texts = Counter(
        (literal.value, literal.language and recommended_case(literal.language)) for _, literal in objects
    )
    written = serialized(objects, format_)
    result = recased(written, format_, itertools.cycle(sizes))
    if format_ in RDF_FORMAT:
        # The engine's own reader tells all things apart but the case of tags.
        assert set(ox.parse(result, format=RDF_FORMAT[format_])) == set(ox.parse(written, format=RDF_FORMAT[format_]))
    times = 1 if format_ in RDF_FORMAT else 2
    assert READERS[format_](result) == Counter({text: times * count for text, count in wanted.items()})


@FORMATS
@pytest.mark.parametrize(
    "text",
    ['"' * 100_000, '"@zh-hant ' * 10_000, " , " * 30_000, "\\" * 100_000, "}\n>" * 30_000, "貓" * 100_000],
    ids=["quotes", "tags", "commas", "backslashes", "separators", "no separator"],
)
def test_long_texts_come_whole_in_bounded_pieces(format_: Format, text: str) -> None:
    objects = [(0, ox.Literal(text, language="zh-hant")), (0, ox.Literal(text)), (1, ox.Literal("a", language="en-us"))]
    pieces: list[bytes] = []

    class Pieces(io.BytesIO):
        def write(self, piece: Any) -> int:
            pieces.append(bytes(piece))
            return len(piece)

    output = RecasedOutput(Pieces(), format_)
    for start in range(0, len(written := serialized(objects, format_)), 8192):
        output.write(written[start : start + 8192])
    output.finish()
    assert max(map(len, pieces)) <= 64 * 1024
    texts = READERS[format_](b"".join(pieces))
    assert set(texts) == {(text, "zh-Hant"), (text, None), ("a", "en-US")}


@FORMATS
def test_engines_give_recased_tags(format_: Format) -> None:
    tagged = 'BIND(STRLANG("貓", "ZH-HANT-tw") AS ?o)'
    # Triples in the place of terms are RDF 1.2, which pyoxigraph knows but for JSON-LD.
    nested = "" if format_ == f.JSON_LD else "UNION { BIND(TRIPLE(<x:s>, <x:p>, 'en'@en-gb) AS ?o) }"
    for form in ("CONSTRUCT { <x:s> <x:p> ?o }", "SELECT ?o ?o2"):
        query = Query(f"{form} WHERE {{ {{ {tagged} }} {nested} BIND(?o AS ?o2) }}")
        formats = dict.fromkeys(ResultKind, format_)
        if (format_ in RDF_FORMAT) == form.startswith("CONSTRUCT"):
            content = MemoryEngine(ox.Store()).query(query, formats).read().decode()
            assert "zh-Hant-TW" in content
            assert ("en-GB" in content) == bool(nested)
            assert "zh-hant" not in content
            assert "en-gb" not in content


def test_csv_and_what_is_computed_from_a_tag_stay_as_they_are() -> None:
    query = Query("""SELECT (LANG("x"@zh-Hant) AS ?lang) ("@zh-hant" AS ?text) {}""")
    for format_, wanted in ((f.CSV, "zh-hant,@zh-hant"), (f.TSV, '"zh-hant"\t"@zh-hant"')):
        content = MemoryEngine(ox.Store()).query(query, dict.fromkeys(ResultKind, format_)).read().decode()
        assert content.splitlines()[1] == wanted
