"""What somebody does who has the database in their hands, and knows how its events are chained."""

from sqlalchemy import Connection, update

from bdv_process.execution import storage
from bdv_process.execution.chain import link, stored_in


def rechained(connection: Connection, case: str) -> None:
    """Give the events of a case the hashes that fit what now stands in them."""
    event, before = storage.events.c, ""
    query = stored_in(storage.events, numbers=connection.dialect.name == "sqlite")
    query = query.where(event.case == case).order_by(event.seq)
    for row in storage.rows_of(connection, query):
        before = link(before, row[:-1])
        this = update(storage.events).where(event.case == case, event.seq == row[1])
        connection.execute(this.values(hash=before))
