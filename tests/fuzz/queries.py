"""Queries that are damaged, that nest too deep, or that ask for too much."""

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlencode

from hypothesis import strategies as st

from fuzz.exchange import Sent, request

SEEDS = [
    *(path.read_text("utf-8") for path in sorted(Path(__file__).parents[2].joinpath("data", "queries").glob("*.rq"))),
    "ASK { ?s ?p ?o }",
    "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o FILTER(REGEX(STR(?o), '^m.sk', 'i')) } LIMIT 10",
    "DESCRIBE <https://w3id.org/taiwan-can-help/id/country/palau>",
    "PREFIX : <http://e.example/> SELECT * FROM :a FROM NAMED :b { GRAPH ?g { ?s :p/:q*|^:r+ ?o } MINUS { ?s a :C } }",
    "SELECT (SUM(?x) AS ?n) { VALUES (?x ?y) { (1 2.5) (UNDEF 1e3) ('a'@en true) } } GROUP BY ?y HAVING(?n > 1)",
    "SELECT * { { SELECT ?s { ?s ?p ?o } LIMIT 3 } OPTIONAL { ?s ?q [ ?r (1 '''two''') ] } BIND(BOUND(?q) AS ?z) }",
    "CONSTRUCT { ?s ?p <<( ?s ?p 'x' )>> } WHERE { ?s ?p ?o FILTER NOT EXISTS { ?o ?p ?s } } ORDER BY ?s OFFSET 7",
]
TOKEN = re.compile(r"\s+|#.*|\"[^\"\n]*\"|'[^'\n]*'|<[^<>\s]*>|[?$@]?[\w.-]*:?[\w-]+|.", re.DOTALL)
WORDS = (
    "SELECT ASK CONSTRUCT DESCRIBE WHERE FILTER OPTIONAL UNION MINUS GRAPH VALUES BIND SERVICE NOT EXISTS GROUP BY "
    "HAVING ORDER LIMIT OFFSET DISTINCT COUNT(*) BASE PREFIX FROM UNDEF IN a true LATERAL INSERT { } ( ) [ ] . ; , "
    "* + ? ! | / ^ = < > << >> <<( )>> {| |} && || ~ ^^ @ : _: # \\ ' \" ''' \"\"\" $ %"
)
# Values at the edge of what there is, and what costs.
PHRASES = (
    "9223372036854775808", "-9223372036854775808", "1e999", "0.0000000000000000000000001", "18446744073709551616",
    "'\\uD800'", "\\u0053", "'\\U00110000'", "'\\u0000'", "\x00", "\x1f", "\ufeff", "\u202e", "\u2028", "臺灣",
    "\U0001f637", "?\u0301", "<\u0661:>", "<http://e.example/%zz>", "<//>", "<:>", "<x:" + "a" * 5000 + ">",
    "'" + "b" * 5000 + "'", "'x'@en--ltr", "'x'@" + "a" * 300, "'9'^^<http://www.w3.org/2001/XMLSchema#integer>",
    "[]", "()", "_:b", "?x", "?a ?b ?c . ?d ?e ?f . ?g ?h ?i .", "FILTER(REGEX(STR(?o), '((a{40}){40}){40}'))",
    "(!<x:>)*", "LIMIT 999999999999", "BIND(CONCAT(STR(?s), STR(?s)) AS ?t)", "ORDER BY RAND()",
    "OFFSET 18446744073709551615", "REPLACE('a', '', '$9')",
)  # fmt: skip
POOL = (*WORDS.split(), *PHRASES)
# How one thing is put in another, so many times over.
NESTS: dict[str, Callable[[int], str]] = {
    "groups": lambda n: "ASK " + "{" * n + "}" * n,
    "parentheses": lambda n: "ASK { FILTER(" + "(" * n + "1" + ")" * n + ") }",
    "paths": lambda n: "ASK { ?s " + "(" * n + "<x:>" + ")*" * n + " ?o }",
    "not": lambda n: "ASK { FILTER(" + "!" * n + "true) }",
    "sum": lambda n: "ASK { FILTER(" + "1+" * n + "1) }",
    "and": lambda n: "ASK { FILTER(" + "true && " * n + "true) }",
    "in": lambda n: "ASK { FILTER(1 IN (" + "1," * n + "1)) }",
    "unions": lambda n: "ASK {" + "{} UNION " * n + "{} }",
    "optionals": lambda n: "ASK {" + "OPTIONAL {" * n + "}" * n + "}",
    "optional after optional": lambda n: "ASK {" + "OPTIONAL { ?s ?p ?o }" * n + "}",
    "exists": lambda n: "ASK {" + "FILTER EXISTS {" * n + "}" * n + "}",
    "subqueries": lambda n: "ASK {" + "{ SELECT * {" * n + "} }" * n + "}",
    "collections": lambda n: "ASK { " + "(" * n + "1" + ")" * n + " ?p ?o }",
    "blank nodes": lambda n: "ASK { " + "[ <x:> " * n + "1" + "]" * n + " }",
    "sequence": lambda n: "ASK { ?s " + "<x:>/" * n + "<x:> ?o }",
    "if": lambda n: "ASK { FILTER(" + "IF(true," * n + "1" + ",1)" * n + ") }",
    "triple terms": lambda n: "ASK { ?s ?p " + "<<( ?s ?p " * n + "1" + ")>>" * n + " }",
    "values": lambda n: "SELECT * { VALUES ?x {" + "1 " * n + "} }",
    "variables": lambda n: "SELECT * {" + "".join(f"BIND({k} AS ?v{k})" for k in range(n)) + "}",
    "triples": lambda n: "ASK {" + "?s ?p ?o ." * n + "}",
    "cross product": lambda n: "SELECT * {" + "".join(f"?s{k} ?p{k} ?o{k} ." for k in range(n)) + "}",
    "prefixes": lambda n: "".join(f"PREFIX p{k}: <x:>\n" for k in range(n)) + "ASK {}",
    "regex": lambda n: "ASK { FILTER(REGEX('a', '" + "(" * n + "a*" + ")*" * n + "$')) }",
    "long IRI": lambda n: f"ASK {{ <x:{'a' * n}> ?p ?o }}",
    "long string": lambda n: "SELECT ('" + "貓" * n + "' AS ?x) {}",
    "escapes": lambda n: "SELECT ('" + "\\u8C93" * n + "' AS ?x) {}",
    "quotes": lambda n: "ASK { " + '\\"' * n,
    "doubling": lambda n: (
        "SELECT * { BIND('x' AS ?x0)" + "".join(f"BIND(CONCAT(?x{k},?x{k}) AS ?x{k + 1})" for k in range(n)) + "}"
    ),
}
XSD = "http://www.w3.org/2001/XMLSchema#"
VALUES = (
    "?s", "?p", "?o", "?none", "<x:a>", "1", "-0", "2.5", "1e400", "9223372036854775807", "true", "''", "'a'",
    "'\\u0000\\uFFFF'", "'臺灣'@zh-Hant", "'a'@en--ltr", "'\\n\\t\\\\\"'", "BNODE()", "RAND()", "NOW()", "UUID()",
    "<<( <x:a> <x:b> 'c' )>>", f"'2020-02-30'^^<{XSD}date>", f"'-9999999999-01-01T24:00:00Z'^^<{XSD}dateTime>",
    f"'P9999999999Y'^^<{XSD}duration>", f"'NaN'^^<{XSD}double>", f"'170141183460469231731'^^<{XSD}decimal>", "'(a|b'",
    "'(a*)*$'", "'$0$9'", "-9223372036854775808",
)  # fmt: skip
# By the number of their arguments.
FUNCTIONS = {
    1: "STR LANG DATATYPE IRI ABS CEIL FLOOR ROUND STRLEN UCASE LCASE ENCODE_FOR_URI YEAR SECONDS TIMEZONE TZ MD5 "
    "SHA512 BNODE ISIRI ISNUMERIC BOUND COALESCE ! - + EXISTS TRIPLE SUBJECT OBJECT ISTRIPLE "
    f"<{XSD}integer> <{XSD}decimal> <{XSD}dateTime> <{XSD}string>",
    2: "+ - * / = != < && || IN CONCAT SUBSTR STRSTARTS STRBEFORE STRAFTER CONTAINS LANGMATCHES STRLANG STRDT SAMETERM "
    "REGEX",
    3: "IF SUBSTR REPLACE REGEX COALESCE CONCAT TRIPLE STRLANGDIR",
}
PATTERNS = (
    "?s ?p ?o .", "?s a ?o .", "?s <x:none> ?o .", "GRAPH ?g { ?s ?p ?o }", "OPTIONAL { ?o ?p ?q }",
    "MINUS { ?s ?p 1 }", "?s (<x:a>|!<x:b>)? ?o .", "VALUES ?o { 1 'a'@en UNDEF <x:a> }",
    "{ ?s ?p ?o } UNION { ?o ?p ?s }", "?a ?b ?c .",
    "{ SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY ?s LIMIT 5 }", "LATERAL { ?s ?p ?q }",
    "FILTER NOT EXISTS { ?o ?p ?s }",
)  # fmt: skip
ENDS = (
    "",
    "LIMIT 3",
    "LIMIT 2000",
    "ORDER BY ?x LIMIT 9",
    "ORDER BY DESC(?s) ?x",
    "OFFSET 5 LIMIT 18446744073709551615",
)
ACCEPT = (
    "*/*", "application/sparql-results+json", "application/sparql-results+xml", "text/csv",
    "text/tab-separated-values", "text/html", "text/turtle", "application/n-triples", "application/ld+json",
    "application/rdf+xml", "image/png",
)  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """Return a query with a few of its tokens lost, doubled, moved or replaced, or with stray characters in it."""
    tokens = TOKEN.findall(draw(st.sampled_from(SEEDS)))
    for _ in range(draw(st.sampled_from([0, 1, 1, 2, 4]))):
        place = draw(st.integers(0, max(len(tokens) - 1, 0)))
        match draw(st.sampled_from(["lose", "double", "move", "replace", "put in", "cut", "character"])):
            case "lose":
                del tokens[place : place + draw(st.integers(1, 3))]
            case "double":
                tokens[place:place] = tokens[place : place + draw(st.integers(1, 8))]
            case "move":
                tokens.insert(draw(st.integers(0, len(tokens))), tokens.pop(place) if tokens else "")
            case "replace":
                tokens[place : place + 1] = [draw(st.sampled_from(POOL))]
            case "put in":
                tokens[place:place] = [" ", draw(st.sampled_from(POOL)), " "]
            case "cut":
                del tokens[place:]
            case "character":
                tokens[place:place] = [draw(st.characters(exclude_categories=["Cs"]))]
    return "".join(tokens)


