"""Two logs as mining would hand them over, on the real templates."""

from datetime import UTC, datetime, timedelta
from math import nan
from pathlib import Path

import pandas as pd
import pytest

from bdv_process.eventlog.event import ACTIVITY, CASE, TIMESTAMP
from bdv_process.eventlog.intake import Provenance
from bdv_process.eventlog.log import EventLog
from bdv_process.mining.conformance import ConformanceReport
from bdv_process.mining.discovery import ProcessMap
from bdv_process.mining.drift import drift
from bdv_process.mining.interval import wilson
from bdv_process.mining.journeying import journeys
from bdv_process.mining.overview import overview
from bdv_process.mining.principles import Principles
from bdv_process.mining.value_stream import value_streams
from bdv_process.privacy import FEW
from bdv_process.report.page import Page
from bdv_process.report.render import compose
from bdv_process.report.section import Section
from bdv_process.template.model import Template
from bdv_process.template.procedure import Procedure, Separation
from mining import contacts
from mining.contacts import Row, case, did, service
from mining.streams import Worked, log_of

_FIRST, _LAST = datetime(2026, 1, 5, 8, tzinfo=UTC), datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
_SINCE, _UNTIL = datetime(2026, 2, 8, tzinfo=UTC), datetime(2026, 6, 12, tzinfo=UTC)
_DEVIATION_COLUMNS = [
    "template", "kind", "activity", "label", "rule", "count", "cases", "share", "examples",
]  # fmt: skip
_CASE_COLUMNS = ["case", "template", "started", "events", "cost", "fitness", "fits", "open"]
_RULE_COLUMNS = [
    "template", "rule", "state", "reason", "checked", "cases", "share", "low", "high",
]  # fmt: skip
_RULES = [
    ("W2", "responsible", "broken", "", 480, 12, 12 / 480, 0.014, 0.043),
    ("W2", "maker_not_tester", "broken", "", 480, 3, 3 / 480, 0.002, 0.018),
    ("W5", "responsible", "unchecked", "unchecked.role", 0, 0, 0.0, 0.0, 1.0),
    ("W5", "maker_not_tester", "clean", "", 2_222, 0, 0.0, 0.0, 0.002),
]
_DEVIATIONS = [
    ("W2", "skipped", "change_test", "Testen en vrijgeven", "", 43, 41, 41 / 480, ["c7", "c9"]),
    ("W2", "rule", "change_plan", "Plannen en accorderen", "responsible", 12, 12, 12 / 480, ["c3"]),
    ("W2", "rule", "change_test", "Testen", "maker_not_tester", 3, 3, 3 / 480, ["secret"]),
    ("W5", "moved", "operate_classify", "Classificeren", "", 1_204, 1_100, 1_100 / 2_222, ["d1"]),
    ("W5", "added", "operate_answer", "Antwoord", "", 30, 30, 30 / 2_222, ["d2"]),
    ("W5", "unknown", "x_strange", "Vreemde stap", "", 9, 9, 9 / 2_222, ["d3"]),
]
_TEMPLATES = [("W2", 480, 424, 0.98765, 31, 9_001), ("W5", 2_222, 1_083, 0.91234, 77, 20_118)]

_PRINCIPLE_COLUMNS = [
    "principle", "measure", "template", "value", "low", "high", "n", "unit", "better", "reason",
]  # fmt: skip
_PRINCIPLES = [
    ("citizens", "linked", "", nan, nan, nan, 0, "share", "high", "unchecked.linked"),
    ("citizens", "told", "", 0.875, 0.861, 0.888, 2_400, "share", "high", ""),
    ("citizens", "told", "W2", 0.5, 0.4, 0.6, 400, "share", "high", ""),
    ("partner", "silence", "", 12.25, 11.5, 13.0, 900, "days", "low", ""),
    ("partner", "rounds", "", nan, nan, nan, 0, "share", "low", "unchecked.absent"),
    ("law", "motivated", "", 0.97, 0.9, 0.99, 100, "share", "high", ""),
]
_MAPS = {
    key: ProcessMap(
        template=key,
        cases=cases,
        steps=pd.DataFrame(
            [(step, label, cases, cases, True) for step, label in steps],
            columns=["activity", "label", "count", "cases", "expected"],
        ),
        transitions=pd.DataFrame(
            [("", steps[0][0], cases, cases, True), (steps[0][0], steps[1][0], cases, cases, True),
             (steps[1][0], "", 3, 3, False)],
            columns=["source", "target", "count", "cases", "expected"],
        ),
        variants={(steps[0][0], steps[1][0]): cases},
    )
    for key, cases, steps in (
        ("W2", 480, [("change_accept", "Aannemen"), ("change_classify", "Classificeren")]),
        ("W5", 2_222, [("operate_accept", "Aannemen"), ("operate_classify", "Classificeren")]),
    )
}  # fmt: skip

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


