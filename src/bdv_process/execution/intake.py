"""Which workflow a call starts: three plain questions decide, and nobody needs to know the words.

Is something asked that is not agreed yet, is an agreed service disturbed, does a registered
component have to change? The third the register answers, once it is known what the call is about.
What workflows there are, and where their forks lead, stands in the templates. Until its fork a
workflow cannot be told from its siblings, so a proposal names them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from bdv_process.errors import NotFound
from bdv_process.execution.infrastructure import Component, Service
from bdv_process.language import Language, preferred, text
from bdv_process.template.model import Template
from bdv_process.template.sibling import siblings

_AGREE, CHANGE, _RECOVER, OPERATE, _IMPROVE = "agree", "change", "recover", "operate", "improve"


@dataclass(frozen=True, kw_only=True)
class Answers:
    """What was answered about a call."""

    risk: bool = False  #: raised inside: something may go wrong, nobody outside asks for anything
    agreement: bool = False  #: something new, or other than what is agreed
    disturbed: bool = False  #: an agreed service does not work as agreed
    component: bool | None = None  #: a registered component has to change; None: not known


@dataclass(frozen=True, kw_only=True)
class Concern:
    """What a call is about, as far as the register of managed infrastructure knows it."""

    service: Service | None = None
    component: Component | None = None

    @property
    def ids(self) -> dict[str, object]:
        """Return the ids of what is known, by `service` and `component`."""
        return {name: thing.id for name, thing in vars(self).items() if thing}

    def settle(self, answer: bool | None) -> tuple[bool | None, str | None]:
        """Return whether a registered component has to change, and the sentence that says why.

        Whatever is done to a registered component is a change, unless somebody says that it stays
        as it is. A service of which no component is named is delivered as agreed. Without either
        the register says nothing, and the answer stands.
        """
        if self.component:
            touched = answer is not False
            return touched, "intake.register.touched" if touched else "intake.register.untouched"
        if self.service and answer is None:
            return False, "intake.register.service"
        return answer, None

    def named(self, lang: Language | None = None) -> dict[str, str]:
        """Return what is known by its name, for a sentence."""
        return {
            name: thing.label(lang or preferred()) for name, thing in vars(self).items() if thing
        }


_NOTHING: Final = Concern()


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """The workflow that follows from the answers, and why."""

    template: Template
    reasons: tuple[str, ...]  #: keys of sentences, in order
    siblings: tuple[Template, ...] = ()  #: where the case may move to at the fork
    concern: Concern = _NOTHING

    def reason(self, lang: Language | None = None) -> str:
        """Return why, in a few sentences."""
        said = [text(key, lang, **self.concern.named(lang)) for key in self.reasons]
        if self.siblings:
            named = [f"{each.key} ({each.label(lang or 'nl')})" for each in self.siblings]
            before = f"{', '.join(named[:-1])} {text('intake.or', lang)} " if named[1:] else ""
            said.append(text("intake.siblings", lang, siblings=before + named[-1]))
        return " ".join(said)


def propose(
    answers: Answers, templates: Mapping[str, Template], concern: Concern = _NOTHING
) -> Proposal:
    """Return the workflow that follows from `answers`, of `templates` by key, with the reason.

    What the register says of the `concern` of the call answers the third question.

    Raises:
        NotFound: no workflow opens with the process that the answers lead to.
    """
    settled, because = concern.settle(answers.component)
    answers = replace(answers, component=settled)
    process = _process(answers)
    able = [each for each in templates.values() if each.process == process]
    if not able:
        raise NotFound("BDV-360", process=process)
    reasons = [f"intake.because.{process}"]
    measure = _AGREE if answers.agreement else _measure(answers)
    if because and measure != _AGREE:
        reasons.append(because)
    elif process not in (_AGREE, CHANGE):  # of those the first sentence says it all
        unsure = settled is None and measure == OPERATE
        reasons.append("intake.unknown" if unsure else f"intake.then.{measure}")
    then = {each.key: leads_to(each, templates) for each in able}
    chosen = next((each for each in able if then[each.key] == measure), able[0])
    return Proposal(
        template=chosen,
        reasons=tuple(reasons),
        siblings=siblings(chosen, templates.values()),
        concern=concern,
    )


def _process(answers: Answers) -> str:
    if answers.risk:
        return _IMPROVE
    if answers.agreement:
        return _AGREE
    return _RECOVER if answers.disturbed else _measure(answers)


def _measure(answers: Answers) -> str:
    return CHANGE if answers.component else OPERATE


def leads_to(template: Template, templates: Mapping[str, Template]) -> str | None:
    """Return the process that a workflow's fork leads to."""
    called = (templates.get(fork.calls) for fork in template.forks)
    return next((each.process for each in called if each), None)
