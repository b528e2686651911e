"""Language tags in the case that RFC 5646 recommends, put into results as pyoxigraph serialises them.

pyoxigraph lower-cases the tags of all that it reads, so ``zh-Hant`` would come out as ``zh-hant``. Nothing else
of a result is touched: each pattern below matches only where a tag stands, whatever the text of literals holds.
"""

import re
from collections.abc import Callable
from functools import lru_cache, partial
from typing import IO, Any

from taiwan_can_help.languages import recommended_case
from taiwan_can_help.protocol import formats as f
from taiwan_can_help.protocol.formats import Format

# Only a tag of several subtags can have capitals.
_TAG = rb"([a-z]+-[a-z0-9-]+)"
_TRIPLE_TERMS_END = rb"(?: \)>>)*"

# A tag with so much around it that nothing else looks like it. JSON and XML escape the quotes of a text; TSV,
# N-Triples and N-Quads escape its tabs and line feeds, so that quote, tag and such an end can only be a literal's.
_TAGGED = {
    f.JSON: re.compile(rb'xml:lang":"' + _TAG + rb'"'),
    f.XML: re.compile(rb'xml:lang="' + _TAG + rb'"'),
    f.TSV: re.compile(rb'"@' + _TAG + _TRIPLE_TERMS_END + rb"[\t\n]"),
    f.N_TRIPLES: re.compile(rb'"@' + _TAG + _TRIPLE_TERMS_END + rb" \.\n"),
    f.N_QUADS: re.compile(rb'"@' + _TAG + _TRIPLE_TERMS_END + rb'(?: <[^>\s"]*>| _:[^\s"]+)? \.\n'),
    f.JSON_LD: re.compile(rb'@language":"' + _TAG + rb'"'),
    f.RDF_XML: re.compile(rb'xml:lang="' + _TAG + rb'"'),
}
# In Turtle and TriG the text of a literal may look like this too: ``" , "@zh-hant , "``.
_TAGGED_TURTLE = re.compile(rb'"@' + _TAG + rb" ")
# A quote that may open a literal or belong to a text: after white space, a backslash, or what came before.
_UNCLEAR = re.compile(rb'"@(?<![^\s\\]"@)')
_LITERAL = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\Z))(@[a-z0-9-]+)?', re.DOTALL)
_ESCAPED = re.compile(rb"\\(.)", re.DOTALL)

# A byte that stands in none of the patterns above, or only as their last: a result may be cut after it.
_SEPARATORS = {
    f.JSON: b"}",
    f.XML: b">",
    f.CSV: b"\n",
    f.TSV: b"\n",
    f.TURTLE: b" ",
    f.TRIG: b" ",
    f.N_TRIPLES: b"\n",
    f.N_QUADS: b"\n",
    f.JSON_LD: b"}",
    f.RDF_XML: b">",
}
_MOST_BYTES = 64 * 1024
# pyoxigraph writes 8 KiB at a time, each of which would cost a call of all that follows.
_ENOUGH_BYTES = _MOST_BYTES - 8 * 1024


class RecasedOutput:
    """A binary stream that hands on what is written to it with language tags recased, in pieces of a bounded length.

    It holds back the end of what was written, since a tag may be cut in two there, until ``finish``.
    """

    def __init__(self, output: IO[bytes], format_: Format) -> None:
        self._output = output
        self._separator = _SEPARATORS[format_]
        self._recase = recaser(format_)
        self._held: list[bytes] = []
        self._size = 0

    def write(self, piece: Any) -> int:
        """Take a piece; once it is enough, hand on all up to the last separator."""
        content = bytes(piece)
        self._held.append(content)
        self._size += len(content)
        if self._size >= _ENOUGH_BYTES and (end := content.rfind(self._separator) + 1):
            self._held[-1] = content[:end]
            self._hand_on()
            self._held = [content[end:]]
            self._size = len(content) - end
        return len(content)

    def flush(self) -> None:
        """Do nothing: what is held back can't be judged yet."""

    def finish(self) -> None:
        """Hand on what is held back: no more follows."""
        self._hand_on()
        self._held = []

    def _hand_on(self) -> None:
        content = self._recase(b"".join(self._held))
        # Where a literal is long, so is what was held back; whoever reads is promised bounded pieces.
        for start in range(0, len(content), _MOST_BYTES):
            self._output.write(content[start : start + _MOST_BYTES])


def recaser(format_: Format) -> Callable[[bytes], bytes]:
    """Return a function that recases one part after another of a result, each cut after a separator of the format."""
    if format_ in (f.TURTLE, f.TRIG):
        return _TurtleRecaser()
    return partial(_recase_all, _TAGGED[format_]) if format_ in _TAGGED else bytes


def _recase_all(pattern: re.Pattern[bytes], content: bytes) -> bytes:
    return pattern.sub(lambda match: _recased_within(match[0], match[1]), content)


class _TurtleRecaser:
    """Recases one block after another, and remembers whether they are cut within a literal."""

    def __init__(self) -> None:
        self._within_literal = False

    def __call__(self, content: bytes) -> bytes:
        within, self._within_literal = self._within_literal, self._within_literal != _has_odd_quotes(content)
        if not _TAGGED_TURTLE.search(content):
            return content
        if not _UNCLEAR.search(content):
            return _recase_all(_TAGGED_TURTLE, content)
        opened = b'"' + content if within else content
        return _LITERAL.sub(_recase_literal, opened)[within:]


def _has_odd_quotes(content: bytes) -> bool:
    escaped = _ESCAPED.findall(content).count(b'"')
    return (content.count(b'"') - escaped) % 2 == 1


def _recase_literal(match: re.Match[bytes]) -> bytes:
    return match[1] + b"@" + _recased(match[2][1:]) if match[2] else match[0]


@lru_cache(maxsize=1000)
def _recased_within(found: bytes, tag: bytes) -> bytes:
    return found.replace(tag, _recased(tag), 1)


@lru_cache(maxsize=1000)
def _recased(tag: bytes) -> bytes:
    return recommended_case(tag.decode()).encode()
