"""A log at rest in parts, so that it may be larger than memory or mined by several machines.

A store is a folder: a Parquet file per part, and a manifest that was written last and knows them
all. A part keeps the streams of linked cases whole, and all streams of one requester. What is read
back is not checked again as a foreign file is: only that it is what was written.
"""

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from bdv_process.errors import InputRefused, IntegrityBroken, NotFound
from bdv_process.eventlog import parquet
from bdv_process.eventlog.coded import Codes, coded, codes_of, missing, texts_of
from bdv_process.eventlog.dividing import LINKS, divided, parts_for
from bdv_process.eventlog.event import CASE, COLUMNS, KINDS, LABEL, TOUCHPOINT
from bdv_process.eventlog.files import MAX_EVENTS, replaced
from bdv_process.eventlog.intake import Provenance
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.passes import Progress, logs_of, together

_MANIFEST: Final = "manifest.json"


@dataclass(frozen=True, kw_only=True)
class Part:
    """What the manifest knows of a part."""

    file: str
    events: int
    cases: int
    sha256: str


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class LogStore:
    """A log in parts; of each `part`, and of the whole, the `provenance` is that of the log.

    `signature` differs when anything in the store does. `columns` are those of `EventLog.coded`.
    """

    folder: Path
    signature: str
    provenance: Provenance
    columns: tuple[str, ...]
    contents: tuple[Part, ...]

    @classmethod
    def write(cls, log: EventLog, folder: str | Path, *, parts: int | None = None) -> Self:
        """Write a log to a folder, all of it or nothing; a store that is there is replaced.

        Args:
            log: in memory.
            folder: where; its parent folder is there.
            parts: into how many at most; about half a million events each unless told.

        Raises:
            NotFound: there is no such parent folder.
            InputRefused: the folder is there and no store, or cases are each other's ancestors.
        """
        with _drafted(Path(folder)) as draft:
            rows = _divided(log, parts or parts_for(len(log)))
            contents = [_written(_some(log.coded, each), draft, n) for n, each in enumerate(rows)]
            _finished(draft, contents, log.coded.columns, log.provenance)
        return cls.open(folder)

    @classmethod
    def of_file(
        cls,
        path: str | Path,
        folder: str | Path,
        *,
        parts: int | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Write the log in a Parquet file that may be larger than memory, with our columns.

        Each part is checked as a log of its own: what `EventLog.read` refuses is refused.

        Args:
            path: the file.
            folder: where, as in `write`.
            parts: into how many at most, as in `write`.
            progress: told which share of the work is done.

        Raises:
            NotFound: there is no such file or parent folder.
            InputRefused: the file is not what it says, rows cannot be used, the folder is there
                and no store, or cases are each other's ancestors.
            LimitExceeded: what has to stay together does not fit in memory.
        """
        contents: list[Part] = []
        accounts: list[Provenance] = []
        names: set[str] = set()
        with _drafted(Path(folder)) as draft:
            for log in logs_of(Path(path), parts, draft, progress or (lambda share: None)):
                contents.append(_written(log.coded, draft, len(contents)))
                accounts.append(log.provenance)
                names.update(log.coded[LABEL].cat.categories)
            _finished(draft, contents, log.coded.columns, together(accounts, names))
        return cls.open(folder)

    @classmethod
    def open(cls, folder: str | Path) -> Self:
        """Open the store in a folder.

        Raises:
            NotFound: there is no such folder.
            InputRefused: it is no store, or of a later version.
        """
        path = Path(folder)
        if not path.is_dir():
            raise NotFound("BDV-201", where=path)
        try:
            told = (path / _MANIFEST).read_bytes()
            manifest = json.loads(told)
            if manifest["format"] != 1:
                raise InputRefused("BDV-291", where=path, format=manifest["format"])
            return cls(
                folder=path,
                signature=sha256(told).hexdigest(),
                provenance=_provenance(manifest["provenance"]),
                columns=tuple(manifest["columns"]),
                contents=tuple(Part(**part) for part in manifest["parts"]),
            )
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputRefused("BDV-290", where=path) from error

    @property
    def parts(self) -> int:
        """Return the number of parts."""
        return len(self.contents)

    @property
    def cases(self) -> int:
        """Return the number of cases."""
        return sum(part.cases for part in self.contents)

    def part(self, number: int) -> EventLog:
        """Return a part, counted from 0, as a log.

        Raises:
            IntegrityBroken: it is missing, or not what was written.
        """
        part = self.contents[number]
        # The manifest might name any file: only what lies beside it belongs to the store.
        path = self.folder / Path(part.file).name
        try:
            data = path.read_bytes()
        except OSError as error:
            raise IntegrityBroken("BDV-292", where=path) from error
        if sha256(data).hexdigest() != part.sha256:
            raise IntegrityBroken("BDV-292", where=path)
        known = parquet.columns(pa.py_buffer(data), path, MAX_EVENTS)
        if TOUCHPOINT in known:
            known[TOUCHPOINT] = known[TOUCHPOINT].astype(bool)
        frame = {
            name: known[name] if name in known else missing(KINDS.get(name, ""), part.events)
            for name in self.columns
        }
        return EventLog.kept(pd.DataFrame(frame, copy=False), self.provenance)

    def __len__(self) -> int:
        """Return the number of events."""
        return sum(part.events for part in self.contents)

    def __repr__(self) -> str:
        """Say where it is and how large, on one line."""
        size = f"{len(self)} events, {self.cases} cases in {self.parts} parts"
        return f"<LogStore {self.folder}: {size}>"


@contextmanager
def _drafted(folder: Path) -> Iterator[Path]:
    """Write beside a folder and put the finished one in its place; a failure leaves no trace.

    Raises:
        NotFound: there is no such parent folder.
        InputRefused: what is there already is no store.
    """
    if not folder.parent.is_dir():
        raise NotFound("BDV-201", where=folder.parent)
    if folder.exists() and not (folder / _MANIFEST).is_file():
        raise InputRefused("BDV-293", where=folder)
    with TemporaryDirectory(dir=folder.parent, prefix=f".{folder.name}.") as workshop:
        draft = Path(workshop) / "draft"
        draft.mkdir()
        yield draft
        if folder.exists():
            folder.replace(Path(workshop) / "former")
        draft.replace(folder)


def _written(frame: pd.DataFrame, draft: Path, number: int) -> Part:
    """Write a part, as `EventLog.coded` has it, without our columns that are empty in it."""
    path = draft / f"part-{number:05}.parquet"
    empty = [name for name in COLUMNS if frame[name].isna().all()]
    with replaced(path) as stream:
        parquet.write(frame.drop(columns=empty), stream)
    return Part(
        file=path.name,
        events=len(frame),
        cases=len(frame[CASE].cat.categories),
        sha256=sha256(path.read_bytes()).hexdigest(),
    )


def _finished(
    draft: Path, contents: list[Part], columns: Iterable[str], provenance: Provenance
) -> None:
    """Write the manifest: what it does not vouch for is no store."""
    rejected = provenance.rejected.astype(object).where(provenance.rejected.notna(), None)
    manifest = {
        "format": 1,
        "parts": [vars(part) for part in contents],
        "columns": [*columns],
        "provenance": vars(provenance) | {"rejected": rejected.to_dict("list")},
    }
    with replaced(draft / _MANIFEST) as stream:
        stream.write(json.dumps(manifest, ensure_ascii=False, indent=1).encode())


def _some(frame: pd.DataFrame, rows: Codes) -> pd.DataFrame:
    """Return some rows, each coded column with the texts that still occur."""
    some = frame.iloc[rows]
    return some.assign(**{name: coded(some[name]) for name in texts_of(some)})


def _divided(log: EventLog, parts: int) -> Iterator[Codes]:
    """Yield the rows of each part that has any, in their order; of an empty log none, once."""
    case = codes_of(log.coded[CASE])
    first = np.flatnonzero(np.diff(case, prepend=-1))
    head = log.coded.iloc[first]
    ids = {name: pa.array(head[name].astype("str"), pa.large_string()) for name in LINKS}
    part = divided(pa.table(ids), parts)[case]
    order = np.argsort(part, kind="stable")
    yield from np.split(order, np.flatnonzero(np.diff(part[order])) + 1)


def _provenance(told: dict[str, Any]) -> Provenance:
    kinds = {name: kind.dtype for name, kind in Provenance().rejected.items()}
    rejected = pd.DataFrame(told.pop("rejected")).astype(kinds)
    notes = tuple((key, facts) for key, facts in told.pop("notes"))
    hidden = tuple(told.pop("not_observable"))
    return Provenance(**told, rejected=rejected, notes=notes, not_observable=hidden)
