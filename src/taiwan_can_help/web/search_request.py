"""What a request to the search asks for, what is at fault in it, and the addresses of requests like it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from urllib.parse import unquote_to_bytes, urlencode

from flask import request
from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from taiwan_can_help.index.search import RELEVANCE, Choice, Hits, Search, Value
from taiwan_can_help.index.text import words

MOST_CHARACTERS = 200
SIZE = 25
MOST_PER_PAGE = 100
MOST_PAGES = 1_000_000
MOST_FAULTS = 5
TEXT, ORDER, PAGE, PAGE_SIZE = "q", "sort", "page", "size"


@dataclass(frozen=True)
class Asked:
    """A request: what was typed, the values that are chosen of each facet, order and page, and what is at fault."""

    text: str = ""
    values: Mapping[str, list[Value]] = field(default_factory=dict)
    sort: str | None = None
    page: int = 1
    size: int = SIZE
    faults: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)

    @property
    def words(self) -> list[str] | None:
        """Return the words that are looked for; None where nothing was typed, none where there is no word in it."""
        return words(self.text) if self.text else None

    @property
    def choice(self) -> Choice:
        """Return what is asked of the index."""
        return Choice(self.words, self.values)

    def order(self, search: Search, hits: Hits) -> str:
        """Return the order: the one that is asked for, else by relevance where there is any, else the first one."""
        if self.sort and (self.sort != RELEVANCE or hits.ranked):
            return self.sort
        return RELEVANCE if hits.ranked else next(iter(search.orders), RELEVANCE)

    def parameters(self, **changes: object) -> list[tuple[str, str]]:
        """Return the parameters that ask for this, from the first page on, with changes; None takes one out."""
        asked: dict[str, object] = {TEXT: self.text or None}
        asked |= {facet: [value.key for value in values] for facet, values in self.values.items()}
        asked |= {ORDER: self.sort, PAGE_SIZE: self.size if self.size != SIZE else None}
        asked |= changes
        pairs = ((name, value if isinstance(value, list) else [value]) for name, value in asked.items())
        return [(name, str(value)) for name, values in pairs for value in values if value is not None]

    def address(self, suffix: str = "", /, **changes: object) -> str:
        """Return the address of this search, with changes, in a format."""
        query = urlencode(self.parameters(**changes))
        return f"{request.script_root}/search{suffix}" + (f"?{query}" if query else "")

    def without(self, facet: str, value: Value) -> str:
        """Return the address of this search without a value of a facet."""
        left = [other.key for other in self.values[facet] if other.key != value.key]
        return self.address("", **{facet: left})


def read_request(search: Search) -> Asked:
    """Read the parameters of the current request; what can't be understood is among the faults, in words."""
    arguments, faults = request.args, []
    try:
        unquote_to_bytes(request.query_string).decode()
    except UnicodeDecodeError:
        arguments = MultiDict()
        faults.append(_("The address is not in UTF-8, so nothing in it can be read."))
    facets = [query.name for query in search.fields("facet")]
    values = {facet: _values(search, facet, arguments.getlist(facet), faults) for facet in facets}
    return Asked(
        _text(arguments.get(TEXT, ""), faults),
        {facet: chosen for facet, chosen in values.items() if chosen},
        _sort(arguments.get(ORDER) or None, search, faults),
        _number(PAGE, arguments.get(PAGE), 1, MOST_PAGES, faults),
        _number(PAGE_SIZE, arguments.get(PAGE_SIZE), SIZE, MOST_PER_PAGE, faults),
        faults,
        sorted(set(arguments) - {*facets, TEXT, ORDER, PAGE, PAGE_SIZE}),
    )


def _text(text: str, faults: list[str]) -> str:
    plain = " ".join(text.split())
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in plain):
        faults.append(_("The text to search for has a control character; type it again."))
        return ""
    if len(plain) > MOST_CHARACTERS:
        faults.append(
            _("The text to search for has %(length)s characters; use %(most)s at most.",
              length=f"{len(plain):,}", most=MOST_CHARACTERS)
        )  # fmt: skip
        return ""
    return plain


def _values(search: Search, facet: str, texts: list[str], faults: list[str]) -> list[Value]:
    found: dict[str, Value] = {}
    for text in filter(None, texts):
        value = search.value(facet, text)
        if value:
            found[value.key] = value
        elif len(faults) < MOST_FAULTS:
            near = get_close_matches(text[:MOST_CHARACTERS], search.values[facet], 3)
            known = ", ".join(near or sorted(search.values[facet])[:5])
            faults.append(
                _("No record has “%(value)s” for “%(facet)s”. There is %(known)s.",
                  value=_printable(text), facet=facet, known=known)
            )  # fmt: skip
    return list(found.values())


def _sort(text: str | None, search: Search, faults: list[str]) -> str | None:
    if text in (None, RELEVANCE, *search.orders):
        return text
    known = ", ".join([RELEVANCE, *search.orders])
    faults.append(_("There is no order “%(order)s”; there are %(known)s.", order=_printable(text or ""), known=known))
    return None


def _number(name: str, text: str | None, default: int, most: int, faults: list[str]) -> int:
    if not text:
        return default
    if text.isascii() and text.isdigit() and len(text) <= len(str(most)) and 1 <= int(text) <= most:
        return int(text)
    faults.append(
        _("“%(name)s” is a whole number from 1 to %(most)s, not “%(value)s”.",
          name=name, most=f"{most:,}", value=_printable(text))
    )  # fmt: skip
    return default


def _printable(text: str) -> str:
    shown = "".join(character if character.isprintable() else "\ufffd" for character in text[:60])
    return shown + ("…" if len(text) > 60 else "")
