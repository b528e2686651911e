"""What web process and query worker say to each other over a Unix socket: frames of a kind and a bounded length."""

import socket
import struct
from enum import Enum

_HEAD = struct.Struct("!cI")
FRAME_BYTES = 64 * 1024
MAX_FRAME_BYTES = 16 * 1024 * 1024


class Frame(Enum):
    """The kinds of frames, in the order in which a call sends them."""

    WORKER = b"W"  # the process id of the worker, once for each connection
    QUERY = b"Q"  # a query, to the worker
    HEAD = b"H"  # kind and format of the result
    DATA = b"D"  # a piece of it
    END = b"E"  # the result was whole
    ERROR = b"X"  # it will not be, and why


# An Enum takes its time to find a member by its value.
_KINDS = {kind.value: kind for kind in Frame}


def frame(kind: Frame, content: bytes = b"") -> bytes:
    """Return one frame as it is sent."""
    return _HEAD.pack(kind.value, len(content)) + content


class Frames:
    """The frames that come from a connection, several of which may come at once."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._buffer = bytearray()

    def has_one(self) -> bool:
        """Return whether the next frame is here whole."""
        size = len(self._buffer)
        return size >= _HEAD.size and size >= _HEAD.size + _HEAD.unpack_from(self._buffer)[1]

    def take(self) -> tuple[Frame, bytes] | None:
        """Return the next frame if it is here whole; raises ConnectionError when it is longer than any may be."""
        if len(self._buffer) < _HEAD.size:
            return None
        kind, length = _HEAD.unpack_from(self._buffer)
        if length > MAX_FRAME_BYTES:
            raise ConnectionError(f"a frame of {length} bytes")
        end = _HEAD.size + length
        if len(self._buffer) < end:
            return None
        content = bytes(self._buffer[_HEAD.size : end])
        del self._buffer[:end]
        return _KINDS[kind], content

    def fill(self) -> None:
        """Receive what has come, or wait for something; raises ConnectionError when the other side is gone."""
        piece = self._connection.recv(2 * FRAME_BYTES)
        if not piece:
            raise ConnectionError("the connection ended within a frame")
        self._buffer += piece

    def next(self) -> tuple[Frame, bytes]:
        """Wait for the next frame and return it."""
        while (taken := self.take()) is None:
            self.fill()
        return taken
