"""The list of named queries as JSON; as RDF it stands in the dataset graph of the release."""

import json
from collections.abc import Iterable

from taiwan_can_help.namespaces import PREFIXES
from taiwan_can_help.queries import NamedQuery


def query_catalogue(queries: Iterable[NamedQuery]) -> str:
    """Return the queries as JSON: name, titles, descriptions, parameters, text."""
    listed = [
        {
            "name": query.name,
            "url": f"{PREFIXES['query']}{query.name}",
            "title": query.titles,
            "description": query.descriptions,
            "parameters": [
                {"name": parameter.name, "default": parameter.default, "description": parameter.description}
                for parameter in query.parameters
            ],
            "query": query.text,
        }
        for query in queries
    ]
    return json.dumps(listed, ensure_ascii=False, indent=2)
