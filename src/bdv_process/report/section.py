"""What a report is made of: one section per log."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Literal, TypeVar

import pandas as pd

from bdv_process.errors import InputRefused
from bdv_process.eventlog.log import EventLog
from bdv_process.language import Language
from bdv_process.mining import comparison
from bdv_process.mining.comparison import Comparison, Span
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.mining.discovery import ProcessMap, discover
from bdv_process.mining.drift import Drift, drift
from bdv_process.mining.journey import Journeys
from bdv_process.mining.journeying import journeys
from bdv_process.mining.overview import overview
from bdv_process.mining.precision import precision
from bdv_process.mining.principles import Principles, principles
from bdv_process.mining.quality import clock, evidence
from bdv_process.mining.throughput import throughput
from bdv_process.mining.value_stream import ValueStreams, value_streams
from bdv_process.privacy import FEW
from bdv_process.template.library import or_shipped, shipped_procedure
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure

_Found = TypeVar("_Found")


@dataclass(frozen=True, kw_only=True, eq=False)
class Section:
    """Everything the page says about one log.

    `throughput`: one row per template with closed cases: template, cases, median, mean, p90 (days).
    """

    name: str  #: what readers call this log
    log: EventLog
    report: ConformanceReport
    templates: tuple[Template, ...]  #: in the order of the page; those without cases are left out
    overview: pd.DataFrame  #: see `mining.overview`
    throughput: pd.DataFrame
    drift: Drift  #: month by month
    maps: dict[str, ProcessMap]  #: what really happened, by template
    precision: pd.DataFrame  #: one row per template, see `mining.precision`
    evidence: pd.DataFrame  #: see `mining.quality`
    clock: str  #: see `mining.quality`
    comparison: Comparison | None = None
    principles: Principles | None = None  #: None without a procedure
    streams: ValueStreams | InputRefused | None = None  #: or why there are none
    journeys: Journeys | InputRefused | None = None
    procedure: Procedure | None = None  #: names the separations
    synthetic: bool = False  #: made up by the demo
    source: str = ""  #: attribution that the licence of the data asks for

    @staticmethod
    def of(
        log: EventLog,
        templates: Iterable[Template] | None = None,
        procedure: Procedure | Literal["shipped"] | None = "shipped",
        *,
        name: str,
        compared_with: EventLog | Span | date | None = None,
        other_name: str = "",
        synthetic: bool = False,
        source: str = "",
    ) -> "Section":
        """Hold a log against its templates and return what the page says about it.

        Args:
            log: the events.
            templates: what should happen; by default the shipped ones.
            procedure: who should do it; by default the shipped one; rules that ask for one are
                unchecked without (None).
            name: what readers call this log.
            compared_with: another log; or "month" or "quarter": the last whole one beside the one
                before; or a day: what started since then beside what started before.
            other_name: what readers call the other log.
            synthetic: the log is made up.
            source: attribution that the licence of the data asks for.

        Raises:
            InputRefused: no case in a log runs one of the templates, or a log without times is to
                be compared with its own past.
            LimitExceeded: a template can be in over 30 000 states.
        """
        templates = or_shipped(templates)
        procedure = shipped_procedure() if procedure == "shipped" else procedure
        report = conformance(log, templates, procedure)
        if isinstance(compared_with, EventLog):
            other = conformance(compared_with, templates, procedure)
            beside = comparison.compare(report, other, here=name, there=other_name)
        elif compared_with is not None:
            beside = comparison.split(log, report, compared_with)
        else:
            beside = None
        return Section(
            name=name,
            log=log,
            report=report,
            templates=templates,
            overview=overview(report, least=FEW),
            throughput=throughput(log, report),
            drift=drift(report),
            maps={found.template: found for found in discover(log, templates)},
            precision=precision(report, templates).templates,
            principles=principles(log, report, templates, procedure) if procedure else None,
            streams=unless_refused(lambda: value_streams(log, templates)),
            journeys=unless_refused(lambda: journeys(log, templates)),
            evidence=evidence(log),
            clock=clock(log),
            comparison=beside,
            procedure=procedure,
            synthetic=synthetic,
            source=source,
        )

    @property
    def separations(self) -> tuple[str, ...]:
        """Return the ids of the rules that keep the work of two people apart."""
        return tuple(each.id for each in self.procedure.separations) if self.procedure else ()

    def __repr__(self) -> str:
        """Say of which log it is and what was found in it, on one line."""
        return f"<Section {self.name}: {self.log!r}, {self.report!r}>"

    def names(self, lang: Language) -> dict[str, str]:
        """Return what the steps of the templates are called, by id."""
        return {n.id: n.label(lang) for each in self.templates for n in each.nodes if n.name}


def unless_refused(measure: Callable[[], _Found]) -> _Found | InputRefused:
    """Return what a log shows, or why it cannot: a report can be made all the same."""
    try:
        return measure()
    except InputRefused as refusal:
        return refusal
