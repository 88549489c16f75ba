"""Clocks that go back, jump and pass both nights on which the hour changes."""

from collections import Counter
from datetime import UTC, datetime, timedelta

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import Lifecycle
from bdv_process.execution.register import CaseRegister
from bdv_process.template.term import HERE
from faults.promises import broken
from faults.scenario import Trial, opened, scenario
from stories import REQUESTER, WORKER

#: Moments around which clocks are tried: the hours that are skipped and told twice in the
#: Netherlands, a leap day, the turn of a year.
NIGHTS = (
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2028, 2, 29, 0, tzinfo=UTC),
    datetime(2026, 12, 31, 23, tzinfo=UTC),
)
LEAPS = (-timedelta(days=1), timedelta(days=365), -timedelta(hours=1), timedelta(hours=1))


class Unruly:
    """A clock that is set by hand, back as well."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


@scenario()
def clocks(trial: Trial) -> None:
    """Work on cases under `times` clocks that walk about one of the nights, or leap."""
    for number in range(trial.times):
        url = trial.fresh()
        night = NIGHTS[number % len(NIGHTS)]
        clock = Unruly(night - timedelta(days=60))
        register = opened(url, clock)
        cases = [register.start("W5", by=REQUESTER) for _ in range(2)]
        clock.now = night - timedelta(hours=2)
        wrong = Counter(_hours_of_the_night(register, clock, cases[0], night))
        for _ in range(30):
            leap = trial.chance.random() < 0.1
            clock.now += (
                trial.chance.choice(LEAPS)
                if leap
                else timedelta(minutes=trial.chance.randrange(-60, 120))
            )
            wrong += _step(trial, register, clock)
        wrong += _timers(register)
        trial.broken += wrong + broken(register, url)
        trial.counted["clocks"] += 1
        register.close()
        trial.progress(number + 1)


def _hours_of_the_night(
    register: CaseRegister, clock: Unruly, case: str, night: datetime
) -> Counter[str]:
    """Work through the night, every half hour: what was noted is that many half hours apart."""
    item = register.items(case)[0]
    register.begin(item.id, by=WORKER[str(item.role)])
    for half in range(-3, 6):
        clock.now = night + half * timedelta(minutes=30)
        pause = register.suspend if half % 2 else register.resume
        pause(item.id, by=WORKER[str(item.role)])
    found = [
        event.timestamp
        for event in register.events(case)
        if event.lifecycle in (Lifecycle.SUSPEND, Lifecycle.RESUME)
    ]
    expected = [night + half * timedelta(minutes=30) for half in range(-3, 6)]
    return Counter(
        {"hours lost or doubled": sum(a != b for a, b in zip(found, expected, strict=True))}
    )


def _step(trial: Trial, register: CaseRegister, clock: Unruly) -> Counter[str]:
    """Fire what is due and do some work; a timer goes off neither early nor twice."""
    wrong: Counter[str] = Counter()
    due = {(t.case, t.element, t.due) for t in register.timers(due_by=clock.now)}
    for fired in register.fire_due():
        wrong["fired early"] += fired.timer.due > clock.now
        wrong["could not be fired"] += fired.refusal is not None
        due.discard((fired.timer.case, fired.timer.element, fired.timer.due))
    wrong["not fired"] += len(due)
    wrong["fired twice"] += len(register.fire_due())
    for timer in register.timers():
        if timer.element.endswith(("_warning", "_due")):
            # What watches a legal term goes off as the day ends where the law is, summer or winter.
            wrong["not at midnight"] += f"{timer.due.astimezone(HERE):%H:%M:%S}" != "23:59:59"
    work = register.worklist()
    if work and trial.chance.random() < 0.3:
        item = trial.chance.choice(work)
        try:
            register.complete(item.id, by=WORKER[str(item.role)])
        except BdvError:
            wrong["work refused"] += 1
    trial.counted["steps"] += 1
    return wrong


def _timers(register: CaseRegister) -> Counter[str]:
    """Count timers of which the history says that they went off more than once."""
    fired = Counter(
        (event.case, event.activity)
        for event in register.events()
        if event.lifecycle is Lifecycle.COMPLETE and event.activity.endswith(("_warning", "_due"))
    )
    return Counter({"fired twice": sum(times - 1 for times in fired.values())})
