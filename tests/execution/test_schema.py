"""The schema: made by steps that a register of any age can take, whole or not at all."""

import json
import shutil
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, MetaData, create_engine, inspect, select, text

from bdv_process.errors import IntegrityBroken, StorageUnavailable
from bdv_process.execution import migrations, schema, storage
from bdv_process.execution.clock import VirtualClock
from execution.conftest import dump, reopen
from stories import REQUESTER, WORKER


@pytest.fixture
def another(url: str, request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A second empty database of the same kind."""
    if url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'another.db'}"
    return str(next(request.getfixturevalue("new_schema")))


def drawn(engine: Engine) -> dict[str, list[str]]:
    """What the database itself says of its tables: columns, collations, indexes with conditions."""
    questions = {
        "sqlite": (
            'SELECT m.name, c.name, c.type, c."notnull", c.dflt_value, c.pk FROM sqlite_master m,'
            " pragma_table_info(m.name) c WHERE m.type = 'table'",
            "SELECT tbl_name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL",
        ),
        "postgresql": (
            "SELECT table_name, column_name, data_type, collation_name, is_nullable, column_default"
            " FROM information_schema.columns WHERE table_schema = current_schema()",
            "SELECT tablename, replace(indexdef, current_schema(), '') FROM pg_indexes"
            " WHERE schemaname = current_schema()",
        ),
    }
    with engine.connect() as connection:
        told = [
            tuple(row)
            for question in questions[engine.dialect.name]
            for row in connection.execute(text(question))
        ]
    return {name: sorted(str(row) for row in told if row[0] == name) for name, *_ in told}


def test_the_steps_lead_to_the_tables_that_the_program_works_with(url: str, another: str) -> None:
    assert schema.upgrade(url) is None
    stepped, at_once = create_engine(url), create_engine(another)
    storage.metadata.create_all(at_once)
    with stepped.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, storage.metadata) == []
    found = drawn(stepped)
    del found["alembic_version"]
    assert found == drawn(at_once)
    stepped.dispose()
    at_once.dispose()


def test_the_last_step_makes_the_schema_of_the_program() -> None:
    steps = ScriptDirectory(migrations.__path__[0])
    assert steps.get_heads() == [str(schema.SCHEMA)]


def test_a_register_from_before_the_steps_is_recognised_and_stamped(
    unstamped: str, clock: VirtualClock
) -> None:
    assert schema.upgrade(unstamped) == 5
    assert schema.upgrade(unstamped) == schema.SCHEMA
    register = reopen(unstamped, clock)
    assert [case.outcome for case in register.cases()] == ["completed", None, None]
    assert register.start("W5", by=REQUESTER, key="first") == "Z1"
    while work := register.worklist():
        register.complete(work[0].id, by=WORKER[str(work[0].role)])
    assert {case.outcome for case in register.cases()} == {"completed"}
    assert register.rebuild() == 3
    assert register.verify().broken == []
    register.close()


def test_events_from_before_the_chain_are_chained_and_name_no_requester(
    unstamped: str, clock: VirtualClock
) -> None:
    engine = create_engine(unstamped)
    with engine.connect() as connection:
        events = MetaData()
        events.reflect(connection, only=["event"])
        before = connection.execute(select(events.tables["event"])).mappings().all()
    schema.upgrade(unstamped)
    register = reopen(unstamped, clock)
    found = register.verify()
    assert (found.broken, found.events) == ([], len(before))
    kept = {(each.case, each.seq): each for case in register.cases()
            for each in register.events(case.id)}  # fmt: skip
    for row in before:
        event = kept[row["case"], row["seq"]]
        assert (event.requester, event.resource) == (row["requester"], row["resource"])
        told = {name: value for name, value in json.loads(row["data"]).items() if value}
        assert {name: value for name, value in event.data.items() if value} == told
    assert not any(row["requester"] in repr(dump(unstamped)["event"]) for row in before)
    register.close()
    engine.dispose()


def test_an_older_register_is_refused_until_it_is_upgraded_by_hand(
    unstamped: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
    before = dump(unstamped)
    late = reopen(unstamped)
    for command in (late.cases, lambda: late.start("W5", by=REQUESTER)):
        with pytest.raises(IntegrityBroken, match=r"BDV-380.*bdv db upgrade") as refused:
            command()
        assert refused.value.exit_code == 8
    assert dump(unstamped) == before
    late.close()


def test_a_newer_register_is_refused(url: str) -> None:
    register = reopen(url)
    register.start("W5", by=REQUESTER)
    register.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '99'"))
    engine.dispose()
    before = dump(url)
    late = reopen(url)
    for command in (
        late.cases, lambda: late.start("W5", by=REQUESTER), lambda: schema.upgrade(url),
    ):  # fmt: skip
        with pytest.raises(IntegrityBroken, match="BDV-333") as refused:
            command()
        assert refused.value.exit_code == 8
    assert dump(url) == before
    late.close()


def test_of_an_upgrade_that_fails_half_way_nothing_stays(
    unstamped: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    steps = tmp_path / "steps"
    shutil.copytree(migrations.__path__[0], steps)
    (steps / "versions" / "fails.py").write_text(
        "from alembic import op\n"
        "import sqlalchemy as sa\n"
        f"revision, down_revision = '{schema.SCHEMA + 1}', '{schema.SCHEMA}'\n"
        "def upgrade():\n"
        "    op.add_column('event', sa.Column('colour', sa.Text))\n"
        "    op.create_table('half', sa.Column('id', sa.Text))\n"
        "    op.execute('INSERT INTO nowhere VALUES (1)')\n"
    )
    monkeypatch.setattr(schema, "_STEPS", str(steps))
    monkeypatch.setattr(schema, "SCHEMA", schema.SCHEMA + 1)
    engine = create_engine(unstamped)
    before = drawn(engine), dump(unstamped)
    with pytest.raises(StorageUnavailable, match="nowhere"):
        schema.upgrade(unstamped)
    assert (drawn(engine), dump(unstamped)) == before
    engine.dispose()


def test_tables_of_somebody_else_are_refused_and_left_alone(url: str) -> None:
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE event (id INTEGER)"))
    with pytest.raises(IntegrityBroken, match="BDV-335"):
        schema.upgrade(url)
    assert inspect(engine).get_table_names() == ["event"]
    engine.dispose()
