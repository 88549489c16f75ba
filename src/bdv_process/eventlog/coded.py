"""Texts kept once: a column holds, by row, the number of its text (pandas calls it a category).

Every category is a text that occurs, none is empty, and a row without a text has the number -1.
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any, Final

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from bdv_process.eventlog.moments import UTC_US

Codes = NDArray[Any]  # whole numbers

TEXT: Final = pd.StringDtype(na_value=np.nan)  #: what pandas calls `str`

_CHUNK: Final = 10_000  # events that are Python objects at any one time

Values = dict[str, str]  #: of one event or trace: text by name of its column


class Gathered:
    """One column of texts on its way in, chunk by chunk; a chunk keeps each of its texts once."""

    def __init__(self) -> None:
        self.rows = 0
        self._codes: list[Codes] = []
        self._texts: list[pa.Array] = []

    def add(self, texts: Iterable[str | None] | pa.Array, rows: int) -> None:
        """Add texts, coded by Arrow or not yet, that start at row `rows`: before it are none."""
        if not isinstance(texts, pa.Array):
            texts = pa.array(texts, pa.large_string())
        if not pa.types.is_dictionary(texts.type):
            texts = texts.dictionary_encode()
        known = texts.dictionary.cast(pa.large_string())
        codes = texts.indices.cast(pa.int32()).fill_null(-1).to_numpy(zero_copy_only=False)
        if rows > self.rows:
            self._codes.append(np.full(rows - self.rows, -1, dtype=np.int8))
            self._texts.append(known[:0])
        self._codes.append(codes.astype(_width(len(known))))
        self._texts.append(known)
        self.rows = rows + len(codes)

    def column(self, rows: int) -> pd.Series:
        """Return the column of `rows` rows, the last of them missing when fewer were added."""
        found = pa.chunked_array(self._texts, pa.large_string()).combine_chunks()
        found = found.dictionary_encode()
        numbers = found.indices.to_numpy()
        codes = np.full(rows, -1, dtype=_width(len(found.dictionary)))
        row = start = 0
        for part, texts in zip(self._codes, self._texts, strict=True):
            mine = np.append(numbers[start : start + len(texts)], -1)
            codes[row : row + len(part)] = mine[part]
            row, start = row + len(part), start + len(texts)
        texts = found.dictionary.to_pandas(types_mapper={pa.large_string(): TEXT}.get)
        return coded(column_of(codes, pd.Index(texts)))


class Rows:
    """Events, or traces, on their way in: what they say becomes coded columns, chunk by chunk."""

    def __init__(self) -> None:
        self.count = 0
        self.columns: dict[str, Gathered] = {}
        self._open: list[Values] = []

    def begin(self) -> Values:
        """Return the values of one more row, to be filled in before the next begins."""
        if len(self._open) == _CHUNK:
            self.close()
        values = Values()
        self._open.append(values)
        self.count += 1
        return values

    def close(self) -> None:
        """Code the values of the rows so far."""
        start = self.count - len(self._open)
        for name in dict.fromkeys(chain.from_iterable(self._open)):
            texts = [values.get(name) for values in self._open]
            self.columns.setdefault(name, Gathered()).add(texts, start)
        self._open.clear()


def coded(values: pd.Series) -> pd.Series:
    """Return a column of anything as texts that are kept once; an empty text is a missing one."""
    if not isinstance(values.dtype, pd.CategoricalDtype):
        if pd.api.types.is_float_dtype(values.dtype):
            values = values.convert_dtypes()  # whole numbers are floats where one is missing
        codes, texts = pd.factorize(values.astype(TEXT))
        values = column_of(codes, pd.Index(texts), values.index)
    texts, codes = values.cat.categories, codes_of(values)
    seen = np.zeros(len(texts) + 1, dtype=bool)
    seen[codes] = True
    if texts.dtype == TEXT and seen[:-1].all() and not (texts == "").any():
        return values
    return recoded(values, texts.astype(TEXT).where(seen[:-1]))


def recoded(values: pd.Series, texts: pd.Index) -> pd.Series:
    """Return a coded column with other texts for its categories; equal ones become one."""
    numbers, found = pd.factorize(texts.where(texts != ""))
    numbers = np.append(numbers, -1).astype(_width(len(found)))
    return column_of(numbers[codes_of(values)], found, values.index)


def filled(values: pd.Series, others: pd.Series) -> pd.Series:
    """Return a coded column, what is missing in it taken from another."""
    missing = values.isna()
    if not missing.any():
        return values
    if missing.all():
        return others
    both = values.cat.categories.append(others.cat.categories)
    other = codes_of(others).astype(np.int64)
    other[other >= 0] += len(values.cat.categories)
    both_codes = np.where(missing, other, codes_of(values))
    return coded(recoded(column_of(both_codes, both, values.index), both))


def stacked(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of frames with the same columns, one frame after the other, still coded."""
    if len(frames) == 1:
        return frames[0]
    return pd.DataFrame({name: _stacked([f[name] for f in frames]) for name in frames[0].columns})


