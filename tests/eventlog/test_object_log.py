"""Object-centric logs of others: read whole, and flattened on one type at a known cost."""

import json
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import CASE, LABEL, RESOURCE, ROLE, SEQ, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.object_log import ObjectLog
from eventlog.test_ocel import CLEAN, changed, small

FRAMES = ("events", "objects", "changes", "event_object", "object_object")


def of(tmp_path: Path, events: dict[str, str], kinds: dict[str, str]) -> ObjectLog:
    """A log of events that are an hour apart; each given as `activity: objects`."""
    activities = {name.split("-")[0] for name in events}
    log = {
        "eventTypes": [{"name": name, "attributes": []} for name in sorted(activities)],
        "objectTypes": [{"name": name, "attributes": []} for name in sorted(set(kinds.values()))],
        "objects": [{"id": one, "type": kind} for one, kind in kinds.items()],
        "events": [
            {
                "id": name,
                "type": name.split("-")[0],
                "time": f"2026-03-02T{hour:02}:00:00Z",
                "relationships": [{"objectId": one, "qualifier": ""} for one in about.split()],
            }
            for hour, (name, about) in enumerate(events.items())
        ],
    }  # fmt: skip
    (tmp_path / "log.json").write_text(json.dumps(log), encoding="utf-8")
    return ObjectLog.read(tmp_path / "log.json")


def test_the_example_of_the_standard_is_one_log_in_three_forms(shared: Path) -> None:
    """The JSON copy states UTC, the others the clock of Aachen: that is its hour of difference."""
    path = shared / "data/ocel"
    one = ObjectLog.read(path / "pm4py_ocel20_example.jsonocel")
    assert repr(one) == (
        "<ObjectLog from pm4py_ocel20_example.jsonocel: 13 events, 9 objects (3 Invoice, "
        "3 Payment, 2 Purchase Order, 1 Purchase Requisition), 20 + 7 relations>"
    )
    assert one.events["ocel_time"].iloc[0] == pd.Timestamp("2022-01-09T14:00:00Z")
    for suffix in (".xmlocel", ".sqlite"):
        file = path / f"pm4py_ocel20_example{suffix}"
        with pytest.raises(BdvError, match="BDV-235"):
            ObjectLog.read(file)
        other = ObjectLog.read(file, timezone="Europe/Berlin")
        for name in FRAMES:
            ours, theirs = getattr(one, name), getattr(other, name)
            keys = [key for key in ours if key.startswith("ocel_")]
            pd.testing.assert_frame_equal(
                ours.sort_values(keys, ignore_index=True),
                theirs.sort_values(keys, ignore_index=True),
                check_like=True,
            )


@pytest.mark.parametrize("suffix", [".jsonocel", ".xmlocel", ".sqlite"])
def test_a_foreign_log_goes_whole_from_one_form_to_another(
    shared: Path, tmp_path: Path, suffix: str
) -> None:
    one = ObjectLog.read(shared / "data/ocel/pm4py_ocel20_example.jsonocel")
    one.write(tmp_path / f"log{suffix}")
    other = ObjectLog.read(tmp_path / f"log{suffix}")
    for name in FRAMES:
        ours, theirs = getattr(one, name), getattr(other, name)
        keys = [key for key in ours if key.startswith("ocel_")]
        pd.testing.assert_frame_equal(
            ours.sort_values(keys, ignore_index=True),
            theirs.sort_values(keys, ignore_index=True),
            check_like=True,
        )


def test_relations_with_objects_that_were_left_out_are_refused_or_counted(shared: Path) -> None:
    """The log relates its handling units and lists none of them; pm4py drops their events."""
    path = shared / "data/ocel/ocpa_logistics.sqlite"
    with pytest.raises(BdvError) as caught:
        ObjectLog.read(path, timezone="Europe/Berlin")
    assert (caught.value.code, caught.value.facts["count"]) == ("BDV-275", 7_620)
    log = ObjectLog.read(path, timezone="Europe/Berlin", skip_bad=True)
    assert log.notes == (("objectlog.loose", {"count": 7_620}),)
    assert (len(log), len(log.objects)) == (8_727, 970)
    assert log.event_object["ocel_event_id"].nunique() == 6_187


