"""Results as JSON and in a notebook."""

import json
from pathlib import Path

import numpy as np
import pandas as pd

import bdv_process as bdv
from bdv_process.faces import Shown, plain

_DAY = pd.Timedelta(days=1)


class _Result(Shown):
    def __init__(self, frame: pd.DataFrame) -> None:
        self.frame = frame

    def __repr__(self) -> str:
        return "<Result: 1 of <b>>"


def test_rows_become_values_that_json_knows() -> None:
    frame = pd.DataFrame(
        {
            "lasted": pd.Series([_DAY, pd.NaT], dtype="timedelta64[us]"),
            "moment": pd.Series([pd.Timestamp("2026-03-01T12:00Z"), pd.NaT]),
            "share": [np.inf, np.nan],
            "count": pd.Series([3, pd.NA], dtype="Int64"),
            "right": [True, False],
            "kind": pd.Series(["a", None], dtype="category"),
            "path": [("a", "b"), ()],
        }
    )
    nothing = dict.fromkeys(frame)
    assert json.loads(json.dumps(plain(frame), allow_nan=False)) == [
        {
            "lasted": 86400.0, "moment": "2026-03-01T12:00:00+00:00", "share": None, "count": 3,
            "right": True, "kind": "a", "path": ["a", "b"],
        },
        nothing | {"right": False, "path": []},
    ]  # fmt: skip


def test_a_frame_without_rows_has_no_values() -> None:
    assert plain(pd.DataFrame({"a": []})) == []


def test_a_notebook_shows_the_line_escaped_and_the_first_rows() -> None:
    shown = _Result(pd.DataFrame({"number": range(12)}))._repr_html_()
    assert "&lt;Result: 1 of &lt;b&gt;&gt;" in shown
    assert shown.count("<td>") == 10
    assert "10 / 12" in shown


def test_a_log_shows_itself_without_writing_all_its_texts_out(root: Path) -> None:
    log = bdv.EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    assert "90 cases" in log._repr_html_()
    assert "frame" not in vars(log)
