"""The logs that are shipped: whole, attributed, described, and read as W3 and W4."""

import gzip
import hashlib
import re
import zipfile
from pathlib import Path

import pytest

from bdv_process.eventlog.event import (
    ACTIVITY,
    CASE,
    COLUMNS,
    OUTCOME,
    REQUESTER,
    TEMPLATE,
    TIMESTAMP,
    TOUCHPOINT,
)
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.language import catalogue


@pytest.fixture(scope="module")
def incidents(root: Path, known: frozenset[str]) -> EventLog:
    """The ServiceNow log under its mapping, read once."""
    folder = root / "eventlogs"
    mapping = Mapping.read(folder / "servicenow-incidents.toml", known=known)
    return EventLog.read(folder / "servicenow-incidents.csv.gz", mapping=mapping)


def test_the_incidents_are_the_published_file_unchanged(root: Path, shared: Path) -> None:
    packed = (root / "eventlogs" / "servicenow-incidents.csv.gz").read_bytes()
    assert packed[4:8] == b"\0\0\0\0"  # no time of packing: the file can be made again, equal
    with zipfile.ZipFile(shared / "data/logs/servicenow_incidents.zip") as archive:
        published = archive.read(archive.namelist()[0])
    assert hashlib.sha256(gzip.decompress(packed)).digest() == hashlib.sha256(published).digest()


def test_every_row_of_the_incidents_is_accounted_for(incidents: EventLog) -> None:
    account, notes = incidents.provenance, dict(incidents.provenance.notes)
    assert account.rows_in == 141_712 == account.used + len(account.rejected)
    assert account.rejected["value"].tolist() == ["-100"] * 5
    assert incidents.cases == 24_918
    assert notes["eventlog.repeated"] == {"count": 52_757}
    assert notes["eventlog.unmapped"]["count"] == 6_398
    assert (
        account.collapsed == 52_757 + 6_398 - 2
    )  # two waits began by reopening: not without event
    assert len(incidents) == account.used - account.collapsed + 318


def test_the_incidents_are_w4_and_w3_where_a_change_was_requested(incidents: EventLog) -> None:
    cases = incidents.frame.drop_duplicates(CASE)[TEMPLATE].value_counts().to_dict()
    assert cases == {"W4": 24_739, "W3": 179}


def test_reopened_incidents_are_verifications_that_failed(incidents: EventLog) -> None:
    seen = incidents.frame[ACTIVITY].value_counts().to_dict()
    assert seen == {
        "recover_accept": 16_398,
        "recover_classify": 15_013,
        "recover_analyse": 975,
        "recover_recover": 25_236,
        "recover_verify": 320,
        "recover_close": 24_930,
    }
    verified = incidents.frame[incidents.frame[ACTIVITY] == "recover_verify"]
    assert set(verified[OUTCOME]) == {"not_as_agreed"}
    assert incidents.frame[TOUCHPOINT].sum() == 16_398 + 320


def test_what_the_system_cannot_record_goes_with_the_log(incidents: EventLog) -> None:
    hidden = incidents.provenance.not_observable
    assert {"recover_prepare", "recover_verify"} <= set(hidden)
    # An ending that is free would excuse every case that simply stops.
    assert not {"recover_withdrawal", "recover_rejected", "recover_unanswered"} & set(hidden)


def test_times_never_run_back_within_an_incident(incidents: EventLog) -> None:
    steps = incidents.frame.groupby(CASE, sort=False)[TIMESTAMP].diff().dropna()
    assert steps.min().total_seconds() >= 0
    assert incidents.frame[TIMESTAMP].notna().all()
    assert incidents.frame[REQUESTER].notna().mean() > 0.99


def test_the_dictionary_lists_exactly_our_columns_in_order(root: Path) -> None:
    readme = (root / "eventlogs" / "README.md").read_text(encoding="utf-8")
    _, _, table = readme.partition("| column | type | meaning |")
    listed = re.findall(r"^\| `([^`]+)` \|", table, re.MULTILINE)
    assert tuple(listed) == COLUMNS


def test_the_incidents_are_attributed(root: Path) -> None:
    readme = (root / "eventlogs" / "README.md").read_text(encoding="utf-8")
    for part in ("Amaral", "Fantinato", "Peres", "CC BY 4.0", "10.24432/C57S4H", "unchanged"):
        assert part in readme


def test_every_code_of_this_room_has_words_and_every_word_is_used(root: Path) -> None:
    room = root / "src" / "bdv_process" / "eventlog"
    source = "".join(file.read_text(encoding="utf-8") for file in room.glob("*.py"))
    used = set(re.findall(r'"(BDV-\d+|eventlog\.\w+)"', source))
    written = {key for key in catalogue() if key.startswith(("BDV-2", "eventlog."))}
    assert used == written
    for key in written:
        words = {"nl", "en", "nl_do", "en_do"} if key.startswith("BDV") else {"nl", "en"}
        assert catalogue()[key].keys() == words, key
