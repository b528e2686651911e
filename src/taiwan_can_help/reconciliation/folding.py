"""One form for the many ways in which a name is written."""

import unicodedata
from functools import cache

import opencc

# Letters whose stroke or shape is no combining mark, so that Unicode's decomposition leaves them.
_LETTERS = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"})
_WITHOUT_A_SPACE = str.maketrans("", "", ".'’‘ʻʼ`")
_ARTICLES = {"the"}


def fold(text: str) -> tuple[str, ...]:
    """Return the words of a name without what writers vary.

    That is: width and compatibility forms (NFKC), case, accents, points and apostrophes within a word, punctuation
    between words, ``&`` for ``and``, the article, and Chinese characters (traditional ones and their variants become
    simplified ones, by OpenCC).
    """
    folded = unicodedata.normalize("NFKC", text).casefold().replace("&", " and ").translate(_WITHOUT_A_SPACE)
    if not folded.isascii():
        folded = unicodedata.normalize("NFD", _simplified().convert(folded)).translate(_LETTERS)
        folded = unicodedata.normalize("NFC", "".join(c for c in folded if not "\u0300" <= c <= "\u036f"))
    # Vowel signs, as in Thai, are marks and belong to the word.
    spaced = "".join(c if unicodedata.category(c)[0] in "LMN" else " " for c in folded)
    words = spaced.split()
    return tuple(word for word in words if word not in _ARTICLES) or tuple(words)


@cache
def _simplified() -> opencc.OpenCC:
    return opencc.OpenCC("t2s")
