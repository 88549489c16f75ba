"""The database that cases live in, and the live cases that were used last."""

from collections import OrderedDict
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, Table

from bdv_process.errors import Conflict, IntegrityBroken, StorageUnavailable
from bdv_process.eventlog.event import Event
from bdv_process.execution import cleaning, schema, snapshot, storage
from bdv_process.execution.case import Case
from bdv_process.execution.clock import Clock
from bdv_process.execution.organisation import Organisation
from bdv_process.execution.subject import Keyring, Subjects
from bdv_process.execution.unit import Unit
from bdv_process.template.model import Template, by_key, of_key
from bdv_process.template.procedure import Procedure


class Ledger:
    """The database, the templates cases run on, and the live cases that were used last."""

    def __init__(
        self,
        url: str,
        templates: Iterable[Template],
        procedure: Procedure,
        organisation: Organisation,
        hot: int,
        keyring: Keyring,
        source: str | None = None,
    ) -> None:
        self.templates = by_key(templates)
        self.procedure = procedure
        self.organisation = organisation
        self.names = {
            node.id: node for template in self.templates.values() for node in template.nodes
        }
        self.versions = {template.version: template for template in self.templates.values()}
        self.hot: OrderedDict[str, Case] = OrderedDict()
        self._hot_size = hot
        self.source = source  #: from whom notifications say they come; None: nothing leaves
        self.keyring = keyring
        self._engine = storage.open_engine(url)
        self._made = False
        self._batch: Unit | None = None
        self._later: list[Callable[[], None]] = []
        self.listeners: list[Callable[[Event], None]] = []

    def template(self, key: str) -> Template:
        """Return the template that new cases of `key` run.

        Raises:
            NotFound: there is none.
        """
        return of_key(self.templates, key)

    def works_here(self, person: str) -> bool:
        """Return whether somebody goes by their own name: not who is known here only to ask."""
        return self.organisation.works_here(person, self.procedure.working)

    def close(self) -> None:
        """Let go of the database."""
        self._engine.dispose()

    def read(self, query: Select[Any]) -> list[Row[Any]]:
        """Return rows; a database that does not exist yet has none.

        All at once: a reader that lingers would keep the writers of a SQLite file waiting.
        """
        with self._reading() as connection:
            return list(connection.execute(query)) if connection else []

    def bare(self, query: Select[Any]) -> list[storage.Bare]:
        """Return rows as the database keeps them, of a database that may not exist yet."""
        with self._reading() as connection:
            return storage.rows_of(connection, query) if connection else []

    @property
    def numbers(self) -> bool:
        """Return whether the database keeps flags as numbers."""
        return self._engine.dialect.name == "sqlite"

    def events(self, query: Select[Any], *, shown: bool = False) -> list[Event]:
        """Return whole rows of `events` as events; to be `shown`, with what people filled in."""
        with self._reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(query)
            return Subjects(connection, self.keyring).events(rows, shown=shown)

    @contextmanager
    def _reading(self) -> Iterator[Connection | None]:
        """Yield a connection to read from; None when there is no database yet."""
        if self._batch is not None:
            self._batch.flush()
            yield self._batch.connection
            return
        if not storage.exists(self._engine):
            yield None
            return
        with (
            storage.storage_errors(self._engine),
            self._engine.connect().execution_options(reads=True) as connection,
        ):
            yield connection if self._made or schema.is_made(connection) else None

    def look(self, case: str, now: datetime) -> Case:
        """Return a case of a database that exists, made again; no command knows of it."""
        if self._batch is not None:
            self._batch.flush()
            return self._batch.replay(case)
        with (
            storage.storage_errors(self._engine),
            self._engine.connect().execution_options(reads=True) as connection,
        ):
            return Unit(self, connection, now).replay(case)

    def damage(self) -> list[str]:
        """Return what a database that is a file finds broken in it, also where no row stands.

        A copy is asked, for as long as that takes. PostgreSQL has a checksum on every page instead.

        Raises:
            StorageUnavailable: it cannot be read, or not be copied.
        """
        if self._engine.dialect.name != "sqlite" or not storage.exists(self._engine):
            return []
        with snapshot.still(self._engine) as connection:
            return snapshot.damage(connection)

    def after_batch(self, act: Callable[[], None]) -> None:
        """Do something by itself: now, or when the batch that goes on has ended, well or not."""
        if self._batch is None:
            act()
        else:
            self._later.append(act)

    def clean(self, *tables: Table) -> bool:
        """Let the database forget what these tables held before; return whether it could.

        It cannot while somebody reads what was there before, or keeps a table locked.
        """
        try:
            with storage.storage_errors(self._engine):
                return cleaning.clean(self._engine, tables)
        except (StorageUnavailable, Conflict):
            return False

    @contextmanager
    def still(self, now: datetime) -> Iterator[Unit]:
        """Yield a unit on the register as it is now, whatever others write; nothing of it stays.

        Raises:
            NotFound: there is no register.
        """
        with self._reading():
            pass  # another schema is refused by the name of the register, not of its copy
        with snapshot.still(self._engine) as connection:
            yield Unit(self, connection, now)

    @contextmanager
    def batch(self, clock: Clock) -> Iterator[None]:
        """Let all commands inside share one transaction: all of them count, or none."""
        try:
            with self._unit(clock()) as unit:
                self._batch = unit
                try:
                    yield
                    if unit.broken:
                        raise IntegrityBroken("BDV-332")
                finally:
                    self._batch = None
        finally:
            later, self._later = self._later, []
            for act in later:
                act()

    @contextmanager
    def command(self, now: datetime) -> Iterator[Unit]:
        """Do one command's work, and tell the listeners; nothing of it stays when it fails."""
        if self._batch is not None:
            self._batch.now = now
            with self._batch.one_command():
                yield self._batch
            happened = self._batch.unheard()
        else:
            with self._unit(now) as unit:
                yield unit
            happened = unit.unheard()
        for event in happened:
            for listener in self.listeners:
                listener(event)

    @contextmanager
    def _unit(self, now: datetime) -> Iterator[Unit]:
        unit: Unit | None = None
        try:
            with storage.storage_errors(self._engine), self._engine.begin() as connection:
                if not self._made:
                    schema.make(connection)
                unit = Unit(self, connection, now)
                yield unit
                unit.flush()
            self._made = True
        except BaseException:
            # Live cases may hold what the database will never hear of.
            for case in unit.loaded if unit else ():
                self.hot.pop(case, None)
            raise

    def keep_hot(self, case: Case) -> None:
        """Keep a live case for the next command, and let the coldest go."""
        self.hot[case.id] = case
        self.hot.move_to_end(case.id)
        while len(self.hot) > self._hot_size:
            self.hot.popitem(last=False)