def test_flattening_says_how_many_events_it_drops_and_doubles(shared: Path) -> None:
    path = shared / "data/ocel/ocpa_logistics.sqlite"
    log = ObjectLog.read(path, timezone="Europe/Berlin", skip_bad=True)
    flat = log.flatten("Container")
    key, facts = flat.provenance.notes[-1]
    assert key == "objectlog.flattened"
    assert flat.cases == 510
    assert facts["events"] - facts["dropped"] + facts["duplicated"] == len(flat)
    assert flat.provenance.rows_in == flat.provenance.used == len(flat)


def test_an_event_about_two_orders_is_in_both_and_one_about_none_in_neither(
    tmp_path: Path,
) -> None:
    log = of(tmp_path, {"take": "o1 o2", "count": "", "pay": "o1"}, {"o1": "order", "o2": "order"})
    flat = log.flatten("order")
    ways = flat.frame.groupby(CASE)[LABEL].apply(list).to_dict()
    assert ways == {"o1": ["take", "pay"], "o2": ["take"]}
    _, facts = flat.provenance.notes[-1]
    assert facts == {"type": "order", "events": 3, "dropped": 1, "duplicated": 1, "repeated": 0}


def test_work_on_other_items_of_an_order_seems_repeated(tmp_path: Path) -> None:
    kinds = {"o1": "order", "i1": "item", "i2": "item"}
    events = {"pick-1": "o1 i1", "pick-2": "o1 i2", "pick-3": "o1 i2", "pay": "o1"}
    _, facts = of(tmp_path, events, kinds).flatten("order").provenance.notes[-1]
    assert facts["repeated"] == 1  # the third is a true repetition: i2 was picked before


def test_a_case_has_the_attributes_its_object_began_with(tmp_path: Path) -> None:
    later = {"name": "n", "value": "6", "time": "2026-03-03T00:00:00Z"}
    log = changed("objects.0.attributes", [*CLEAN["objects"][0]["attributes"], later])
    (tmp_path / "log.json").write_text(json.dumps(log), encoding="utf-8")
    flat = ObjectLog.read(tmp_path / "log.json").flatten("order")
    assert flat.frame[["case:n", "by"]].to_numpy().tolist() == [["5", "ben"]]


def test_an_unknown_type_is_refused_with_the_nearest() -> None:
    with pytest.raises(BdvError) as caught:
        ObjectLog.of(small()).flatten("steam")
    assert (caught.value.code, caught.value.facts["nearest"]) == ("BDV-281", "stream")


def test_our_log_flattened_on_its_cases_is_our_log_again(root: Path) -> None:
    log = EventLog.read(root / "eventlogs/synthetic-eight-workflows.xes.gz")
    flat = ObjectLog.of(log).flatten("case", qualifier="case")
    same = [CASE, SEQ, TIMESTAMP, LABEL, RESOURCE, ROLE]
    ours = log.frame[same].assign(**{CASE: "case:" + log.frame[CASE]})
    pd.testing.assert_frame_equal(
        flat.frame[same].sort_values([CASE, SEQ], ignore_index=True),
        ours.sort_values([CASE, SEQ], ignore_index=True),
    )


def test_a_stream_as_a_case_is_in_order_of_time_over_its_cases(root: Path) -> None:
    log = EventLog.read(root / "eventlogs/synthetic-eight-workflows.xes.gz")
    flat = ObjectLog.of(log).flatten("stream")
    assert len(flat) == len(log)
    assert flat.cases == log.frame["case:bdv:root"].nunique()
    steps = flat.frame.groupby(CASE)[TIMESTAMP].diff().dropna()
    assert (steps >= pd.Timedelta(0)).all()


def test_an_address_and_an_unknown_suffix_are_refused(tmp_path: Path) -> None:
    for path, code in (("https://example.org/l.json", "BDV-202"), ("l.csv", "BDV-208")):
        with pytest.raises(BdvError, match=code):
            ObjectLog.read(path)
    with pytest.raises(BdvError, match="BDV-208"):
        ObjectLog.of(small()).write(tmp_path / "l.csv")
