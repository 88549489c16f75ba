"""The object-centric map, held to a log small enough to follow every object by hand."""

import pandas as pd
import pytest
from lxml import etree

from bdv_process.errors import InputRefused
from bdv_process.eventlog.event import CASE, COMPONENT, LABEL, REQUESTER, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.mining.discovery import discover
from bdv_process.mining.object_map import ObjectMap, object_map
from mining.contacts import frame_of, service

START = pd.Timestamp("2026-03-02T09:00Z")
#: Two cases of anna; both update the server, in hours 2 and 3. Hours 4 and 5 are one moment.
ROWS = [
    ("z1", "anna", "ask", 0, None), ("z2", "anna", "ask", 1, None),
    ("z1", "anna", "update", 2, "server"), ("z2", "anna", "update", 3, "server printer"),
    ("z1", "anna", "tell", 4, None), ("z1", "anna", "close", 4, None),
]  # fmt: skip


@pytest.fixture
def log() -> ObjectLog:
    rows = [(case, who, step, START + pd.Timedelta(hours=h), c) for case, who, step, h, c in ROWS]
    columns = [CASE, REQUESTER, LABEL, TIMESTAMP, COMPONENT]
    return ObjectLog.of(EventLog(frame=pd.DataFrame(rows, columns=columns)))


def flows(found: ObjectMap, kind: str) -> dict[tuple[str, str], tuple[int, int]]:
    mine = found.frame[found.frame["type"] == kind]
    ends = zip(mine["source"], mine["target"], strict=True)
    return dict(zip(ends, zip(mine["count"], mine["objects"], strict=True), strict=True))


def test_each_object_is_followed_on_its_own(log: ObjectLog) -> None:
    """The cases ask and update, z1 tells and closes. Of anna all six follow each other.

    The server is updated twice on end, the printer once.
    """
    found = object_map(log)
    assert found.kinds == {"case": 2, "component": 2, "requester": 1, "stream": 2}
    assert flows(found, "case") == {
        ("", "ask"): (2, 2), ("ask", "update"): (2, 2), ("update", "tell"): (1, 1),
        ("tell", "close"): (1, 1), ("update", ""): (1, 1), ("close", ""): (1, 1),
    }  # fmt: skip
    assert flows(found, "requester") == {
        ("", "ask"): (1, 1), ("ask", "ask"): (1, 1), ("ask", "update"): (1, 1),
        ("update", "update"): (1, 1), ("update", "tell"): (1, 1), ("tell", "close"): (1, 1),
        ("close", ""): (1, 1),
    }  # fmt: skip
    assert flows(found, "component") == {
        ("", "update"): (2, 2), ("update", "update"): (1, 1), ("update", ""): (2, 2),
    }  # fmt: skip


def test_of_cases_it_counts_what_the_map_of_cases_counts() -> None:
    log = EventLog(frame=frame_of(*(service(f"z{n}", f"s{n}", begin=n) for n in range(7))))
    (counted,) = discover(log, ())
    expected = {
        (row.source, row.target): (row.count_, row.cases)
        for row in counted.transitions.rename(columns={"count": "count_"}).itertuples()
    }
    assert flows(object_map(ObjectLog.of(log)), "case") == expected


def test_only_the_types_that_are_asked_for_are_on_it(log: ObjectLog) -> None:
    assert set(object_map(log, types=["component"]).frame["type"]) == {"component"}
    with pytest.raises(InputRefused, match="BDV-281"):
        object_map(log, types=["order"])


def test_few_objects_are_counted_for_the_analyst_and_hidden_in_what_is_passed_on(
    log: ObjectLog,
) -> None:
    found = object_map(log)
    assert found.to_dict()["flows"] == []
    assert set(found.chart(lang="en").table["times"]) == {"< 5"}
    assert repr(found).startswith("<ObjectMap: 6 events, 2 case, 2 component, 1 requester")


def test_the_picture_has_a_line_for_each_type_that_takes_a_step_and_says_which(
    log: ObjectLog,
) -> None:
    picture = object_map(log, types=["case", "requester"]).chart(names={"ask": "vraag"}, lang="nl")
    svg = etree.fromstring(picture.svg.encode())
    (both,) = (g for g in svg.iter("{*}g") if "vraag → update" in (g.findtext("{*}title") or ""))
    assert [g.get("class") for g in both.iterfind("{*}g")] == ["strand-0", "strand-1"]
    words = " ".join(svg.itertext())
    assert "case" in words
    assert "requester" in words
    assert len(picture.table) == 6 + 7
