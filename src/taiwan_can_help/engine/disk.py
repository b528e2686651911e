"""pyoxigraph's store on disk (RocksDB): written once, then read only, by any number of processes.

Run as ``python -m taiwan_can_help.engine.disk NQUADS FOLDER`` it writes the store, so that the memory which that
takes is given back.
"""

import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox

from taiwan_can_help.engine import EngineError


def write_store(nquads: Path, folder: Path) -> None:
    """Write the quads of a file into a new store; raises EngineError when that fails."""
    command = [sys.executable, "-m", "taiwan_can_help.engine.disk", str(nquads), str(folder)]
    done = subprocess.run(command, stderr=subprocess.PIPE, check=False)  # noqa: S603 (our own module, no shell)
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        raise EngineError(f"{folder}: the store could not be written: {last or f'exit code {done.returncode}'}")


def open_store(folder: Path) -> ox.Store:
    """Open a store that is never written to; raises EngineError when it is none."""
    try:
        return ox.Store.read_only(str(folder))
    except (OSError, RuntimeError, ValueError) as error:
        raise EngineError(f"{folder}: the store can't be opened: {error}") from error


if __name__ == "__main__":
    store = ox.Store(sys.argv[2])
    store.bulk_load(path=sys.argv[1], format=ox.RdfFormat.N_QUADS)
    store.optimize()
    store.flush()
