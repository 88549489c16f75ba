"""What a report is made of: one section per log."""

from dataclasses import dataclass

import pandas as pd

from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport
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
    templates: tuple[Template, ...]  #: in the order of the page
    throughput: pd.DataFrame
    procedure: Procedure | None = None  #: names the separations
    synthetic: bool = False  #: made up by the demo
    source: str = ""  #: attribution that the licence of the data asks for
