"""All commands in any order, with crashes in between, held to what was acknowledged."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bdv_process.errors import BdvError, NotFound
from bdv_process.execution.clock import VirtualClock
from bdv_process.template.term import local_day
from faults import points
from faults.promises import broken, everything
from faults.scenario import Trial, opened, scenario
from stories import FORM, INSIDE, REQUESTER, WORKER

STEPS = 20
_PEOPLE = st.sampled_from([*WORKER.values(), REQUESTER])
_MOVES = ["begin", "suspend", "resume"]
_WHICH = st.integers(0, 30)
_DIES = st.sampled_from([None, None, *points.POINTS])  #: and where the process is killed, if it is


class Acknowledged(RuleBasedStateMachine):
    """A register and, beside it, plain dictionaries of what it said it had done."""

    trial: Trial

    @initialize()
    def begin_anew(self) -> None:
        self.url = self.trial.fresh()
        self.clock = VirtualClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
        self.register = opened(self.url, self.clock)
        self.holder: dict[str, str | None] = {}  #: of items that we know of
        self.done: dict[str, str] = {}  #: completed items, and their case
        self.results: dict[str, tuple[Callable[[], Any], str]] = {}  #: by key
        self.cases: list[str] = []
        self.keys = 0
        self.start("W4", None)

    # What people do.

    @rule(template=st.sampled_from(["W1", "W4", "W5", "W7"]), dies=_DIES)
    def start(self, template: str, dies: str | None) -> None:
        by = INSIDE if self.register.template(template).proactive else REQUESTER
        case = self.give("start", template, dies, by=by)
        if case:
            assert case not in self.cases, "two cases have one number"
            self.cases.append(case)

    @rule(which=_WHICH, by=_PEOPLE, dies=_DIES)
    def claim(self, which: int, by: str, dies: str | None) -> None:
        item = self.pick(which)
        if item and self.give("claim", item, dies, by=by):
            self.holder[item] = by

    @rule(which=_WHICH, by=_PEOPLE, what=st.sampled_from(_MOVES), dies=_DIES)
    def move(self, which: int, by: str, what: str, dies: str | None) -> None:
        item = self.pick(which)
        if item and self.give(what, item, dies, by=by):
            self.holder[item] = by

    @rule(which=_WHICH, by=_PEOPLE)
    def release(self, which: int, by: str) -> None:
        item = self.pick(which)
        if item and self.give("release", item, by=by):
            self.holder[item] = None

    @rule(which=_WHICH, by=_PEOPLE, to=_PEOPLE)
    def delegate(self, which: int, by: str, to: str) -> None:
        item = self.pick(which)
        if item and self.give("delegate", item, by=by, to=to):
            self.holder[item] = to

    @rule(which=_WHICH, by=st.none() | _PEOPLE, ended=st.integers(0, 3), dies=_DIES)
    def complete(self, which: int, by: str | None, ended: int, dies: str | None) -> None:
        item = self.pick(which)
        if not item:
            return
        work = self.register.item(item)
        case = self.register.case(work.case)
        outcomes = self.register.template(case.template).activity(work.activity).outcomes
        outcome = list(outcomes)[ended % len(outcomes)] if ended and outcomes else None
        by = by or WORKER[str(work.role)]
        form = FORM | {"component": "website"}
        if self.give("complete", item, dies, by=by, outcome=outcome, data=form):
            self.done[item] = work.case

    @precondition(lambda self: self.done)
    @rule(which=_WHICH, by=_PEOPLE)
    def complete_what_is_done(self, which: int, by: str) -> None:
        item = list(self.done)[which % len(self.done)]
        assert self.give("complete", item, by=by) is None, "an item was completed twice"

    @rule(which=_WHICH, what=st.sampled_from(["answer", "withdraw", "notice"]), dies=_DIES)
    def say(self, which: int, what: str, dies: str | None) -> None:
        if self.cases:
            self.give(what, self.cases[which % len(self.cases)], dies, by=REQUESTER)

    @rule(which=_WHICH, days=st.integers(1, 100))
    def extend(self, which: int, days: int) -> None:
        if self.cases:
            until = local_day(self.clock()) + timedelta(days=days)
            case = self.cases[which % len(self.cases)]
            self.give("extend", case, by=WORKER["coordinator"], until=until)

    @rule(days=st.integers(0, 40), dies=_DIES)
    def time_passes(self, days: int, dies: str | None) -> None:
        self.clock.pass_time(timedelta(days=days))
        self.die(self.register.fire_due, dies)
        assert all(fired.refusal is None for fired in self.register.fire_due())
        assert not self.register.timers(due_by=self.clock())

    # What goes wrong.

    @rule()
    def reopen(self) -> None:
        before = everything(self.url)
        self.register.close()
        self.register = opened(self.url, self.clock, hot=2)
        assert everything(self.url) == before

    @precondition(lambda self: self.results)
    @rule(which=_WHICH)
    def ask_again(self, which: int) -> None:
        ask, result = self.results[list(self.results)[which % len(self.results)]]
        before = everything(self.url)
        assert ask() == result, "a key has two results"
        assert everything(self.url) == before, "a key was carried out twice"

    # What was acknowledged is so.

    @invariant()
    def what_was_done_is_gone_and_who_has_it_holds_it(self) -> None:
        if not hasattr(self, "register"):
            return
        offered = {work.id: work.claimed_by for work in self.register.worklist()}
        assert not set(self.done) & set(offered), "completed work is offered"
        for item, holder in self.holder.items():
            if item in offered:
                assert offered[item] == holder, "who claimed work does not hold it"
        known = {case.id for case in self.register.cases()}
        assert set(self.cases) <= known, "a case was lost"

    def teardown(self) -> None:
        if hasattr(self, "register"):
            self.trial.counted["sequences"] += 1
            found = broken(self.register, self.url)
            self.register.close()
            assert not found, f"not kept: {dict(found)}"

    def pick(self, which: int) -> str | None:
        """Return an item that is offered."""
        work = self.register.worklist()
        return work[which % len(work)].id if work else None

    def give(self, name: str, about: str, dies: str | None = None, **options: Any) -> str | None:
        """Give a command, if need be until it is answered; return what it brought."""
        self.keys += 1
        key = f"key {self.keys}"

        def ask() -> Any:
            return getattr(self.register, name)(about, key=key, **options)

        self.trial.counted["commands"] += 1
        self.die(ask, dies)
        try:
            result = str(ask())
        except NotFound:
            raise
        except BdvError:
            return None
        self.results[key] = (ask, result)
        return result

    def die(self, ask: Callable[[], Any], point: str | None) -> None:
        """Let a process give the command and be killed at a point, if there is one."""
        if point is None:
            return
        self.register.close()
        child = os.fork()
        if child == 0:
            with suppress(BaseException), points.at(point):
                ask()
            os._exit(0)
        _, status = os.waitpid(child, 0)
        killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
        self.trial.counted["crashes"] += killed


@scenario()
def model(trial: Trial) -> None:
    """Let Hypothesis think of `times` sequences of commands and crashes, and try them."""
    machine = type("Model", (Acknowledged,), {"trial": trial})
    hypothesis.seed(trial.seed)(machine)
    often = settings(
        max_examples=trial.times, stateful_step_count=STEPS, deadline=None, database=None,
        print_blob=False, suppress_health_check=list(HealthCheck),
        phases=[hypothesis.Phase.generate],
    )  # fmt: skip
    try:
        run_state_machine_as_test(machine, settings=often)
    except AssertionError as error:
        trial.broken[str(error).splitlines()[0]] += 1
    except BaseExceptionGroup as errors:
        trial.broken[type(errors.exceptions[0]).__name__] += 1
    except (BdvError, hypothesis.errors.HypothesisException) as error:
        trial.broken[type(error).__name__] += 1
