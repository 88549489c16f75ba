"""Read and write Parquet: the form in which a log is kept at rest."""

from math import nan
from pathlib import Path
from typing import Any, BinaryIO

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.eventlog.files import MAX_BYTES, MAX_COLUMNS, MAX_EVENTS, opened
from bdv_process.eventlog.table import Table


def read(path: Path, *, encoding: str = "utf-8") -> Table:
    """Read a Parquet file of plain columns; what it promises is checked before it is unpacked.

    Raises:
        InputRefused: not Parquet, damaged, or with nested columns.
        LimitExceeded: too many rows, columns or bytes.
    """
    with opened(path):
        try:
            with pq.ParquetFile(path) as file:
                _check(file, path)
                arrow = file.read()
        except (pa.ArrowException, OSError) as error:
            raise InputRefused("BDV-250", where=path) from error
    frame = pd.DataFrame({name: _column(arrow[name]) for name in arrow.column_names})
    return Table(
        source=path.name,
        frame=frame,
        rows=pd.Series(range(1, len(frame) + 1), dtype="int64"),
        place=lambda position: str(position + 1),
    )


def write(frame: pd.DataFrame, stream: BinaryIO) -> None:
    """Write a log's frame; a text is stored once and referred to."""
    arrow = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    texts = [field.name for field in arrow.schema if _is_text(field.type)]
    pq.write_table(arrow, stream, compression="zstd", use_dictionary=texts)


def _check(file: pq.ParquetFile, path: Path) -> None:
    meta, schema = file.metadata, file.schema_arrow
    size = sum(meta.row_group(group).total_byte_size for group in range(meta.num_row_groups))
    for found, limit, code in (
        (meta.num_rows, MAX_EVENTS, "BDV-228"),
        (len(schema), MAX_COLUMNS, "BDV-226"),
        (size, MAX_BYTES, "BDV-207"),
    ):
        if found > limit:
            raise LimitExceeded(code, where=path, found=found, bytes=found, limit=limit, ratio="-")
    for field in schema:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise InputRefused("BDV-251", where=path, column=field.name, type=field.type)


def _is_text(kind: pa.DataType) -> bool:
    text: bool = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return text


def _column(values: pa.ChunkedArray) -> pd.Series:
    """Return a column as pandas, integers and booleans able to be missing."""
    kind = values.type
    mapper: Any = None
    if pa.types.is_integer(kind):
        if not pa.types.is_uint64(kind):
            values = values.cast(pa.int64())
        mapper = {pa.int64(): pd.Int64Dtype(), pa.uint64(): pd.UInt64Dtype()}.get
    elif pa.types.is_boolean(kind):
        mapper = {pa.bool_(): pd.BooleanDtype()}.get
    elif not (pa.types.is_timestamp(kind) or pa.types.is_floating(kind)):
        values, mapper = values.cast(pa.string()), {pa.string(): pd.StringDtype(na_value=nan)}.get
    column: pd.Series = values.to_pandas(types_mapper=mapper)
    return column
