"""Numbers, shares and dates in the language of a page."""

from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from babel.core import Locale, UnknownLocaleError
from babel.dates import format_date, format_interval, format_skeleton
from babel.numbers import format_decimal, format_percent

from taiwan_can_help.web.languages import language

# Dates and numbers in English as most of its readers write them: 15 April 2020.
LOCALES = {"en": "en_GB", "zh-Hant": "zh_Hant_TW"}


def locale() -> str:
    """Return the locale of the page's language."""
    return LOCALES[language()]


def number(text: str) -> str:
    """Return a number with its digits grouped; what is none as it is."""
    try:
        return str(format_decimal(Decimal(text), locale=locale(), decimal_quantization=False))
    except (InvalidOperation, ValueError):
        return text


def share(text: str) -> str:
    """Return a share as a percentage with one decimal."""
    try:
        return str(format_percent(Decimal(text), "#,##0.#%", locale=locale()))
    except (InvalidOperation, ValueError):
        return text


def day(text: str) -> str:
    """Return a date that may be known by its month or year only (``2020``, ``2020-04``) in words."""
    parts = text.split("-")
    try:
        if len(parts) == 1 and len(text) == 4:
            return str(format_skeleton("y", date(int(text), 1, 1), locale=locale()))
        if len(parts) == 2:
            return str(format_skeleton("yMMMM", date(int(parts[0]), int(parts[1]), 1), locale=locale()))
        return str(format_date(date.fromisoformat(text), "long", locale=locale()))
    except ValueError:
        return text


def precision(earliest: str, latest: str) -> str:
    """Return what is known of a time between two dates: ``day``, ``month``, ``year``, or ``span`` for anything else."""
    try:
        first, last = date.fromisoformat(earliest), date.fromisoformat(latest)
    except ValueError:
        return "span"
    if first == last:
        return "day"
    if first.day == 1 and (last + timedelta(days=1)).day == 1:
        if (first.year, first.month) == (last.year, last.month):
            return "month"
        if first.year == last.year and first.month == 1 and last.month == 12:
            return "year"
    return "span"


def span(earliest: str, latest: str) -> str:
    """Return the time between two dates as closely as it is known, and no closer: a day, a month, a year, or both."""
    match precision(earliest, latest):
        case "day":
            return day(earliest)
        case "month":
            return day(earliest[:7])
        case "year":
            return day(earliest[:4])
    try:
        first, last = date.fromisoformat(earliest), date.fromisoformat(latest)
    except ValueError:
        return f"{earliest} – {latest}"
    whole_months = first.day == 1 and (last + timedelta(days=1)).day == 1
    whole_years = whole_months and first.month == 1 and last.month == 12
    if whole_years:
        return f"{day(earliest[:4])}–{day(latest[:4])}"
    skeleton = "yMMMM" if whole_months else "yMMMMd"
    return str(format_interval(first, last, skeleton, locale=locale()))


def tongue(code: str) -> str:
    """Return the name of a language by its code; the code where there is none."""
    try:
        return Locale.parse(code, sep="-").get_display_name(locale()) or code
    except (UnknownLocaleError, ValueError):
        return code
