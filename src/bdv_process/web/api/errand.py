"""What a caller comes for: to look, or to have a command carried out, once and on what was seen."""

from collections.abc import Callable, Iterable
from typing import Annotated, Any, Final

from fastapi import Depends, Header, Request, Response

from bdv_process.errors import InputRefused
from bdv_process.eventlog import event
from bdv_process.execution.duty import Action
from bdv_process.execution.infrastructure_reader import COMPONENT, SERVICE
from bdv_process.execution.reader import CaseFile, OpenWork
from bdv_process.execution.registration import CHANGED
from bdv_process.execution.work import timely
from bdv_process.template.model import Activity
from bdv_process.web.api import shape
from bdv_process.web.api.caller import Caller, case_of
from bdv_process.web.api.language import language
from bdv_process.web.naming import Names
from bdv_process.web.visitor import Register

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=r'^"?[!#-~]{1,200}"?$',
        description="A command with the same key is carried out once; with another body it is "
        "refused with 409.",
    ),
]
Match = Annotated[
    str | None,
    Header(
        alias="If-Match",
        pattern=r'^(\*|"?[0-9]{1,9}"?)$',
        description="ETag of the case as you saw it: when something happened since, the command "
        "is refused with 412. Without it the command counts if its moment is still there.",
    ),
]
_ON_CASE: Final = (
    Action.ANSWER, Action.WITHDRAW, Action.EXTEND, Action.NOTICE, Action.REROUTE,
)  # fmt: skip


class Errand:
    """A request of somebody who is known."""

    def __init__(
        self, request: Request, response: Response, register: Register, me: Caller
    ) -> None:
        self.request, self.response, self.register, self.me = request, response, register, me
        self.lang = language(request)
        self.names = Names(register, self.lang)
        response.headers["content-language"] = self.lang

    def case(self, case: str) -> shape.CaseDetail:
        """Return a case in full, under its ETag."""
        found, clock = self.register.case(case), self.register.term(case)
        self.tag(found)
        about = self.register.about(found)
        return shape.CaseDetail(
            **_facts(found),
            siblings=[each.key for each in self.register.destinations(case)],
            service=about.get(SERVICE),
            component=about.get(COMPONENT),
            term=shape.Clock.model_validate(clock) if clock else None,
            work_items=[self.work(item) for item in self.register.items(case)],
            actions=[] if found.closed else self._possible(_ON_CASE, case),
        )

    def file(self, case: CaseFile) -> shape.Case:
        """Return a case at a glance."""
        return shape.Case(**_facts(case))

    def work(self, item: OpenWork) -> shape.WorkItem:
        """Return a work item at a glance."""
        return shape.WorkItem(**self._about(item))

    def item(self, item: str, touching: str | None = None) -> shape.WorkItemDetail:
        """Return an open work item in full, under the ETag of its case."""
        found = self.register.item(item)
        case = self.register.case(found.case)
        self.tag(case)
        touched, advice = touching or self.register.to_change(case), None
        try:
            advice = self.register.advice(item, {CHANGED: touched})
        except InputRefused:
            if touching:
                raise  # else it was retired since somebody called about it
        node = self.register.template(found.template).by_id.get(found.activity)
        return shape.WorkItemDetail(
            **self._about(found),
            outcomes=self.endings(node) if isinstance(node, Activity) else [],
            actions=self._possible(timely(found), item),
            colleagues=[person.id for person in self.register.takers(item)],
            advice=shape.Advice(workflow=advice.template.key, reason=advice.reason(self.lang))
            if advice
            else None,
        )

    def event(self, happened: event.Event) -> shape.Event:
        """Return something that happened."""
        return shape.Event(
            sequence=happened.seq,
            activity=happened.activity,
            name=self.names.told(happened),
            work_item=happened.item,
            lifecycle=happened.lifecycle,
            occurred=happened.timestamp,
            recorded=happened.recorded,
            person=happened.resource,
            role=happened.role,
            behalf=happened.behalf,
            touchpoint=happened.touchpoint,
            outcome=happened.outcome,
            term=happened.term,
            due=happened.due,
            data=dict(happened.data),
        )

    def endings(self, step: Activity) -> list[shape.Ending]:
        """Return how a step can turn out."""
        return [shape.Ending(id=each.id, name=each.label(self.lang)) for each in step.outcomes]

    def tag(self, case: CaseFile) -> None:
        """Let the answer be about a case as it stands now."""
        self.response.headers["etag"] = f'"{case.seq}"'

    def _about(self, item: OpenWork) -> dict[str, Any]:
        return {
            "id": item.id, "case": item.case, "workflow": item.template, "activity": item.activity,
            "name": self.names.step(item.template, item.activity), "role": item.role,
            "since": item.since, "state": item.state, "holder": item.claimed_by,
            "behalf": item.claimed_for, "due": item.due,
        }  # fmt: skip

    def _possible(self, actions: Iterable[Action], about: str) -> list[shape.Possibility]:
        actions = list(actions)
        refused = self.register.refusals(self.me.id, [(action, about) for action in actions])
        return [
            shape.Possibility(
                action=action,
                allowed=denied is None,
                reason=denied.what(self.lang) if denied else None,
            )
            for action, denied in zip(actions, refused, strict=True)
        ]


class Start(Errand):
    """A request for something new."""

    def __init__(
        self, request: Request, response: Response, register: Register, me: Caller, key: Key = None
    ) -> None:
        super().__init__(request, response, register, me)
        self.key = key.strip('"') if key else None


class Command(Start):
    """A request to change something."""

    def __init__(
        self,
        request: Request,
        response: Response,
        register: Register,
        me: Caller,
        key: Key = None,
        match: Match = None,
    ) -> None:
        super().__init__(request, response, register, me, key)
        self._seen = None if match in (None, "*") else int(match.strip('"'))

    def done(self, command: Callable[..., str], about: str, **given: object) -> shape.CaseDetail:
        """Carry out a command on a case or a work item; return the case as it is after it."""
        case = case_of(about) or about
        if self._seen is None:
            command(about, by=self.me.id, key=self.key, **given)
        else:
            with self.register.as_seen(case, self._seen):
                command(about, by=self.me.id, key=self.key, **given)
        return self.case(case)


def _facts(case: CaseFile) -> dict[str, Any]:
    return {
        "id": case.id, "workflow": case.template, "parent": case.parent, "root": case.root,
        "requester": case.requester, "opened": case.opened, "closed": case.closed,
        "outcome": case.outcome, "due": case.due, "sequence": case.seq,
    }  # fmt: skip


Look = Annotated[Errand, Depends()]
Begin = Annotated[Start, Depends()]
Order = Annotated[Command, Depends()]
