"""What the cache may store and what it takes for the same request, apart from any server."""

from collections.abc import Mapping
from urllib.parse import quote, urlencode

import pytest

from taiwan_can_help.cache.store import Entry, Store
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.caching import (
    Key,
    is_not_modified,
    is_storable,
    request_key,
    selected,
    vary_names,
)
from taiwan_can_help.protocol.formats import FORMATS, Format
from taiwan_can_help.protocol.negotiation import choose, languages, preferences

FORM = "application/x-www-form-urlencoded"
GOOD = {"etag": '"x"', "cache-control": "public, no-cache", "vary": "Accept"}


def key(query: str = "", method: str = "GET", path: str = "/sparql", body: bytes = b"", type_: str = "") -> Key | None:
    return request_key(method, path, query, type_, body, {})


def test_parameters_are_decoded_and_ordered_by_name() -> None:
    assert key("query=ASK%20%7B%7D&format=csv") == key("format=%63sv&query=ASK%20{}")
    assert key("a=1&a=2") != key("a=2&a=1")
    assert key("a=1", "HEAD") == key("a=1", "GET")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("graph=a+b", "graph=a%20b"),  # the Graph Store Protocol knows no plus
        ("graph=a+b", "graph=a%2Bb"),
        ("a=b%26c=d", "a=b&c=d"),
        ("a%3Db=c", "a=b=c"),
        ("a%3Db", "a=b"),
        ("a=b%3Dc", "a%3Db=c"),
        ("default", "default="),
        ("a=%FE", "a=%EF%BF%BD"),
        ("a=%EF%BF%BF", "a=+"),
        ("a=%00", "a=+"),
        ("", "a"),
    ],
)
def test_what_may_mean_something_else_is_something_else(one: str, other: str) -> None:
    assert key(one) != key(other)


def test_the_body_of_a_post_belongs_to_what_is_asked_for() -> None:
    direct = "application/sparql-query"
    bodies = [key("", "POST", body=body, type_=direct) for body in (b"ASK {}", b"ASK { }")]
    assert len({*bodies, key("", "POST", body=b"ASK {}", type_="text/plain"), key("")}) == 4
    assert key("", "POST", body=b"a=1&b=2", type_=FORM) == key("", "POST", body=b"b=%32&a=1", type_=FORM)
    assert key("", "POST", body=b"x" * 100_000, type_=direct) is None


@pytest.mark.parametrize("method", ["PUT", "DELETE", "OPTIONS", "PATCH"])
def test_other_methods_pass_by(method: str) -> None:
    assert key(method=method) is None


@pytest.mark.parametrize("header", ["range", "if-match", "if-modified-since", "if-unmodified-since"])
def test_conditions_that_the_application_judges_pass_by(header: str) -> None:
    assert request_key("GET", "/", "", "", b"", {header: "x"}) is None


@pytest.mark.parametrize(
    ("status", "headers", "storable"),
    [
        (200, GOOD, True),
        (200, {**GOOD, "vary": "accept , Accept-Language"}, True),
        (200, {"etag": '"x"'}, True),
        (200, {**GOOD, "etag": 'W/"x"'}, False),
        (200, {"vary": "Accept"}, False),
        (200, {**GOOD, "cache-control": "no-store"}, False),
        (200, {**GOOD, "cache-control": "max-age=1, Private"}, False),
        (200, {**GOOD, "vary": "Accept, Cookie"}, False),
        (200, {**GOOD, "vary": "*"}, False),
        (200, {**GOOD, "set-cookie": "a=b"}, False),
        *((status, GOOD, False) for status in (206, 304, 303, 400, 404, 503)),
    ],
)
def test_only_whole_answers_with_a_strong_tag_are_stored(
    status: int, headers: dict[str, str], *, storable: bool
) -> None:
    assert is_storable(status, headers) is storable


@pytest.mark.parametrize(
    ("condition", "holds"),
    [('"x"', True), ('"a", W/"x"', True), ("*", True), ('"xx"', False), ('"a,"x"', False), ("x", False), (None, False)],
)
def test_if_none_match_compares_weakly(condition: str | None, *, holds: bool) -> None:
    assert is_not_modified(condition, '"x"') is holds


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("text/csv,application/json;q=0.5", "application/json;q=0.4 , TEXT/CSV;q=0.9", True),
        (None, "*/*", True),
        ("text/html,*/*;q=0.8", "text/html, image/avif, */*;q=0.7", True),
        ("text/csv", "text/csv;q=0", False),
        ("text/turtle,application/n-triples;q=0.5", "text/turtle;q=0.5,application/n-triples", False),
    ],
)
def test_accept_headers_that_choose_the_same_are_the_same(one: str | None, other: str, *, same: bool) -> None:
    assert (preferences(one) == preferences(other)) is same


