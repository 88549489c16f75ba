"""A section holds a log against the templates by itself."""

from pathlib import Path

import pandas as pd

from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import conformance
from bdv_process.mining.throughput import throughput
from bdv_process.report.section import Section
from bdv_process.template.library import shipped, shipped_procedure


def test_a_section_is_made_of_a_log_and_what_should_happen(root: Path) -> None:
    log = EventLog.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    made = Section.of(log, shipped(), shipped_procedure(), name="Log", synthetic=True, source="Wij")
    assert (made.name, made.synthetic, made.source) == ("Log", True, "Wij")
    assert (made.templates, made.procedure) == (shipped(), shipped_procedure())
    report = conformance(log, shipped(), shipped_procedure())
    pd.testing.assert_frame_equal(made.report.cases, report.cases)
    pd.testing.assert_frame_equal(made.report.deviations, report.deviations)
    pd.testing.assert_frame_equal(made.throughput, throughput(log, report))
    assert made.throughput["template"].is_monotonic_increasing