def _call(arguments: list[str], function: str) -> str:
    match len(arguments), function:
        case _, "IN":
            return f"({arguments[0]} IN ({arguments[1]}, 2))"
        case 1, "EXISTS":
            return f"EXISTS {{ ?s ?p ?o FILTER({arguments[0]}) }}"
        case 2, _ if not function[0].isalpha():
            return f"({arguments[0]} {function} {arguments[1]})"
    return f"{function}({', '.join(arguments)})"


EXPRESSIONS = st.recursive(
    st.sampled_from(VALUES),
    lambda inner: st.one_of(
        [
            st.builds(_call, st.lists(inner, min_size=arity, max_size=arity), st.sampled_from(names.split()))
            for arity, names in FUNCTIONS.items()
        ]
    ),
    max_leaves=8,
)


@st.composite
def composed(draw: st.DrawFn) -> str:
    """Return a query that is well-formed, of values at the edge, functions that may not take them, and patterns."""
    pattern = " ".join(draw(st.lists(st.sampled_from(PATTERNS), max_size=3)))
    value, end = draw(EXPRESSIONS), draw(st.sampled_from(ENDS))
    match draw(st.sampled_from(["rows", "rows", "filter", "graph", "groups", "truth"])):
        case "rows":
            return f"SELECT * {{ {pattern} BIND({value} AS ?x) }} {end}"
        case "filter":
            return f"SELECT ?s ?o {{ {pattern} FILTER({value}) }} {end}"
        case "graph":
            return f"CONSTRUCT {{ ?s ?p ?x . _:b <x:p> ?x, ?o }} WHERE {{ {pattern} BIND({value} AS ?x) }} {end}"
        case "groups":
            function = draw(st.sampled_from(["SUM", "AVG", "MIN", "MAX", "SAMPLE", "GROUP_CONCAT", "COUNT"]))
            return f"SELECT ({function}(DISTINCT {value}) AS ?x) {{ {pattern} }} {end.replace('DESC(?s)', '')}"
    return f"ASK {{ {pattern} FILTER({value}) }}"


