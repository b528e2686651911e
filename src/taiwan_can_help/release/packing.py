"""Compressed copies of a release's files, the same bytes for the same versions of zlib and zstd."""

import zlib
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import zstandard

from taiwan_can_help.protocol.coding import GZIP, ZSTD

# Above these, a build takes several times as long for a few per cent.
GZIP_LEVEL = 6
ZSTD_LEVEL = 12
_CHUNK_BYTES = 1024 * 1024
_GZIP_FORMAT = 31  # zlib's window of 15 bits, within gzip's header: it has no name and no time in it


def pack(files: Iterable[Path]) -> None:
    """Write a gzip and a Zstandard copy beside each file."""
    with ThreadPoolExecutor() as threads:
        jobs = [threads.submit(work, path) for path in files for work in (_gzip, _zstd)]
    for job in jobs:
        job.result()


def _gzip(path: Path) -> None:
    compressor = zlib.compressobj(GZIP_LEVEL, zlib.DEFLATED, _GZIP_FORMAT)
    with path.open("rb") as source, path.with_name(path.name + GZIP.suffix).open("wb") as target:
        while chunk := source.read(_CHUNK_BYTES):
            target.write(compressor.compress(chunk))
        target.write(compressor.flush())


def _zstd(path: Path) -> None:
    compressor = zstandard.ZstdCompressor(level=ZSTD_LEVEL, write_checksum=True)
    with path.open("rb") as source, path.with_name(path.name + ZSTD.suffix).open("wb") as target:
        compressor.copy_stream(source, target, size=path.stat().st_size)
