"""What web process and query worker say to each other over a Unix socket: frames of bounded length."""

import socket
import struct

_LENGTH = struct.Struct("!I")
FRAME_BYTES = 64 * 1024
MAX_FRAME_BYTES = 16 * 1024 * 1024


def send_frame(connection: socket.socket, content: bytes) -> None:
    """Send one frame; an empty one ends an answer that is whole."""
    connection.sendall(_LENGTH.pack(len(content)) + content)


def receive_frame(connection: socket.socket) -> bytes:
    """Return the next frame; raises ConnectionError when the other side is gone, TimeoutError when it is late."""
    (length,) = _LENGTH.unpack(_receive(connection, _LENGTH.size))
    if length > MAX_FRAME_BYTES:
        raise ConnectionError(f"a frame of {length} bytes")
    return _receive(connection, length)


def _receive(connection: socket.socket, length: int) -> bytes:
    content = bytearray()
    while len(content) < length:
        piece = connection.recv(length - len(content))
        if not piece:
            raise ConnectionError("the connection ended within a frame")
        content += piece
    return bytes(content)
