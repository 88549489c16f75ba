"""What the API takes and gives; fields in camelCase, moments with their zone, in UTC."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Annotated, Any, Literal, Self

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_camel

from bdv_process.eventlog.event import Lifecycle, Term

Text = Annotated[str, Field(max_length=10_000)]
Name = Annotated[str, Field(min_length=1, max_length=100)]
Form = Annotated[
    dict[str, Any],
    Field(description="What was filled in, by name: text, numbers, booleans, lists and objects."),
]


class Shape(BaseModel):
    """Something the API gives."""

    model_config = ConfigDict(
        alias_generator=to_camel, populate_by_name=True, from_attributes=True, frozen=True
    )


class Wish(BaseModel):
    """Something the API takes; what it does not know is refused."""

    model_config = ConfigDict(
        alias_generator=to_camel, extra="forbid", frozen=True, validate_by_name=False
    )


class Possibility(Shape):
    """What the caller may do with it now, or why not."""

    action: str
    allowed: bool
    reason: str | None = Field(description="Why not, when not allowed.")


class WorkItem(Shape):
    """Work that waits for somebody, or, without a role, for another case."""

    id: str
    case: str
    workflow: str
    activity: str
    name: str
    role: str | None
    since: datetime
    state: Lifecycle = Field(description="What happened to it last.")
    holder: str | None = Field(description="Who claimed it.")
    behalf: str | None = Field(description="The absent colleague in whose stead it was claimed.")
    due: datetime | None = Field(description="By when the first case of its chain must be closed.")


class Ending(Shape):
    """A way in which a step can turn out; the first of a step is the usual one."""

    id: str
    name: str


class Advice(Shape):
    """The sibling that a case belongs to by the components that have to change."""

    workflow: str
    reason: str


class WorkItemDetail(WorkItem):
    """A work item, with how it can end and what the caller may do."""

    outcomes: list[Ending]
    actions: list[Possibility]
    colleagues: list[str] = Field(description="To whom it can be delegated.")
    advice: Advice | None = Field(description="As what its case had better go on at the fork.")


class Clock(Shape):
    """Where the term of decision stands (Awb 4:13 to 4:17)."""

    received: date
    last: date | None = Field(description="Last day; none while the clock stands still.")
    stopped: date | None = Field(description="Since when the clock stands still.")
    extended: date | None = Field(description="When the decision was put off.")
    noticed: date | None = Field(description="When notice of default was given.")


class Case(Shape):
    """A case at a glance."""

    id: str
    workflow: str
    parent: str | None
    root: str
    requester: str
    opened: datetime
    closed: datetime | None
    outcome: str | None
    due: datetime | None
    sequence: int = Field(description="Number of its last event; its ETag, in quotes.")


class CaseDetail(Case):
    """A case, with what it waits for and what the caller may do."""

    siblings: list[str] = Field(description="The workflows that it can be rerouted to now.")
    service: str | None = Field(description="Id of the service that its call is about.")
    component: str | None = Field(description="Id of the component that its call is about.")
    term: Clock | None
    work_items: list[WorkItem]
    actions: list[Possibility]


class Event(Shape):
    """Something that happened in a case."""

    sequence: int
    activity: str
    name: str
    work_item: str | None
    lifecycle: Lifecycle
    occurred: datetime
    recorded: datetime | None
    person: str | None
    role: str | None
    behalf: str | None = Field(description="In whose stead, or who handed the work on.")
    touchpoint: bool = Field(description="Whether it was contact with the requester.")
    outcome: str | None
    term: Term | None = Field(description="What it did to the term of decision.")
    due: datetime | None
    data: dict[str, Any]


class Step(Shape):
    """A step of a workflow, with who does it."""

    id: str
    name: str
    responsible: list[str]
    accountable: str | None
    outcomes: list[Ending]
    calls: str | None = Field(description="The workflow that it starts, and waits for.")


class Workflow(Shape):
    """One of the workflows."""

    id: str
    name: str
    call: str
    proactive: bool
    version: str
    open: int
    closed: int


class WorkflowDetail(Workflow):
    """A workflow with its steps."""

    steps: list[Step]


class Page(Shape):
    """A part of a list."""

    count: int = Field(description="Of the whole list.")
    next: str | None
    previous: str | None

    @classmethod
    def of(cls, found: Sequence[Shape], turn: "Turn", request: Request) -> Self:
        """Return the page of a list that was asked for."""
        last = max(-(-len(found) // turn.size), 1)
        start = (turn.page - 1) * turn.size

        def leaf(number: int) -> str | None:
            asked = request.url.include_query_params(page=number)
            return f"{asked.path}?{asked.query}" if 1 <= number <= last else None

        return cls.model_validate({
            "count": len(found),
            "next": leaf(turn.page + 1),
            "previous": leaf(min(turn.page - 1, last)),
            "results": found[start : start + turn.size],
        })  # fmt: skip


class CasePage(Page):
    """Cases, oldest first."""

    results: list[Case]


class WorkItemPage(Page):
    """Work items, first due first."""

    results: list[WorkItem]


class EventPage(Page):
    """Events, in order of sequence."""

    results: list[Event]


class WorkflowList(Shape):
    """The workflows."""

    results: list[Workflow]


class Turn(Wish):
    """Which part of a list."""

    page: int = Field(1, ge=1, le=1_000_000)
    size: int = Field(20, ge=1, le=100, alias="pageSize")


class CaseFilter(Turn):
    """Which cases."""

    workflow: Name | None = None
    state: Literal["open", "closed"] | None = None


class WorkFilter(Turn):
    """Which work items."""

    state: Literal["mine", "free"] | None = Field(None, description="Claimed by me, or by nobody.")
    case: Name | None = None
    workflow: Name | None = None
    activity: Name | None = None


class Answers(Wish):
    """What was answered at intake; it leads to a workflow."""

    risk: bool = Field(False, description="Raised inside: something may go wrong.")
    agreement: bool = Field(False, description="Something new, or other than what is agreed.")
    disturbed: bool = Field(False, description="An agreed service does not work as agreed.")
    component: bool | None = Field(
        None, description="A registered component has to change; null: not known."
    )


class Call(Wish):
    """A call, which starts a case."""

    workflow: Name = Field(examples=["W5"])
    requester: Name | None = Field(None, description="Who called you; by default it is your own.")
    answers: Answers | None = Field(
        None, description="When they lead elsewhere, `data` has to hold a motivation."
    )
    service: Name | None = Field(None, description="Id of the service that it is about.")
    component: Name | None = Field(
        None,
        description="Id of the registered component that it is about. Unless the answers say that "
        "it need not change, what is asked of it is a change.",
    )
    data: Form = {}


class Answer(Wish):
    """The requester's answer to a question."""

    data: Form = {}


