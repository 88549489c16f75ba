"""What a reader in a process of its own hands back: columns and JSON, never an object of Python."""

from pathlib import Path
from typing import Any, Final

import pandas as pd
import pyarrow as pa

from bdv_process.errors import InputRefused
from bdv_process.eventlog.coded import TEXT, column_of
from bdv_process.eventlog.event import TOUCHPOINT
from bdv_process.eventlog.intake import Provenance
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.eventlog.ocel import COLUMNS, Ocel
from bdv_process.eventlog.parquet import column

_LOG: Final = "log"
_REJECTED: Final = "rejected"


def write_log(log: EventLog, folder: Path) -> dict[str, Any]:
    """Write a log to a folder; return what JSON can say of it."""
    _write(log.coded, folder / _LOG)
    account = vars(log.provenance).copy()
    _write(account.pop("rejected"), folder / _REJECTED)
    return account


def read_log(account: dict[str, Any], folder: Path) -> EventLog:
    """Return the log that `write_log` wrote, equal to the last bit."""
    frame = _read(folder / _LOG)
    if TOUCHPOINT in frame:
        frame[TOUCHPOINT] = frame[TOUCHPOINT].astype(bool)
    provenance = Provenance(
        **account
        | {
            "rejected": _read(folder / _REJECTED).astype({"row": "int64"}),
            "notes": tuple((key, facts) for key, facts in account["notes"]),
            "not_observable": tuple(account["not_observable"]),
        }
    )
    return EventLog.kept(frame, provenance)


def write_objects(log: ObjectLog, folder: Path) -> dict[str, Any]:
    """Write an object-centric log to a folder; return what JSON can say of it."""
    said = vars(log.said).copy()
    for name in COLUMNS:
        _write(said.pop(name), folder / name)
    return said


def read_objects(said: dict[str, Any], folder: Path) -> ObjectLog:
    """Return the log that `write_objects` wrote."""
    frames: dict[str, Any] = {name: _read(folder / name) for name in COLUMNS}
    notes = tuple((key, facts) for key, facts in said.pop("notes"))
    return ObjectLog(Ocel(**said, **frames, notes=notes))


def _write(frame: pd.DataFrame, path: Path) -> None:
    table = pa.Table.from_pandas(frame, preserve_index=False).replace_schema_metadata()
    with pa.OSFile(str(path), "wb") as stream, pa.ipc.new_file(stream, table.schema) as writer:
        writer.write_table(table)


def _read(path: Path) -> pd.DataFrame:
    """Return a frame; what does not hold together is not believed, whoever wrote it."""
    try:
        with pa.OSFile(str(path)) as stream:
            table = pa.ipc.open_file(stream).read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError) as error:
        raise InputRefused("BDV-554", problem=type(error).__name__) from error
    columns = zip(table.column_names, table.columns, strict=True)
    return pd.DataFrame({name: _column(values) for name, values in columns}, copy=False)


def _column(values: pa.ChunkedArray) -> pd.Series:
    if pa.types.is_dictionary(values.type):
        whole = values.combine_chunks()
        whole = whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole
        texts = pd.Index(_texts(whole.dictionary))
        return column_of(whole.indices.fill_null(-1).to_numpy(zero_copy_only=False), texts)
    if pa.types.is_string(values.type) or pa.types.is_large_string(values.type):
        return _texts(values)
    return column(values)


def _texts(values: Any) -> pd.Series:
    texts: pd.Series = values.cast(pa.large_string()).to_pandas(
        types_mapper={pa.large_string(): TEXT}.get
    )
    return texts
