"""The folder of heads: out of reach of who can change the database, so what is in it stays.

Each head is a file of its own. One that says something else than the register now does is what the
folder is for: it is told, and ours is put beside it.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from bdv_process.errors import BdvError, IntegrityBroken
from bdv_process.execution.seal import Head

_NAME: Final = re.compile(r"head-\d{6,}\.json")


@dataclass(frozen=True, kw_only=True)
class Kept:
    """A head that was put in the folder, or that is not what the register says."""

    number: int
    file: str  #: its name
    problem: IntegrityBroken | None = None


class HeadFolder:
    """Puts heads in a folder, and holds those that are there against the register."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._looked: set[tuple[str, str]] = set()  #: names of files, and of what head by its hash

    def catch_up(self, heads: Callable[[], Sequence[Head]]) -> Iterator[Kept]:
        """Put there what is lacking of the register's heads, oldest first; tell what differs.

        What was told is not told again, as long as the file is there and the register is the same.

        Raises:
            OSError: the folder cannot be read or written.
        """
        there = {each.name for each in self.path.iterdir()}  # before: a head is made, then put
        known = {f"head-{head.number:06}.json": head for head in heads()}
        for name, head in known.items():
            if name in there and (name, head.hash) in self._looked:
                continue
            kept = self._put(name, head)
            self._looked.add((name, head.hash))
            if kept:
                yield kept
        for name in sorted(filter(_NAME.fullmatch, there - known.keys())):
            if (name, "") not in self._looked:
                self._looked.add((name, ""))
                problem = IntegrityBroken("BDV-536", where=self.path / name)
                yield Kept(number=int(name[5:-5]), file=name, problem=problem)

    def _put(self, name: str, head: Head) -> Kept | None:
        file = self.path / name
        try:
            head.write(file)
        except FileExistsError:
            if _says(file, head):
                return None
        else:
            return Kept(number=head.number, file=name)
        beside = file.with_name(f"{file.stem}.other-{head.hash[:12]}.json")
        with suppress(FileExistsError):  # told before
            head.write(beside)
        problem = IntegrityBroken("BDV-535", where=file, beside=beside.name)
        return Kept(number=head.number, file=name, problem=problem)


def _says(file: Path, head: Head) -> bool:
    """Return whether a file holds this head, whoever signed it."""
    try:
        return Head.read(file).statement == head.statement
    except BdvError:
        return False
