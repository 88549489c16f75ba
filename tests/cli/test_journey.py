"""`bdv mine journey`: groups for everybody, one citizen only when asked for."""

from pathlib import Path

import pytest

from cli.conftest import Shell
from mining.contacts import case, did, log_of, service

LOG = "mine journey log.csv"


def unhappy(name: str) -> list[dict[str, object]]:
    return case(
        name, name, did(0, "operate_call"), did(1, "operate_question"),
        did(31, "operate_withdrawal"), did(31, "operate_withdrawn", "withdrawn"),
    )  # fmt: skip


@pytest.fixture
def asked(shell: Shell, tmp_path: Path) -> Shell:
    """The journeys of seven who were served, six who left, and two with a path of their own."""
    log_of(
        *(service(f"z{n}", f"served{n}") for n in range(7)),
        *(unhappy(f"left{n}") for n in range(6)),
        *(case(f"r{n}", f"rare{n}", did(n, "recover_call")) for n in range(2)),
    ).write(tmp_path / "log.csv")
    return shell


def test_the_table_shows_groups_and_the_paths_that_name_them(asked: Shell) -> None:
    lines = asked(LOG).out.splitlines()
    assert lines[1].split()[:2] == ["1", "7"]
    assert lines[1].endswith("Dienstverzoek > Dienstverzoek aannemen > Toetsen en terugkoppelen")
    assert lines[2].split()[:6] == ["2", "6", "31.0", "1.0", "30.0", "97%"]
    assert "Niet getoond: groepen van minder dan 5 reizen (1), samen < 5 reizen." in lines


def test_it_tells_per_workflow_how_long_until_citizens_are_answered_and_told(asked: Shell) -> None:
    """Thirteen service requests: seven told on day 5 and closed on day 6, six withdrawn."""
    (line,) = (x for x in asked(LOG).out.splitlines() if x.startswith("Dienst uitvoeren"))
    assert line.split()[-5:] == ["13", "1.0", "5.0", "6.0", "1.0"]


def test_failure_demand_is_told_when_it_is_said_what_it_is(asked: Shell) -> None:
    """Of six: a call, a withdrawal, and its end, which this log calls a contact: 6 of 18."""
    out = asked(LOG, lang="en").out
    assert "failure demand" in out.splitlines()[0]
    assert "--chaser" in out
    line = asked(f"{LOG} --chaser operate_withdrawal", lang="en").out.splitlines()[2]
    assert "33%" in line.split()


def test_no_total_gives_a_small_group_away(asked: Shell) -> None:
    out = asked(LOG).out
    assert "alle reizen" not in out
    assert "rare" not in out + asked(f"{LOG} --json").out
    assert "15" not in {word for line in out.splitlines() for word in line.split()}


def test_it_tells_what_precedes_leaving(asked: Shell) -> None:
    (line,) = (x for x in asked(LOG).out.splitlines() if x.startswith("Aanvulling vragen"))
    assert line.endswith("meer dan toeval")
    (line,) = (x for x in asked(LOG).out.splitlines() if x.startswith("4 tot 8 weken stil"))
    assert line.split()[5:7] == ["6", "6"]


def test_one_citizen_is_shown_when_asked_for(asked: Shell) -> None:
    out = asked(f"{LOG} --subject left1", lang="en").out
    rows = [line.split() for line in out.splitlines()[1:4]]
    assert [row[3] for row in rows] == ["-", "1.0", "30.0"]
    assert [row[4] for row in rows] == ["-", "government", "citizen"]
    assert "left2" not in out
    asked(f"{LOG} --subject nobody", code=4)


def test_a_complaint_and_a_channel_are_what_is_named(asked: Shell) -> None:
    out = asked(f"{LOG} --complaint operate_verify", lang="en").out
    assert "Verify and give feedback" in out
    assert "Accept service request" in out
    assert "changes of channel" in out
    assert "changes of channel" not in asked(f"{LOG} --channel org:role", lang="en").out
    asked(f"{LOG} --channel how", code=3)
