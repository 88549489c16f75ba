"""A case moves to another template: what happened in it is replayed there, and has to fit.

Nothing is translated. The case is made again on the other template from its own events, as if it
had run that from its start; the first event that would not have followed there refuses the move.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from sqlalchemy import or_, select

from bdv_process.errors import BdvError, Conflict, InputRefused, IntegrityBroken, NotFound
from bdv_process.eventlog.event import MIGRATED, MOVES, REROUTED, Event, Lifecycle
from bdv_process.execution import storage
from bdv_process.execution.case import Case
from bdv_process.execution.desk import moment
from bdv_process.execution.duty import Action, Permit
from bdv_process.execution.evidence import Evidence
from bdv_process.execution.unit import Unit
from bdv_process.execution.work import WorkCommands
from bdv_process.language import text
from bdv_process.template.bpmn import template_from
from bdv_process.template.model import Fork, Template
from bdv_process.template.sibling import parted, siblings


@dataclass(frozen=True, kw_only=True)
class Migration:
    """What became of a case that was to run another version."""

    case: str
    old: Template | None = None  #: what it ran
    new: Template | None = None
    refusal: BdvError | None = None  #: why it stays as it was; None: it fits


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
            Conflict: the workflows are no siblings, the case is closed, another case started it,
                the fork has begun, or what happened on an older version does not fit.
        """
        called = self.template(to)

        def act(unit: Unit) -> str:
            return self._reroute(unit, case, by, called, reason)

        return self._do(("reroute", case, by, to, reason), key, act)

    def _reroute(self, unit: Unit, case: str, by: str, called: Template, reason: str | None) -> str:
        found = self._desk.open_case(unit, case)
        permit = self._desk.permit(unit, by, Action.REROUTE, found)
        old, to = found.template, called.key
        known = [each.key for each in siblings(self.template(old.key), self.templates())]
        if to not in known:
            raise Conflict(
                "BDV-541", where=case, template=old.key, to=to, known=", ".join(known) or "-"
            )
        if found.parent:
            raise Conflict("BDV-543", where=case, parent=found.parent, template=old.key)
        for fork in parted(old, called):
            if found.begun(fork):
                raise Conflict("BDV-542", where=case, activity=fork.name, activity_en=fork.name_en)
        live = _fitting(unit, found, called)
        told = _told(live, old, REROUTED, unit.now, reason=reason, by=by, permit=permit)
        unit.move(live, told)
        return case

    def migrate(
        self, cases: Iterable[str], *, to: Template | None = None, dry_run: bool = False
    ) -> Iterator[Migration]:
        """Move cases to another version of their workflow, each in a transaction of its own.

        Args:
            cases: which, such as those that `outdated` names.
            to: the version; None: for each case the one that new cases of its workflow run.
            dry_run: only say which would fit, and write nothing.

        Yields:
            What became of each case, when that is known: what does not fit stays as it was.

        Raises:
            NotFound: no such case, or a fork of the version starts a workflow that is not here.
            InputRefused: nobody does a step of the version, as far as the procedure says.
        """
        if to is not None:
            self._runnable(to)
        for case in cases:
            try:
                yield self._migrated(case, to, dry_run)
            except IntegrityBroken as refusal:
                yield Migration(case=case, refusal=refusal)

    def outdated(self, to: Template | None = None) -> list[str]:
        """Return the open cases that run another version of the workflow than this, oldest first.

        Without a version: of any workflow, than the one that new cases of it run.
        """
        case, event = storage.cases.c, storage.events.c
        query = select(case.id, case.template, event.data).join(
            storage.events, event.case == case.id
        )
        query = query.where(case.closed.is_(None), or_(event.seq == 1, event.activity.in_(MOVES)))
        rows = self._ledger.read(query.order_by(case.opened, case.id, event.seq))
        runs = {row.id: (row.template, json.loads(row.data).get("version")) for row in rows}
        now = {template.key: template.version for template in ([to] if to else self.templates())}
        return [id_ for id_, (key, version) in runs.items() if now.get(key, version) != version]

    def version(self, version: str) -> Template:
        """Return the version of a workflow whose id begins so, kept here or run by new cases.

        Raises:
            NotFound: there is none, or more than one.
        """
        kept, here = storage.templates.c, {each.version: each for each in self.templates()}
        known = {*here, *(row.version for row in self._ledger.read(select(kept.version)))}
        found = [id_ for id_ in known if id_.startswith(version)]
        if len(found) != 1:
            raise NotFound("BDV-545", where=version)
        (id_,) = found
        if id_ in here:
            return here[id_]
        (row,) = self._ledger.read(select(storage.templates).where(kept.version == id_))
        return template_from(row.source, Path(row.key))

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

    def _migrated(self, case: str, to: Template | None, dry_run: bool) -> Migration:
        with self._unit() as unit:
            found = unit.load(case)
            old, new = found.template, to or self.template(found.template.key)
            try:
                if new.version != old.version:
                    live = _on_version(unit, found, new)
                    if not dry_run:
                        unit.move(live, _told(live, old, MIGRATED, unit.now))
            except (Conflict, InputRefused) as refusal:
                return Migration(case=case, old=old, new=new, refusal=refusal)
        return Migration(case=case, old=old, new=new)

    def _runnable(self, version: Template) -> None:
        for step in version.activities:
            if isinstance(step, Fork):
                self.template(step.calls)
            elif step.id not in self.procedure.raci:
                raise InputRefused("BDV-547", where=version.path, activity=step.id)


def _on_version(unit: Unit, case: Case, to: Template) -> Case:
    """Return an open case, made again on another version of its workflow."""
    if case.closed:
        raise Conflict("BDV-310", where=case.id, when=moment(case.closed))
    if to.key != case.template.key:
        raise InputRefused("BDV-546", where=case.id, template=case.template.key, other=to.key)
    live = _fitting(unit, case, to)
    calls = {fork.id: fork.calls for fork in to.forks}
    for fork in parted(case.template, to):
        if live.begun(fork):
            raise Conflict(
                "BDV-544", where=case.id, template=to.key, seen=f"{fork.id} {fork.calls}",
                expected=calls[fork.id],
            )  # fmt: skip
    return live


def _fitting(unit: Unit, case: Case, to: Template) -> Case:
    """Return a case made again on another template.

    Raises:
        Conflict: what happened does not fit there: the first deviation.
    """
    try:
        return unit.moved(case, to)
    except IntegrityBroken as error:
        seen = error.facts.get("seen", error.facts.get("element"))
        raise Conflict(
            "BDV-544", where=error.where, template=to.key, seen=seen,
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
        outcome=new.key if what == REROUTED else short(new.version),
        evidence=Evidence(motivated=bool(reason)) if by else None,
        data={
            "from": old.key, "from_version": old.version, "to": new.key, "version": new.version,
            **({"reason": reason} if reason else {}),
        },
    )  # fmt: skip
    label = text(f"move.{what}", "nl", old=old.key, new=new.key)
    return replace(told, activity=what, label=label, touchpoint=False)


def short(version: str) -> str:
    """Return as much of a version's id as people need to tell it from others."""
    return version[:12]
