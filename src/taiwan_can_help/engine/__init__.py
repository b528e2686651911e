"""The one interface between the web and whatever evaluates SPARQL."""

import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

from taiwan_can_help.protocol.formats import Format, ResultKind


@dataclass(frozen=True)
class Query:
    """A query to evaluate; ``bindings`` are N-Triples terms by variable, the graphs override FROM.

    ``seconds`` may lower the engine's own limit of time, of which ``waited`` seconds are gone already.
    """

    text: str
    default_graphs: tuple[str, ...] | None = None
    named_graphs: tuple[str, ...] | None = None
    bindings: Mapping[str, str] = field(default_factory=dict)
    seconds: float | None = None
    waited: float = 0


# For each kind of result the format to serialise it in, or None where the client takes none.
Formats = Mapping[ResultKind, Format | None]


@dataclass(frozen=True)
class Answer:
    """A result on its way: its kind and format, its bytes in bounded pieces, and how many they are if it is whole.

    Iterating raises EngineError when evaluation ends early; closing the iterator stops the work.
    """

    kind: ResultKind
    format: Format
    chunks: Iterator[bytes]
    length: int | None = None

    def read(self) -> bytes:
        """Return the whole result."""
        return b"".join(self.chunks)


class Engine(Protocol):
    """Evaluates SPARQL 1.1 queries over one release."""

    def query(self, query: Query, formats: Formats, client: socket.socket | None = None) -> Answer:
        """Start evaluation and return once the first bytes are there.

        ``client`` is the connection of who asked: once it is closed from there, the work stops.
        Raises QueryError when the query is at fault, NotAcceptable when its kind of result has no
        format, and EngineError when the engine fails or a limit passes.
        """


class QueryError(Exception):
    """The query is at fault; the message says where."""


class NotAcceptable(Exception):
    """The client takes no format that this kind of result can have."""

    def __init__(self, kind: ResultKind) -> None:
        super().__init__(kind)
        self.kind = kind


class EngineError(Exception):
    """The engine failed, through no fault of the query's syntax."""


class QueryTimeout(EngineError):
    """Evaluation passed its time limit and was stopped."""


class EngineBusy(EngineError):
    """There are more queries than the engine takes at a time; later there may be room."""


class ClientLeft(EngineError):
    """The client closed its connection, so the work was stopped."""
