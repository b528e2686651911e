"""The servers that are measured side by side, each installed and started by the harness on loopback."""

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlencode

import psutil

from benchmarks.data import Data


class Unavailable(Exception):
    """A peer, or a tool, that can't be had here, and why."""


@dataclass(frozen=True)
class Endpoint:
    """Where a running server takes queries, with the parameters that go before each, and its process."""

    url: str
    process: psutil.Process
    parameters: tuple[tuple[str, str], ...] = ()

    def address(self, query: str) -> str:
        """Return the URL of a query, which stands last."""
        return f"{self.url}?{urlencode([*self.parameters, ('query', query)])}"


class Peer(Protocol):
    """A server that can be measured."""

    @property
    def name(self) -> str:
        """Return the name that tables show."""

    def install(self) -> None:
        """Make sure that it is there; raises Unavailable with the reason why it can't be."""

    def version(self) -> str:
        """Return the version that is installed."""

    def serving(self, data: Data, folder: Path) -> AbstractContextManager[Endpoint]:
        """Run it with the data loaded, its files in ``folder``; raises NotServing when it does not start."""
