"""A worker: does what is due, one piece at a time, and sleeps until there is more.

Any number of workers share the work of a register on PostgreSQL; what one of them does is its own
transaction, so one that dies leaves its piece to the others. A new kind of work is one more job.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from traceback import format_tb
from typing import Final, Protocol

from bdv_process.errors import BdvError, Conflict, StorageUnavailable
from bdv_process.execution.bell import NAP, Bell
from bdv_process.execution.clock import Clock
from bdv_process.execution.head_folder import HeadFolder, Kept
from bdv_process.execution.keys import Signer
from bdv_process.execution.post import Sink
from bdv_process.execution.register import CaseRegister

_AGAIN: Final = timedelta(minutes=10)  # after which a timer that could not be fired is tried again
_BETWEEN_HEADS: Final = timedelta(hours=1)
_LONGEST: Final = 5  # doublings of a second, when the database is away


@dataclass(frozen=True, kw_only=True)
class Done:
    """One piece of work, or what kept it from being done."""

    job: str
    about: str  #: the case, notification or subject
    what: str = ""
    problem: BdvError | str | None = None


class Job(Protocol):
    """A kind of work."""

    name: str

    def one(self) -> Done | None:
        """Do one piece, in transactions of its own; None: there is nothing to do now."""

    def due(self) -> datetime | None:
        """Return when there is something to do, as known now."""


class Timers:
    """Fires what is due: deadlines, and the warnings and escalations before and after them."""

    name = "timer"

    def __init__(self, register: CaseRegister) -> None:
        self._register = register
        self._refused: dict[str, datetime] = {}  #: cases whose timers wait, and until when

    def one(self) -> Done | None:
        """Fire one timer; one that cannot be fired stops no other."""
        now = self._register.clock()
        self._refused = {case: until for case, until in self._refused.items() if until > now}
        fired = self._register.fire_next(besides=self._refused)
        if fired is None:
            return None
        if isinstance(fired.refusal, StorageUnavailable | Conflict):
            raise fired.refusal
        timer = fired.timer
        if fired.refusal:
            self._refused[timer.case] = now + _AGAIN
        return Done(job=self.name, about=timer.case, what=timer.element, problem=fired.refusal)

    def due(self) -> datetime | None:
        """Return when the next timer is due, but for those that were just refused."""
        return self._register.next_timer(besides=self._refused)


class Notifications:
    """Delivers what has to leave the register."""

    name = "notification"

    def __init__(self, register: CaseRegister, sink: Sink) -> None:
        self._register = register
        self._sink = sink

    def one(self) -> Done | None:
        """Deliver one notification."""
        sent = self._register.deliver_next(self._sink)
        if sent is None:
            return None
        what = "given up" if sent.given_up else ""
        return Done(job=self.name, about=sent.notification.id, what=what, problem=sent.problem)

    def due(self) -> datetime | None:
        """Return when the next attempt is due."""
        return self._register.next_notification()


class Heads:
    """Seals what the register holds, once an hour, and puts its heads where they are kept."""

    name = "head"

    def __init__(self, register: CaseRegister, signer: Signer | None, folder: Path | None) -> None:
        self._register = register
        self._signer = signer
        self._folder = HeadFolder(folder) if folder else None
        self._round: Iterator[Kept] | None = None  #: along the folder
        self._begun: datetime | None = None  #: when the last head was made, as that round began
        self._ended: datetime | None = None  #: the same of the last round that came to its end
        self._away: datetime | None = None  #: until when a folder that is away is left alone

    def one(self) -> Done | None:
        """Put a head in the folder; or make one, if an hour has passed and nobody else did."""
        now, last = self._register.clock(), self._register.sealed()
        return self._put(now, last) or self._make(now, last)

    def _put(self, now: datetime, last: datetime | None) -> Done | None:
        if self._folder is None or last == self._ended or (self._away and self._away > now):
            return None
        if self._round is None:
            self._round, self._begun = self._folder.catch_up(self._register.heads), last
        try:
            kept = next(self._round, None)
        except OSError as error:
            self._round, self._away = None, now + _AGAIN
            where, said = self._folder.path, error.strerror or error
            problem = StorageUnavailable("BDV-602", where=where, problem=said)
            return Done(job=self.name, about=str(where), problem=problem)
        except BdvError:
            self._round = None
            raise
        if kept is None:
            self._round, self._ended, self._away = None, self._begun, None
            return None
        return Done(job=self.name, about=str(kept.number), what=kept.file, problem=kept.problem)

    def _make(self, now: datetime, last: datetime | None) -> Done | None:
        due = self._next(now, last)
        if due is None or due > now:
            return None
        head = self._register.seal_after(now - _BETWEEN_HEADS, self._signer)
        return Done(job=self.name, about=str(head.number), what=head.root) if head else None

    def due(self) -> datetime | None:
        """Return when there is a head to make or to put; None while there is nothing to seal."""
        made = self._next(self._register.clock(), self._register.sealed())
        return min(made, self._away) if made and self._away else made

    def _next(self, now: datetime, last: datetime | None) -> datetime | None:
        if last is not None:
            return last + _BETWEEN_HEADS
        return now if self._register.counts() else None


class Worker:
    """Does jobs until it is told to stop, each only while those before it have nothing to do."""

    def __init__(
        self, jobs: Sequence[Job], bell: Bell, clock: Clock, told: Callable[[Done], None]
    ) -> None:
        self._jobs = jobs
        self._bell = bell
        self._clock = clock
        self._told = told
        self._stopping = False

    def stop(self) -> None:
        """End after the piece of work at hand; a signal handler or another thread may say so."""
        self._stopping = True
        self._bell.ring()

    def run(self, *, once: bool = False, lasting: bool = False) -> None:
        """Work until somebody says stop; `once`: until nothing is left to do now.

        Who is `lasting` tells of whatever goes wrong and goes on: nobody would start it again.
        """
        failed = 0
        while not self._stopping:
            try:
                if self._piece():
                    failed = 0
                    continue
                if once:
                    return
                pause = self._pause()
            except Exception as problem:
                if not (lasting or isinstance(problem, StorageUnavailable | Conflict)):
                    raise
                self._told(_hurt(problem))
                pause = 2.0 ** min(failed, _LONGEST)
                failed += 1
            if not self._stopping:
                self._bell.sleep(pause)

    def _piece(self) -> bool:
        """Do one piece of the first job that has any; return whether one had.

        So what is due by law waits for one delivery to who is slow, not for all of them.
        """
        for job in self._jobs:
            if done := job.one():
                self._told(done)
                return True
        return False

    def _pause(self) -> float:
        """Return for how many seconds there is nothing to do."""
        due = [moment for job in self._jobs if (moment := job.due())]
        wait = min([moment - self._clock() for moment in due] + [NAP])
        # What is due and was not ours to take is with somebody else; look again soon.
        return max(wait.total_seconds(), 1.0)


def _hurt(problem: Exception) -> Done:
    """Return what to tell of an exception: of one we do not know where it came from, no values."""
    if isinstance(problem, BdvError):
        return Done(job="worker", about=problem.where, problem=problem)
    came = "".join(format_tb(problem.__traceback__))
    return Done(job="worker", about=type(problem).__name__, problem=came)
