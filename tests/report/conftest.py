"""Two logs as mining would hand them over, on the real templates."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.eventlog.event import ACTIVITY, CASE, TIMESTAMP
from bdv_process.eventlog.intake import Provenance
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport
from bdv_process.report.section import Section
from bdv_process.template.library import read_folder
from bdv_process.template.model import Template, by_key
from bdv_process.template.procedure import Procedure, Separation

_DEVIATION_COLUMNS = [
    "template", "kind", "activity", "label", "rule", "count", "cases", "share", "examples",
]  # fmt: skip
_DEVIATIONS = [
    ("W2", "skipped", "change_test", "Testen en vrijgeven", "", 43, 41, 41 / 480, ["c7", "c9"]),
    ("W2", "role", "change_plan", "Plannen en accorderen", "", 12, 12, 12 / 480, ["c3"]),
    ("W2", "separation", "change_test", "Testen", "maker_not_tester", 3, 3, 3 / 480, ["secret"]),
    ("W5", "moved", "operate_classify", "Classificeren", "", 1_204, 1_100, 1_100 / 2_222, ["d1"]),
    ("W5", "added", "operate_answer", "Antwoord", "", 30, 30, 30 / 2_222, ["d2"]),
    ("W5", "unknown", "x_strange", "Vreemde stap", "", 9, 9, 9 / 2_222, ["d3"]),
]
_TEMPLATES = [("W2", 480, 424, 0.98765, 31, 9_001), ("W5", 2_222, 1_083, 0.91234, 77, 20_118)]


_PROCEDURE = Procedure(
    roles=(),
    raci={},
    separations=(
        Separation(
            id="maker_not_tester",
            name="Wie het maakt, test het niet.",
            name_en="Who makes it does not test it.",
            one=frozenset({"change_prepare"}),
            other=frozenset({"change_test"}),
        ),
    ),
    requester_separated=True,
    norms={},
    terms={},
    recorded_within=timedelta(days=2),
    path=Path("procedure.toml"),
)


@pytest.fixture(scope="session")
def templates(root: Path) -> dict[str, Template]:
    """The eight templates by key."""
    return by_key(read_folder(root / "bpmn"))


@pytest.fixture(scope="session")
def section(templates: dict[str, Template]) -> Section:
    """A log of 2 702 cases of W2 and W5 with every kind of deviation."""
    sizes = [
        (key, size, fits)
        for key, cases, fitting, *_ in _TEMPLATES
        for size, fits in ((fitting, True), (cases - fitting, False))
    ]
    report = ConformanceReport(
        cases=pd.DataFrame(
            [
                (f"{key}-{fits}-{n}", key, 12, 0 if fits else 2, 1.0 if fits else 0.9, fits, n < 7)
                for key, size, fits in sizes
                for n in range(size)
            ],
            columns=["case", "template", "events", "cost", "fitness", "fits", "open"],
        ),
        deviations=pd.DataFrame(
            _DEVIATIONS,
            columns=_DEVIATION_COLUMNS,
        ),
        templates=pd.DataFrame(
            _TEMPLATES, columns=["template", "cases", "fitting", "fitness", "variants", "events"]
        ),
        unobservable={"W5": ("operate_plan", "operate_verify")},
        unchecked={"responsible": "unchecked.role"},
        notes=(("conformance.left_out", {"cases": 1_012, "templates": "W9"}),),
    )
    moments = [datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 6, 30, 23, 30, tzinfo=UTC)]
    events = pd.DataFrame({CASE: "c1", ACTIVITY: "change_accept", TIMESTAMP: moments})
    rejected = pd.DataFrame({"row": range(11), "reason": "BDV-230", "value": "?"})
    return Section(
        name="Gemeente <Voorbeeld>",
        log=EventLog(
            frame=events,
            provenance=Provenance(
                rows_in=30_000,
                used=29_989,
                collapsed=870,
                rejected=rejected,
            ),
        ),
        synthetic=True,
        source="Bron: eigen simulatie.",
        report=report,
        templates=(templates["W2"], templates["W5"]),
        throughput=pd.DataFrame(
            [("W2", 470, 12.34, 15.04, 33.21), ("W5", 2_000, 3.07, 4.11, 9.08)],
            columns=["template", "cases", "median", "mean", "p90"],
        ),
        procedure=_PROCEDURE,
    )
