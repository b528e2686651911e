"""Charts of a dataset: Vega specifications in ``data/charts``, each of the named query of the same name.

See https://vega.github.io/vega/docs/specification/. A member ``name@zh-Hant`` stands for ``name`` in that language.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taiwan_can_help.errors import InputError

TEXTS = ("title", "description")


@dataclass(frozen=True)
class Chart:
    """One chart; ``spec`` is as its file has it, with the texts of every language."""

    name: str
    spec: Mapping[str, Any]

    def in_language(self, language: str) -> dict[str, Any]:
        """Return the specification with the texts of one language tag, those without a tag where it has none."""
        resolved: dict[str, Any] = _resolve(self.spec, language)
        return resolved


def read_chart(path: Path, queries: Mapping[str, object]) -> Chart:
    """Read one chart; raises InputError that names the file where it is no chart of one of the ``queries``."""
    try:
        spec = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise InputError(f"{path.name}: cannot be read as JSON: {error}") from error
    missing = [text for text in TEXTS if not isinstance(spec, dict) or not isinstance(spec.get(text), str)]
    if missing:
        raise InputError(f"{path.name}: has no {' and '.join(missing)}; who can't see the chart needs both, as text")
    if path.stem not in queries:
        raise InputError(f"{path.name}: there is no named query {path.stem!r}; a chart is named as the query it draws")
    return Chart(path.stem, spec)


def read_charts(folder: Path, queries: Mapping[str, object]) -> dict[str, Chart]:
    """Read every chart of a folder, by name, in the order of their names."""
    return {path.stem: read_chart(path, queries) for path in sorted(folder.glob("*.json"))}


def _resolve(value: Any, language: str) -> Any:  # JSON has no narrower type
    match value:
        case dict():
            tagged = {key.partition("@")[0]: item for key, item in value.items() if key.endswith(f"@{language}")}
            plain = {key: item for key, item in value.items() if "@" not in key}
            return {key: _resolve(item, language) for key, item in {**plain, **tagged}.items()}
        case list():
            return [_resolve(item, language) for item in value]
    return value
