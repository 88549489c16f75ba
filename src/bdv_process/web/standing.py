"""How a case stands: one sentence, and its steps as a table and as marks on the diagram."""

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from bdv_process.eventlog.event import Event, Lifecycle
from bdv_process.execution.case import Case, WorkItem
from bdv_process.execution.reader import CaseFile
from bdv_process.execution.terms import TermClock
from bdv_process.language import text
from bdv_process.picture import words
from bdv_process.picture.diagram import Mark
from bdv_process.template.model import Activity, Fork, Node
from bdv_process.template.term import local_day
from bdv_process.web.naming import Names


@dataclass(frozen=True, kw_only=True)
class Step:
    """A step or message of a case: a row of the table, and a mark on the diagram."""

    node: Node
    state: Literal["here", "passed", "ahead", "left"]  #: left: the case ended without it
    times: int  #: how often it was done
    last: Event | None  #: when it was done last


def steps(case: Case, events: Iterable[Event]) -> list[Step]:
    """Return every activity in the order of the template, and what else was passed or waits."""
    done = [e for e in events if e.lifecycle is Lifecycle.COMPLETE and not e.aside]
    times, last = Counter(e.activity for e in done), {e.activity: e for e in done}
    here = {item.activity for item in case.items.values()}
    if case.question:
        here.add(case.question.id)
    ahead: Literal["ahead", "left"] = "left" if case.closed else "ahead"
    return [
        Step(
            node=node,
            state="here" if node.id in here else "passed" if node.id in times else ahead,
            times=times[node.id],
            last=last.get(node.id),
        )
        for node in case.template.nodes
        if isinstance(node, Activity) or node.id in here or node.id in times
        if node.label()
    ]


def marks(found: Iterable[Step], names: Names) -> dict[str, Mark]:
    """Return what the diagram shows of the steps that were passed or wait."""
    drawn = {}
    for step in found:
        if step.state == "here":
            badge = text("web.mark.here", names.lang)
            drawn[step.node.id] = Mark(level=2, badge=badge, title=badge)
        elif step.last:
            title = text(
                "web.mark.passed", names.lang, moment=words.minute(step.last.timestamp, names.lang)
            )
            badge = "✓" if step.times == 1 else f"{step.times}×"
            drawn[step.node.id] = Mark(level=0, badge=badge, title=title)
    return drawn


def sentence(case: Case, forks: dict[str, str], names: Names) -> str:
    """Return how a case stands; `forks` are the child cases by the item that waits for them."""
    lang = names.lang
    if case.closed:
        outcome = names.outcome(case.template.key, "", case.outcome)
        moment = words.minute(case.closed, lang)
        return text("web.state.closed", lang, moment=moment, outcome=outcome)
    waits = [_wait(item, case, forks, names) for item in case.items.values()]
    if case.question:
        waits.append(text("web.waits.answer", lang, person=names.person(case.requester)))
    return text(
        "web.state.open", lang, moment=words.minute(case.opened, lang),
        waits=f" {text('web.and', lang)} ".join(waits) or text("web.waits.nothing", lang),
    )  # fmt: skip


def _wait(item: WorkItem, case: Case, forks: dict[str, str], names: Names) -> str:
    node = case.template.by_id[item.activity]
    facts = {"step": node.label(names.lang), "person": names.person(item.claimed_by)}
    if isinstance(node, Fork):
        key, facts["child"] = "child", forks.get(item.id, "–")
    elif item.claimed_by is None:
        key, facts["role"] = "role", names.role(item.role)
    else:
        key = {Lifecycle.ASSIGN: "claimed", Lifecycle.SUSPEND: "suspended"}.get(item.state, "works")
    return text(f"web.waits.{key}", names.lang, **facts)


def timer(case: Case, node: Node, names: Names) -> str:
    """Return what a timer of a case tells; one that moves with a legal term by what it is.

    Its name in the template counts from the start, which is not true of a term that was moved.
    """
    before = case.template.watching.get(node.id)
    if before is None or case.clock is None:
        return node.label(names.lang)
    return text("web.timer.warning" if before else "web.timer.end", names.lang)


def deadline(case: Case, root: CaseFile, names: Names) -> str:
    """Return by when a case without a legal term has to be closed, or had to be; "" if by none.

    That is the deadline of the first case of its chain: `root`.
    """
    due = None if case.closed or case.clock else root.due
    if due is None:
        return ""
    key = f"web.deadline.{'over' if due < names.register.clock() else 'runs'}"
    if case.parent:
        key += "_with"
    return text(key, names.lang, day=words.day(due, names.lang), root=root.id)


def term(clock: TermClock | None, names: Names) -> list[str]:
    """Return what there is to say of the term of decision, in sentences."""
    if clock is None:
        return []
    lang, today = names.lang, local_day(names.register.clock())

    def said(key: str, **facts: object) -> str:
        return text(key, lang, **facts)

    found = [said(
        "web.term.received", day=words.date(clock.received, lang),
        days=math.ceil(clock.term / timedelta(days=1)),
    )]  # fmt: skip
    if clock.extended:
        found.append(said("cli.term.extended", day=words.date(clock.extended, lang)))
    if clock.decided:
        found.append(said("web.term.decided", day=words.date(clock.decided, lang)))
    elif clock.stopped:
        found.append(said("cli.term.stopped", since=words.date(clock.stopped, lang)))
    elif clock.last:
        key = "cli.term.over" if clock.lapsed(today) else "cli.term.runs"
        found.append(said(key, last=words.date(clock.last, lang)))
    if clock.noticed and (penalty := clock.penalty(today)):
        found.append(said(
            "cli.term.noticed", day=words.date(clock.noticed, lang),
            first=words.date(penalty.first, lang), amount=penalty.amount, days=penalty.days,
        ))  # fmt: skip
    return found
