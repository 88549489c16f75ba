"""How long it takes to verify the audit chain, beside only fetching the rows.

    python -m bench.bench_verify [events] [database URL]

Makes that many events in a register (a million; twelve to a case, a third of them with sealed
personal data), seals them, verifies all, and prints seconds of CPU for ten million.
"""

import sys
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from time import process_time

from sqlalchemy import Connection, Engine, Select, insert

from bdv_process.execution import schema, snapshot, storage
from bdv_process.execution.chain import linked, stored_in
from bdv_process.execution.seal import seal
from bdv_process.execution.storage import blocks
from bdv_process.execution.verification import verify

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
OF_A_CASE = 12


def case(number: int) -> list[dict[str, object]]:
    """Return the events of a made-up case, chained."""
    name = f"Z{number}"
    rows: list[dict[str, object]] = []
    for seq in range(1, OF_A_CASE + 1):
        at = BEGIN + timedelta(minutes=number % 500_000, hours=seq)
        rows.append(dict.fromkeys(column.name for column in storage.events.c) | {
            "case": name, "seq": seq, "template": "W4", "root": name, "label": "Analyseren",
            "requester": f"S{number % 90_000:016x}", "activity": "recover_analyse",
            "item": f"{name}.{seq}", "lifecycle": "complete" if seq % 3 else "schedule",
            "timestamp": at, "recorded": at, "resource": "dirk", "role": "uitvoerder",
            "touchpoint": seq == 1, "outcome": "found" if seq % 3 else None, "data": "{}",
            "personal": None if seq % 3 else "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQ" * 5,
        })  # fmt: skip
    return linked(storage.events, rows, "")


def fill(connection: Connection, events: int) -> None:
    """Write events, and the list of their cases."""
    cases: Iterator[list[dict[str, object]]] = map(case, range(1, events // OF_A_CASE + 1))
    while several := list(islice(cases, 2_000)):
        connection.execute(insert(storage.events), [row for rows in several for row in rows])
        connection.execute(insert(storage.cases), [
            {"id": rows[0]["case"], "template": "W4", "root": rows[0]["case"], "seq": OF_A_CASE,
             "requester": "anna", "opened": BEGIN} for rows in several
        ])  # fmt: skip


def cost(what: str, events: int, act: Callable[[], object]) -> float:
    """Say how much CPU something takes."""
    began = process_time()
    act()
    spent = process_time() - began
    sys.stdout.write(f"{what:34} {spent:7.2f} s CPU  {spent / events * 1e7:7.1f} s per 10 M\n")
    return spent


def main(events: int, url: str) -> None:
    """Make the register, verify it, and print what that cost."""
    schema.upgrade(url)
    engine: Engine = storage.open_engine(url)
    with engine.begin() as connection:
        fill(connection, events)
    events = events // OF_A_CASE * OF_A_CASE
    numbers = engine.dialect.name == "sqlite"

    def read(query: Select[tuple[object, ...]]) -> list[tuple[object, ...]]:
        with engine.connect().execution_options(reads=True) as connection:
            return storage.rows_of(connection, query)

    def fetch() -> None:
        event = storage.events.c
        for _ in blocks(read, stored_in(storage.events, numbers=numbers), (event.case, event.seq)):
            pass

    def sealing() -> None:
        with engine.begin() as connection:
            seal(connection, BEGIN, None)

    fetch()
    bare = cost("fetch the rows only", events, fetch)
    first = cost("verify", events, lambda: _whole(verify(read, numbers=numbers)))
    if numbers:
        with engine.connect().execution_options(reads=True) as connection:
            cost("look through the file of SQLite", events, lambda: snapshot.damage(connection))
    cost("seal all cases", events, sealing)
    cost("seal again, nothing moved", events, sealing)
    cost("verify, with what was sealed", events, lambda: _whole(verify(read, numbers=numbers)))
    sys.stdout.write(f"verify / fetch: {first / bare:.2f}\n")
    engine.dispose()


def _whole(found: object) -> None:
    assert not found.broken, found  # type: ignore[attr-defined]


if __name__ == "__main__":
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "register.db"
        main(wanted, sys.argv[2] if len(sys.argv) > 2 else f"sqlite:///{file}")
