"""Files that are written whole or not at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


@contextlib.contextmanager
def whole(path: Path) -> Iterator[BinaryIO]:
    """Open a file for writing that takes its place once it is written; until then, and on any error, nothing changes.

    A pipe or a device is written as it is.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as target:
            yield target
        return
    place = path.resolve()  # of a link, the file that it leads to
    partial = place.with_name(f".{place.name}.{os.getpid()}.partial")
    try:
        with partial.open("wb") as target:
            yield target
        partial.replace(place)
    finally:
        partial.unlink(missing_ok=True)
