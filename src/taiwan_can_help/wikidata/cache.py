"""What an API said of each item, kept on disk: an interrupted run goes on where it was, and none asks twice."""

import hashlib
import json
import os
import time
from pathlib import Path
from typing import Any

from taiwan_can_help.writing import whole

DAY = 24 * 60 * 60


def default_cache() -> Path:
    """Return the folder below the XDG cache folder (https://specifications.freedesktop.org/basedir-spec/latest/)."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "taiwan-can-help" / "wikidata"


class Cache:
    """One JSON file an item, for one API; what is older than a day is asked for anew."""

    def __init__(self, root: Path, api: str) -> None:
        self._folder = root / hashlib.sha256(api.encode()).hexdigest()[:12]

    def get(self, name: str) -> Any:
        """Return what is kept under the name, or None where there is nothing, or nothing fresh and readable."""
        path = self._folder / f"{name}.json"
        try:
            if time.time() - path.stat().st_mtime > DAY:
                return None
            return json.loads(path.read_text("utf-8"))
        except (OSError, ValueError):
            return None

    def put(self, name: str, value: Any) -> None:
        """Keep a value, whole or not at all."""
        self._folder.mkdir(parents=True, exist_ok=True)
        with whole(self._folder / f"{name}.json") as target:
            target.write(json.dumps(value, ensure_ascii=False).encode())
