"""The texts of pages: each has its translation, and none is left over."""

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

import taiwan_can_help.web as web
from taiwan_can_help.web.languages import ENGLISH, LANGUAGES

FOLDER = Path(web.__file__).parent
METHODS = [("**.py", "python"), ("templates/**.html", "jinja2")]
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}
OTHERS = [tag.replace("-", "_") for tag in LANGUAGES if tag != ENGLISH]


def texts() -> set[str]:
    """Return the texts of templates and code, as ``make translations`` finds them."""
    found = extract_from_dir(FOLDER, METHODS, {"**.html": {"trimmed": "true"}}, KEYWORDS)
    return {message[0] if isinstance(message, tuple) else message for _, _, message, _, _ in found}


def catalogue(locale: str) -> Catalog:
    path = FOLDER / "translations" / locale / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as stream:
        return read_po(stream, locale=locale)


@pytest.mark.parametrize("locale", OTHERS)
def test_every_text_is_translated_and_no_translation_is_left_over(locale: str) -> None:
    messages = {
        message.id[0] if isinstance(message.id, tuple) else message.id: message for message in catalogue(locale)
    }
    del messages[""]
    assert len(messages) > 100
    assert set(messages) == texts()
    empty = [text for text, message in messages.items() if not message.string or not all(message.string)]
    assert empty == []
    assert [message.id for message in messages.values() if message.fuzzy] == []


@pytest.mark.parametrize("locale", OTHERS)
def test_translations_have_the_placeholders_of_their_text(locale: str) -> None:
    problems = [(message.id, [str(error) for error in errors]) for message, errors in catalogue(locale).check()]
    assert problems == []
