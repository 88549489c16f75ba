"""Open a file that may be anything, and write a file that is never half there."""

import errno
import gzip
import io
import os
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Final, cast

from bdv_process.errors import InputRefused, LimitExceeded, NotFound
from bdv_process.limits import limit
from bdv_process.signature import detected

MAX_BYTES: Final = limit("BDV_MAX_UNPACKED_BYTES")  #: unpacked
MAX_RATIO: Final = limit("BDV_MAX_RATIO")  #: unpacked to packed
MAX_EVENTS: Final = limit("BDV_MAX_EVENTS")
MAX_COLUMNS: Final = limit("BDV_MAX_COLUMNS")
MAX_TEXT: Final = limit("BDV_MAX_CELL_CHARACTERS")  #: characters in one cell

_SMALL: Final = 1_000_000  # below this a high ratio says nothing: six equal lines pack well too
_BINARY: Final = {".parquet": "Parquet", ".sqlite": "SQLite"}
_PEEK: Final = 64  # bytes that tell what a file is


class _Counted(io.RawIOBase):
    """Bytes on their way in: counted, so that a small file cannot become a large one."""

    def __init__(self, path: Path, source: BinaryIO, *, packed: bool) -> None:
        self._path = path
        self._source = cast(BinaryIO, gzip.GzipFile(fileobj=source)) if packed else source
        self._limit = _most_of(path.stat().st_size) if packed else MAX_BYTES
        self._seen = 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        try:
            data = self._source.read(len(buffer))
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise InputRefused("BDV-206", where=self._path, bytes=self._seen) from error
        self._seen += len(data)
        _refuse_over(self._limit, self._seen, self._path)
        buffer[: len(data)] = data
        return len(data)


def _most_of(packed: int) -> int:
    """Return how many bytes may come out of a packed file of this size."""
    return min(MAX_BYTES, max(_SMALL, packed * MAX_RATIO))


def _refuse_over(limit: int, size: int, path: Path) -> None:
    if size > limit:
        raise LimitExceeded("BDV-207", where=path, bytes=size, limit=MAX_BYTES, ratio=MAX_RATIO)


@contextmanager
def opened(path: Path) -> Iterator[BinaryIO]:
    """Open a log file for reading, unpacked when its name ends in `.gz`.

    Raises:
        NotFound: there is no such file.
        InputRefused: the file is empty, or is plainly something else than its name says.
        LimitExceeded: while reading, when it unpacks to more than `MAX_BYTES` or `MAX_RATIO`.
    """
    if not path.is_file():
        raise NotFound("BDV-201", where=path)
    packed = path.suffix == ".gz"
    with path.open("rb") as source:
        head = source.read(2)
        source.seek(0)
        if not head:
            raise InputRefused("BDV-203", where=path)
        if packed and head != b"\x1f\x8b":
            raise InputRefused("BDV-205", where=path)
        stream = io.BufferedReader(_Counted(path, source, packed=packed), 1 << 16)
        start = stream.peek(_PEEK)[:_PEEK]
        if not start.strip() and len(start) < _PEEK:
            raise InputRefused("BDV-203", where=path)
        found = detected(start)
        if found and found != _BINARY.get(path.suffix):
            raise InputRefused("BDV-204", where=path, found=found)
        yield cast(BinaryIO, stream)


@contextmanager
def replaced(path: Path, *, most: int = MAX_BYTES) -> Iterator[BinaryIO]:
    """Write beside `path` and put the finished file in its place; a failure leaves no trace.

    Args:
        path: the file.
        most: bytes that it may have; `opened` lets no more through than is the default.

    Raises:
        NotFound: there is no such folder.
        IsADirectoryError: it is a folder itself.
        LimitExceeded: what was written is more than that.
    """
    if not path.parent.is_dir():
        raise NotFound("BDV-201", where=path.parent)
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
    with NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as draft:
        try:
            if path.suffix == ".gz":
                # No name and no time in the header: equal logs give equal files.
                with gzip.GzipFile(filename="", mode="wb", fileobj=draft, mtime=0) as packed:
                    yield cast(BinaryIO, packed)
                    size = packed.tell()
                limit = _most_of(draft.tell())
            else:
                yield cast(BinaryIO, draft)
                size, limit = draft.tell(), most
            _refuse_over(limit, size, path)
            draft.flush()
            os.fsync(draft.fileno())
            Path(draft.name).chmod(0o644)
            Path(draft.name).replace(path)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
