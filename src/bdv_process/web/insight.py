"""Inzicht: where the time of closed calls went, and what their requesters noticed of it.

The pictures are those of the report and the notebook. Of a picture the page shows the markup; what
it looks like has an address of its own, since nothing may stand inline here.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from secrets import token_bytes
from typing import TYPE_CHECKING, Any, Final

from anyio import CapacityLimiter
from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import Response

from bdv_process.errors import InputRefused, NotFound
from bdv_process.execution.register import CaseRegister
from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.privacy import FEW
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure
from bdv_process.template.term import HERE
from bdv_process.web.screen import language, screen
from bdv_process.web.visitor import INSIDER, Register, Visitor

if TYPE_CHECKING:
    from bdv_process.mining.journey import Journeys
    from bdv_process.mining.value_stream import ValueStreams
    from bdv_process.report.page import Figure

router = APIRouter(prefix="/inzicht", dependencies=[INSIDER])

_YEAR: Final = timedelta(days=365)
_MOST: Final = 500  #: calls: with what came of them some 30 000 events, a few seconds
_LOOK: Final = re.compile(r"<style>(.*?)</style>| style=\"([^\"]*)\"", re.DOTALL)


@dataclass(frozen=True, kw_only=True)
class Drawn:
    """A picture whose look was taken out of its markup."""

    figure: "Figure"
    markup: str
    look: str  #: a style sheet


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What the closed calls come to."""

    calls: int
    since: datetime
    templates: tuple[Template, ...] = ()  #: that name the steps
    procedure: Procedure | None = None  #: names the roles
    cut: bool = False  #: whether more were closed than were looked at
    streams: "ValueStreams | InputRefused | None" = None  #: why there are none; None: few calls
    journeys: "Journeys | InputRefused | None" = None
    patterns: tuple[tuple[str, int], ...] = ()  #: that may be shown, the commonest first
    group: int | None = None  #: the largest one that may be shown
    _pictures: dict[tuple[str, Language], Drawn] = field(default_factory=dict)

    def stream(self, pattern: str, lang: Language) -> Drawn:
        """Return the map of a pattern that may be shown."""
        return self._once(f"stream {pattern}", lang, self.streams, pattern=pattern)

    def journey(self, lang: Language) -> Drawn:
        """Return the map of the largest group."""
        of = {"group": self.group, "procedure": self.procedure}
        return self._once("journey", lang, self.journeys, **of)

    def _once(self, name: str, lang: Language, found: Any, **of: Any) -> Drawn:
        if (name, lang) not in self._pictures:
            drawn = found.chart(templates=self.templates, lang=lang, **of)
            self._pictures[name, lang] = _apart(drawn, name.partition(" ")[0])
        return self._pictures[name, lang]


class Kept:
    """Keeps what the closed calls come to, until another case is closed."""

    def __init__(self, register: CaseRegister) -> None:
        self._register = register
        self._closings: tuple[int, datetime | None] | None = None
        self._seen: Seen | None = None
        #: One looks at a time, and none of those whom the pages keep waiting.
        self.limiter = CapacityLimiter(1)

    def seen(self) -> Seen:
        """Return what the calls that were closed in the last year come to."""
        closings = self._register.closings()
        if self._seen is None or closings != self._closings:
            self._seen = _look(self._register)
            self._closings = closings
        return self._seen


@router.get("")
async def show(request: Request, register: Register, me: Visitor, pattern: str = "") -> Response:
    """Show where the time of one pattern of streams went, and the journey most people made."""
    return await _apart_from_others(request, partial(_page, request, pattern))


@router.get("/opmaak.css")
async def look(request: Request, register: Register, me: Visitor, pattern: str = "") -> Response:
    """Return what the pictures of that page look like."""
    return await _apart_from_others(request, partial(_style, request, pattern))


async def _apart_from_others(request: Request, answer: Callable[[], Response]) -> Response:
    """Answer in a thread of its own: looking at a year takes longer than others should wait."""
    return await run_sync(answer, limiter=request.app.state.insight.limiter)


