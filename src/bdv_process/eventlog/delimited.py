"""Read and write comma-separated texts: every cell is text until somebody says otherwise."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import BinaryIO, Final

import pandas as pd

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.coded import Gathered, decoded, recoded
from bdv_process.eventlog.files import MAX_COLUMNS, MAX_EVENTS, MAX_TEXT, opened
from bdv_process.eventlog.moments import is_date_like
from bdv_process.eventlog.table import Note, Table

MAX_LINE: Final = 10_000_000  #: characters without a line end

_CHUNK: Final = 20_000
_BLOCK: Final = 1 << 20
# A spreadsheet runs a cell that starts like this as a formula: written with a quote before it,
# and read without it. Quotes already there are counted, so nothing is lost on the way back.
_FORMULA: Final = r"^('*[=+\-@\t\r])"
_DEFUSED: Final = r"^'('*[=+\-@\t\r])"


def read(path: Path, *, encoding: str = "utf-8", limit: int = MAX_EVENTS) -> Table:
    """Read a file with a header; the delimiter may be a comma, a semicolon or a tab.

    Raises:
        InputRefused: encoding, header, quotes or number of fields are wrong.
        LimitExceeded: too many rows or columns, or a cell that is too long.
    """
    count = 0
    with opened(path) as stream:
        lines = _lines(stream, encoding, path)
        first = next(lines, None)
        if first is None:
            raise InputRefused("BDV-203", where=path)
        delimiter = _delimiter(first)
        rows = _rows(chain([first], lines), delimiter, path)
        header = next(rows)
        _check_header(header or [""], path)
        columns = [Gathered() for _ in header]
        while chunk := list(islice(rows, _CHUNK)):
            for number, row in enumerate(chunk, start=count + 2):
                if len(row) != len(header):
                    where = f"{path}:{number}"
                    raise InputRefused("BDV-224", where=where, found=len(row), expected=len(header))
            for column, texts in zip(columns, zip(*chunk, strict=True), strict=True):
                _check_cells(texts, count, path)
                column.add(texts, count)
            count += len(chunk)
            if count > limit:
                raise LimitExceeded("BDV-228", where=path, limit=limit)
    if not count:
        raise InputRefused("BDV-222", where=path)
    read = (_whole(column.column(count)) for column in columns)
    frame = pd.DataFrame(dict(zip(header, read, strict=True)), copy=False)
    name = {",": "comma", ";": "semicolon", "\t": "tab"}[delimiter]
    notes: tuple[Note, ...] = (("eventlog.delimiter", {"delimiter": name}),)
    return Table(
        source=path.name,
        frame=frame,
        first=2,
        place=lambda position: str(position + 2),
        notes=notes if delimiter != "," else (),
    )


def write(frame: pd.DataFrame, stream: BinaryIO) -> None:
    """Write a log's frame as UTF-8 with commas; moments in ISO 8601 with their zone.

    Raises:
        InputRefused: it has no rows, or a name that `read` would not take for a header.
    """
    _check_header(list(frame.columns))
    if frame.empty:
        raise InputRefused("BDV-222")
    texts = {}
    for name, column in decoded(frame).items():
        if str(column.dtype).startswith("datetime64"):
            texts[name] = column.dt.strftime("%Y-%m-%dT%H:%M:%S.%f+00:00").astype("str")
        elif column.dtype in ("bool", "boolean"):
            texts[name] = column.astype("boolean").map({True: "true", False: "false"}).astype("str")
        elif column.dtype == "str":
            texts[name] = column.str.replace(_FORMULA, r"'\1", regex=True)
        else:
            texts[name] = column
    # Rows end in CRLF (RFC 4180), so the writer quotes a bare carriage return inside a cell.
    pd.DataFrame(texts).to_csv(
        stream, mode="wb", index=False, encoding="utf-8", lineterminator="\r\n"
    )


def _lines(stream: BinaryIO, encoding: str, path: Path) -> Iterator[str]:
    """Yield decoded lines, empty ones at the end left out; refuse a byte that is no text."""
    try:
        "".encode(encoding)  # some codecs (base64, rot13) are not of text
        decoder = codecs.getincrementaldecoder(encoding)()
    except (LookupError, ValueError) as error:
        raise InputRefused("BDV-248", where=path, encoding=encoding) from error
    pending, fed = "", 0
    blank: list[str] = []
    while True:
        data = stream.read(_BLOCK)
        fed += len(data)
        try:
            pending += decoder.decode(data, final=not data)
        except UnicodeError as error:
            offset = 0  # utf-16 without the mark that it begins with has no place of its own
            if isinstance(error, UnicodeDecodeError):
                offset = fed - len(error.object) + error.start
            raise InputRefused("BDV-209", where=path, encoding=encoding, offset=offset) from error
        if fed == len(data):
            pending = pending.removeprefix("\ufeff")
        *lines, pending = pending.split("\n") if data else (pending, "")
        if len(pending) > MAX_LINE:
            raise LimitExceeded("BDV-227", where=path, limit=MAX_TEXT)
        for line in lines:
            if line in ("", "\r"):
                blank.append(f"{line}\n")
                continue
            yield from blank
            blank.clear()
            yield f"{line}\n"
        if not data:
            return


def _delimiter(header: str) -> str:
    return max(",;\t", key=re.sub(r'"[^"]*"', "", header).count)


def _rows(lines: Iterable[str], delimiter: str, path: Path) -> Iterator[list[str]]:
    """Yield records; refuse a broken one with its row number (the header is row 1)."""
    number = 1
    try:
        for row in csv.reader(lines, delimiter=delimiter, strict=True):
            yield row
            number += 1
    except csv.Error as error:
        where = f"{path}:{number}"
        if "field larger" in str(error):
            raise LimitExceeded("BDV-227", where=where, limit=MAX_TEXT) from error
        raise InputRefused("BDV-225", where=where) from error


def _check_header(header: list[str], path: Path | str = "") -> None:
    if len(header) > MAX_COLUMNS:
        raise LimitExceeded("BDV-226", where=path, found=len(header), limit=MAX_COLUMNS)
    where = f"{path}:1" if path else ""
    twice = sorted({name for name in header if header.count(name) > 1})
    data = next((name for name in header if is_date_like(name) or not name.strip()), None)
    if data is not None:
        raise InputRefused("BDV-220", where=where, value=data)
    if twice:
        raise InputRefused("BDV-221", where=where, columns=", ".join(twice))


def _whole(column: pd.Series) -> pd.Series:
    """Return a column without the quotes that keep a spreadsheet from running a text."""
    texts = column.cat.categories
    return recoded(column, texts.str.replace(_DEFUSED, r"\1", regex=True))


def _check_cells(texts: Sequence[str], before: int, path: Path) -> None:
    if max(map(len, texts)) > MAX_TEXT:
        row = next(row for row, text in enumerate(texts) if len(text) > MAX_TEXT)
        raise LimitExceeded("BDV-227", where=f"{path}:{before + 2 + row}", limit=MAX_TEXT)