class Withdrawal(Wish):
    """The requester's wish to end a case."""

    reason: Text | None = None


class Rerouting(Wish):
    """A case moved to a sibling of its workflow."""

    workflow: Name = Field(description="The sibling.", examples=["W3"])
    reason: Text | None = None


class Extension(Wish):
    """A decision put off, once."""

    until: Annotated[date, Field(ge=date(2000, 1, 1), le=date(2999, 12, 31))]
    reason: Text | None = None


class Delegation(Wish):
    """To whom work is handed on."""

    to: Name = Field(description="Id of a colleague.", examples=["ben"])


class Completion(Wish):
    """How a step turned out, and what was filled in.

    A change names in `data` of `change_register` the ids, with a space between them, of what it
    changed (`component`), took out of use (`retired`) or added (`added`, with `added_name`,
    `added_kind` and perhaps `added_owner`); one component at least.
    """

    outcome: Name | None = Field(None, description="One of the step's; the usual one by default.")
    workflow: Name | None = Field(
        None, description="Before a fork: the sibling that the case is rerouted to first."
    )
    data: Form = {}


class Touching(Wish):
    """What would have to change."""

    component: Annotated[str, Field(max_length=500)] | None = Field(
        None,
        description="Ids of the registered components that have to change, with a space between "
        "them, or `none`; without it the component that the call is about.",
    )


class Problem(BaseModel):
    """A refusal (RFC 9457); with status 400 `errors` names all fields that are wrong."""

    model_config = ConfigDict(json_schema_extra={"additionalProperties": {
        "description": "`errors`", "type": "array", "items": {"type": "object"},
    }})  # fmt: skip

    type: str
    title: str
    status: int
    detail: str
