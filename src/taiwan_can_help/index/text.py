"""Texts as full-text search sees them: folded, cut into tokens, and asked for.

SQLite's own tokenizers find no Chinese word of two characters: one takes a run of them for a single word, the other
asks for three. So texts are cut here. A word is a token. A run of a script without spaces gives one token for each two
neighbours, and its last character; then any part of a run is a phrase, and a single character the start of a token.
"""

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

from opencc import OpenCC
from snowballstemmer import stemmer

# Han with its two iteration marks, kana, hangul.
_UNSPACED = "[\u3005\u3007\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\U00020000-\U0003ffff]"
_RUN = re.compile(f"{_UNSPACED}+")
_PIECE = re.compile(rf"(?P<run>{_UNSPACED}+)|(?P<word>(?:(?!{_UNSPACED})[^\W_])+)")
_POSSESSIVE = re.compile("['\u2019]s\\b")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3}\b)")
_MARKS = re.compile("[\u0300-\u036f]")
# Letters with a stroke and ligatures, which Unicode does not take apart.
_LETTERS = str.maketrans({"ł": "l", "ø": "o", "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_SHORTEST_STEMMED = 4


def fold(text: str) -> str:
    """Return a text without what a reader may type in another way.

    Case, accents, full and half width, and the variants of a Chinese character (臺 and 台, traditional and simplified)
    are one.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().translate(_LETTERS)
    bare = _MARKS.sub("", unicodedata.normalize("NFD", plain))
    return "".join(map(_variant, unicodedata.normalize("NFC", bare)))


def tokens(text: str) -> Iterator[str]:
    """Yield the tokens of a text in their order."""
    for run, word in _pieces(text):
        yield from pairs(run) if run else (word,)
        if run:
            yield run[-1]


def words(text: str) -> list[str]:
    """Return the words and runs of characters that a reader asks for, folded, each once."""
    return list(dict.fromkeys(run or word for run, word in _pieces(text)))


def pairs(run: str) -> list[str]:
    """Return each two neighbours of a run of a script without spaces; of any other text nothing."""
    return [run[place : place + 2] for place in range(len(run) - 1)] if _RUN.fullmatch(run) else []


def expression(wanted: list[str]) -> str:
    """Return the FTS5 expression that matches texts with all of these words, in any order.

    A word may be the start of a longer one, and matches what has its stem; a match of the whole word ranks higher.
    See https://www.sqlite.org/fts5.html#full_text_query_syntax. Words have no character that needs to be escaped.
    """
    return " AND ".join(map(_asked, wanted))


def _asked(word: str) -> str:
    if _RUN.match(word):
        return f'"{word}"*' if len(word) == 1 else f'"{" ".join(pairs(word))}"'
    starts = [word]
    if len(word) >= _SHORTEST_STEMMED and word.isascii() and word.isalpha():
        stem = stemmer("english").stemWord(word)
        # The stem of both "country" and "countries" is "countri", which is how only one of them starts.
        starts.append(stem.removesuffix("i") if word.endswith(("y", "ies")) else stem)
    prefixes = " OR ".join(f'"{start}"*' for start in dict.fromkeys(starts))
    return f'("{word}" OR {prefixes})'


def _pieces(text: str) -> Iterator[tuple[str, str]]:
    for match in _PIECE.finditer(_GROUPED.sub("", _POSSESSIVE.sub("", fold(text)))):
        yield match["run"] or "", match["word"] or ""


@cache
def _simplifier() -> OpenCC:
    return OpenCC("t2s")


@cache
def _variant(character: str) -> str:
    """Return the character that stands for all variants of one, without regard to its neighbours."""
    return str(_simplifier().convert(character)) if _RUN.match(character) else character
