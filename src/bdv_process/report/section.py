"""What a report is made of: one section per log, with where its facts come from."""

from dataclasses import dataclass
from datetime import datetime

import pandas as pd

from bdv_process.mining.conformance import ConformanceReport
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where the facts of a section come from; rows: read = used + collapsed + rejected."""

    name: str  #: what readers call this log
    first: datetime | None  #: first and last event, aware; none in a log without times
    last: datetime | None
    read: int
    used: int
    collapsed: int  #: rows that repeat the state before them
    rejected: int
    synthetic: bool = False  #: made up by the demo
    source: str = ""  #: attribution that the licence of the data asks for


@dataclass(frozen=True, kw_only=True)
class Section:
    """Everything the page says about one log.

    `throughput`: one row per template with closed cases: template, cases, median, mean, p90 (days).
    """

    provenance: Provenance
    report: ConformanceReport
    templates: tuple[Template, ...]  #: in the order of the page
    throughput: pd.DataFrame
    procedure: Procedure | None = None  #: names the separations that were broken
    notes: tuple[str, ...] = ()  #: sentences for the reading guide, in the page's language
