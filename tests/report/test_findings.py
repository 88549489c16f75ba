"""Until when a finding is told: as long as there were cases that could show it."""

from dataclasses import replace

import pandas as pd

from bdv_process.report.findings import Findings
from bdv_process.report.section import Section

OVER, STILL = "na juni\u00a02026 niet meer gezien", "aan het eind nog niet voorbij"


def when(section: Section, rule: str = "responsible", **frames: pd.DataFrame) -> str:
    """When the broken rule of W2 is said to begin and end; its last case began in June."""
    found = section.report.deviations.iloc[[3]].assign(rule=rule)
    report = replace(section.report, **{"deviations": found} | frames)
    (finding,) = Findings(replace(section, report=report), "nl").all
    assert finding.template == "W2"
    return finding.when


def test_a_rule_is_over_only_when_it_was_looked_at_in_later_cases(section: Section) -> None:
    looked = section.report.looked
    started = section.report.cases["started"]
    early = (started == started.min()).to_numpy()
    assert OVER in when(section)
    assert STILL in when(section, looked=looked.assign(responsible=early))


def test_lateness_has_no_end_while_later_cases_still_run(section: Section) -> None:
    cases = section.report.cases
    looked = section.report.looked.assign(term=True)
    assert OVER in when(section, "term", looked=looked)
    running = cases.assign(open=cases["open"] | (cases.index == 470))
    assert "van zaken die nog lopen" in when(section, "term", looked=looked, cases=running)
    assert OVER in when(section, cases=running)  # who did it cannot come too late
