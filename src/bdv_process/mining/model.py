"""A template as conformance speaks of it: its language, without what a system cannot record."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from functools import cache

from bdv_process.template.automaton import NOWHERE, Automaton, automaton
from bdv_process.template.branches import Contradicts, contradictions
from bdv_process.template.model import Template


@dataclass(frozen=True, kw_only=True)
class Model:
    """What may happen in a case."""

    template: Template
    automaton: Automaton
    contradicts: Contradicts  #: whether an outcome rules out what follows it

    def due(self, path: tuple[str, ...], outcome: str | None) -> str | None:
        """Return what should come after a path whose last activity had this outcome.

        A step of the workflow comes before a message, as a withdrawal is due nowhere; of several
        the first of the file.
        """
        state = 0
        for label in path:
            state = self.automaton.steps[state][self.automaton.labels.index(label)]
        row = zip(self.automaton.labels, self.automaton.steps[state], strict=True)
        may = [label for label, target in row if target != NOWHERE]
        if path:
            may = [a for a in may if not self.contradicts(path[-1], outcome, a)] or may
        activities = [activity.id for activity in self.template.activities]
        steps = [activity for activity in activities if activity in may]
        return next(iter(steps or may), None)


Models = Callable[[str, str], Model]  #: by key of a template and the end that cases came to


def models(given: Mapping[str, Template], hidden: Collection[str]) -> Models:
    """Return what gives the model of a template, made when it is asked for.

    It takes the key of a template and the end event of cases, "" when the log does not tell; an end
    that the template does not have says nothing about what it allows.
    """

    @cache
    def model(key: str, end: str) -> Model:
        return Model(
            template=given[key],
            automaton=automaton(given[key], hidden, end if end in given[key].by_id else None),
            contradicts=contradictions(given[key], hidden),
        )

    return model
