"""Texts kept once: however they come in, what comes out is what was there."""

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdv_process.eventlog.coded import (
    Gathered,
    coded,
    codes_of,
    decoded,
    filled,
    missing,
    recoded,
    same,
    stacked,
)
from bdv_process.eventlog.event import ACTIVITY, CASE, COLUMNS, KINDS, LABEL, LIFECYCLE, TIMESTAMP
from bdv_process.eventlog.log import EventLog

TEXTS = st.lists(st.none() | st.sampled_from(["", "a", "A", "NA", "a b", "é"]), max_size=12)


def told(column: pd.Series) -> list[str | None]:
    """The texts of a coded column, after a look at what every coded column promises."""
    texts = column.cat.categories
    assert texts.dtype == "str"
    assert texts.is_unique
    assert "" not in texts
    assert {*codes_of(column)} - {-1} == {*range(len(texts))}
    return [None if pd.isna(text) else text for text in column]


def whole(texts: list[str | None]) -> list[str | None]:
    return [text or None for text in texts]


@given(TEXTS)
def test_any_texts_come_back_and_an_empty_one_is_missing(texts: list[str | None]) -> None:
    assert told(coded(pd.Series(texts, dtype="str"))) == whole(texts)
    again = coded(pd.Series(texts, dtype=object).astype("category"))
    assert told(again) == whole(texts)
    assert told(coded(again[: len(texts) // 2])) == whole(texts)[: len(texts) // 2]


@given(st.lists(TEXTS, min_size=1, max_size=4))
def test_frames_stand_after_each_other_and_stay_coded(parts: list[list[str | None]]) -> None:
    frames = [
        pd.DataFrame({"text": coded(pd.Series(texts, dtype="str")), "row": np.arange(len(texts))})
        for texts in parts
    ]
    both = stacked(frames)
    assert told(both["text"]) == [text for texts in parts for text in whole(texts)]
    assert both["row"].tolist() == [row for texts in parts for row in range(len(texts))]


@given(st.lists(TEXTS, max_size=4), st.integers(0, 3))
def test_chunks_become_one_column_with_gaps_where_nothing_was_added(
    chunks: list[list[str | None]], gap: int
) -> None:
    gathered, expected = Gathered(), []
    for chunk in chunks:
        expected += [None] * gap
        gathered.add(chunk, len(expected))
        expected += chunk
    column = gathered.column(len(expected) + gap)
    assert told(column) == whole([*expected, *[None] * gap])


def test_more_texts_than_a_byte_can_number_are_told_apart() -> None:
    texts = [f"{number}" for number in range(40_000)]
    gathered = Gathered()
    gathered.add(texts[:100], 0)
    gathered.add(pa.array(texts[100:]).dictionary_encode(), 100)
    assert told(gathered.column(40_000)) == texts


@given(TEXTS, TEXTS)
def test_what_is_missing_is_taken_from_the_other_column(
    one: list[str | None], two: list[str | None]
) -> None:
    one, two = one[: len(two)], two[: len(one)]
    found = filled(coded(pd.Series(one, dtype="str")), coded(pd.Series(two, dtype="str")))
    assert told(found) == [a or b or None for a, b in zip(one, two, strict=True)]


def test_texts_that_become_equal_are_one() -> None:
    column = coded(pd.Series(["Klaar", "klaar", None, "weg"], dtype="str"))
    after = recoded(column, pd.Index(["klaar", "klaar", ""], dtype="str"))
    assert told(after) == ["klaar", "klaar", None, None]


@pytest.mark.parametrize("kind", ["", "date", "int", "boolean"])
def test_a_column_without_values_takes_no_room_and_can_be_worked_with(kind: str) -> None:
    column = missing(kind, 1_000_000)
    frame = pd.DataFrame({"x": column, "y": same("a", 1_000_000)}, copy=False)
    assert frame["x"].isna().all()
    assert frame.iloc[5:8].dropna().empty
    assert len(frame.drop_duplicates()) == 1
    assert codes_of(frame["y"]).strides == (0,)


def test_a_log_of_a_coded_frame_is_the_log_of_its_texts() -> None:
    frame = pd.DataFrame(
        {
            CASE: ["b", "a", "b"],
            LABEL: ["x", "", "y"],
            ACTIVITY: [None, "z", "NA"],
            LIFECYCLE: ["COMPLETE", None, "start"],
            TIMESTAMP: pd.to_datetime(["2026-01-02", "2026-01-01", "2026-01-01"], utc=True),
            "seen": [True, False, True],
        }
    )
    log = EventLog(frame=frame)
    again = EventLog(frame=log.coded)
    assert again.frame.equals(log.frame)
    assert decoded(log.coded).equals(log.frame)
    assert all(str(log.coded[c].dtype) == "category" for c in COLUMNS if c not in KINDS)
    assert log.frame[CASE].tolist() == ["b", "b", "a"]
    assert log.frame[ACTIVITY].tolist() == ["NA", "x", "z"]


def test_cases_are_numbered_as_they_stand() -> None:
    log = EventLog(frame=pd.DataFrame({CASE: ["b", "a", "c", "a"], LABEL: list("wxyz")}))
    assert codes_of(log.coded[CASE]).tolist() == [0, 1, 1, 2]
    part = log.where(cases=["c", "a"])
    assert codes_of(part.coded[CASE]).tolist() == [0, 0, 1]
    assert part.cases == 2
    assert np.array_equal(part.frame[CASE], ["a", "a", "c"])
