"""A seeded population that asks, works and answers in virtual time, on a real register."""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import count

from bdv_process.errors import Conflict, NotAllowed
from bdv_process.eventlog.event import NONE, Event, Lifecycle
from bdv_process.execution.clock import VirtualClock
from bdv_process.execution.infrastructure import Component, Infrastructure, Status
from bdv_process.execution.organisation import Organisation, Person
from bdv_process.execution.register import CaseRegister
from bdv_process.template.model import Kind, Template, by_key
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import HERE

OPENS, CLOSES = time(8, 30), time(17, 0)
FIRST_DAY = date(2026, 1, 5)

#: How many people fulfil each role, for every 60 cases of each workflow.
STAFF = {
    "kcc": 6, "coordinator": 6, "uitvoerder": 10, "toetser": 6, "dienstverantwoordelijke": 4,
}  # fmt: skip

#: How often each outcome that is not the happy one is chosen.
CHANCES = {
    "rejected": 0.04, "incomplete": 0.07, "adjust": 0.15, "no_deal": 0.06, "not_agreed": 0.09,
    "failed": 0.14, "not_as_agreed": 0.07, "known_solution": 0.25, "search_on": 0.18,
    "risk_accepted": 0.14,
}  # fmt: skip
WITHDRAWN, ANSWERED, REASONED = 0.02, 0.85, 0.95
LINKED_TO_A_CALL, LINKED_TO_A_COMPONENT = 0.5, 0.3
PROPOSED, PROPOSED_AFTER_REWORK = 0.05, 0.6
COMPONENTS = 40  #: of the simulation; an organisation of its own has its own
WEEKS_OF_ARRIVALS = 20
PRESSING = timedelta(weeks=3)  #: from this age on a case goes first: the simulated keep their terms
WORK_WITHOUT_NORM = timedelta(minutes=45)


def populate(procedure: Procedure, *, citizens: int = 200, size: float = 1.0) -> Organisation:
    """Return an organisation with staff in every role, and citizens who ask."""
    people = [
        Person(id=f"{role}-{number}", name=f"{role} {number}", roles=(role,))
        for role, usual in STAFF.items()
        if role in procedure.role_ids
        for number in range(1, max(2, round(usual * size)) + 1)
    ]
    people += [
        Person(id=f"burger-{number}", name=f"burger {number}", roles=("aanvrager",))
        for number in range(1, citizens + 1)
    ]
    return Organisation(people={person.id: person for person in people})


def estate() -> Infrastructure:
    """Return the components that a simulation works on, of the kinds of the sample."""
    sample = Infrastructure.read()
    kinds = sorted(sample.kinds)
    components = [
        Component(
            id=f"C-{number}", name=f"onderdeel {number}", name_en=f"component {number}",
            kind=kinds[number % len(kinds)], owner=None,
        )
        for number in range(1, COMPONENTS + 1)
    ]  # fmt: skip
    return replace(sample, components={each.id: each for each in components}, services={})


