"""At the fork: the register says which sibling a case goes on as, and one command does both."""

from collections.abc import Mapping
from dataclasses import dataclass

from bdv_process.eventlog.event import NONE
from bdv_process.execution.evidence import Evidence, evidence_in, ids_in, text_in
from bdv_process.execution.infrastructure import Component, Infrastructure
from bdv_process.execution.intake import CHANGE, OPERATE, leads_to
from bdv_process.execution.moves import MoveCommands
from bdv_process.execution.registration import CHANGED
from bdv_process.execution.request import form
from bdv_process.execution.unit import Unit
from bdv_process.language import Language, preferred, text
from bdv_process.template.model import Template
from bdv_process.template.sibling import siblings


@dataclass(frozen=True, kw_only=True)
class Advice:
    """The sibling that a case belongs to by what has to change, and why."""

    template: Template
    components: tuple[Component, ...]  #: that have to change; none: nothing registered has to

    def reason(self, lang: Language | None = None) -> str:
        """Return why, in a sentence."""
        lang = lang or preferred()
        return text(
            "fork.touched" if self.components else "fork.untouched",
            lang,
            components=", ".join(each.label(lang) for each in self.components),
            workflow=f"{self.template.key} {self.template.label(lang)}",
        )


class ForkCommands(MoveCommands):
    """Finishes the step before a fork, the case as a sibling from there on."""

    def advice(self, item: str, data: Mapping[str, object]) -> Advice | None:
        """Return as what the case of a work item had better go on; None when it is that already.

        Only the step before a fork knows, when its form names the components that have to change,
        or says that there are none.

        Raises:
            NotFound: no such item, or it is done.
            InputRefused: a component is not registered, or retired.
        """
        work = self.item(item)
        destinations = self.destinations(work.case)
        current = self.template(work.template)
        if work.activity not in current.before_forks or not destinations:
            return None
        return self._advice(current, data, self.infrastructure)

    def _advice(
        self, current: Template, data: Mapping[str, object], now: Infrastructure
    ) -> Advice | None:
        components = _to_change(data, now)
        if not components and text_in(data, CHANGED).strip() != NONE:
            return None  # nobody looked
        measure, known = CHANGE if components else OPERATE, self._ledger.templates
        # Of another agreement the measure is not in doubt: it leads to changes of its own.
        if leads_to(current, known) not in {CHANGE, OPERATE} - {measure}:
            return None
        for sibling in siblings(current, known.values()):
            if leads_to(sibling, known) == measure:
                return Advice(template=sibling, components=components)
        return None

    def complete(
        self,
        item: str,
        *,
        by: str,
        outcome: str | None = None,
        data: Mapping[str, object] | None = None,
        to: str | None = None,
        key: str | None = None,
    ) -> str:
        """Finish a work item, as `WorkCommands.complete`; return its case.

        With `to` the case is rerouted to that sibling of its workflow first, for the reason in
        `motivation`, else for that of the advice.

        Raises:
            NotFound: no such item, person or workflow.
            Conflict: the item is done, withdrawn or held by another; as `MoveCommands.reroute`.
            NotAllowed: a role or a separation of duties forbids it.
            InputRefused: as `WorkCommands.complete`.
        """
        if to is None:
            return super().complete(item, by=by, outcome=outcome, data=data, key=key)
        called, given = self.template(to), form(data)
        evidence, reason = evidence_in(given), text_in(given, "motivation").strip()

        def act(unit: Unit) -> str:
            case, _ = self._desk.item(unit, item)
            if case.template.key != called.key:
                advice = self._advice(case.template, given, self._standing(unit))
                because = advice.reason("nl") if advice and advice.template is called else None
                self._reroute(unit, case.id, by, called, reason or because)
            return self._complete(unit, item, by, outcome, given, evidence)

        return self._do(("complete", item, by, outcome, given, to), key, act)

    def _complete(
        self, unit: Unit, item: str, by: str, outcome: str | None, given: Mapping[str, object],
        left: Evidence,
    ) -> str:  # fmt: skip
        case, work = self._desk.item(unit, item)
        if work.activity in case.template.before_forks and given.get(CHANGED):
            _to_change(given, self._standing(unit))
        return super()._complete(unit, item, by, outcome, given, left)


def _to_change(data: Mapping[str, object], now: Infrastructure) -> tuple[Component, ...]:
    """Return the components that have to change, as a form names them.

    Raises:
        InputRefused: one of them is not registered, or retired.
    """
    return tuple(now.in_use(each, where=CHANGED) for each in ids_in(data, CHANGED))
