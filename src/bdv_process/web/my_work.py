"""Mijn werk: what I hold, what my roles may take, and what waits for others."""

from dataclasses import dataclass
from functools import partial
from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Form, Request
from fastapi.responses import RedirectResponse, Response

from bdv_process.errors import BdvError, IntegrityBroken, StorageUnavailable
from bdv_process.execution.organisation import Person
from bdv_process.execution.reader import OpenWork
from bdv_process.execution.register import CaseRegister
from bdv_process.execution.worklist import ALL, Pile, Sieve
from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.web.beside import beside
from bdv_process.web.naming import Names
from bdv_process.web.refusal import for_visitors
from bdv_process.web.screen import language, onward, page_in, screen
from bdv_process.web.visitor import OWN_FORM, Register, Visitor, insider

router = APIRouter()

_HERE: Final = "/mijn-werk"
_PAGE, _GLANCE = 50, 10  #: items of one pile, and of each when all three are shown
_COUNTED: Final = 1_000  #: items of a pile; of more it is only told that there are more
_REFUSED: Final = "refused"  #: what a bulk command could not do, for the next screen
_FIRST: Final = ("blad", 1)  #: needs no saying in an address
_ROOM: Final = 1_500  #: characters of reasons that fit in a cookie beside the rest


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What the address asks for; what it cannot mean is not asked."""

    pile: Pile | None
    template: str
    step: str
    who: str
    late: bool
    page: int

    def sieve(self, register: CaseRegister) -> Sieve:
        """Return the same as a question to the register."""
        return Sieve(
            template=self.template or None,
            activity=self.step or None,
            who=self.who or None,
            due_before=register.clock() if self.late else None,
        )

    def address(self, **other: object) -> str:
        """Return where this is shown, with some of it otherwise."""
        asked = {
            "lijst": self.pile or "", "werkstroom": self.template, "stap": self.step,
            "wie": self.who, "te-laat": "ja" if self.late else "", "blad": self.page,
        } | other  # fmt: skip
        kept = {name: value for name, value in asked.items() if value and (name, value) != _FIRST}
        return f"{_HERE}?{urlencode(kept)}" if kept else _HERE


async def _wanted(request: Request) -> Wanted:
    asked = request.query_params
    pile = asked.get("lijst")
    return Wanted(
        pile=Pile(pile) if pile in set(Pile) else None,
        template=asked.get("werkstroom", ""),
        step=asked.get("stap", ""),
        who=asked.get("wie", ""),
        late="te-laat" in asked,
        page=page_in(asked.get("blad", "")),
    )


Asked = Annotated[Wanted, Depends(_wanted)]


@dataclass(frozen=True, kw_only=True)
class Shown:
    """The part of a pile that is on the screen."""

    pile: Pile
    items: list[OpenWork]
    amount: int
    page: int
    pages: int
    more: bool  #: whether there is a next page


@router.get("/")
async def first() -> RedirectResponse:
    """Begin with the work there is."""
    return RedirectResponse(_HERE)


@router.get(_HERE)
@beside
def my_work(request: Request, register: Register, me: Visitor, wanted: Asked) -> Response:
    """Show the open work of the visitor."""
    lang, sieve = language(request), wanted.sieve(register)
    many, piles = (_PAGE, [wanted.pile]) if wanted.pile else (_GLANCE, list(Pile))
    shown, lying = [], counts(register, me.id)
    for pile in piles:
        amount = lying[pile]
        if sieve != ALL:
            amount = register.amount(pile, me.id, sieve, most=_COUNTED)
        shown.append(_shown(register, me, wanted, sieve, pile, amount, many))
    cases = {case.id: case for case in register.cases(ids=_cases(shown))}
    # A stand-in may have work without a role of their own; what waits for others is no work.
    works = insider(request) or any(lying[pile] for pile in (Pile.MINE, Pile.FREE))
    questions, calls = register.questions(me.id), register.calls(me.id)
    roots = {case.root for case in cases.values()}
    return screen(
        request,
        "my_work",
        wanted=wanted,
        shown=shown,
        roots={case.id: case.root for case in cases.values()},
        subjects=register.subjects(roots | {case.id for case in (*questions, *calls)}),
        counts=lying,
        counted=_COUNTED,
        amount=partial(told, lang=lang),
        questions=questions,
        calls=calls,
        works=works,
        templates=register.templates(),
        steps=_steps(register, wanted.template),
        people=_colleagues(register, me),
        refused=request.session.pop(_REFUSED, []),
        at=register.clock(),
        names=Names(register, lang),
    )


@router.post(_HERE, dependencies=[OWN_FORM])
def together(
    request: Request,
    register: Register,
    me: Visitor,
    wanted: Asked,
    key: Annotated[str, Form()],
    to: Annotated[str, Form()] = "",
    hand: Annotated[str, Form()] = "",
    item: Annotated[tuple[str, ...], Form()] = (),
) -> RedirectResponse:
    """Take several items, or hand them to a colleague; each has a result of its own."""
    names, done = Names(register, language(request)), 0
    refused: dict[str, list[str]] = {}
    if hand and not to:
        return _back(request, wanted, {text("web.work.to.missing", names.lang): []})
    if not item:
        return _back(request, wanted, {text("web.work.item.missing", names.lang): []})
    for each in dict.fromkeys(item[:_PAGE]):
        try:
            register.admit(me.id, each.rpartition(".")[0], reads=False)
            if hand:
                register.delegate(each, by=me.id, to=to, key=f"{key} {each}")
            else:
                register.claim(each, by=me.id, key=f"{key} {each}")
            done += 1
        except (StorageUnavailable, IntegrityBroken):
            raise  # of no one item; who sends the form again has done once what was done
        except BdvError as refusal:
            refused.setdefault(_why(refusal, names), []).append(each)
    said = "work.handed" if hand else "work.taken"
    return _back(request, wanted, refused, said if done else "", done=done)


def counts(register: CaseRegister, person: str) -> dict[str, int]:
    """Return how much lies on each pile of a person."""
    return {pile.value: register.amount(pile, person, most=_COUNTED) for pile in Pile}


def told(amount: int, lang: Language) -> str:
    """Return how many items that is, as far as they were counted."""
    if amount > _COUNTED:
        return text("web.work.over", lang, amount=words.count(_COUNTED, lang))
    return words.count(amount, lang)


def _shown(
    register: CaseRegister,
    me: Person,
    wanted: Wanted,
    sieve: Sieve,
    pile: Pile,
    amount: int,
    many: int,
) -> Shown:
    """Return one page of a pile, the last one where the page that was asked for is not there."""
    pages, page = max(-(-min(amount, _COUNTED) // many), 1), wanted.page if wanted.pile else 1
    if amount <= _COUNTED:
        page = min(page, pages)
    items = register.pile(pile, me.id, sieve, first=(page - 1) * many, most=many + 1)
    if not items and page > 1:
        page = pages
        items = register.pile(pile, me.id, sieve, first=(page - 1) * many, most=many + 1)
    return Shown(
        pile=pile, items=items[:many], amount=amount, page=page, pages=pages, more=len(items) > many
    )


def _why(refusal: BdvError, names: Names) -> str:
    """Return why something could not be done, and what to do next."""
    told = names.refusal(for_visitors(refusal))
    return f"{told.what(names.lang)}. {told.hint(names.lang, typed=False)}."


def _colleagues(register: CaseRegister, me: Person) -> list[Person]:
    """Return who works here, and the visitor: whoever else calls is nobody's to list."""
    organisation, working = register.organisation, register.procedure.working
    found = [
        each
        for each in organisation.people.values()
        if each.id == me.id or organisation.works_here(each.id, working)
    ]
    return sorted(found, key=lambda each: each.name)


def _back(
    request: Request, wanted: Wanted, refused: dict[str, list[str]], said: str = "", **facts: object
) -> RedirectResponse:
    """Return to what was shown, with what could not be done and why as far as a cookie holds it."""
    told, room = [], _ROOM
    for why, items in refused.items():
        room -= len(why)
        told.append((why if room > 0 else text("web.work.why_inside", language(request)), items))
    if told:
        request.session[_REFUSED] = told
    return onward(request, wanted.address(), said, **facts)


def _cases(shown: list[Shown]) -> set[str]:
    return {item.case for part in shown for item in part.items}


def _steps(register: CaseRegister, template: str) -> dict[str, str]:
    """Return a workflow for each step there is to choose: those of one, or of all."""
    return {
        step.id: each.key
        for each in reversed(register.templates())
        if template in ("", each.key)
        for step in each.activities
        if step not in each.forks
    }
