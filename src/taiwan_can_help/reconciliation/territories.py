"""The names of countries and territories in many languages, as the Unicode CLDR has them (https://cldr.unicode.org/)."""

from collections import defaultdict
from functools import cache

from babel import Locale
from babel.core import get_global

# The languages of the United Nations, and others in which lists of countries are often kept.
_LOCALES = (
    "ar", "en", "es", "fr", "ru", "zh_Hans",
    "cs", "de", "id", "it", "ja", "ko", "nl", "pl", "pt", "th", "vi", "zh_Hant", "zh_Hant_HK",
)  # fmt: skip

# Codes of groupings, of what is unknown, and of tests.
_NO_TERRITORIES = {"EU", "EZ", "UN", "QO", "XA", "XB", "ZZ"}


def known_territories() -> set[str]:
    """Return the ISO 3166-1 alpha-2 codes that the CLDR has names for."""
    return {code for names in _by_locale() for code in names if code.isalpha()} - _NO_TERRITORIES


def territory_names(code: str) -> set[str]:
    """Return the names of the territory with this ISO 3166-1 alpha-2 code; none where the CLDR does not know it."""
    return {names[code] for names in _by_locale() if code in names}


def territory_codes(code: str) -> set[str]:
    """Return the other codes of the territory that tables use: those of ISO 3166-1 alpha-3, and UK."""
    return _aliases().get(code, set())


@cache
def _by_locale() -> list[dict[str, str]]:
    return [{str(code): name for code, name in Locale.parse(locale).territories.items()} for locale in _LOCALES]


@cache
def _aliases() -> dict[str, set[str]]:
    aliases: dict[str, set[str]] = defaultdict(set)
    for alias, meant in get_global("territory_aliases").items():
        # Numeric codes are left out, since a number in a table is seldom one; so are codes of two letters that were
        # withdrawn (NH for Vanuatu), and those of states that came apart.
        if alias.isalpha() and (len(alias) == 3 or alias == "UK") and len(meant) == 1:
            aliases[meant[0]].add(alias)
    return aliases