def _deviations() -> pd.DataFrame:
    found = pd.DataFrame(_DEVIATIONS, columns=_DEVIATION_COLUMNS)
    told = found["rule"].where(found["rule"] != "", found["kind"])
    what = found["template"] + "." + told + "." + found["activity"]
    of = (found["cases"] / found["share"]).round().astype(int)
    low, high = wilson(found["cases"], of)
    found = found.assign(of=of, finding=what, low=low, high=high, since=_SINCE, until=_UNTIL)
    return found.sort_values("cases", ascending=False, ignore_index=True)


def in_streams() -> EventLog:
    """Six needs of a change with the service it needs, and nine of a service alone."""
    chains = [
        each
        for n in range(6)
        for each in (
            need(f"c{n}", "W2", hours=96),
            Worked(
                case=f"d{n}", template="W5", parent=f"c{n}", root=f"c{n}",
                steps=[("operate_accept", "anna", 30.0, 40.0)],
            ),
        )
    ]  # fmt: skip
    return log_of(*chains, *(need(f"z{n}") for n in range(9)))


def need(name: str, template: str = "W5", *, hours: float = 48) -> Worked:
    """A need in one case: begun after 12 of the hours, worked on for 12, done after all of them."""
    steps = [
        (f"{template}_begin", "anna", 12.0, 18.0),
        (f"{template}_end", "ben", hours - 6.0, hours),
    ]
    return Worked(case=name, template=template, steps=steps, moments=[(f"{template}_call", 0.0)])


def in_journeys() -> EventLog:
    """Six citizens whose request goes well, and five who withdraw theirs."""
    good = [service(f"z{n}", f"p{n}") for n in range(6)]
    return contacts.log_of(*good, *(withdrawn(f"w{n}", f"q{n}") for n in range(5)))


def withdrawn(name: str, subject: str) -> list[Row]:
    """A service request that the citizen withdraws after three days."""
    return case(
        name, subject, did(0, "operate_call"), did(1, "operate_accept", "accepted"),
        did(3, "operate_withdrawal"), did(3, "operate_withdrawn", "withdrawn"),
    )  # fmt: skip


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
                (
                    f"{key}-{fits}-{n}",
                    key,
                    _LAST if n >= 40 else _FIRST,
                    12,
                    cost,
                    1 - cost / 20,
                    fits,
                    n < 7,
                )
                for key, size, fits in sizes
                for cost in (0 if fits else 2,)
                for n in range(size)
                for start in (_LAST if n >= 40 else _FIRST,)
            ],
            columns=_CASE_COLUMNS,
        ),
        occurrences=pd.DataFrame(columns=["case", "template", "kind", "activity", "rule", "times"]),
        deviations=_deviations(),
        rules=pd.DataFrame(_RULES, columns=_RULE_COLUMNS),
        looked=pd.DataFrame(
            True,
            index=range(sum(size for _, size, _ in sizes)),
            columns=_deviations()["rule"].unique(),
        ),
        runs=pd.DataFrame(columns=["template", "open", "path", "cases"]),
        templates=pd.DataFrame(
            _TEMPLATES, columns=["template", "cases", "fitting", "fitness", "variants", "events"]
        ),
        unobservable={"W5": ("operate_plan", "operate_verify")},
        tiers={"W2": "tier.dense", "W5": "tier.dense"},
        notes=(("conformance.left_out", {"cases": 1_012, "templates": "W9"}),),
    )
    events = pd.DataFrame({CASE: "c1", ACTIVITY: "change_accept", TIMESTAMP: [_FIRST, _LAST]})
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
        overview=overview(report, least=FEW),
        drift=drift(report),
        maps=_MAPS,
        streams=value_streams(in_streams(), tuple(templates.values())),
        journeys=journeys(in_journeys(), tuple(templates.values())),
        precision=pd.DataFrame({"template": ["W2", "W5"], "planned": [0.75, 0.5]}),
        principles=Principles(frame=pd.DataFrame(_PRINCIPLES, columns=_PRINCIPLE_COLUMNS)),
        evidence=pd.DataFrame(
            [("role", 2_702, 2_702, 1.0), ("requester", 40, 2_702, 40 / 2_702), ("time", 0, 9, 0)],
            columns=["evidence", "missing", "of", "share"],
        ),
        clock="minute",
        templates=(templates["W2"], templates["W5"]),
        throughput=pd.DataFrame(
            [("W2", 470, 12.34, 15.04, 33.21), ("W5", 2_000, 3.07, 4.11, 9.08)],
            columns=["template", "cases", "median", "mean", "p90"],
        ),
        procedure=_PROCEDURE,
    )


NOW = datetime(2026, 7, 1, 9, tzinfo=UTC)


@pytest.fixture(scope="session")
def told(section: Section) -> Page:
    """What the report says about that log, in Dutch."""
    return compose([section], title="Rapport", generated=NOW)
