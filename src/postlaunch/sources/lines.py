"""The byte pass over a log file: content hash, decompression, cleaning, whole lines in bounded pieces.

Nothing here knows what a line means. Memory stays at a few times `BLOCK`, whatever the file's size and
however long its longest line is: of a line longer than `LONGEST_LINE` only that much is kept, and the parser
rejects it by its length.
"""

from __future__ import annotations

import errno
import gzip
import hashlib
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from postlaunch.errors import SourceError

BLOCK = 8 << 20
"""Bytes read at a time, after decompression."""

LONGEST_LINE = 64_000
"""Bytes of the longest line that is parsed."""

GZIP = b"\x1f\x8b"
OTHER_COMPRESSIONS = {
    b"\x28\xb5\x2f\xfd": "zstd",
    b"\xfd7zXZ\x00": "xz",
    b"BZh": "bzip2",
    b"PK\x03\x04": "zip",
}


@dataclass(frozen=True)
class LogFile:
    """A log file as it was when it was looked at.

    Attributes:
        size: bytes on disk; what is appended later is not read.
        digest: SHA-256 of those bytes.
    """

    path: Path
    size: int
    digest: str


@dataclass(frozen=True)
class Piece:
    """Some whole lines of a file, cleaned, without the last line break.

    Attributes:
        first_line: the file's line number of the first of them, from 1.
    """

    first_line: int
    text: str

    @property
    def lines(self) -> int:
        """How many lines it holds."""
        return self.text.count("\n") + 1


class _Snapshot(io.RawIOBase):
    """The first `size` bytes of a file, hashed as they pass."""

    def __init__(self, path: Path, size: int) -> None:
        super().__init__()
        self._file = path.open("rb", buffering=0)
        self._left = size
        self._hash = hashlib.sha256()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        view = memoryview(buffer)[: self._left]
        count = self._file.readinto(view) or 0
        self._left -= count
        self._hash.update(view[:count])
        return count

    def digest(self) -> str:
        """Of what was read; reads on to the end first."""
        rest = bytearray(1 << 20)
        while self.readinto(rest):
            pass
        return self._hash.hexdigest()

    def close(self) -> None:
        self._file.close()
        super().close()


def looked_at(path: Path) -> LogFile:
    """The file's size and the hash of its content.

    Raises:
        SourceError: it cannot be read, or is compressed in a way that is not read here.
    """
    with _explained(path):
        size = path.stat().st_size
        with _Snapshot(path, size) as raw:
            head = _head(path)
            for magic, name in OTHER_COMPRESSIONS.items():
                if head.startswith(magic):
                    raise SourceError(
                        f"{path} is compressed with {name}", "decompress it, or compress it with gzip"
                    )
            return LogFile(path=path, size=size, digest=raw.digest())


def refuse_damaged(file: LogFile) -> None:
    """Read a compressed file to its end, for a reader that would take the half of one for the whole.

    Raises:
        SourceError: its compression is damaged or ends early.
    """
    with _explained(file.path):
        if is_compressed(file):
            with _Snapshot(file.path, file.size) as raw, gzip.GzipFile(fileobj=raw) as stream:
                while stream.read(BLOCK):
                    pass


def is_compressed(file: LogFile) -> bool:
    """Whether a file is compressed with gzip, whatever its ending."""
    with _explained(file.path):
        return _head(file.path).startswith(GZIP)


def pieces(file: LogFile) -> Iterator[Piece]:
    """The file's lines; NUL bytes and carriage returns are removed, bytes that are not UTF-8 replaced.

    Raises:
        SourceError: the file cannot be read, its compression is damaged or ends early, or its content is
            no longer what was looked at.
    """
    number = 1
    with _explained(file.path), _Snapshot(file.path, file.size) as raw:
        stream = gzip.GzipFile(fileobj=raw) if _head(file.path).startswith(GZIP) else raw
        for block in _whole_lines(stream):
            piece = Piece(number, block.decode("utf-8", "replace").removeprefix("\ufeff"))
            yield piece
            number += piece.lines
        if raw.digest() != file.digest:
            raise SourceError(
                f"{file.path} was rewritten while it was read",
                "run again; for a log that is rotated by copying, read the rotated files",
            )


def _whole_lines(stream: io.RawIOBase | gzip.GzipFile) -> Iterator[bytes]:
    """Blocks that end at a line's end; of an over-long line just enough to know it by."""
    carry = b""
    skipping = False
    while block := stream.read(BLOCK):
        block = block.replace(b"\0", b"").replace(b"\r", b"")
        if skipping:
            end = block.find(b"\n")
            if end < 0:
                continue
            block, skipping = block[end:], False
        whole, newline, rest = (carry + block).rpartition(b"\n")
        if newline:
            yield whole
        carry = rest
        if len(carry) > LONGEST_LINE:
            carry, skipping = carry[: LONGEST_LINE + 1], True
    if carry:
        yield carry


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(6)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Failures to read `path`, in words."""
    try:
        yield
    except FileNotFoundError as error:
        raise SourceError(f"{path} is not there", "correct its path in postlaunch.toml") from error
    except IsADirectoryError as error:
        raise SourceError(
            f"{path} is a folder, not a log", f'name its files, for example "{path}/*.log"'
        ) from error
    except PermissionError as error:
        raise SourceError(f"{path} may not be read", "give this user the right to read it") from error
    except EOFError as error:
        raise SourceError(
            f"{path} ends in the middle of its compressed data", "copy it again, or test it with gzip -t"
        ) from error
    except (gzip.BadGzipFile, zlib.error) as error:
        raise SourceError(f"{path} is damaged: {error}", "copy it again, or test it with gzip -t") from error
    except OSError as error:
        reason = errno.errorcode.get(error.errno or 0, "unknown")
        raise SourceError(f"{path} could not be read: {error.strerror} ({reason})", "") from error
