"""Which graph a request names: SPARQL 1.1 Graph Store HTTP Protocol, section 4.2, indirect identification.

See https://www.w3.org/TR/sparql11-http-rdf-update/#indirect-graph-identification.
"""

import re
from dataclasses import dataclass

from taiwan_can_help.protocol.problem import Problem
from taiwan_can_help.protocol.request import parse_form, values_of

# RFC 3987, as far as it is needed to tell an absolute IRI from a relative or broken one.
_ABSOLUTE_IRI = re.compile(r"""[A-Za-z][A-Za-z0-9+.-]*:(?:[^\x00-\x20<>"{}|^`\\%]|%[0-9A-Fa-f]{2})*""")


@dataclass(frozen=True)
class GraphRequest:
    """The IRI of the graph that is asked for, None for the default graph; the format, where the request names one."""

    graph: str | None
    format: str | None


def parse_graph_request(query_string: bytes) -> GraphRequest:
    """Return what the query component asks for: ``default``, or ``graph=`` with an absolute IRI.

    Raises Problem, 400: for neither, both, or one of them twice; for an IRI that is relative or none; for bytes
    that are not percent-encoded UTF-8.
    """
    # The protocol decodes per cent signs once and nothing else: a plus stands for itself, not for a space.
    parameters = parse_form(query_string.replace(b"+", b"%2B"), "URL")
    graphs, defaults = values_of(parameters, "graph"), values_of(parameters, "default")
    if not graphs and not defaults:
        raise _bad_request("names no graph: give ?default, or ?graph= with the percent-encoded IRI of a named graph")
    if len(graphs) + len(defaults) > 1:
        raise _bad_request("names more than one graph: give either ?default or one ?graph=")
    if defaults not in ([], [""]):
        raise _bad_request(f"gives 'default' the value {defaults[0]!r}; it takes none")
    if graphs and not _ABSOLUTE_IRI.fullmatch(graphs[0]):
        raise _bad_request(f"names the graph {graphs[0]!r}, which is not an absolute IRI")
    formats = values_of(parameters, "format")
    return GraphRequest(graphs[0] if graphs else None, formats[0] if formats else None)


def _bad_request(fault: str) -> Problem:
    return Problem(400, "Bad request", f"The request {fault}.")
