"""What the cache holds: whole answers of one release, bounded in bytes, the least recently used given up first."""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import cast

from taiwan_can_help.protocol.caching import HIT, Key, selected

# What an answer takes beside its own bytes, about: keys and the objects that hold it.
OVERHEAD_BYTES = 2048
# Requests of other bytes for the same answer, as clients spell them, that are answered without being parsed.
MOST_SPELLINGS = 8


@dataclass(eq=False)
class Entry:
    """One answer: its headers without Cache-Status, its body, the route that it came from, the length of its key.

    Where ``file`` names one, that is the body: the kernel sends it.
    """

    headers: list[tuple[str, str]]
    etag: str
    body: bytes
    route: str
    key_bytes: int
    file: str = ""
    spellings: list[bytes] = field(default_factory=list)

    @cached_property
    def lines(self) -> bytes:
        """Return the headers of a hit as they are sent."""
        fields = [*self.headers, ("Cache-Status", HIT)]
        return "".join(f"{name}: {value}\r\n" for name, value in fields).encode("latin-1")

    @property
    def size(self) -> int:
        """Return about the bytes that this takes, spellings included."""
        return OVERHEAD_BYTES + self.key_bytes + len(self.body) + sum(map(len, self.spellings))


class Store:
    """Answers by what was asked for and by what they vary by; threads may share it.

    All of it belongs to one release: asked for another, it is empty.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._lock = threading.Lock()
        self._release = ""
        self._entries: OrderedDict[tuple[Key, Key], Entry] = OrderedDict()
        # For each thing asked for: the headers that its answers vary by, and what requests said in them. A page
        # may vary by more than the data at the same address does.
        self._variants: dict[Key, dict[tuple[str, ...], set[Key]]] = {}
        self._spelt: dict[bytes, tuple[tuple[Key, Key], Entry]] = {}
        self._size = 0

    @property
    def most_entry_bytes(self) -> int:
        """Return the length of the longest body that is held: a part of the whole, so that one evicts not all."""
        return self._most // 5

    @property
    def size(self) -> int:
        """Return the bytes that are held."""
        return self._size

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, release: str, key: Key, headers: Mapping[str, str]) -> Entry | None:
        """Return the answer for a request, or None."""
        with self._lock:
            self._turn_to(release)
            full = self._full(key, headers)
            if full is None:
                return None
            self._entries.move_to_end(full)
            return self._entries[full]

    def put(self, release: str, key: Key, headers: Mapping[str, str], entry: Entry, names: tuple[str, ...]) -> None:
        """Hold an answer to a request, which varies by some headers; one of a release no longer served is not held."""
        with self._lock:
            if release != self._release or len(entry.body) > self.most_entry_bytes:
                return
            full = (key, _variant(names, headers))
            if full in self._entries:
                self._give_up([full])
            self._variants.setdefault(key, {}).setdefault(names, set()).add(full[1])
            self._entries[full] = entry
            self._size += entry.size
            while self._size > self._most:
                self._give_up([next(iter(self._entries))])

    def spelt(self, release: str, request: bytes) -> Entry | None:
        """Return the answer to a request of exactly these bytes, if it had one before."""
        with self._lock:
            self._turn_to(release)
            found = self._spelt.get(request)
            if found is None:
                return None
            self._entries.move_to_end(found[0])
            return found[1]

    def spell(self, release: str, key: Key, headers: Mapping[str, str], entry: Entry, request: bytes) -> None:
        """Remember that a request of exactly these bytes is answered by an entry that is held."""
        with self._lock:
            full = self._full(key, headers)
            if release != self._release or not full or self._entries[full] is not entry or request in self._spelt:
                return
            self._size -= entry.size
            if len(entry.spellings) == MOST_SPELLINGS:
                del self._spelt[entry.spellings.pop(0)]
            entry.spellings.append(request)
            self._spelt[request] = (full, entry)
            self._size += entry.size
            while self._size > self._most:
                self._give_up([next(iter(self._entries))])

    def _full(self, key: Key, headers: Mapping[str, str]) -> tuple[Key, Key] | None:
        """Return the key of the entry that answers a request (RFC 9111, section 4.1)."""
        for names in self._variants.get(key, ()):
            full = (key, _variant(names, headers))
            if full in self._entries:
                return full
        return None

    def _turn_to(self, release: str) -> None:
        if release != self._release:
            self._release = release
            self._entries.clear()
            self._variants.clear()
            self._spelt.clear()
            self._size = 0

    def _give_up(self, keys: list[tuple[Key, Key]]) -> None:
        for key, variant in keys:
            entry = self._entries.pop((key, variant), None)
            if entry is None:
                continue
            self._size -= entry.size
            for request in entry.spellings:
                del self._spelt[request]
            names = cast("tuple[str, ...]", variant[0])
            self._variants[key][names].discard(variant)
            if not self._variants[key][names]:
                del self._variants[key][names]
            if not self._variants[key]:
                del self._variants[key]


def _variant(names: tuple[str, ...], headers: Mapping[str, str]) -> Key:
    """Return by what an answer varies, and what a request says there."""
    return (names, selected(names, headers))
