"""The tests that are known to fail, each with the reason; one that starts to pass fails the run.

All but the last are faults of pyoxigraph 0.5.13; those with a link are known there.
"""

_LANGUAGE = (
    "GROUP_CONCAT of strings with one language keeps the language, where a plain string is asked for; "
    "mended on its main branch, not in 0.5.13: https://github.com/oxigraph/oxigraph/pull/1717"
)
_SCOPE = (
    "the variable of GRAPH is seen inside it; Oxigraph's own list of known failures has this test: "
    "https://github.com/oxigraph/oxigraph/blob/main/testsuite/tests/sparql.rs"
)
_ZERO_PATH = (
    "a path of length zero does not match a constant that the graph doesn't hold; "
    "mended on its main branch, not in 0.5.13: https://github.com/oxigraph/oxigraph/pull/1815"
)

EXPECTED_FAILURES: dict[str, str] = {
    "aggregates/agg-groupconcat-04": _LANGUAGE,
    "aggregates/agg-groupconcat-06": _LANGUAGE,
    "aggregates/agg-empty-group-count-graph": _SCOPE,
    "bindings/graph": _SCOPE,
    "negation/graph-minus": f"{_SCOPE}, https://github.com/oxigraph/oxigraph/pull/1804",
    "functions/bnode01": "BNODE(text) gives the same blank node in every solution, where each asks for its own",
    "property-path/zero_or_more_set_start": _ZERO_PATH,
    "property-path/zero_or_more_set_end": _ZERO_PATH,
    "property-path/zero_or_one_set_start": _ZERO_PATH,
    "property-path/zero_or_one_set_end": _ZERO_PATH,
}