class Population:
    """People whose choices come from one seed, so that a simulation can be repeated."""

    def __init__(
        self,
        register: CaseRegister,
        clock: VirtualClock,
        *,
        templates: Iterable[Template],
        procedure: Procedure,
        seed: int,
    ) -> None:
        self._register = register
        self._clock = clock
        self._templates = by_key(templates)
        self._procedure = procedure
        self._outcomes = {
            activity.id: [outcome.id for outcome in activity.outcomes]
            for template in self._templates.values()
            for activity in template.activities
        }
        self._chance = random.Random(seed)  # noqa: S311 - a simulation, not a secret
        self._agenda: list[tuple[datetime, int, Callable[[], None]]] = []
        self._number = count()
        self._free: dict[str, datetime] = {}
        self._calls: dict[str, list[str]] = defaultdict(list)  #: by requester
        self._opened: dict[str, datetime] = {}  #: by first case of the chain
        self._offered: dict[str, list[str]] = defaultdict(list)  #: steps, by case
        self._proposals = count(1)
        self._components = [
            component.id
            for component in register.infrastructure.components.values()
            if component.status is Status.IN_USE
        ]
        self._coming = self._open = self._closed = 0
        register.listen(self._hear)

    def live(self, cases: Mapping[str, int], progress: Callable[[int], None]) -> None:
        """Let so many cases of each template come in, and work until all of them are closed.

        `progress` hears, now and then, how many of those cases were closed so far.
        """
        for key, number in cases.items():
            for _ in range(number):
                after = timedelta(days=self._chance.uniform(0, 7 * WEEKS_OF_ARRIVALS))
                self._comes(office_hours(midnight(FIRST_DAY) + after), partial(self._ask, key))
        self._go(FIRST_DAY, progress)

    def _comes(self, moment: datetime, ask: Callable[[], None]) -> None:
        self._at(moment, ask)
        self._coming += 1

    def _go(
        self, first: date, progress: Callable[[int], None], until: datetime | None = None
    ) -> None:
        """Do what is on the agenda from a first day on, until a moment or until it is empty."""
        self._at(midnight(first), partial(self._morning, first, progress))
        while self._agenda and (until is None or self._agenda[0][0] <= until):
            moment, _, act = heapq.heappop(self._agenda)
            self._clock.move_to(moment)
            act()
        progress(self._closed)

    def _at(self, moment: datetime, act: Callable[[], None]) -> None:
        heapq.heappush(self._agenda, (moment, next(self._number), act))

    def _morning(self, today: date, progress: Callable[[int], None]) -> None:
        """Fire the timers that came due since yesterday, as a nightly job would."""
        for fired in self._register.fire_due():
            if fired.refusal:
                raise fired.refusal
        progress(self._closed)
        if self._coming or self._open:
            tomorrow = today + timedelta(days=1)
            self._at(midnight(tomorrow), partial(self._morning, tomorrow, progress))

    def _ask(self, key: str) -> None:
        requester, case = self._call(key)
        if self._chance.random() < WITHDRAWN:
            later = self._clock.now + timedelta(days=self._chance.uniform(0.1, 12))
            self._at(later, partial(self._withdraw, case, requester))

    def _call(self, key: str) -> tuple[str, str]:
        """Let somebody ask for something; return who, and the case."""
        self._coming -= 1
        inside = self._templates[key].proactive
        askers = self._register.organisation.with_role("uitvoerder" if inside else "aanvrager")
        requester = self._chance.choice(askers).id
        case = self._started(key, requester)
        self._calls[requester].append(case)
        return requester, case

    def _started(self, key: str, requester: str) -> str:
        return self._register.start(key, by=requester)

    def _withdraw(self, case: str, requester: str) -> None:
        with suppress(Conflict):  # it may have been closed by then
            self._register.withdraw(case, by=requester)

    def _answer(self, case: str, requester: str) -> None:
        with suppress(Conflict):
            self._register.answer(case, by=requester)

    def _hear(self, event: Event) -> None:
        if event.aside:
            return
        node = self._templates[event.template].by_id[event.activity]
        if event.lifecycle is Lifecycle.SCHEDULE and event.role:
            self._offer(event)
        elif node.kind is Kind.START and node.scope is None:
            self._open += 1
            self._opened.setdefault(event.root, event.timestamp)
        elif node.case_outcome:
            self._open -= 1
            self._closed += event.parent is None
        elif node.sends and (event.parent or self._chance.random() < ANSWERED):
            days = self._chance.lognormvariate(1.3, 0.7)
            later = office_hours(self._clock.now + timedelta(days=days))
            self._at(later, partial(self._answer, event.case, event.requester))

    def _offer(self, event: Event) -> None:
        """Put an item on the agenda of whoever is free first; other work comes in between."""
        self._offered[event.case].append(event.activity)
        person = self._colleagues(event.activity)[0]
        days = 0 if self._pressing(event) else min(self._chance.lognormvariate(-0.7, 1.0), 10)
        picked_up = self._clock.now + timedelta(days=days)
        start = office_hours(max(picked_up, self._free.get(person, picked_up)))
        norm = self._procedure.norms.get(event.activity, WORK_WITHOUT_NORM)
        end = _worked(start, norm * self._chance.lognormvariate(-0.15, 0.55))
        self._free[person] = end
        self._at(start, partial(self._begin, event, person, end))

    def _colleagues(self, activity: str) -> list[str]:
        """Return who may do it by role, the usual role first, then who is free first."""
        roles = self._procedure.raci[activity].responsible
        return [
            person.id
            for role in roles
            for person in sorted(
                self._register.organisation.with_role(role),
                key=lambda person: self._free.get(person.id, self._clock.now),
            )
        ]

    def _begin(self, offered: Event, person: str, end: datetime) -> None:
        others = [other for other in self._colleagues(offered.activity) if other != person]
        for candidate in (person, *others):
            try:
                self._register.begin(str(offered.item), by=candidate)
            except NotAllowed:
                continue
            except Conflict:
                return  # the requester withdrew
            self._at(end, partial(self._finish, offered, candidate))
            return

    def _finish(self, offered: Event, person: str) -> None:
        outcome = None if self._pressing(offered) else self._choose(offered.activity)
        form = self._form(offered)
        with suppress(Conflict):
            self._register.complete(str(offered.item), by=person, outcome=outcome, data=form)

    def _pressing(self, offered: Event) -> bool:
        return self._clock.now - self._opened[offered.root] > PRESSING

    def _form(self, offered: Event) -> dict[str, str]:
        """Fill in what a step asks: what it is linked to, what was updated or proposed, and why."""
        step = offered.activity.partition("_")[2]
        filled = {}
        if step in ("accept", "identify"):
            filled["linked"] = offered.parent or self._known(offered.requester, offered.case)
        if step == "register":
            filled["component"] = self._component()
        if step == "close":
            steps = self._offered[offered.case]
            usual = PROPOSED if len(steps) == len(set(steps)) else PROPOSED_AFTER_REWORK
            proposes = self._chance.random() < usual
            filled["proposal"] = f"V-{next(self._proposals)}" if proposes else NONE
        if self._outcomes[offered.activity] and self._chance.random() < REASONED:
            filled["motivation"] = "Besproken met de aanvrager."
        return filled

    def _known(self, requester: str, case: str) -> str:
        """Return what a call has to do with: an earlier call, a component or nothing."""
        draw, earlier = self._chance.random(), [c for c in self._calls[requester] if c != case]
        if earlier and draw < LINKED_TO_A_CALL:
            return earlier[-1]
        return self._component() if draw > 1 - LINKED_TO_A_COMPONENT else NONE

    def _component(self) -> str:
        return self._chance.choice(self._components)

    def _choose(self, activity: str) -> str | None:
        draw = self._chance.random()
        for outcome in self._outcomes[activity]:
            draw -= CHANCES.get(outcome, 0)
            if draw < 0:
                return outcome
        return None


def midnight(day: date) -> datetime:
    """Return the moment at which a day begins here."""
    return datetime.combine(day, time(), HERE)


def office_hours(moment: datetime) -> datetime:
    """Return the first moment from `moment` at which people work."""
    local = moment.astimezone(HERE)
    if local.time() >= CLOSES:
        local = midnight(local.date() + timedelta(days=1))
    while local.weekday() >= 5:  # Saturday
        local = midnight(local.date() + timedelta(days=1))
    if local.time() < OPENS:
        local = datetime.combine(local.date(), OPENS, HERE)
    return local.astimezone(UTC)


def _worked(start: datetime, effort: timedelta) -> datetime:
    """Return when `effort` of work that starts in office hours is done."""
    while True:
        start = office_hours(start)
        closes = datetime.combine(start.astimezone(HERE).date(), CLOSES, HERE)
        if effort <= closes - start:
            return start + effort
        effort -= closes - start
        start = closes
