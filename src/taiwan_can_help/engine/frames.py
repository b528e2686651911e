"""What web process and query worker say to each other over a Unix socket: frames of a kind and a bounded length."""

import socket
import struct
from enum import Enum

_HEAD = struct.Struct("!cI")
FRAME_BYTES = 64 * 1024
MAX_FRAME_BYTES = 16 * 1024 * 1024


class Frame(Enum):
    """The kinds of frames, in the order in which a call sends them."""

    WORKER = b"W"  # the worker's process id
    QUERY = b"Q"  # the query, to the worker
    HEAD = b"H"  # kind and format of the result
    DATA = b"D"  # a piece of it
    END = b"E"  # the result was whole
    ERROR = b"X"  # it will not be, and why


def send_frame(connection: socket.socket, kind: Frame, content: bytes = b"") -> None:
    """Send one frame."""
    connection.sendall(_HEAD.pack(kind.value, len(content)) + content)


def receive_frame(connection: socket.socket) -> tuple[Frame, bytes]:
    """Return the next frame; raises ConnectionError when the other side is gone, TimeoutError when it is late."""
    kind, length = _HEAD.unpack(_receive(connection, _HEAD.size))
    if length > MAX_FRAME_BYTES:
        raise ConnectionError(f"a frame of {length} bytes")
    return Frame(kind), _receive(connection, length)


def _receive(connection: socket.socket, length: int) -> bytes:
    content = bytearray()
    while len(content) < length:
        piece = connection.recv(length - len(content))
        if not piece:
            raise ConnectionError("the connection ended within a frame")
        content += piece
    return bytes(content)
