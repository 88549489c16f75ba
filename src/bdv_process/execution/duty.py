"""Who may do what: one decision, from roles, separations, who holds the work and what was done.

Whoever shows, offers or carries out a command asks `may`; nothing else in the product decides.
What nothing allows is denied.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from bdv_process.errors import BdvError, Conflict, NotAllowed
from bdv_process.execution.organisation import Person
from bdv_process.template.model import Node
from bdv_process.template.procedure import Procedure, Raci, Separation


class Action(StrEnum):
    """What somebody can want to do."""

    START = "start"  #: a case, on one's own call
    INTAKE = "intake"  #: start a case on the call of somebody else
    READ = "read"  #: a case and its history
    ANSWER = "answer"  #: the question that a case waits with
    WITHDRAW = "withdraw"  #: a case
    EXTEND = "extend"  #: the term of a case
    NOTICE = "notice"  #: give notice of default
    REROUTE = "reroute"  #: a case to a sibling of its workflow
    CLAIM = "claim"  #: a work item; so are those below
    BEGIN = "begin"
    SUSPEND = "suspend"
    RESUME = "resume"
    COMPLETE = "complete"
    RELEASE = "release"
    DELEGATE = "delegate"  #: whoever gets it has to be one who may claim it


#: What is done with a work item; the rest with a case.
ON_ITEMS: Final = (
    Action.CLAIM, Action.BEGIN, Action.SUSPEND, Action.RESUME, Action.COMPLETE, Action.RELEASE,
    Action.DELEGATE,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Deed:
    """An activity that somebody completed earlier, in this case or one of its lineage."""

    case: str
    activity: str
    person: str


@dataclass(frozen=True, kw_only=True)
class Matter:
    """What somebody wants to act on, as far as that decides: a workflow, its case, or an item."""

    steps: tuple[str, ...]  #: activities of the workflow, intake first
    proactive: bool = False
    before_forks: tuple[str, ...] = ()  #: steps from which a case comes at a fork
    requester: str | None = None  #: None: there is no case yet
    activity: str | None = None  #: step of the item; None: the case as a whole
    waits: bool = False  #: whether the item is a fork: its child case does the work
    holder: str | None = None  #: who claimed the item
    stead: str | None = None  #: the absent colleague in whose stead the holder did


@dataclass(frozen=True, kw_only=True)
class Permit:
    """That somebody may, and as what."""

    rule: str  #: id of the rule that allows it
    role: str | None = None  #: in which it is done
    behalf: str | None = None  #: the absent colleague in whose stead it is done


@dataclass(frozen=True, kw_only=True)
class Denial:
    """Why somebody may not do something: the rule, in words."""

    code: str
    rule: str  #: id of the rule: `raci`, `requester`, `holder` ... or a separation
    facts: dict[str, object]

    def error(self, where: object, names: Mapping[str, Node]) -> BdvError:
        """Return the refusal to raise, with activities by the names that people know."""
        facts = dict(self.facts)
        for fact in {"activity", "earlier"} & set(facts):
            known = names.get(str(facts[fact]))
            facts[f"{fact}_en"] = known.name_en if known else facts[fact]
            facts[fact] = known.name if known else facts[fact]
        # Work in other hands is a matter of the moment, all else one of the rules.
        refusal = Conflict if self.rule in ("holder", "fork") else NotAllowed
        return refusal(self.code, where=where, **facts)


def may(
    person: Person,
    action: Action,
    matter: Matter,
    history: Iterable[Deed],
    *,
    procedure: Procedure,
    absent: Iterable[Person] = (),
) -> Permit | Denial:
    """Return the rule that lets `person` do this, or the one that denies it.

    `history` are the deeds of the case, its ancestors and its descendants; `absent` the colleagues
    that `person` stands in for now. Who stands in has the roles of the colleague, and the duties
    of both: what either may not do because of earlier deeds or as requester, is denied.
    """
    deeds = tuple(history)
    rule = _RULES.get(action, _Asker.nobody)
    if matter.waits and action in ON_ITEMS:
        rule = _Asker.waits
    own = rule(_Asker(person, person, matter, deeds, procedure))
    for colleague in absent:
        # What was taken over for a colleague stays the colleague's, whoever else may do it.
        if isinstance(own, Denial) or colleague.id == matter.stead:
            found = rule(_Asker(person, colleague, matter, deeds, procedure))
            if isinstance(found, Permit):
                return replace(found, behalf=colleague.id)
    return own


class _Asker:
    """Somebody who asks, as oneself or in the stead of an absent colleague."""

    def __init__(
        self,
        person: Person,
        colleague: Person,
        matter: Matter,
        deeds: tuple[Deed, ...],
        procedure: Procedure,
    ) -> None:
        self.person = person
        self.roles = colleague.roles
        self.both = {person.id, colleague.id}
        self.matter = matter
        self.deeds = deeds
        self.procedure = procedure

    def starts(self) -> Permit | Denial:
        """Anybody may call; a risk is raised by who works here."""
        if not self.matter.proactive:
            return Permit(rule="call")
        if self.procedure.working & set(self.roles):
            return Permit(rule="inside")
        return self.denied("BDV-342", "inside", roles=", ".join(self.roles) or "-")

    def takes_in(self) -> Permit | Denial:
        """Who may take in calls writes down that of another; a risk is nobody's call."""
        if self.matter.proactive:
            return self.nobody()
        return self.does(next(iter(self.matter.steps), None))

    def reads(self) -> Permit | Denial:
        """The requester, who worked on it, and every working role that the workflow names."""
        if self.asked:
            return Permit(rule="requester")
        if any(deed.person in self.both for deed in self.deeds):
            return Permit(rule="deed")
        named = {role for step in self.steps for role in step.named}
        role = next((r for r in self.roles if r in named & self.procedure.working), None)
        return Permit(rule="raci", role=role) if role else self.denied("BDV-343", "reader")

    def answers(self) -> Permit | Denial:
        """The requester does, or who may take in calls writes down what was said."""
        if self.asked:
            return Permit(rule="requester")
        return self.does(next(iter(self.matter.steps), None))

    def withdraws(self) -> Permit | Denial:
        """The requester may, and who is accountable in the workflow."""
        if self.asked:
            return Permit(rule="requester")
        role = self.accountable(self.matter.steps)
        return Permit(rule="accountable", role=role) if role else self.denied("BDV-321", "withdraw")

    def extends(self) -> Permit | Denial:
        """Who is accountable in the workflow may, unless it is the own case."""
        own = self.procedure.requester_separated and self.asked
        role = None if own else self.accountable(self.matter.steps)
        return Permit(rule="accountable", role=role) if role else self.denied("BDV-348", "extend")

    def reroutes(self) -> Permit | Denial:
        """Who may do the step before the fork may, and who is accountable; not in the own case."""
        for step in self.matter.before_forks:
            if isinstance(found := self.does(step), Permit):
                return found
        own = self.procedure.requester_separated and self.asked
        role = None if own or not self.matter.before_forks else self.accountable(self.matter.steps)
        return Permit(rule="accountable", role=role) if role else self.denied("BDV-540", "reroute")

    def claims(self) -> Permit | Denial:
        """Nobody who is there has it, and this person may do it."""
        taken_over = self.matter.holder in self.both - {self.person.id}
        if self.matter.holder and not taken_over:
            return self.held()
        return self.does(self.matter.activity)

    def works(self) -> Permit | Denial:
        """Nobody else has it, and this person may do it."""
        if self.matter.holder not in {None, *self.both}:
            return self.held()
        return self.does(self.matter.activity)

    def releases(self) -> Permit | Denial:
        """Who has it may give it back, and who is accountable for the step: people fall ill."""
        if self.matter.holder in self.both:
            return Permit(rule="holder")
        return self.steers() if self.matter.holder else self.held("BDV-320")

    def delegates(self) -> Permit | Denial:
        """Who has it and may do it may hand it on, and who is accountable for the step."""
        if self.matter.holder in self.both:
            found = self.does(self.matter.activity)
            if isinstance(found, Permit):
                return found
        return self.apart_from_requester(self.matter.activity) or self.steers()

    def waits(self) -> Denial:
        """Nobody works on a fork."""
        return self.denied("BDV-312", "fork", activity=self.matter.activity)

    def nobody(self) -> Denial:
        """What no rule is about, nobody may."""
        return self.denied("BDV-343", "nobody")

    def steers(self) -> Permit | Denial:
        role = self.accountable((self.matter.activity or "",))
        return Permit(rule="accountable", role=role) if role else self.held("BDV-320")

    def does(self, activity: str | None) -> Permit | Denial:
        """Decide on an activity itself: the role, the requester, the separations."""
        raci = self.procedure.raci.get(activity or "")
        needed = raci.responsible if raci else ()
        role = next((role for role in needed if role in self.roles), None)
        if role is None:
            return self.denied(
                "BDV-306", "raci", activity=activity, needed=", ".join(needed) or "-",
                roles=", ".join(self.roles) or "-",
            )  # fmt: skip
        return (
            self.apart_from_requester(activity)
            or self.apart_from_deeds(str(activity))
            or Permit(rule="raci", role=role)
        )

    def apart_from_requester(self, activity: str | None) -> Denial | None:
        if self.procedure.requester_separated and self.asked:
            return self.denied("BDV-308", "requester", activity=activity)
        return None

    def apart_from_deeds(self, activity: str) -> Denial | None:
        own = [deed for deed in self.deeds if deed.person in self.both]
        for separation in self.procedure.separations:
            opposite = _opposite(separation, activity)
            clash = next((deed for deed in own if deed.activity in opposite), None)
            if clash:
                return self.denied(
                    "BDV-307", separation.id, activity=activity, earlier=clash.activity,
                    name=separation.name.rstrip("."), name_en=separation.name_en.rstrip("."),
                    who=clash.person, case=clash.case,
                )  # fmt: skip
        return None

    @property
    def asked(self) -> bool:
        return self.matter.requester in self.both

    @property
    def steps(self) -> list[Raci]:
        raci = self.procedure.raci
        # A case on an older template may hold a step that the procedure no longer knows.
        return [raci[step] for step in self.matter.steps if step in raci]

    def accountable(self, activities: Iterable[str]) -> str | None:
        raci = self.procedure.raci
        answer = {raci[step].accountable for step in activities if step in raci}
        return next((role for role in self.roles if role in answer), None)

    def held(self, code: str = "BDV-305") -> Denial:
        return self.denied(code, "holder", who=self.matter.holder or "-")

    def denied(self, code: str, rule: str, **facts: object) -> Denial:
        facts |= {"person": self.person.id, "rule": rule}
        return Denial(code=code, rule=rule, facts=facts)


_RULES: dict[Action, Callable[[_Asker], Permit | Denial]] = {
    Action.START: _Asker.starts,
    Action.INTAKE: _Asker.takes_in,
    Action.READ: _Asker.reads,
    Action.ANSWER: _Asker.answers,
    Action.WITHDRAW: _Asker.withdraws,
    Action.EXTEND: _Asker.extends,
    Action.NOTICE: _Asker.answers,
    Action.REROUTE: _Asker.reroutes,
    Action.CLAIM: _Asker.claims,
    Action.BEGIN: _Asker.works,
    Action.SUSPEND: _Asker.works,
    Action.RESUME: _Asker.works,
    Action.COMPLETE: _Asker.works,
    Action.RELEASE: _Asker.releases,
    Action.DELEGATE: _Asker.delegates,
}


def _opposite(separation: Separation, activity: str) -> frozenset[str]:
    """Return what nobody who does `activity` may have done."""
    opposite: frozenset[str] = frozenset()
    if activity in separation.one:
        opposite |= separation.other
    if activity in separation.other:
        opposite |= separation.one
    return opposite