def _stacked(columns: list[pd.Series]) -> pd.Series:
    if not isinstance(columns[0].dtype, pd.CategoricalDtype):
        return pd.concat(columns, ignore_index=True)
    known = [column.cat.categories for column in columns]
    texts = known[0].append(known[1:])
    codes = np.empty(sum(map(len, columns)), dtype=_width(len(texts)))
    row = start = 0
    for column, own in zip(columns, known, strict=True):
        part = codes[row : row + len(column)]
        part[:] = codes_of(column)
        part[part >= 0] += start
        row, start = row + len(column), start + len(own)
    return recoded(column_of(codes, texts), texts)


def decoded(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its texts written out."""
    written = {name: _written(frame[name]) for name in texts_of(frame)}
    return frame.assign(**written)


def _written(values: pd.Series) -> pd.Series:
    # To let pandas convert a category would make an object of each text first.
    texts = values.cat.categories.astype(TEXT).array.take(codes_of(values), allow_fill=True)
    return pd.Series(texts, index=values.index, copy=False)


def texts_of(frame: pd.DataFrame) -> list[str]:
    """Return the names of the coded columns."""
    return [str(n) for n, kind in frame.dtypes.items() if isinstance(kind, pd.CategoricalDtype)]


def codes_of(values: pd.Series) -> Codes:
    """Return by row the number of its text, -1 where there is none."""
    column: Any = values.array
    codes: Codes = column.codes  # of the accessor `cat` it would be a copy
    return codes


def numbered(values: pd.Series) -> tuple[Codes, pd.Index]:
    """Return by row the number of its text, -1 where it has none; and the texts."""
    known = coded(values)
    return codes_of(known), known.cat.categories


def places(texts: pd.Series, among: pd.Series) -> NDArray[np.int64]:
    """Return by text its row among others, that differ; -1 where it is missing or not there."""
    sought, known = (pa.array(each, pa.large_string()) for each in (texts, among))
    found = pc.index_in(sought, value_set=known)
    rows: NDArray[np.int64] = found.fill_null(-1).to_numpy(zero_copy_only=False).astype(np.int64)
    return rows


def same(text: str, rows: int) -> pd.Series:
    """Return a coded column with one text in every row, in the memory of one row."""
    return column_of(np.broadcast_to(np.int8(0), rows), pd.Index([text], dtype=TEXT))


def missing(kind: str, rows: int) -> pd.Series:
    """Return a column of texts (or of `kind`) in which nothing is filled in, as small as `same`."""

    def every(value: Any) -> Any:
        return np.broadcast_to(value, rows)

    if not kind:
        return column_of(every(np.int8(-1)), pd.Index([], dtype=TEXT))
    if kind == "date":
        never = every(np.int64(pd.NaT.value))
        return pd.Series(pd.DatetimeIndex(never, dtype=UTC_US, copy=False), copy=False)
    array, value = {
        "int": (pd.arrays.IntegerArray, np.int64(0)),
        "boolean": (pd.arrays.BooleanArray, np.False_),
    }[kind]
    return pd.Series(array(every(value), every(np.True_)), copy=False)


def column_of(codes: Codes, texts: pd.Index, index: pd.Index | None = None) -> pd.Series:
    """Return the column that has by row the text of that number; the texts differ."""
    # pandas would make a table of all texts, and keep it, only to see that they differ.
    dtype = pd.CategoricalDtype._from_fastpath(texts)  # type: ignore[attr-defined]
    found = pd.Categorical.from_codes(codes, dtype=dtype, validate=False)
    return pd.Series(found, index=index, copy=False)


def _width(texts: int) -> Any:
    """Return the smallest type that holds the numbers of so many texts: as pandas has it."""
    limits = ((2**7 - 1, np.int8), (2**15 - 1, np.int16))
    return next((width for limit, width in limits if texts < limit), np.int32)