ACCEPTS = (
    None, "", "*/*", "text/*", "application/*;q=0.5, text/csv", "application/json", "application/xml;q=0.9, */*;q=0.1",
    "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "text/turtle;q=0, */*", "nonsense", "a b c",
    "text/plain;q=0.3, application/n-quads;q=0.3, text/csv;q=0", "application/ld+json;profile=x",
)  # fmt: skip


def test_equal_preferences_make_equal_choices_among_any_formats() -> None:
    offers = [FORMATS[start:stop] for start in range(len(FORMATS)) for stop in range(start + 1, len(FORMATS) + 1)]
    for one in ACCEPTS:
        for other in ACCEPTS:
            if preferences(one) == preferences(other):
                assert all(choose(one, offer) == choose(other, offer) for offer in offers), (one, other)


def test_a_format_that_preferences_know_nothing_of_is_not_negotiated() -> None:
    with pytest.raises(ValueError, match="FORMATS"):
        choose("*/*", (f.JSON, Format("new", "new", ("application/new",))))


def test_languages_keep_their_order() -> None:
    assert languages("zh-TW, en;q=0.5") == languages("ZH-tw,en; q=0.5") != languages("en, zh-TW;q=0.5")
    assert languages(None) == languages(" ") == ()
    assert languages("zh;;q") != languages("en;;q")


def test_only_what_an_answer_varies_by_is_selected() -> None:
    names = vary_names("Accept-Language")
    assert names
    assert selected(names, {"accept": "a/b", "accept-language": "en"}) == selected(names, {"accept-language": "en"})
    assert selected(names, {"accept-language": "en"}) != selected(names, {})


def entry(body: bytes) -> Entry:
    return Entry([("ETag", '"x"')], '"x"', body, "/x", 10)


class Held:
    """A store with answers of 10,000 bytes, by number."""

    def __init__(self, most: int) -> None:
        self.store = Store(most)
        self.store.find("r1", ("none",), {})

    def put(
        self, number: int, release: str = "r1", size: int = 10_000, headers: Mapping[str, str] | None = None
    ) -> None:
        self.store.put(release, ("n", number), headers or {}, entry(b"x" * size), ("accept",))

    def has(self, number: int, release: str = "r1", headers: Mapping[str, str] | None = None) -> bool:
        return self.store.find(release, ("n", number), headers or {}) is not None


def test_the_least_recently_used_is_given_up_first_and_the_bound_is_kept() -> None:
    held = Held(50_000)
    for number in range(4):
        held.put(number)
    assert held.has(0)
    held.put(4)
    assert [number for number in range(5) if held.has(number)] == [0, 2, 3, 4]
    for number in range(100):
        held.put(number)
        assert held.store.size <= 50_000
    assert len(held.store) == 4


def test_an_answer_over_a_fifth_of_the_bound_is_not_held() -> None:
    held = Held(50_000)
    held.put(1, size=10_001)
    assert not held.has(1)
    held.put(1, size=10_000)
    assert held.has(1)


def test_variants_are_held_side_by_side() -> None:
    held = Held(50_000)
    held.put(1, headers={"accept": "text/csv"})
    held.put(1, headers={"accept": "text/html"})
    assert held.has(1, headers={"accept": "text/csv"})
    assert held.has(1, headers={"accept": "text/html"})
    assert not held.has(1, headers={"accept": "text/turtle"})
    assert len(held.store) == 2


def test_another_release_finds_nothing_and_late_answers_of_the_old_one_are_not_held() -> None:
    held = Held(50_000)
    held.put(1)
    held.store.spell("r1", ("n", 1), {}, held.store.find("r1", ("n", 1), {}) or entry(b""), b"GET")
    assert held.store.spelt("r1", b"GET")
    assert held.store.spelt("r2", b"GET") is None
    held.put(2)
    assert not held.has(1, "r2")
    assert not held.has(2, "r2")
    assert (len(held.store), held.store.size) == (0, 0)


def test_spellings_are_bounded_and_go_with_their_answer() -> None:
    held = Held(50_000)
    held.put(1)
    found = held.store.find("r1", ("n", 1), {})
    assert found
    before = held.store.size
    for number in range(20):
        held.store.spell("r1", ("n", 1), {}, found, f"GET {number:05}".encode())
    assert held.store.size == before + 8 * len("GET 00000")
    assert held.store.spelt("r1", b"GET 00019") is found
    assert held.store.spelt("r1", b"GET 00000") is None
    for number in range(2, 7):
        held.put(number)
    assert held.store.spelt("r1", b"GET 00019") is None


@pytest.mark.parametrize("query", ["a=%FF", "a=%ff", "%fF=a+b"])
def test_a_byte_that_no_text_has_passes_by(query: str) -> None:
    assert key(query) is None
    assert key("", "POST", body=query.encode(), type_=FORM) is None


def test_a_query_string_of_any_kind_has_a_key() -> None:
    for text in ("%", "%zz", "a=%E4%BD", "&&=&", urlencode({"query": "貓 + \0"}), quote("\uffff\ufffe")):
        assert key(text) is not None
