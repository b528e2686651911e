"""Names of countries and territories: CLDR's, with the dataset's own table for what CLDR lacks or names wrongly."""

import tomllib
from pathlib import Path

from babel import Locale

from taiwan_can_help.errors import InputError

LANGUAGES = {"en": Locale.parse("en"), "zh-Hant": Locale.parse("zh_Hant")}


class CountryNames:
    """Looks names up by a place's id and ISO code; ``data/country-names.toml`` of the dataset comes first."""

    def __init__(self, table: Path) -> None:
        self._own: dict[str, dict[str, str]] = {}
        if table.exists():
            try:
                self._own = tomllib.loads(table.read_text("utf-8"))
            except tomllib.TOMLDecodeError as error:
                raise InputError(f"{table}: {error}") from error

    def of(self, place_id: str, iso2: str | None) -> dict[str, str]:
        """Return the names by language tag, those that are known."""
        names = {tag: locale.territories.get(iso2 or "") for tag, locale in LANGUAGES.items()}
        names.update(self._own.get(place_id, {}))
        return {tag: name for tag, name in names.items() if name}
