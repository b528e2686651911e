"""The fields of records: the queries of ``data/search/``, which say what is searched, chosen by and shown.

``records.rq`` says what a record is, ``things.rq`` what else is found by its name. Any other file is a field: a query
of ``?record`` and the variable that it is named after, with a header that says what the field is for:

    # title: Country          and in other languages, # title@zh-Hant: 國家
    # facet: 2                its place among the facets
    # column: 8               its place among the columns of a table of records
    # shown: 4                its place among what a list of records shows
    # weight: 5               what a match in its texts weighs in full-text search
    # descending: Newest first    the name of an order by it; also ascending
"""

import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from taiwan_can_help.errors import InputError

RECORDS = "records"
THINGS = "things"
RECORD = "record"

_VARIABLES = {RECORDS: {f"?{RECORD}"}, THINGS: {"?thing", "?kind"}}
_TEXT = re.compile(r"#\s*(title|ascending|descending)(?:@([A-Za-z0-9-]+))?:\s*(.+)")
_NUMBER = re.compile(r"#\s*(facet|column|shown|weight):\s*(\d+)")
_PREFIX = re.compile(r"^PREFIX\s+([\w-]*):\s*<([^<>]*)>", re.MULTILINE)
_SELECT = re.compile(
    r"^SELECT (?P<projection>[^{}]+?)\s+WHERE \{\n(?P<pattern>.*)^\}(?P<modifiers>[^{}]*)\Z", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class SearchQuery:
    """A query of ``data/search/`` and the parts that it is put together from; texts are by language tag."""

    name: str
    text: str
    titles: dict[str, str]
    orders: dict[str, dict[str, str]]
    numbers: dict[str, int]
    prefixes: dict[str, str]
    projection: str
    pattern: str
    modifiers: str


def read_search_queries(paths: list[Path]) -> dict[str, SearchQuery]:
    """Read the queries of these files, by name; raises InputError that names the file at fault.

    Where none of them says what is found by its name, whatever has one is.
    """
    default = files("taiwan_can_help.index").joinpath("queries", f"{THINGS}.rq").read_text("utf-8")
    queries = {THINGS: parse_search_query(THINGS, default)}
    for path in paths:
        try:
            queries[path.stem] = parse_search_query(path.stem, path.read_text("utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(f"{path.name}: cannot be read: {error}") from error
    if paths and RECORDS not in queries:
        raise InputError(f"{paths[0].parent}: has no {RECORDS}.rq, which says what a record is")
    _check_prefixes(queries)
    return queries


def parse_search_query(name: str, text: str) -> SearchQuery:
    """Take a query of ``data/search/`` apart; raises InputError that says how it should be written."""
    titles: dict[str, str] = {}
    orders: dict[str, dict[str, str]] = {}
    numbers: dict[str, int] = {}
    for line in text.splitlines():
        if match := _TEXT.fullmatch(line.strip()):
            texts = titles if match[1] == "title" else orders.setdefault(match[1], {})
            texts[match[2] or "en"] = match[3].strip()
        elif match := _NUMBER.fullmatch(line.strip()):
            numbers[match[1]] = int(match[2])
    if "en" not in titles:
        raise InputError(f"{name}.rq: has no title; start the file with a line such as '# title: Country'")
    select = _SELECT.search(text)
    if select is None:
        raise InputError(
            f"{name}.rq: write 'SELECT ...', then 'WHERE {{' at the end of a line, and its '}}' on its own"
        )
    selected, needed = select["projection"].split(), _VARIABLES.get(name, {f"?{RECORD}", f"?{name}"})
    if not needed <= set(selected):
        raise InputError(f"{name}.rq: selects {' '.join(selected)}; it must select {' and '.join(sorted(needed))}")
    prefixes = dict(_PREFIX.findall(text[: select.start()]))
    return SearchQuery(
        name, text, titles, orders, numbers, prefixes, select["projection"], select["pattern"], select["modifiers"]
    )


def _check_prefixes(queries: dict[str, SearchQuery]) -> None:
    """Raise InputError where a prefix means two things, since queries are put together from several files."""
    meant: dict[str, tuple[str, str]] = {}
    for name, query in queries.items():
        for prefix, space in query.prefixes.items():
            first, other = meant.setdefault(prefix, (name, space))
            if other != space:
                raise InputError(f"{name}.rq: the prefix {prefix}: is not what it is in {first}.rq")
