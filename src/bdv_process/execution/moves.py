"""A case moves to another template: what happened in it is replayed there, and has to fit.

Nothing is translated. The case is made again on the other template from its own events, as if it
had run that from its start; the first event that would not have followed there refuses the move.
"""

from dataclasses import replace
from datetime import datetime

from bdv_process.errors import Conflict, InputRefused, IntegrityBroken
from bdv_process.eventlog.event import REROUTED, Event, Lifecycle
from bdv_process.execution.case import Case
from bdv_process.execution.duty import Action, Permit
from bdv_process.execution.evidence import Evidence
from bdv_process.execution.unit import Unit
from bdv_process.execution.work import WorkCommands
from bdv_process.language import text
from bdv_process.template.model import Template
from bdv_process.template.sibling import parted, siblings


class MoveCommands(WorkCommands):
    """Moves cases to other templates, history and all."""

    def reroute(
        self, case: str, *, by: str, to: str, reason: str | None = None, key: str | None = None
    ) -> str:
        """Move a case to a sibling of its workflow, its history intact; return the case.

        That can be done until the fork in which the two differ has begun, and again when the case
        that it started has failed: then control is back at the step before it.

        Raises:
            NotFound: no such case, workflow or person.
            NotAllowed: `by` may not do the step before the fork nor answers for the workflow.
            InputRefused: the workflows are no siblings.
            Conflict: the case is closed, another case started it, the fork has begun, or what
                happened on an older version of the workflow does not fit.
        """
        called = self.template(to)

        def act(unit: Unit) -> str:
            found = self._desk.open_case(unit, case)
            permit = self._desk.permit(unit, by, Action.REROUTE, found)
            old = found.template
            known = [each.key for each in siblings(self.template(old.key), self.templates())]
            if to not in known:
                raise InputRefused(
                    "BDV-541", where=case, template=old.key, to=to, known=", ".join(known) or "-"
                )
            if found.parent:
                raise Conflict("BDV-543", where=case, parent=found.parent, template=old.key)
            for fork in parted(old, called):
                if found.begun(fork):
                    raise Conflict(
                        "BDV-542", where=case, activity=fork.name, activity_en=fork.name_en
                    )
            live = _fitting(unit, found, called)
            told = _told(live, old, REROUTED, unit.now, reason=reason, by=by, permit=permit)
            unit.move(live, told)
            return case

        return self._do(("reroute", case, by, to, reason), key, act)

    def destinations(self, case: str) -> tuple[Template, ...]:
        """Return the workflows that a case could be rerouted to as it stands.

        Raises:
            NotFound: no such case.
        """
        live = self.live(case)
        if live.closed or live.parent:
            return ()
        return tuple(
            other
            for other in siblings(self.template(live.template.key), self.templates())
            if not any(map(live.begun, parted(live.template, other)))
        )


def _fitting(unit: Unit, case: Case, template: Template) -> Case:
    """Return a case made again on another template.

    Raises:
        Conflict: what happened does not fit there: the first deviation.
    """
    try:
        return unit.moved(case, template)
    except IntegrityBroken as error:
        seen = error.facts.get("seen", error.facts.get("element", "-"))
        raise Conflict(
            "BDV-544", where=error.where, template=template.key, seen=seen,
            expected=error.facts.get("expected", "-"),
        ) from error  # fmt: skip


def _told(
    live: Case,
    old: Template,
    what: str,
    at: datetime,
    *,
    reason: str | None = None,
    by: str | None = None,
    permit: Permit | None = None,
) -> Event:
    """Return what says in the log of a case, made again on another template, that it moved."""
    new = live.template
    told = live.event(
        new.start,
        Lifecycle.REASSIGN,
        at,
        resource=by,
        role=permit.role if permit else None,
        behalf=permit.behalf if permit else None,
        outcome=new.key if new.key != old.key else new.version[:12],
        evidence=Evidence(motivated=bool(reason)),
        data={
            "from": old.key, "from_version": old.version, "to": new.key, "version": new.version,
            **({"reason": reason} if reason else {}),
        },
    )  # fmt: skip
    label = text(f"move.{what}", "nl", old=old.key, new=new.key)
    return replace(told, activity=what, label=label, touchpoint=False)
