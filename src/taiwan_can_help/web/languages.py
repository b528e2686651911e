"""The languages of pages: chosen by the start of the path (``/zh-Hant/...``), else by Accept-Language.

The texts of pages are English in the templates; ``translations/`` holds the others as gettext catalogues, which are
read as they are: nothing has to be compiled.
"""

from collections.abc import Iterable
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, request
from flask_babel import Babel, Domain, get_locale

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

# By their tag (BCP 47), with the name that each has for itself.
LANGUAGES = {"en": "English", "zh-Hant": "繁體中文"}
ENGLISH = "en"
CHOSEN = "tch.language"
FOLDER = Path(__file__).parent / "translations"


class LanguagePaths:
    """Middleware: a language at the start of the path becomes a part of the address where the application is mounted.

    So every page has an address in every language, and links that the application makes keep it.
    """

    def __init__(self, application: "WSGIApplication") -> None:
        self._application = application

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Move the language, if the path starts with one, from PATH_INFO to SCRIPT_NAME."""
        first, slash, rest = environ.get("PATH_INFO", "").removeprefix("/").partition("/")
        if first in LANGUAGES and slash:
            environ[CHOSEN] = first
            environ["SCRIPT_NAME"] = environ.get("SCRIPT_NAME", "") + "/" + first
            environ["PATH_INFO"] = "/" + rest
        return self._application(environ, start_response)


class Catalogues(Domain):  # type: ignore[misc]
    """The translations of ``translations/``."""

    def get_translations(self) -> NullTranslations:
        """Return the catalogue of the request's language."""
        return catalogue(str(get_locale()))


@cache
def catalogue(locale: str) -> NullTranslations:
    """Return the catalogue of a locale; English has none, since the texts are English."""
    path = FOLDER / locale / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    binary = BytesIO()
    with path.open("rb") as stream:
        write_mo(binary, read_po(stream, locale=locale))
    binary.seek(0)
    return Translations(binary)


def language() -> str:
    """Return the tag of the language that the request is answered in."""
    if CHOSEN not in request.environ:
        request.environ[CHOSEN] = _liked()
    return str(request.environ[CHOSEN])


def _liked() -> str:
    # Chinese in whatever script or region is answered in the Chinese that there is.
    ours = {tag.split("-")[0]: tag for tag in LANGUAGES}
    wanted = (tag.lower().split("-")[0] for tag, _ in request.accept_languages)
    return next((ours[tag] for tag in wanted if tag in ours), ENGLISH)


def speak_languages(app: Flask) -> None:
    """Set the application up for the languages."""
    babel = Babel(app, locale_selector=lambda: language().replace("-", "_"))
    babel.domain_instance = Catalogues()
    app.wsgi_app = LanguagePaths(app.wsgi_app)  # type: ignore[method-assign]
