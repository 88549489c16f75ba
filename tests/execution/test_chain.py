"""The audit chain: one form for a row on every database, and a hash that nothing escapes."""

from datetime import UTC, datetime
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Column, MetaData, Text, create_engine, insert

from bdv_process.execution import storage
from bdv_process.execution.chain import canonical, fields_of, link, linked, root_of, stored_in
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.register import CaseRegister
from execution.conftest import reopen

#: What a row of events may hold: texts with anything in them, none, flags, numbers, moments.
ROW = {
    "case": "Z1", "seq": 2, "template": "W4", "root": "Z1", "requester": "S0", "activity": "a",
    "label": "Zaak „één” \\ \x1f 😀", "lifecycle": "complete", "touchpoint": True, "data": "{}",
    "timestamp": datetime(2026, 3, 29, 1, 30, tzinfo=UTC), "outcome": "",
    "recorded": datetime(2026, 3, 29, 1, 30, 0, 5, tzinfo=UTC), "motivated": False,
}  # fmt: skip


def made(**changed: object) -> dict[str, object]:
    return dict.fromkeys(fields_of(storage.events)) | ROW | changed


def test_the_hash_of_an_event_is_what_it_was() -> None:
    (row,) = linked(storage.events, [made()], "0" * 64)
    said = (
        '["Z1",2,"W4",null,"Z1","S0","a","Zaak \\u201e\\u00e9\\u00e9n\\u201d \\\\ \\u001f '
        '\\ud83d\\ude00",null,"complete","2026-03-29T01:30:00.000000+00:00",'
        '"2026-03-29T01:30:00.000005+00:00",null,null,null,1,"",null,null,null,0,null,null,"{}"]'
    )
    assert row["hash"] == sha256(("0" * 64 + said).encode()).hexdigest()


def test_both_databases_give_the_row_that_was_hashed(url: str) -> None:
    engine = storage.open_engine(url)
    (row,) = linked(storage.events, [made()], "")
    numbers = engine.dialect.name == "sqlite"
    with engine.begin() as connection:
        storage.metadata.create_all(connection)
        connection.execute(insert(storage.events), row)
        (kept,) = storage.rows_of(connection, stored_in(storage.events, numbers=numbers))
    assert link("", kept[:-1]) == kept[-1] == row["hash"]
    engine.dispose()


@pytest.mark.parametrize("column", fields_of(storage.events))
def test_no_column_can_be_changed_without_another_hash(column: str) -> None:
    before = made()
    other = {int: 77, bool: not before[column], datetime: datetime(1999, 1, 1, tzinfo=UTC)}
    ways = [other.get(type(before[column]), "other"), None if before[column] is not None else ""]
    seen = {linked(storage.events, [made(**{column: way})], "")[0]["hash"] for way in ways}
    assert len({*seen, linked(storage.events, [before], "")[0]["hash"]}) == 3


def test_a_column_that_is_added_later_counts_and_leaves_older_hashes_as_they_are() -> None:
    later = storage.events.to_metadata(MetaData())
    later.append_column(Column("colour", Text))
    assert fields_of(later)[-1] == "colour"
    (old,) = linked(storage.events, [made()], "")
    same, other = (linked(later, [made(colour=colour)], "")[0]["hash"] for colour in (None, "red"))
    assert same == old["hash"] != other


@given(st.lists(st.none() | st.text() | st.integers(), min_size=1),
       st.lists(st.none() | st.text() | st.integers(), min_size=1))  # fmt: skip
def test_two_rows_with_one_hash_are_one_row(one: list[object], other: list[object]) -> None:
    def told(row: list[object]) -> list[object]:
        while row and row[-1] is None:
            row = row[:-1]
        return row

    assert (link("", one) == link("", other)) == (told(one) == told(other))


def test_the_events_of_a_case_follow_each_other(register: CaseRegister, url: str) -> None:
    register.start("W5", by="anna")
    register.start("W5", by="anna")
    register.complete("Z1.2", by="ben")
    engine = create_engine(url)
    numbers = engine.dialect.name == "sqlite"
    query = stored_in(storage.events, numbers=numbers).order_by("case", "seq")
    with engine.connect() as connection:
        rows = storage.rows_of(connection, query)
    engine.dispose()
    for case in ("Z1", "Z2"):
        before = ""
        for row in rows:
            if row[0] == case:
                before = link(before, row[:-1])
                assert row[-1] == before


def test_a_case_goes_on_from_what_is_stored_whoever_wrote_it(
    url: str, clock: VirtualClock, register: CaseRegister
) -> None:
    register.start("W5", by="anna")
    other = reopen(url, clock)
    other.complete("Z1.2", by="ben")
    other.close()
    register.withdraw("Z1", by="anna")
    assert register.verify().broken == []


@pytest.mark.parametrize(
    ("leaves", "root"),
    [
        # RFC 6962: no leaves, one, and the first of the well-known test vectors.
        ([], "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ([b""], "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"),
        ([b"", b"\x00"], "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"),
        (
            [b"", b"\x00", b"\x10"],
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        ),
        (
            [b"", b"\x00", b"\x10", b"\x20\x21", b"\x30\x31", b"\x40\x41\x42\x43",
             b"\x50\x51\x52\x53\x54\x55\x56\x57",
             b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f"],
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ),
    ],
    ids=len,
)  # fmt: skip
def test_the_root_is_that_of_certificate_transparency(leaves: list[bytes], root: str) -> None:
    assert root_of(leaves) == root


def test_the_canonical_form_is_ascii_without_spaces() -> None:
    assert canonical(["é", None, 1]) == '["\\u00e9",null,1]'
