"""Requests as our own description has them, right and wrong."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy
from schemathesis import BaseSchema, Case, GenerationMode
from schemathesis.checks import CheckFunction
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fuzz.queries import ACCEPT

AS_DESCRIBED: list[CheckFunction] = [
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]


def described_requests(description: BaseSchema) -> SearchStrategy[tuple[Case[Any], str]]:
    """Return requests with an Accept header: valid ones, invalid ones, and some for what the examples name."""
    cases: list[SearchStrategy[Case[Any]]] = []
    for operation in (description[path][method] for path in description for method in description[path]):
        cases += [operation.as_strategy(generation_mode=mode) for mode in GenerationMode]
        examples = {
            parameter.name: parameter.definition["example"]
            for parameter in operation.path_parameters
            if "example" in parameter.definition
        }
        if examples:
            cases.append(operation.as_strategy(path_parameters=examples))
    return st.tuples(st.one_of(cases), st.sampled_from(ACCEPT))
