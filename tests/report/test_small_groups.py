"""Groups under five cases: hidden on the page, in print and in the data, and hard to work out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
from lxml import html as markup

from bdv_process.eventlog.event import ACTIVITY, CASE
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.pseudonym import PEOPLE
from bdv_process.mining.overview import overview
from bdv_process.privacy import FEW
from bdv_process.report.page import Page
from bdv_process.report.part import part
from bdv_process.report.render import compose, html, render
from bdv_process.report.section import Section
from bdv_process.resources import folder
from bdv_process.template.library import shipped, shipped_procedure
from report.conftest import NOW
from report.pdf_text import words

#: What may stand nowhere: each belongs to a group of three or four cases, or to what it leaves.
SECRETS = ("geheim", "7777", "7.777", "1999", "4321", "4.321", "3210", "3.210", "0,654", "0.654",
           "2.223", "2223", "0.0013", "0,13")  # fmt: skip


@pytest.fixture(scope="module")
def few(section: Section) -> Page:
    """Three cases in W2; in W5, 2 220 cases that all went well but three."""
    frames = section.report
    cases = pd.concat([frames.cases[frames.cases["template"] == key].iloc[:size]
                       for key, size in (("W2", 3), ("W5", 2_220))])  # fmt: skip
    fits = [False] * 3 + [True] * 2_217 + [False] * 3
    rare = frames.deviations[frames.deviations["template"] == "W5"].iloc[:1].assign(
        count=7_777, cases=3, share=3 / 2_220, low=0.0005, high=0.004, examples=[("geheim-1",)],
        since=datetime(1999, 3, 1, tzinfo=UTC),
    )  # fmt: skip
    own = frames.deviations[frames.deviations["template"] == "W2"].iloc[:1].assign(
        count=7_777, cases=3, share=1.0, low=0.4, high=1.0, examples=[("geheim-2",)]
    )  # fmt: skip
    report = replace(
        frames,
        cases=cases.assign(fits=fits),
        deviations=pd.concat([rare, own], ignore_index=True),
        rules=frames.rules.assign(checked=2_220, cases=3, state="broken").iloc[1:2],
        templates=frames.templates.assign(fitness=0.654, variants=[4_321, 77]),
    )
    times = section.throughput.assign(mean=3_210.0, p90=7_777.0, cases=[3, 4])
    hidden = replace(section, report=report, overview=overview(report, least=FEW), throughput=times)
    return compose([hidden], title="Rapport", generated=NOW)


def test_no_face_shows_what_belongs_to_few(few: Page, tmp_path: Path) -> None:
    tree = markup.fromstring(html(few))
    for style in tree.xpath("//style"):
        style.drop_tree()
    faces = {
        "page": markup.tostring(tree, encoding="unicode"),
        "data": render(few, to=tmp_path / "r.json").read_text(encoding="utf-8"),
        "document": words(render(few, to=tmp_path / "r.pdf").read_bytes()),
    }
    for name, face in faces.items():
        assert "Dienst uitvoeren" in face, name
        shown = face.replace(few.to_dict()["fingerprint"], "")
        assert [secret for secret in SECRETS if secret in shown] == [], name


def test_a_small_workflow_is_in_no_total(few: Page) -> None:
    (chapter,) = few.chapters
    assert chapter.following.of == 2_220
    assert chapter.workflows[0].following.of is None


def test_those_who_are_left_are_hidden_too_when_few(few: Page) -> None:
    (chapter,) = few.chapters
    assert chapter.following.hidden == "all_but_few"
    assert "Bijna alle 2.220 zaken" in chapter.headline
    assert chapter.workflows[1].fitness is None


def test_page_one_has_no_points_of_few_and_says_that_they_exist(few: Page) -> None:
    (chapter,) = few.chapters
    assert chapter.points == ()
    assert chapter.order.startswith("Er ging wel iets mis, maar elk ding in minder dan 5 zaken.")


def test_a_log_of_few_cases_is_not_an_empty_one(section: Section) -> None:
    frames = section.report
    none = frames.deviations.iloc[:0]
    report = replace(frames, cases=frames.cases.iloc[:3], deviations=none)
    tiny = replace(section, report=report, overview=overview(report, least=FEW))
    (chapter,) = compose([tiny], title="Rapport", generated=NOW).chapters
    assert chapter.headline == "Er waren te weinig zaken om iets over te zeggen."
    assert chapter.order == ""
    assert (chapter.following.share, chapter.following.hidden) == (None, "group")


@pytest.mark.parametrize("cases", range(1, FEW))
def test_a_part_of_few_cases_holds_no_number(cases: int) -> None:
    row = {"cases": cases, "of": 100, "share": cases / 100, "low": 0.0, "high": 0.1}
    hidden = part(row)
    assert (hidden.cases, hidden.share, hidden.low, hidden.high) == (None, None, None, None)
    assert part(row | {"of": FEW - 1, "cases": 0}).of is None


@pytest.mark.parametrize("cases", [0, 5, 100])
def test_a_part_of_nobody_or_of_enough_shows_itself(cases: int) -> None:
    row = {"cases": cases, "of": 100, "share": cases / 100, "low": 0.0, "high": 1.0}
    assert part(row, rest=True).cases == cases


def test_the_data_are_plain(few: Page) -> None:
    assert json.loads(json.dumps(few.to_dict(), allow_nan=False)) == few.to_dict()


def test_no_face_of_a_report_on_a_real_log_names_anybody_or_counts_few(tmp_path: Path) -> None:
    log = EventLog.read(folder("eventlogs") / "synthetic-eight-workflows.xes.gz")
    frame = log.where(templates=["W5"]).frame
    for column in PEOPLE:  # somebody cannot be mistaken for a role or a word of ours
        frame[column] = frame[column].map(lambda name: f"geheim{name}", na_action="ignore")
    three = frame[CASE].isin(frame[CASE].drop_duplicates().iloc[:3])
    frame.loc[three & (frame[ACTIVITY] == "operate_classify"), ACTIVITY] = "x_other"
    section = Section.of(EventLog(frame=frame), shipped(), shipped_procedure(), name="W5")
    page = compose([section], title="Rapport", generated=NOW)
    faces = {
        "page": html(page),
        "data": render(page, to=tmp_path / "r.json").read_text(encoding="utf-8"),
        "document": words(render(page, to=tmp_path / "r.pdf").read_bytes()),
    }
    for name, face in faces.items():
        assert "Dienst uitvoeren" in face, name
        assert "geheim" not in face, name
    told = json.loads(faces["data"])
    assert [where for where, count in _counts(told) if 0 < count < FEW] == []


def _counts(told: object, where: str = "") -> Iterator[tuple[str, int]]:
    """Every number of cases in the data of a report, with where it stands."""
    if isinstance(told, dict):
        for name, value in told.items():
            if type(value) is int and name in ("cases", "of", "open", "checked", "streams", "n"):
                yield f"{where}.{name}", value
            yield from _counts(value, f"{where}.{name}")
    elif isinstance(told, list):
        for value in told:
            yield from _counts(value, f"{where}[]")
