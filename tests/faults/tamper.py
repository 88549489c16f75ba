"""Files in which bits fell over, and registers edited behind their back: all of it is found."""

import random
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, create_engine, delete, func, insert, select, update
from sqlalchemy.exc import DatabaseError

from bdv_process.errors import BdvError
from bdv_process.execution import storage
from bdv_process.execution.audit import Act, audits
from bdv_process.execution.chain import fields_of
from bdv_process.execution.seal import Head, heads, leaves
from bdv_process.execution.verification import verify
from chaining import rechained
from faults.databases import SQLITE
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER, WORKER

EVENT = storage.events.c
Edit = Callable[[Connection, random.Random], None]


@scenario(SQLITE)
def bit_flips(trial: Trial) -> None:
    """Turn over one bit of a register's file, `times`; say what noticed, and what it changed."""
    url, head = _register(trial)
    file = Path(url.removeprefix("sqlite:///"))
    whole, spoiled = file.read_bytes(), trial.folder / "spoiled.db"
    rows = _all(url)
    for number in range(trial.times):
        at = trial.chance.randrange(len(whole) * 8)
        flipped = bytearray(whole)
        flipped[at // 8] ^= 1 << at % 8
        spoiled.write_bytes(flipped)
        try:
            url_ = f"sqlite:///{spoiled}"
            by = _met(url_) if trial.naive else _noticed(url_, head)
        except Exception as error:  # no answer, but a traceback
            by = f"fell over {type(error).__name__}"
            trial.broken[by] += 1
        if by is None:
            changed = _changed(f"sqlite:///{spoiled}", rows)
            by = "no content changed" if not changed else "not found"
            for table in changed:
                trial.broken[f"not found in {table}"] += 1
        trial.counted[by] += 1
        trial.progress(number + 1)


@scenario()
def edits(trial: Trial) -> None:
    """Edit a register as who has the database in their hands, and knows how it is chained."""
    url, head = _register(trial)
    engine = create_engine(url)
    for number in range(trial.times):
        name, edit = list(EDITS.items())[number % len(EDITS)]
        with engine.connect() as connection:
            edit(connection, trial.chance)
            # Who keeps no head elsewhere has only the word of the database itself.
            found = verify(
                partial(storage.rows_of, connection), since=None if trial.naive else head,
                numbers=connection.dialect.name == "sqlite",
            )  # fmt: skip
            connection.rollback()
        trial.counted[name] += 1
        trial.broken[f"not found: {name}"] += not found.broken
        trial.progress(number + 1)
    engine.dispose()


def _register(trial: Trial) -> tuple[str, Head]:
    """Make a register with some history, and a head of it that is kept elsewhere."""
    url = trial.fresh()
    register = opened(url)
    for template in ("W5", "W4", "W5", "W1", "W5", "W4"):
        register.start(template, by=REQUESTER, data={"subject": "lantaarn", "text": "x" * 300})
    for item in register.worklist()[:4]:
        register.complete(item.id, by=WORKER[str(item.role)])
    for case in register.cases():
        register.note("ben", Act.READ, case.id)
    head = register.seal()
    register.close()
    return url, head


def _noticed(url: str, head: Head) -> str | None:
    """Return what noticed that a file is not as it was; None when nothing did."""
    register = opened(url)
    try:
        if found := register.verify(since=head).broken:
            by_hash = any(each.problem != "file" for each in found)
            return "found by the chain" if by_hash else "found in the file"
        health = register.check()
        if health.differences or health.broken:
            return "found by the lists"
    except BdvError:
        return "refused"
    finally:
        register.close()
    return None


def _met(url: str) -> str | None:
    """Return what who only reads all there is would notice: what the database stumbles over."""
    try:
        _all(url)
    except (DatabaseError, UnicodeDecodeError):
        return "met while reading"
    return None


def _all(url: str) -> dict[str, list[Any]]:
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.exec_driver_sql(f'SELECT * FROM "{table}"')))
            for table in storage.metadata.sorted_tables
        }
    engine.dispose()
    return found


def _changed(url: str, rows: dict[str, list[Any]]) -> list[str]:
    try:
        now = _all(url)
    except (DatabaseError, UnicodeDecodeError):  # even its complaint may be spoiled
        return ["a table that cannot be read"]
    return [table for table in rows if rows[table] != now[table]]


