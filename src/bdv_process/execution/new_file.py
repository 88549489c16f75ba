"""A new file: whole or not there, and never in the place of another."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from secrets import token_hex
from typing import BinaryIO


@contextmanager
def new_file(path: Path, mode: int = 0o666) -> Iterator[BinaryIO]:
    """Write a draft beside `path`, and link it there when it is finished.

    Args:
        path: where nothing is yet.
        mode: who may read and write it, as far as the umask lets them.

    Raises:
        FileExistsError: something is there; it stays as it is.
        OSError: it cannot be written.
    """
    draft = path.with_name(f".{path.name}.{token_hex(4)}.draft")
    try:
        with _made(draft, mode) as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        _place(draft, path, mode)
    finally:
        with suppress(OSError):  # where nothing may be removed, the draft stays as well
            draft.unlink()


def _made(path: Path, mode: int) -> BinaryIO:
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb")


def _place(draft: Path, path: Path, mode: int) -> None:
    try:
        os.link(draft, path)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        with draft.open("rb") as finished, _made(path, mode) as stream:
            try:
                shutil.copyfileobj(finished, stream)
                stream.flush()
                os.fsync(stream.fileno())
            except BaseException:
                path.unlink()
                raise
