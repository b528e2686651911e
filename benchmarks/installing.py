"""Get peers and tools by the ordinary clients: apt-get, pip, npm."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from benchmarks.peers import Unavailable

# What belongs to the benchmarks alone lies beside the packages of the virtual environment.
CACHE = Path(sys.prefix) / "benchmarks"


def debian(package: str, command: str) -> Path:
    """Return the path of a command, from its Debian package when it is not there; raises Unavailable."""
    found = shutil.which(command)
    if found is None:
        if shutil.which("apt-get") is None or os.geteuid() != 0:
            raise Unavailable(f"no {command} here; install the package {package}, or run this as root on Debian")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "--quiet"], quiet)
        run(["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", package], quiet)
        found = shutil.which(command)
    if found is None:
        raise Unavailable(f"the package {package} brought no {command}")
    return Path(found)


def pip(name: str, *requirements: str) -> Path:
    """Return the folder of commands of a virtual environment of its own with the packages; raises Unavailable."""
    venv = CACHE / name
    if not (venv / ".installed").exists():
        run([sys.executable, "-m", "venv", "--clear", str(venv)])
        run([str(venv / "bin" / "pip"), "install", "--quiet", *requirements])
        (venv / ".installed").touch()
    return venv / "bin"


def npm(name: str, package: Path) -> Path:
    """Return the folder of commands of what a package.json asks for; raises Unavailable.

    Node.js is that of the virtual environment.
    """
    folder = CACHE / name
    stamp = folder / ".installed"
    if not stamp.exists() or stamp.read_bytes() != package.read_bytes():
        folder.mkdir(parents=True, exist_ok=True)
        shutil.copy(package, folder)
        options = ["--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund"]
        run(["npm", "install", "--prefix", str(folder), *options], node_path())
        shutil.copy(package, stamp)
    return folder / "node_modules" / ".bin"


def node_path() -> dict[str, str]:
    """Return the environment in which the virtual environment's Node.js comes first."""
    return {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}


def run(command: Sequence[str], environment: Mapping[str, str] | None = None) -> str:
    """Run a command to its end and return what it printed; raises Unavailable with the end of what went wrong."""
    try:
        done = subprocess.run(  # noqa: S603 (package clients)
            command, check=True, capture_output=True, text=True, env={**os.environ, **(environment or {})}
        )
    except FileNotFoundError as error:
        raise Unavailable(f"no {command[0]} here") from error
    except subprocess.CalledProcessError as error:
        said = (error.stderr or error.stdout).strip().splitlines()[-1:] or ["no message"]
        raise Unavailable(f"{' '.join(command[:3])}: {said[0]}") from error
    return done.stdout + done.stderr


def said(command: Sequence[str]) -> str:
    """Return what a command printed, whatever its exit code: many tell their version and then fail."""
    done = subprocess.run(command, check=False, capture_output=True, text=True)  # noqa: S603 (peers and tools)
    return done.stdout + done.stderr
