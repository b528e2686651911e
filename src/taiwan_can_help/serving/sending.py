"""A file on its way to a client, by the kernel and without a thread."""

import os
import socket
from typing import BinaryIO

# So much is sent before others have their turn; it takes about a millisecond.
MOST_AT_ONCE_BYTES = 4 * 1024 * 1024


class SentFile:
    """What is left to send of an answer whose body is a file: its head, and the file from some place on."""

    def __init__(self, head: bytes, file: BinaryIO) -> None:
        self._head = head
        self._file = file
        self._offset = 0
        self._size = os.fstat(file.fileno()).st_size

    def send(self, connection: socket.socket) -> bool:
        """Send as much as a connection takes at once, within bounds, and return whether that was all.

        Raises OSError where the client left, or took nothing for too long.
        """
        until = min(self._size, self._offset + MOST_AT_ONCE_BYTES)
        try:
            while self._head:
                self._head = self._head[connection.send(self._head, socket.MSG_MORE) :]  # in one packet with the file
            while self._offset < until:
                descriptors = (connection.fileno(), self._file.fileno())
                sent = os.sendfile(*descriptors, self._offset, until - self._offset)
                if not sent:
                    raise ConnectionError("the file was cut short")
                self._offset += sent
        except BlockingIOError:
            return False
        return self._offset == self._size

    def close(self) -> None:
        """Close the file."""
        self._file.close()
