"""What a report is made of: one section per log."""

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport, conformance
from bdv_process.mining.throughput import throughput
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True, eq=False)
class Section:
    """Everything the page says about one log.

    `throughput`: one row per template with closed cases: template, cases, median, mean, p90 (days).
    """

    name: str  #: what readers call this log
    log: EventLog
    report: ConformanceReport
    templates: tuple[Template, ...]  #: in the order of the page; those without cases are left out
    throughput: pd.DataFrame
    procedure: Procedure | None = None  #: names the separations
    synthetic: bool = False  #: made up by the demo
    source: str = ""  #: attribution that the licence of the data asks for

    @staticmethod
    def of(
        log: EventLog,
        templates: Iterable[Template],
        procedure: Procedure | None = None,
        *,
        name: str,
        synthetic: bool = False,
        source: str = "",
    ) -> "Section":
        """Hold a log against its templates and return what the page says about it.

        Raises:
            InputRefused: no case in the log runs one of the templates.
            LimitExceeded: a template can be in over 30 000 states.
        """
        templates = tuple(templates)
        report = conformance(log, templates, procedure)
        return Section(
            name=name,
            log=log,
            report=report,
            templates=templates,
            throughput=throughput(log, report),
            procedure=procedure,
            synthetic=synthetic,
            source=source,
        )
