"""The schema of a register: which one it has, and the steps that bring it to ours.

A schema is a number. Alembic takes the steps of `migrations` and stamps the register with the
last; registers from before there were steps tell their number in `counter`. To look which schema
a register has, nothing of Alembic is loaded.
"""

from sqlalchemy import Connection, MetaData, Table, column, delete, select, table
from sqlalchemy.schema import DropTable

from bdv_process.errors import IntegrityBroken
from bdv_process.execution import audit, migrations, seal, storage, subject

SCHEMA = 9  #: what this program reads and writes; the number of the last step
_FIRST = 5  #: the schema of the first step
#: Tables beside those of `storage`, which know them only when their modules were loaded.
BESIDE = (subject.subjects, seal.heads, seal.leaves, audit.audits)
_STEPS = "bdv_process.execution:migrations"
_stamp = table("alembic_version", column("version_num"))
_UNSTAMPED = storage.counters.c.name == "schema"


def is_made(connection: Connection) -> bool:
    """Return whether the register's tables are there.

    Raises:
        IntegrityBroken: they are somebody else's, or in another schema than this program's.
    """
    found = found_in(connection)
    if found is None:
        return False
    if found != SCHEMA:
        code = "BDV-380" if _FIRST <= found < SCHEMA else "BDV-333"
        raise IntegrityBroken(code, where=_where(connection), found=found, known=SCHEMA)
    return True


def make(connection: Connection) -> None:
    """Make the register's tables, unless they are there.

    Raises:
        IntegrityBroken: they are, in another schema than this program's.
    """
    storage.wait_for(connection, "schema")
    if not is_made(connection):
        take_steps(connection)


def upgrade(url: str) -> int | None:
    """Bring a register to our schema, or make it; return the schema that it had.

    In one transaction, on either database: of an upgrade that fails nothing stays.

    Raises:
        StorageUnavailable: it cannot be reached or changed.
        IntegrityBroken: no step leads from its schema to ours.
    """
    engine = storage.open_engine(url)
    try:
        with storage.storage_errors(engine), engine.begin() as connection:
            storage.wait_for(connection, "schema")
            found = found_in(connection)
            if found is not None and found not in steps():
                where = storage.redacted(url)
                raise IntegrityBroken("BDV-333", where=where, found=found, known=SCHEMA)
            take_steps(connection, found=found)
            return found
    finally:
        engine.dispose()


def start_again(connection: Connection, at: int) -> None:
    """Make the tables of an empty register again, as they were in an earlier schema or are now."""
    for name in (_stamp.name, *storage.metadata.tables):
        connection.execute(DropTable(Table(name, MetaData()), if_exists=True))
    take_steps(connection, to=at)


def found_in(connection: Connection) -> int | None:
    """Return the schema of a register; None when there is none.

    Raises:
        IntegrityBroken: the tables are somebody else's.
    """
    has = connection.dialect.has_table
    if has(connection, _stamp.name):
        stamped = connection.execute(select(_stamp.c.version_num)).scalar() or ""
        if stamped.isdecimal() and has(connection, storage.counters.name):
            return int(stamped)
    elif has(connection, storage.counters.name):
        told = connection.execute(select(storage.counters.c.value).where(_UNSTAMPED)).scalar()
        return told or 0
    names = [_stamp.name, *storage.metadata.tables]
    if taken := sorted(name for name in names if has(connection, name)):
        raise IntegrityBroken("BDV-335", where=_where(connection), tables=", ".join(taken))
    return None


def steps() -> list[int]:
    """Return the schemas that a step leads to, in order; the last is ours."""
    from alembic.script import ScriptDirectory

    taken = ScriptDirectory(migrations.__path__[0]).walk_revisions()
    return sorted(number for step in taken if (number := int(step.revision)) <= SCHEMA)


def take_steps(connection: Connection, *, found: int | None = None, to: int | None = None) -> None:
    """Take the steps from where a register is to schema `to`, else ours.

    Args:
        connection: in a transaction, in which they are taken.
        found: the schema that a register has; one from before the steps is stamped with it first.
        to: the last step.
    """
    from alembic import command
    from alembic.config import Config

    steps = Config(attributes={"connection": connection})
    steps.set_main_option("script_location", _STEPS)
    if found is not None and not connection.dialect.has_table(connection, _stamp.name):
        command.stamp(steps, str(found))
    command.upgrade(steps, str(SCHEMA if to is None else to))
    connection.execute(delete(storage.counters).where(_UNSTAMPED))


def _where(connection: Connection) -> str:
    return storage.redacted(str(connection.engine.url))
