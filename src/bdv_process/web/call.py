"""Nieuwe melding: what is asked, three questions that decide the workflow, and the proposal."""

from dataclasses import dataclass
from typing import Annotated, Final

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import Response

from bdv_process.errors import InputRefused
from bdv_process.execution.duty import Action, Permit
from bdv_process.execution.infrastructure import Status
from bdv_process.execution.intake import Answers, Concern
from bdv_process.execution.organisation import Person
from bdv_process.execution.register import CaseRegister
from bdv_process.language import Language, text
from bdv_process.template.model import Template
from bdv_process.web.beside import beside
from bdv_process.web.naming import Names
from bdv_process.web.screen import language, onward, screen
from bdv_process.web.visitor import OWN_FORM, Register, Visitor

router = APIRouter()

_LONGEST: Final = (
    2_000  #: characters that a call may take; who has more to tell does so in the case
)
_YES: Final = "yes"
_CHOICES: Final = {
    "agreement": (_YES, "no"),
    "disturbed": (_YES, "no"),
    "component": (_YES, "no", "unknown"),
}
#: Fields by what a refusal calls them: `component` is the question whether one has to change.
_NAMED: Final = {"service": "service", "component": "about"}


@dataclass(frozen=True, kw_only=True)
class Filled:
    """The questions as they were filled in; "" is no answer."""

    subject: str = ""
    requester: str = ""
    risk: str = ""
    agreement: str = ""
    disturbed: str = ""
    component: str = ""
    service: str = ""
    about: str = ""  #: the component that it is about

    @property
    def answers(self) -> Answers:
        """Return what decides the workflow."""
        return Answers(
            risk=self.risk == _YES,
            agreement=self.agreement == _YES,
            disturbed=self.disturbed == _YES,
            component={_YES: True, "no": False}.get(self.component),
        )

    def concern(self, register: CaseRegister) -> Concern:
        """Return the service and the component that it is about.

        Raises:
            InputRefused: one of them is not registered.
        """
        return register.concern(self.service or None, self.about.strip() or None)

    def problems(self, register: CaseRegister, lang: Language) -> dict[str, str]:
        """Return what has to be filled in otherwise, in words, by field."""
        people, found = register.organisation.people, {}
        if not self.subject.strip():
            found["subject"] = text("web.call.subject.missing", lang)
        elif len(self.subject) > _LONGEST:
            found["subject"] = text("web.call.subject.long", lang, longest=_LONGEST)
        if self.requester and self.requester not in people:
            found["requester"] = text("web.call.requester.unknown", lang)
        try:
            self.concern(register)
        except InputRefused as refused:
            field = _NAMED[refused.where]
            found[field] = f"{refused.what(lang)}. {refused.hint(lang, typed=False)}"
        # A new agreement needs no further answers; for what is registered, the register has one.
        needed = ["agreement"] if self.answers.agreement else list(_CHOICES)
        if (self.service or self.about) and not self.component and "component" in needed:
            needed.remove("component")
        return found | {
            field: text("web.call.choose", lang)
            for field in needed
            if getattr(self, field) not in _CHOICES[field]
        }


def _filled(
    register: Register,
    me: Visitor,
    subject: Annotated[str, Form()] = "",
    requester: Annotated[str, Form()] = "",
    risk: Annotated[str, Form()] = "",
    agreement: Annotated[str, Form()] = "",
    disturbed: Annotated[str, Form()] = "",
    component: Annotated[str, Form()] = "",
    service: Annotated[str, Form()] = "",
    about: Annotated[str, Form()] = "",
) -> Filled:
    if requester not in ("", me.id):
        register.admit_intake(me.id)
    return Filled(
        subject=subject, requester=requester, risk=risk, agreement=agreement,
        disturbed=disturbed, component=component, service=service, about=about,
    )  # fmt: skip


Questions = Annotated[Filled, Depends(_filled)]


@router.get("/meldingen/nieuw")
@beside
def ask(request: Request, register: Register, me: Visitor) -> Response:
    """Ask what the call is about."""
    return _asked(request, register, me, Filled(), {})


@router.post("/meldingen/voorstel", dependencies=[OWN_FORM])
def propose(request: Request, register: Register, me: Visitor, filled: Questions) -> Response:
    """Propose a workflow, with the reason; nothing is started yet."""
    problems = filled.problems(register, language(request))
    if problems:
        return _asked(request, register, me, filled, problems)
    return _proposed(request, register, me, filled)


@router.post("/meldingen", dependencies=[OWN_FORM])
def start(
    request: Request,
    register: Register,
    me: Visitor,
    filled: Questions,
    template: Annotated[str, Form()],
    key: Annotated[str, Form()],
    motivation: Annotated[str, Form()] = "",
    linked: Annotated[tuple[str, ...], Form()] = (),
) -> Response:
    """Start a case on the call of the visitor, or of the requester who called."""
    told = {
        "subject": filled.subject,
        "motivation": motivation.strip(),
        "linked": " ".join(linked),
    }
    answered = filled != Filled()
    try:
        case = register.start(
            template,
            by=me.id,
            requester=filled.requester or None,
            answers=filled.answers if answered else None,
            service=filled.service or None,
            component=filled.about.strip() or None,
            data={name: value for name, value in told.items() if value},
            key=key,
        )
    except InputRefused as refusal:
        if refusal.code in ("BDV-375", "BDV-377", "BDV-510"):
            return _asked(
                request, register, me, filled, filled.problems(register, language(request))
            )
        if refusal.code != "BDV-361":
            raise
        said = refusal.what(language(request))
        return _proposed(request, register, me, filled, template, linked, {"motivation": said})
    return onward(request, f"/meldingen/{case}", "started", case=case)


def _asked(
    request: Request, register: CaseRegister, me: Person, filled: Filled, problems: dict[str, str]
) -> Response:
    everybody = sorted(register.organisation.people.values(), key=lambda each: each.name)
    others = [each for each in everybody if each.id != me.id]
    lang, now = language(request), register.infrastructure
    return screen(
        request,
        "call",
        status=400 if problems else 200,
        filled=filled,
        problems=problems,
        people=others if _startable(register, me, Action.INTAKE) else [],
        raises=any(each.proactive for each in _startable(register, me, Action.START)),
        longest=_LONGEST,
        services=sorted(now.services.values(), key=lambda each: each.label(lang).casefold()),
        components=[each for each in now.components.values() if each.status is Status.IN_USE],
    )


def _proposed(
    request: Request,
    register: CaseRegister,
    me: Person,
    filled: Filled,
    chosen: str = "",
    linked: tuple[str, ...] = (),
    problems: dict[str, str] | None = None,
) -> Response:
    lang, concern = language(request), filled.concern(register)
    proposal = register.propose(filled.answers, concern)
    for_other = filled.requester not in ("", me.id)
    earlier = register.calls(filled.requester or me.id)
    return screen(
        request,
        "proposal",
        status=400 if problems else 200,
        filled=filled,
        proposal=proposal,
        reason=proposal.reason(lang),
        concern=concern,
        templates=_startable(register, me, Action.INTAKE if for_other else Action.START),
        chosen=chosen or proposal.template.key,
        earlier=earlier,
        subjects=register.subjects(each.id for each in earlier),
        linked=linked,
        problems=problems or {},
        names=Names(register, lang),
    )


def _startable(register: CaseRegister, me: Person, action: Action) -> list[Template]:
    """Return the workflows that a visitor may start: on the own call, or that of another."""
    return [
        each
        for each in register.templates()
        if isinstance(register.may(me.id, action, each.key), Permit)
    ]
