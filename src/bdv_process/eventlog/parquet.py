"""Read and write Parquet: the form in which a log is kept at rest."""

from collections import Counter
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO, Final

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog import unobservable
from bdv_process.eventlog.coded import Gathered
from bdv_process.eventlog.files import MAX_BYTES, MAX_COLUMNS, MAX_EVENTS, opened
from bdv_process.eventlog.table import Table

_PLAIN: Final = (
    pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_timestamp,
)  # fmt: skip
#: The years 1 to 9999, in seconds since 1970.
_FIRST: Final = -62_135_596_800
_LAST: Final = 253_402_300_800
_ABLE_TO_BE_MISSING: Final[dict[pa.DataType, Any]] = {
    pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype(), pa.bool_(): pd.BooleanDtype(),
}  # fmt: skip


def read(path: Path, *, encoding: str = "utf-8", limit: int = MAX_EVENTS) -> Table:
    """Read a Parquet file of plain columns; what it promises is checked before it is unpacked.

    Raises:
        InputRefused: not Parquet, damaged, or with nested columns.
        LimitExceeded: too many rows, columns or bytes.
    """
    with opened(path):
        frame = pd.DataFrame(columns(path, path, limit), copy=False)
        hidden = not_observable(pq.read_schema(path), path)
    return Table(
        source=path.name,
        frame=frame,
        place=lambda position: str(position + 1),
        not_observable=hidden,
    )


def not_observable(schema: pa.Schema, path: Path) -> tuple[str, ...]:
    """Return what the system of a file cannot record, if the file says so beside its columns.

    Raises:
        InputRefused: it says something else there.
    """
    said = (schema.metadata or {}).get(unobservable.NOT_OBSERVABLE.encode())
    return unobservable.read(said.decode("utf-8", "replace"), path) if said else ()


def columns(file: Path | pa.Buffer, path: Path, limit: int) -> dict[str, pd.Series]:
    """Return the columns of a Parquet file that stands at `path` or was read from there.

    Raises:
        InputRefused: not Parquet, damaged, or with nested columns.
        LimitExceeded: too many rows, columns or bytes.
    """
    try:
        with opened_coded(file, path) as found:
            _check(found, path, limit)
            return dict(_columns(found, path))
    except (pa.ArrowException, OSError, UnicodeDecodeError) as error:
        raise InputRefused("BDV-250", where=path) from error


@contextmanager
def opened_coded(file: Path | pa.Buffer, path: Path) -> Iterator[pq.ParquetFile]:
    """Open a file of plain columns such that a text is decoded once.

    Raises:
        InputRefused: it has nested columns, or a column twice.
        LimitExceeded: it has too many columns.
    """
    with pq.ParquetFile(file) as found:
        _check_columns(found.schema_arrow, path)
        texts = [field.name for field in found.schema_arrow if is_text(field.type)]
    with pq.ParquetFile(file, read_dictionary=texts) as found:
        yield found


def _columns(file: pq.ParquetFile, path: Path) -> Iterator[tuple[str, pd.Series]]:
    """Yield the columns one at a time: no more than one is ever decoded and not yet coded."""
    for name in file.schema_arrow.names:
        (values,) = file.read([name]).columns
        values.validate(full=True)  # in a damaged file a code may stand for no text
        yield name, column(values, f"{path}: {name}")
        pa.default_memory_pool().release_unused()


def column(values: pa.ChunkedArray, where: object = "") -> pd.Series:
    """Return a column of a file as pandas; other kinds than `_PLAIN` become coded texts.

    Raises:
        InputRefused: it holds a moment that cannot be written down, or is in no known time zone.
    """
    kind = values.type
    if pa.types.is_integer(kind) and not pa.types.is_uint64(kind):
        values = values.cast(pa.int64())
    if pa.types.is_timestamp(kind):
        _refuse_no_year(values, where)
    if any(is_plain(kind) for is_plain in _PLAIN):
        try:
            plain: pd.Series = values.to_pandas(types_mapper=_ABLE_TO_BE_MISSING.get)
        except KeyError as error:  # of zoneinfo, or of pytz where that is installed
            raise InputRefused("BDV-246", where=where, timezone=kind.tz) from error
        return plain
    texts = Gathered()
    for chunk in values.chunks:
        texts.add(chunk, texts.rows)
    return texts.column(texts.rows)


def _refuse_no_year(values: pa.ChunkedArray, where: object) -> None:
    """Refuse a moment in a year that Python and ISO 8601 have no four digits for."""
    parts = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}[values.type.unit]
    for moment in pc.min_max(values).values():
        if moment.is_valid and not _FIRST <= moment.value // parts < _LAST:
            said = f"{moment.value} {values.type.unit}"
            raise InputRefused("BDV-233", where=where, count=1, column=values.type, value=said)


def write(frame: pd.DataFrame, stream: BinaryIO, hidden: Collection[str] = ()) -> None:
    """Write a log's frame, decoded or coded, and what its system cannot record.

    A text is stored once and referred to.
    """
    beside = {unobservable.NOT_OBSERVABLE: unobservable.written(hidden)} if hidden else None
    arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata(beside)
    texts = [f.name for f in arrow.schema if is_text(f.type) or pa.types.is_dictionary(f.type)]
    pq.write_table(arrow, stream, compression="zstd", use_dictionary=texts)


def _check(file: pq.ParquetFile, path: Path, events: int) -> None:
    meta = file.metadata
    size = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
    for found, limit, code in (
        (meta.num_rows, events, "BDV-228"),
        (size, MAX_BYTES, "BDV-207"),
    ):
        if found > limit:
            raise LimitExceeded(code, where=path, found=found, bytes=found, limit=limit, ratio="-")


def _check_columns(schema: pa.Schema, path: Path) -> None:
    if len(schema) > MAX_COLUMNS:
        raise LimitExceeded("BDV-226", where=path, found=len(schema), limit=MAX_COLUMNS)
    twice = [name for name, times in Counter(schema.names).items() if times > 1]
    if twice:
        raise InputRefused("BDV-221", where=path, columns=", ".join(twice))
    for field in schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise InputRefused("BDV-251", where=path, column=field.name, type=field.type)


def is_text(kind: pa.DataType) -> bool:
    """Return whether a column of this type holds texts, each written out."""
    text: bool = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return text