@st.composite
def nested(draw: st.DrawFn) -> str:
    """Return a query in which one thing is repeated or nested, up to the size that a body may have."""
    nest = draw(st.sampled_from(list(NESTS.values())))
    return nest(draw(st.sampled_from([2, 30, 500, 5000, 20000])))[:1_000_000]


@st.composite
def query_requests(draw: st.DrawFn) -> Sent:
    """Return a query sent in one of the protocol's three ways."""
    text = draw(st.one_of(damaged(), composed(), composed(), nested()))
    headers = {"Accept": draw(st.sampled_from(ACCEPT))}
    form = urlencode({"query": text})
    way = draw(st.sampled_from(["url", "url", "form", "direct", "direct", "bytes"]))
    if way == "url" and len(form) < 8000:
        return request("GET", f"/sparql?{form}", headers)
    if way == "form":
        return request(
            "POST", "/sparql", headers | {"Content-Type": "application/x-www-form-urlencoded"}, form.encode()
        )
    body = text.encode()
    if way == "bytes":
        place = draw(st.integers(0, len(body)))
        body = body[:place] + draw(st.binary(max_size=4)) + body[place + draw(st.integers(0, 4)) :]
    return request("POST", "/sparql", headers | {"Content-Type": "application/sparql-query"}, body)
