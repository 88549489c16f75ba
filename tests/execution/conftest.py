"""A fresh register on each database, with the sample organisation and a clock one can move."""

import gzip
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, create_engine, select, text

from bdv_process.execution import schema
from bdv_process.execution.clock import Clock, VirtualClock, wall_clock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.storage import metadata
from bdv_process.template.library import shipped, shipped_procedure

#: A register as the last program without migrations left it: one case closed, one with a child.
UNSTAMPED = Path(__file__).parent / "registers" / "schema-5.db.gz"


@pytest.fixture
def clock() -> VirtualClock:
    return VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return new_database(request, tmp_path / "register.db")


def new_database(request: pytest.FixtureRequest, file: Path) -> str:
    """Return where a database of the kind that a fixture asks for may be made."""
    if request.param == "sqlite":
        return f"sqlite:///{file}"
    return str(next(request.getfixturevalue("new_schema")))


@pytest.fixture
def unstamped(url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """That register; on PostgreSQL its rows, in tables as they were then."""
    kept = tmp_path / "unstamped.db"
    kept.write_bytes(gzip.decompress(UNSTAMPED.read_bytes()))
    if url.startswith("sqlite"):
        kept.rename(tmp_path / "register.db")
        return url
    with monkeypatch.context() as then:
        then.setattr(schema, "SCHEMA", 5)
        schema.upgrade(url)
    old, new = create_engine(f"sqlite:///{kept}"), create_engine(url)
    tables = MetaData()
    tables.reflect(old)
    with old.connect() as source, new.begin() as target:
        target.execute(text("DROP TABLE alembic_version"))
        target.execute(text("DELETE FROM counter"))
        for table in tables.sorted_tables:
            rows = [dict(row._mapping) for row in source.execute(select(table))]
            target.execute(table.insert(), rows)
    old.dispose()
    new.dispose()
    return url


@pytest.fixture
def register(url: str, clock: VirtualClock) -> Iterator[CaseRegister]:
    opened = reopen(url, clock)
    yield opened
    opened.close()


def reopen(url: str, clock: Clock = wall_clock, **options: Any) -> CaseRegister:
    return CaseRegister(
        url,
        templates=shipped(),
        procedure=shipped_procedure(),
        organisation=Organisation.read(),
        clock=clock,
        **options,
    )


def dump(url: str) -> dict[str, list[str]]:
    """All rows of the register but the audit log, in which what is refused leaves a trace."""
    engine, tables = create_engine(url), MetaData()
    with engine.connect() as connection:
        tables.reflect(connection, only=lambda name, _: name in metadata.tables)
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in tables.sorted_tables
            if table.name != "audit"
        }
    engine.dispose()
    return found