def _page(request: Request, pattern: str) -> Response:
    lang, seen = language(request), request.app.state.insight.seen()
    chosen, drawn = _drawn(seen, pattern, lang)
    return screen(
        request,
        "insight",
        seen=seen,
        few=FEW,
        chosen=chosen,
        patterns=[(each, words.pattern(each, lang), closed) for each, closed in seen.patterns],
        drawn=drawn,
        missing={
            "stream": _why(seen.streams, "stream", lang),
            "journey": _why(seen.journeys, "journey", lang),
        },
        count=lambda number: words.count(number, lang),
    )


def _style(request: Request, pattern: str) -> Response:
    _, drawn = _drawn(request.app.state.insight.seen(), pattern, language(request))
    return Response("\n".join(each.look for each in drawn.values()), media_type="text/css")


def _drawn(seen: Seen, pattern: str, lang: Language) -> tuple[str, dict[str, Drawn]]:
    """Return which pattern is shown, and the pictures that there are.

    Raises:
        NotFound: there are no, or too few, streams of the pattern: which of both is not told.
    """
    known, drawn = [each for each, _ in seen.patterns], {}
    if pattern and pattern not in known:
        raise NotFound("BDV-581", where=pattern, few=FEW)
    chosen = pattern or next(iter(known), "")
    if chosen:
        drawn["stream"] = seen.stream(chosen, lang)
    if seen.group is not None:
        drawn["journey"] = seen.journey(lang)
    return chosen, drawn


def _why(found: object, what: str, lang: Language) -> str:
    """Return why there is no picture."""
    if isinstance(found, InputRefused):
        return text(f"{what}s.none", lang, reason=found.what(lang))
    return text(f"web.insight.{what}.none", lang, few=FEW)


def _look(register: CaseRegister) -> Seen:
    """Measure the calls that were closed last."""
    since = register.clock().astimezone(HERE) - _YEAR
    calls = register.closed_calls(since=since, most=_MOST + 1)
    cut, calls = len(calls) > _MOST, calls[:_MOST]
    if cut:
        since = min(call.closed for call in calls if call.closed)
    if len(calls) < FEW:
        return Seen(calls=len(calls), since=since)
    # Here, for who only runs cases should not wait for what can mine.
    from bdv_process.eventlog.log import EventLog
    from bdv_process.eventlog.pseudonym import pseudonymised
    from bdv_process.mining.journey_groups import EVERY
    from bdv_process.mining.journeying import journeys
    from bdv_process.mining.stream_chart import drawable
    from bdv_process.mining.value_stream import value_streams
    from bdv_process.picture.records import records
    from bdv_process.report.section import unless_refused
    from bdv_process.report.streams import shown

    made = EventLog.of(register.events(roots=[call.id for call in calls], shown=False))
    log, templates = pseudonymised(made, token_bytes(32)), register.templates()
    streams = unless_refused(lambda: value_streams(log, templates))
    walked = unless_refused(lambda: journeys(log, templates))
    patterns: list[tuple[str, int]] = []
    group: int | None = None
    if not isinstance(streams, InputRefused):
        rows = [row for row in shown(streams)[1:] if drawable(streams, row["pattern"])]
        patterns = [(row["pattern"], row["closed"]) for row in rows]
    if not isinstance(walked, InputRefused):
        named = [row for row in records(walked.shown) if row["group"] != EVERY]
        group = max(named, key=lambda row: row["journeys"])["group"] if named else None
    return Seen(
        calls=len(calls), since=since, templates=templates, procedure=register.procedure,
        cut=cut, streams=streams, journeys=walked, patterns=tuple(patterns), group=group,
    )  # fmt: skip


def _apart(drawn: Any, name: str) -> Drawn:
    """Take the look of a picture out of its markup."""
    from bdv_process.report.page import Figure

    looks: list[str] = []

    def take(found: re.Match[str]) -> str:
        sheet, own = found.groups()
        looks.append(sheet if own is None else f"#{name} svg.bdv-sheet {{ {own} }}")
        return ""

    markup = _LOOK.sub(take, drawn.svg)
    return Drawn(figure=Figure.of(drawn), markup=markup, look="\n".join(looks))
