"""Findings as a director hears them."""

import pytest

from bdv_process.language import catalogue, text
from bdv_process.mining.deviation import DeviationKind
from bdv_process.report.page import Finding
from bdv_process.report.part import Part, part
from bdv_process.report.sentences import Teller, advice, between, points
from bdv_process.template.library import shipped_procedure

OWN_RULES = sorted(key.removeprefix("check.") for key in catalogue() if key.startswith("check."))


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.031, 0.068, "tussen 3 en 7 van de 100"),
        (0.0031, 0.0068, "tussen 3 en 7 van de 1.000"),
        (0.0, 0.02, "hooguit 20 van de 1.000"),
        (0.934, 0.998, "minstens 93 van de 100"),
        (0.30, 0.30, "tussen 30 en 30 van de 100"),
    ],
)
def test_an_interval_is_told_in_whole_cases_rounded_outwards(
    low: float, high: float, said: str
) -> None:
    assert between(low, high, "nl") == said


def whole(cases: int, of: int) -> Part:
    return part({"cases": cases, "of": of, "share": cases / of, "low": 0.1, "high": 0.2})


def test_how_often_has_a_sentence_for_every_size() -> None:
    teller = Teller(lang="nl")
    assert teller.often(whole(12, 100)) == (
        "Dat gebeurde in 12 van de 100 zaken: tussen 10 en 20 van de 100."
    )
    assert teller.often(whole(100, 100)) == "Dat is zo in alle 100 zaken."
    assert teller.often(whole(3, 100)) == "Dat gebeurde in minder dan 5 van de 100 zaken."
    assert teller.often(whole(3, 4)) == "Er zijn te weinig zaken om aantallen te noemen."


@pytest.mark.parametrize(
    ("since", "until", "key"),
    [
        ("2026-01", "2026-06", "always.1"),
        ("2026-02", "2026-06", "still.1"),
        ("2026-02", "2026-04", "over.1"),
        ("2026-03", "2026-03", "once"),
        ("2026-06", "2026-06", "once"),
    ],
)
def test_since_when_says_whether_it_goes_on(since: str, until: str, key: str) -> None:
    said = Teller(lang="en").when(since, until, "2026-01", "2026-06")
    frame = text(f"since.{key}", "en", since="\0", until="\0").split("\0")
    assert all(each in said for each in frame)


def test_of_what_may_come_too_late_yet_no_end_is_told() -> None:
    said = Teller(lang="nl").when("2026-02", "2026-04", "2026-01", None)
    assert said == (
        "Het begon in februari\u00a02026; van zaken die nog lopen, is het nog niet te zeggen."
    )


def test_a_log_without_times_says_nothing_of_since() -> None:
    assert Teller(lang="nl").when(None, None, "", "") == ""


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("kind", [*(k.value for k in DeviationKind if k != "rule"), *OWN_RULES])
def test_every_kind_and_every_rule_has_its_own_words_and_advice(kind: str, lang: str) -> None:
    keys = [key for key in catalogue() if key.startswith(f"says.{kind}")]
    assert keys, kind
    facts = {"workflow": "\1", "step": "\2", "other": "\3", "rule": "\4"}
    for key in keys:
        assert "\1" in text(key, lang, **facts), key  # type: ignore[arg-type]
    assert f"advice.{kind}" in catalogue()
    assert advice(kind, "", lang) == catalogue()[f"advice.{kind}"][lang]  # type: ignore[arg-type]


def test_a_separation_of_the_procedure_is_told_with_its_name() -> None:
    for separation in shipped_procedure().separations:
        said = Teller(lang="nl").tell(
            [f"says.{separation.id}", "says.separation"],
            workflow="W", step="S", rule=separation.name, other="",
        )  # fmt: skip
        assert separation.name in said
        assert advice("rule", separation.id, "nl") == text("advice.separation", "nl")


def test_five_findings_of_one_kind_do_not_drone() -> None:
    teller = Teller(lang="nl")
    said = [teller.often(whole(12, 100)) for _ in range(5)]
    assert len(set(said)) == 5
    assert teller.often(whole(12, 100)) == said[0]


def test_advice_is_given_once_and_then_pointed_at() -> None:
    def finding(name: str, advised: str) -> Finding:
        return Finding(
            finding=name, template="W1", activity="a", step="A", kind="k", times=9,
            part=whole(9, 99), since=None, until=None, examples=(), says="", often="", when="",
            advice=advised, level=1,
        )  # fmt: skip

    told = points(
        [finding("x", "Doe dit."), finding("y", "Doe dat."), finding("z", "Doe dit.")], "nl"
    )
    assert [point.finding for point in told] == ["x", "y", "z"]
    assert [point.advice for point in told] == [
        "Doe dit.", "Doe dat.", "Hier past hetzelfde als bij punt 1.",
    ]  # fmt: skip