def _some_event(connection: Connection, chance: random.Random, least: int = 1) -> tuple[str, int]:
    known = select(EVENT.case, EVENT.seq).where(EVENT.seq >= least).order_by(EVENT.case, EVENT.seq)
    case, seq = chance.choice(connection.execute(known).all())
    return str(case), int(seq)


def _this(case: str, seq: int) -> Any:
    return (EVENT.case == case) & (EVENT.seq == seq)


def _value(connection: Connection, chance: random.Random) -> None:
    case, seq = _some_event(connection, chance)
    column = chance.choice(fields_of(storage.events)[2:])
    was = connection.execute(select(EVENT[column]).where(_this(case, seq))).scalar_one()
    if column in ("touchpoint", "motivated"):
        other: Any = not was
    elif column in ("timestamp", "recorded", "due"):
        other = None if was else connection.execute(select(func.max(EVENT.timestamp))).scalar_one()
        if column != "due":
            other = connection.execute(select(func.min(EVENT.timestamp))).scalar_one()
            other = other.replace(microsecond=(was.microsecond + 1) % 1_000_000)
    else:
        other = f"{was}x"
    connection.execute(update(storage.events).where(_this(case, seq)).values({column: other}))


def _rewritten(connection: Connection, chance: random.Random) -> None:
    case, seq = _some_event(connection, chance)
    to = update(storage.events).where(_this(case, seq))
    connection.execute(to.values(resource="mallory"))
    rechained(connection, case)
    _forget_heads(connection)


def _removed(connection: Connection, chance: random.Random) -> None:
    case, seq = _some_event(connection, chance)
    connection.execute(delete(storage.events).where(_this(case, seq)))


def _cut_off(connection: Connection, chance: random.Random) -> None:
    case, seq = _some_event(connection, chance, least=2)
    connection.execute(delete(storage.events).where(EVENT.case == case, EVENT.seq >= seq))
    listed = update(storage.cases).where(storage.cases.c.id == case)
    connection.execute(listed.values(seq=seq - 1))
    _forget_heads(connection)


def _case_gone(connection: Connection, chance: random.Random) -> None:
    case, _ = _some_event(connection, chance)
    connection.execute(delete(storage.events).where(EVENT.case == case))
    connection.execute(delete(storage.cases).where(storage.cases.c.id == case))
    _forget_heads(connection)


def _added(connection: Connection, chance: random.Random) -> None:
    """Add an event at the end of a case, as another; without its hash, which is no secret."""
    case, seq = _some_event(connection, chance)
    row = connection.execute(select(storage.events).where(_this(case, seq))).one()
    last = connection.execute(select(func.max(EVENT.seq)).where(EVENT.case == case)).scalar_one()
    connection.execute(insert(storage.events), {**row._mapping, "seq": last + 1})


def _exchanged(connection: Connection, chance: random.Random) -> None:
    """Exchange two neighbours in a case."""
    case, seq = _some_event(connection, chance, least=2)
    for old, new in ((seq, -1), (seq - 1, seq), (-1, seq - 1)):
        connection.execute(update(storage.events).where(_this(case, old)).values(seq=new))


def _audit_changed(connection: Connection, chance: random.Random) -> None:
    row = chance.choice(connection.execute(select(audits.c.seq)).scalars().all())
    connection.execute(update(audits).where(audits.c.seq == row).values(actor="mallory"))


def _audit_cut_off(connection: Connection, chance: random.Random) -> None:
    row = chance.choice(connection.execute(select(audits.c.seq)).scalars().all())
    connection.execute(delete(audits).where(audits.c.seq >= row))
    _forget_heads(connection)


def _forget_heads(connection: Connection) -> None:
    connection.execute(delete(heads))
    connection.execute(delete(leaves))


EDITS: dict[str, Edit] = {
    "a value changed": _value,
    "a value changed, hashes made again": _rewritten,
    "an event removed": _removed,
    "the end of a case cut off": _cut_off,
    "a case removed": _case_gone,
    "an event added": _added,
    "two events exchanged": _exchanged,
    "an audit row changed": _audit_changed,
    "the end of the audit log cut off": _audit_cut_off,
}
