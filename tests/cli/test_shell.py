"""Every command works on a fresh register, in both languages and for a script."""

import os
import re
import shlex
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import click
import pytest
from sqlalchemy import create_engine

from bdv_process.cli import main
from chaining import rechained
from cli.bad_input import FILES
from cli.conftest import Shell
from faults.points import BEFORE_COMMIT, at

CASE = {"id", "template", "parent", "root", "requester", "opened", "closed", "outcome", "due",
        "seq"}  # fmt: skip
ITEM = {"id", "case", "template", "activity", "label", "role", "since", "state", "claimed_by",
        "claimed_as", "claimed_for", "due"}  # fmt: skip
TEMPLATE = {"key", "name", "derives", "call", "forks"}
COMPONENT = {"id", "name", "name_en", "kind", "owner", "status"}
SERVICE = {"id", "name", "name_en", "facility", "support", "agreements", "owner", "delivered_by",
           "components"}  # fmt: skip
DONE = {"item", "by", "done"}
HEAD = {"number", "at", "cases", "root", "audit", "audit_hash", "previous", "key", "signature"}
WRITTEN = {"path", "events", "cases", "notes"}
STORED = WRITTEN | {"parts", "rows", "used", "rejected"}
CHECKED = {"format", "fitness", "templates", "deviations", "rules", "cases", "occurrences", "runs",
           "unobservable", "tiers", "notes"}  # fmt: skip

LATER = (datetime.now(UTC) + timedelta(days=80)).date()  #: within what a term can be put off

#: Per command what is typed after it, and the members of what `--json` prints.
READING = {
    "template list": ("", TEMPLATE),
    "template show": ("W1", TEMPLATE | {"version", "steps"}),
    "template rights": ("", {"template", "activity", "role", "holder", "actions"}),
    "db verify": ("", {"events", "cases", "heads", "signed", "audits", "trusted_key", "number",
                       "broken"}),
    "db audit": ("", {"at", "actor", "action", "object", "result", "origin", "reason"}),
    "db check": ("", {"engine", "schema", "numbers", "differences", "broken"}),
    "case list": ("", CASE),
    "case show": ("Z1", CASE | {"version", "children", "term", "waiting", "events"}),
    "work list": ("--role kcc", ITEM),
    "timer list": ("", {"case", "template", "element", "due"}),
    "log show": ("log.csv", {"rows", "used", "rejected", "events", "cases", "first", "last",
                             "variants", "notes"}),
    "mine precision": ("log.csv", {"format", "templates", "escaping"}),
    "mine value-stream": (
        "log.csv --calendar kantooruren",
        {"format", "calendar", "unseen", "began", "inferred", "costs", "without_inferred", "path",
         "patterns", "streams", "cases", "activities", "roles", "organisations", "steps", "flow"},
    ),
    "mine drift": ("log.csv", {"format", "months", "changes"}),
    "mine conformance": ("log.csv", CHECKED),
    "mine journey": ("log.csv", {"format", "gap", "lost_after", "unseen", "notes", "groups",
                                 "workflows", "preceding", "path"}),
    "mine quality": ("log.csv", {"format", "clock", "rows", "used", "rejected", "evidence",
                                 "notes", "path"}),
    "mine principles": ("log.csv", {"format", "measures"}),
    "mine contrast": ("log.csv --by case:bdv:template", {"format", "measure", "contrasts",
                                                         "path"}),
    "register services": ("", SERVICE),
    "register components": ("", COMPONENT),
    "register show": ("website", COMPONENT | {"history", "calls"}),
}  # fmt: skip
WRITING = {
    "mine discover": (
        "log.csv -o map.svg",
        {
            "format",
            "template",
            "cases",
            "steps",
            "transitions",
            "unobservable",
            "variants",
            "covering",
            "path",
        },
    ),
    "init": ("own", {"BDV_ORGANISATION", "BDV_PROCEDURE", "BDV_REGISTER"}),
    "case start": ("W5 --by anna --data spoed=ja", CASE | {"waiting"}),
    "case answer": ("Z2 --by anna", CASE | {"waiting"}),
    "case extend": (
        f"Z1 --by carla --until {LATER}",
        {"received", "last", "lapsed", "stopped", "extended", "noticed", "decided", "penalty"},
    ),
    "case notice": (
        "Z4 --by anna",
        {"received", "last", "lapsed", "stopped", "extended", "noticed", "decided", "penalty"},
    ),
    "case reroute": ("Z5 --to W3 --by carla --reason onderdeel", CASE | {"waiting"}),
    "case migrate": ("Z5 --to W4", {"case", "workflow", "from", "to", "state", "refusal"}),
    "case withdraw": ("Z1 --by anna --reason vervallen", CASE | {"waiting"}),
    "work claim": ("Z1.2 --by carla", DONE),
    "work start": ("Z1.2 --by carla", DONE),
    "work suspend": ("Z3.2 --by ben", DONE),
    "work resume": ("Z3.2 --by ben", DONE),
    "work delegate": ("Z3.2 --by ben --to carla", DONE | {"to"}),
    "work release": ("Z3.2 --by ben", DONE),
    "work complete": ("Z3.2 --by ben --outcome rejected", DONE | {"case", "waiting"}),
    "timer fire": ("", {"due", "case", "element", "template"}),
    "template check": ("{root}/bpmn/w1-afspraak-aanpassen.bpmn", set()),
    "template draw": ("W1 -o w1.svg", {"path"}),
    "log export": ("-o register.xes.gz", WRITTEN),
    "log synthesise": ("-o made.parquet --cases 1", WRITTEN),
    "log convert": ("log.csv -o log.jsonocel", WRITTEN),
    "log join": ("kcc=log.csv uwv=log.csv -o joined.parquet", WRITTEN),
    "log link": ("log.csv --infer -o linked.parquet", WRITTEN),
    "log store": ("log.csv -o stored", STORED),
    "db backup": ("-o backup.gz", {"path", "schema", "rows"}),
    "db upgrade": ("", {"from", "to"}),
    "db key": ("-o sign.pem", {"paths", "variable"}),
    "db seal": ("-o head.json", HEAD | {"path"}),
    "db rebuild": ("", {"cases"}),
    "mine handovers": ("log.csv -o handovers.csv", {"format", "reason", "handovers", "path"}),
    "mine chart": (
        "conformance log.csv --template W1 -o chart.svg",
        {"format", "path", "title", "says", "table"},
    ),
    "mine align": (
        "log.csv --template W1 -o costs.csv",
        {"path", "tiers", "cases", "left_out", "unsure", "fitting", "cost", "fitness"},
    ),
    "report": ("log.csv -o page.html -o page.json --compare-at 2026-04-01", {"paths"}),
    "demo": ("--out made --cases 1", {"paths", "started", "faults", "logs"}),
}
#: Those with tests of their own: they stay until somebody stops them, or want another register, or
#: a key.
APART = {"serve", "worker", "db restore", "privacy erase", "privacy wrap"}


@pytest.fixture
def used(shell: Shell) -> Shell:
    """A new case, one that awaits an answer, one with begun work, their log; one long overdue.

    Then one before a fork that could lead elsewhere.
    """
    for _ in range(3):
        shell("case start W1 --by anna")
    shell("work complete Z2.2 --by ben --outcome incomplete")
    shell("work claim Z3.2 --by ben")
    shell("log export -o log.csv")
    shell("work start Z3.2 --by ben")
    shell("case start W1 --by anna")
    shell("case start W4 --by anna")
    with closing(sqlite3.connect("bdv.db")) as connection:  # years ago
        connection.execute("update event set timestamp = '2020' || substr(timestamp, 5) "
                           "where \"case\" = 'Z4'")  # fmt: skip
        connection.commit()
    engine = create_engine("sqlite:///bdv.db")
    with engine.begin() as connection:
        rechained(connection, "Z4")
    engine.dispose()
    shell("db rebuild")
    return shell


def _leaves(group: click.Group, path: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from _leaves(command, f"{path}{name} ")
        else:
            yield path + name


def test_no_command_of_the_tree_is_forgotten_here() -> None:
    assert sorted(_leaves(main)) == sorted({*READING, *WRITING, *APART})


@pytest.mark.parametrize("command", READING | WRITING)
def test_a_command_prints_its_facts_as_json(used: Shell, root: Path, command: str) -> None:
    typed, members = (READING | WRITING)[command]
    answer = used(f"{command} {typed.format(root=root)} --json")
    found = answer.json[0] if isinstance(answer.json, list) and members else answer.json
    assert set(found) == members
    assert answer.err == ""


@pytest.mark.parametrize("command", READING)
def test_a_command_speaks_dutch_and_english(used: Shell, command: str) -> None:
    typed = f"{command} {READING[command][0]}"
    dutch, english = used(typed).out, used(typed, lang="en").out
    assert dutch != english
    assert used(f"{typed} --lang en").out == english
    assert used(f"--lang en {typed}").out == english
    assert used(f"{typed} --lang nl", lang="en").out == dutch


def test_the_demonstration_prints_a_summary_and_its_paths(used: Shell, tmp_path: Path) -> None:
    out = used("demo --cases 1 --lang en").out
    assert "24918 cases; 141712 rows in = 141707 used + 5 rejected" in out
    for name in ("register.db", "acht-werkstromen.xes.gz", "rapport.html", "rapport.json"):
        assert str(Path("bdv-demo") / name) in out
        assert (tmp_path / "bdv-demo" / name).stat().st_size > 0
    assert len(list((tmp_path / "bdv-demo").iterdir())) == 4


def test_a_log_goes_through_every_form_and_comes_back(used: Shell, tmp_path: Path) -> None:
    names = ["log.csv", "l.jsonocel", "l.xmlocel", "l.sqlite", "l.xes.gz", "l.parquet", "back.csv"]
    for before, after in pairwise(names):
        used(f"log convert {before} -o {after}")
    assert (tmp_path / "back.csv").read_bytes() == (tmp_path / "log.csv").read_bytes()


def test_what_a_file_has_no_place_for_is_told_beside_the_answer(
    used: Shell, tmp_path: Path
) -> None:
    (tmp_path / "mapping.toml").write_text(
        'not_observable = ["recover_verify"]\n[columns]\ncase = "case:concept:name"\n'
        'activity = "concept:name"\ntime = "time:timestamp"\n'
    )
    typed = "log convert log.csv --mapping mapping.toml --json -o"
    told = used(f"{typed} mapped.csv", lang="en")
    assert told.err.startswith("mapped.csv does not keep which 1 activities")
    assert told.json["cases"] > 0
    assert not used(f"{typed} mapped.parquet").err


def test_flattening_says_what_it_costs(used: Shell) -> None:
    out = used("log convert log.csv --flatten stream -o streams.csv", lang="en").out
    assert "Each object of type stream is a case." in out
    used("log convert log.csv -o log.sqlite")
    again = used("log convert log.sqlite --flatten stream -o again.csv", lang="en").out
    assert again.splitlines()[1:] == out.splitlines()[1:]


def test_an_object_centric_log_of_others_needs_no_case_to_change_form(
    used: Shell, tmp_path: Path
) -> None:
    (tmp_path / "foreign.json").write_bytes(FILES["foreign.json"]())
    assert (
        "1 events about 1 objects"
        in used("log convert foreign.json -o foreign.sqlite", lang="en").out
    )
    assert used("log show foreign.sqlite", code=3).err.startswith("BDV-280")
    used("log convert foreign.sqlite --flatten order -o orders.csv")
    assert used("log show orders.csv --json").json["cases"] == 1


def test_joining_needs_a_name_for_each_log(used: Shell) -> None:
    for sources in ("log.csv", "a=log.csv a=log.csv", "a="):
        assert "uwv=uwv.csv" in used(f"log join {sources} -o joined.csv", code=2).err
    out = used("log join a=log.csv b=log.csv -o joined.csv", lang="en").out
    assert "organisation:id" in out


def test_looking_at_an_empty_register_makes_no_file(shell: Shell, tmp_path: Path) -> None:
    assert "bdv case start" in shell("case list").out
    for command in ("work list", "timer list"):
        assert shell(command).out
        assert shell(f"{command} --json").json == []
    assert list(tmp_path.iterdir()) == []


def test_a_case_shows_what_happened_in_words(used: Shell) -> None:
    dutch, english = used("case show Z2").out, used("case show Z2 --lang en").out
    for word in ("Wens aannemen", "aangeboden", "opgepakt", "afgerond", "onvolledig", "gebeurd"):
        assert word in dutch
    for word in ("Accept wish", "offered", "claimed", "completed", "incomplete", "happened"):
        assert word in english
    assert [event["lifecycle"] for event in used("case show Z2 --json").json["events"]] == [
        "complete", "schedule", "assign", "complete", "complete",
    ]  # fmt: skip
    used("case withdraw Z2 --by anna")
    assert "gesloten: ingetrokken" in used("case show Z2").out


def test_an_organisation_begins_with_files_of_its_own(shell: Shell) -> None:
    told = shell("init own").out
    files = shell("init own2 --json").json
    assert all(name in told for name in files)
    assert shell("init own", code=3).err.startswith("BDV-608")
    mine = Path(files["BDV_ORGANISATION"])
    mine.write_text(mine.read_text(encoding="utf-8").replace("people.anna", "people.nora"), "utf-8")
    assert shell("case start W1 --by anna", code=4, **files).err.startswith("BDV-313")
    shell("case start W1 --by nora", **files)


def test_a_case_tells_the_version_that_it_runs_on(shell: Shell, root: Path, tmp_path: Path) -> None:
    shell("case start W1 --by anna")
    began = shell("case show Z1 --json").json["version"]
    other = tmp_path / "w1.bpmn"
    drawn = (root / "bpmn" / "w1-afspraak-aanpassen.bpmn").read_text(encoding="utf-8")
    other.write_text(drawn.replace('name="Wens aannemen"', 'name="Wens aanhoren"'), "utf-8")
    (moved,) = shell(f"case migrate Z1 --to {other} --json").json
    assert [moved["from"], moved["state"]] == [began, "migrated"]
    assert shell("case show Z1 --json").json["version"] == moved["to"] != began
    assert moved["to"][:12] in shell("case show Z1").out


@pytest.mark.skipif(sys.platform != "linux", reason="no limit to memory")
def test_the_diagram_of_a_version_is_read_in_a_process_of_its_own(shell: Shell, root: Path) -> None:
    shell("case start W1 --by anna")
    typed = f"case migrate --all --to {root / 'bpmn' / 'w1-afspraak-aanpassen.bpmn'}"
    shell(typed, BDV_SANDBOX="on")
    refused = shell(typed, code=9, BDV_SANDBOX="on", BDV_MAX_MEMORY_BYTES=20_000_000)
    assert refused.err.startswith("BDV-552")


def test_a_case_whose_history_is_broken_can_still_be_looked_at(used: Shell) -> None:
    with closing(sqlite3.connect("bdv.db")) as connection:
        connection.execute("delete from event where \"case\" = 'Z2' and seq = 3")
        connection.commit()
    assert "Wens aannemen" in used("case show Z2").out


def test_a_register_is_made_once_and_then_has_its_schema(shell: Shell, tmp_path: Path) -> None:
    assert "nieuw register" in shell("db upgrade").out
    assert (tmp_path / "bdv.db").exists()
    assert "niets veranderd" in shell("db upgrade").out
    assert shell("case list --json").json == []


def test_a_register_is_restored_from_its_backup_and_agrees_with_itself(used: Shell) -> None:
    used("db backup -o backup.gz")
    fresh = {"BDV_DATABASE": "sqlite:///fresh.db"}
    assert used("db restore backup.gz --json", **fresh).json == {"path": "backup.gz", "cases": 5}
    assert "zeggen wat de gebeurtenissen zeggen" in used("db check", **fresh).out
    assert used("case list --json", **fresh).json == used("case list --json").json


def test_a_list_that_says_something_else_gives_exit_code_1(used: Shell) -> None:
    with closing(sqlite3.connect("bdv.db")) as connection:
        connection.execute("update work_item set role = 'toetser' where \"case\" = 'Z1'")
        connection.execute("delete from timer where \"case\" = 'Z2'")
        connection.commit()
    said = used("db check", code=1).out
    assert "role toetser  role kcc" in said
    assert "Op 2 plaatsen" in said
    used("db rebuild")
    assert used("db check --json").json["differences"] == []


def test_lists_that_were_lost_are_made_again(used: Shell) -> None:
    before = used("work list --json").out
    with closing(sqlite3.connect("bdv.db")) as register, register:
        register.execute("DELETE FROM work_item")
    assert used("work list --json").json == []
    assert used("db rebuild --json").json == {"cases": 5}
    assert used("work list --json").out == before


def test_a_deviation_is_found_and_gives_exit_code_1(used: Shell, tmp_path: Path) -> None:
    rows = (tmp_path / "log.csv").read_text(encoding="utf-8").splitlines(keepends=True)
    skipped = [row for row in rows if not ("agree_accept" in row and "Z2" in row)]
    (tmp_path / "spoiled.csv").write_text("".join(skipped), encoding="utf-8")
    out = used("mine conformance spoiled.csv", code=1).out
    assert "toegevoegd  Aanvulling vragen" in out
    assert used("mine conformance spoiled.csv --json", code=1).json["deviations"]


def test_the_cost_of_every_case_is_written(used: Shell, tmp_path: Path) -> None:
    assert "3 zaken" in used("mine align log.csv -o costs.csv").out
    rows = (tmp_path / "costs.csv").read_text(encoding="utf-8").split()
    assert rows[0] == "case,cost,fitness"
    assert [row.split(",")[0] for row in rows[1:]] == ["Z1", "Z2", "Z3"]
    used("mine align log.csv --net a.pnml --template W1 -o costs.csv", code=2)
    assert used("mine align log.csv -o costs.csv --json").json["tiers"] == {"W1": "tier.dense"}


TREE = """<ptml><processTree id="t" name="t" root="1"><sequence id="1" name=""/>
<manualTask id="2" name="a"/><manualTask id="3" name="b"/>
<parentsNode id="4" sourceId="1" targetId="2"/><parentsNode id="5" sourceId="1" targetId="3"/>
</processTree></ptml>"""


def test_cases_are_held_against_a_process_tree(shell: Shell, tmp_path: Path) -> None:
    (tmp_path / "log.csv").write_text("case:concept:name,concept:name\n1,a\n1,b\n2,b\n")
    (tmp_path / "tree.ptml").write_text(TREE)
    assert "tier" in str(shell("mine align log.csv --net tree.ptml -o costs.csv --json").json)
    rows = (tmp_path / "costs.csv").read_text(encoding="utf-8").split()
    assert [row.split(",")[:2] for row in rows[1:]] == [["1", "0"], ["2", "1"]]


def test_no_file_that_is_read_is_written_over(used: Shell, tmp_path: Path) -> None:
    before = (tmp_path / "log.csv").read_bytes()
    (tmp_path / "map.svg").symlink_to("log.csv")
    for typed in ("align log.csv -o ../{0}/log.csv", "discover log.csv -o map.svg"):
        used(f"mine {typed.format(tmp_path.name)}", code=3)
    assert (tmp_path / "log.csv").read_bytes() == before


def test_a_log_without_times_says_why_it_has_no_months(shell: Shell, tmp_path: Path) -> None:
    rows = "case:concept:name,bdv:activity,case:bdv:template\n1,agree_accept,W1\n"
    (tmp_path / "log.csv").write_text(rows, encoding="utf-8")
    assert shell("mine drift log.csv").out.startswith("De log heeft geen tijden")


def test_an_analyst_sees_the_same_numbers_in_a_table_and_as_data(used: Shell) -> None:
    told = used("mine discover log.csv -o map.svg --json").json["transitions"]
    lines = used("mine discover log.csv -o map.svg").out.split("\n\n")[0].splitlines()[1:]
    counts = [re.split(" {2,}", line)[2] for line in lines]
    assert counts == [str(row["count"]) for row in told]
    assert "1" in counts


def test_what_a_case_had_cost_so_far_is_written_after_each_event(
    shell: Shell, tmp_path: Path
) -> None:
    log = "case:concept:name,concept:name\n1,agree_classify\n1,lunch\n2,agree_accept\n"
    (tmp_path / "log.csv").write_text(log, encoding="utf-8")
    assert "2 zaken" in shell("mine align log.csv --template W1 --prefixes -o costs.csv").out
    rows = (tmp_path / "costs.csv").read_text(encoding="utf-8").split()
    assert rows == ["case,event,cost", "1,1,1", "1,2,2", "2,1,0"]


def test_of_cases_that_have_only_begun_nothing_is_wrong_and_little_is_known(shell: Shell) -> None:
    for key in ("W1", "W5", "W5"):
        shell(f"case start {key} --by anna")
    shell("log export -o log.csv")
    shell("mine conformance log.csv")
    assert shell("mine precision log.csv").out.splitlines()[1].split() == ["W1", "1", "-", "-"]
    told = shell("mine precision log.csv --json").json["templates"]
    assert [(row["precision"], row["planned"]) for row in told] == [(None, None)] * 2


def test_a_map_or_a_model_is_drawn_of_one_workflow(used: Shell, tmp_path: Path) -> None:
    for option in ("", "--model"):
        assert "begin" in used(f"mine discover log.csv -o map.svg {option}").out
        assert "W1 Afspraak aanpassen</title>" in (tmp_path / "map.svg").read_text(encoding="utf-8")
    used("mine discover log.csv -o map.svg --template W5", code=3)
    used("case start W5 --by anna")
    used("log export -o both.csv")
    assert "W1, W4, W5" in used("mine discover both.csv -o map.svg", code=2).err
    used("mine discover both.csv -o map.svg --template W5")


def test_errors_and_warnings_of_a_diagram_are_counted_apart(
    shell: Shell, root: Path, tmp_path: Path
) -> None:
    rules = root / "tests" / "template" / "rules"
    undrawn, split = (rules / rule / "bad.bpmn" for rule in ("diagram-complete", "split-complete"))
    (tmp_path / "a.bpmn").write_text(undrawn.read_text(encoding="utf-8"), encoding="utf-8")
    other = undrawn.read_text(encoding="utf-8").replace('"R1"', '"R2"')
    (tmp_path / "b.bpmn").write_text(other, encoding="utf-8")
    check = "template check --lang en"
    assert shell(f"{check} a.bpmn").out.endswith("\n1 warning.\n")
    assert shell(f"{check} a.bpmn b.bpmn").out.endswith("\n2 warnings.\n")
    assert shell(f"{check} a.bpmn {split}", code=1).out.endswith("\n1 error, 1 warning.\n")


def test_a_routine_is_listed_shown_with_its_instructions_and_drawn(
    shell: Shell, tmp_path: Path
) -> None:
    name = "paspoort-aanvragen"
    assert [line.split()[0] for line in shell("template list").out.splitlines()][-1] == name
    shown = shell(f"template show {name} --lang en").out
    assert "  Compare the face with the old document" in shown
    assert "  - Height in centimetres (height: integer)" in shown
    facts = shell(f"template show {name} --json").json
    assert facts["derives"] == "W5"
    steps = {step["activity"]: step for step in facts["steps"]}
    assert steps["operate_execute_capture"]["refines"] == "operate_execute"
    assert steps["operate_execute_capture"]["form"]["required"] == ["height", "fingerprints"]
    shell(f"template draw {name} -o p.svg")
    assert "operate_execute_hand_over" in (tmp_path / "p.svg").read_text(encoding="utf-8")


def test_a_routine_goes_by_the_procedure_of_the_organisation(
    shell: Shell, root: Path, tmp_path: Path
) -> None:
    own = (root / "bpmn" / "procedure.toml").read_text(encoding="utf-8")
    own = own.replace(
        '[raci.operate_close]\nR = ["coordinator"]', '[raci.operate_close]\nR = ["kcc"]'
    )
    (tmp_path / "own.toml").write_text(own, encoding="utf-8")
    shown = shell("template show paspoort-aanvragen --json", BDV_PROCEDURE="own.toml").json
    (close,) = [step for step in shown["steps"] if step["activity"] == "operate_close"]
    assert close["responsible"] == ["kcc"]


def test_a_routine_that_leaves_its_template_is_refused_with_the_way_out(
    shell: Shell, root: Path
) -> None:
    folder = root / "tests" / "template" / "rules" / "within-template"
    said = shell(f"template check {folder}/bad-template.bpmn {folder}/bad.bpmn", code=1).out
    assert "na het begin → 'Beslissen' kan de zaak eindigen" in said
    assert said.splitlines()[-1] == "1 fout."


def test_the_procedure_of_a_routine_is_checked_with_its_diagram(
    shell: Shell, root: Path, tmp_path: Path
) -> None:
    shell(f"template check {root}/bpmn {root}/bpmn/routines/paspoort-aanvragen")
    (tmp_path / "uittreksel").mkdir()
    own = tmp_path / "uittreksel" / "procedure.toml"
    own.write_text('derives = "W5"\n[norm]\noperate_plan = "PT1H"\n', encoding="utf-8")
    assert shell("template check uittreksel").out == ""
    own.write_text('derives = "W5"\n[norm]\noperate_plam = "PT1H"\n', encoding="utf-8")
    assert "BDV-142: norm noemt activiteit operate_plam" in (
        shell("template check uittreksel", code=3).err
    )


def test_what_a_foreign_log_lacks_is_shown_as_nothing(shell: Shell, tmp_path: Path) -> None:
    rows = "c1,a,2026-01-01T09:00:00Z\n,b,2026-01-01T09:00:00Z\n"
    header = "case:concept:name,concept:name,time:timestamp\n"
    (tmp_path / "foreign.csv").write_text(header + rows, encoding="utf-8")
    shown = shell("log show foreign.csv --skip-bad").out
    assert "nan" not in shown
    assert shown.splitlines()[-1].split() == ["-", "1", "a"]
    (rejected,) = shell("log show foreign.csv --skip-bad --json").json["rejected"]
    assert rejected == {"row": 3, "reason": "BDV-230", "value": None}


STAFF = {
    "kcc": "carla",
    "coordinator": "carla",
    "dienstverantwoordelijke": "carla",
    "uitvoerder": "dirk",
    "toetser": "eva",
}
TWO_HATS = """
[people]
carla = {roles = ["coordinator"]}
dirk = {roles = ["uitvoerder", "toetser"]}
"""


def test_three_people_carry_a_case_through_its_children_and_a_fourth_may_not(
    shell: Shell, tmp_path: Path
) -> None:
    organisation = tmp_path / "two-hats.toml"
    organisation.write_text(TWO_HATS, encoding="utf-8")
    shell("case start W1 --by anna")
    refused = []
    while work := shell("work list --json").json:
        item = work[0]
        assert set(item) >= {"id", "case", "template", "activity", "role", "since"}
        complete = f"work complete {item['id']} --by"
        if item["activity"] == "agree_specify":
            said = shell(f"{complete} ben", code=6).err
            assert "BDV-306" in said
            assert "dienstverantwoordelijke" in said
            refused.append("ben")
        if item["activity"] == "change_test":
            said = shell(f"{complete} dirk", code=6, BDV_ORGANISATION=organisation).err
            assert "BDV-307" in said
            assert "work_apart_from_check" in said
            assert "Wie het werk doet, test of toetst het niet" in said
            refused.append("dirk")
        changed = "--data component=website" if item["activity"] == "change_register" else ""
        shell(f"{complete} {STAFF[item['role']]} {changed}")
    assert refused == ["ben", "dirk"]
    cases = shell("case list --json").json
    assert [(case["template"], case["parent"], case["outcome"]) for case in cases] == [
        ("W1", None, "completed"),
        ("W2", "Z1", "completed"),
        ("W5", "Z2", "completed"),
    ]
    did = {
        event["resource"]
        for case in cases
        for event in shell(f"case show {case['id']} --json").json["events"]
        if event["item"] and event["lifecycle"] == "complete" and event["resource"]
    }
    assert did == {"carla", "dirk", "eva"}
    shell("log export -o log.xes")
    shell("mine conformance log.xes")


@pytest.mark.parametrize(
    "typed",
    [
        "case start W5 --by anna",
        "case answer Z2 --by anna",
        f"case extend Z1 --by carla --until {LATER}",
        "case notice Z4 --by anna",
        "case withdraw Z1 --by anna",
        "work claim Z1.2 --by ben",
        "work start Z1.2 --by ben",
        "work suspend Z3.2 --by ben",
        "work resume Z3.2 --by ben",
        "work delegate Z3.2 --by ben --to carla",
        "work release Z3.2 --by ben",
        "work complete Z3.2 --by ben",
    ],
)
def test_a_command_with_a_key_is_done_once(
    used: Shell, dump: Callable[[], list[str]], typed: str
) -> None:
    first = used(f"{typed} --key eens --json").json
    done = dump()
    assert used(f"{typed} --key eens --json").json == first
    assert dump() == done


@pytest.mark.parametrize("typed", ["case start W1", "work complete Z1.2 --by ben --data spoed"])
def test_a_command_typed_wrong_is_a_usage_error(used: Shell, typed: str) -> None:
    assert "Usage: " in used(typed, code=2).err


def _bdv(typed: str, folder: Path) -> "subprocess.Popen[str]":
    # Where tests run in the background, children would not hear Ctrl-C.
    return subprocess.Popen(
        [sys.executable, "-m", "bdv_process", *shlex.split(typed)],
        cwd=folder, env=os.environ | {"BDV_LANG": "nl"}, text=True, encoding="utf-8",
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip


def test_a_refusal_is_one_line_and_an_exit_code_for_a_real_shell_too(tmp_path: Path) -> None:
    refused = _bdv("case show Z9", tmp_path)
    out, err = refused.communicate(timeout=30)
    assert (refused.returncode, out) == (4, "")
    assert err == "BDV-301: Deze zaak bestaat niet - Z9 - Kijk het nummer na met: bdv case list\n"
    _, err = _bdv("--debug case show Z9", tmp_path).communicate(timeout=30)
    assert err.startswith("Traceback")


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    with _bdv("template show W1 --json", tmp_path) as listing:
        assert listing.stdout
        assert listing.stderr
        listing.stdout.close()
        assert listing.stderr.read() == ""


@pytest.mark.parametrize(
    ("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)], ids=["Ctrl-C", "SIGTERM"]
)
@pytest.mark.parametrize("moment", [".demo-*/register.db", ".demo-*/acht-werkstromen.xes.gz"])
def test_a_demonstration_that_is_stopped_leaves_nothing_half_made(
    tmp_path: Path, moment: str, sent: signal.Signals, code: int
) -> None:
    files = [tmp_path / name for name in ("register.db", "rapport.html")]
    for file in files:
        file.write_text("van gisteren", encoding="utf-8")
    running = _bdv("demo --out . --cases 3", tmp_path)
    until = time.monotonic() + 30
    while not list(tmp_path.glob(moment)) and time.monotonic() < until:
        time.sleep(0.01)
    running.send_signal(sent)
    out, err = running.communicate(timeout=30)
    assert (running.returncode, out, err.strip()) == (code, "", "")
    assert {file.read_text(encoding="utf-8") for file in files} == {"van gisteren"}
    assert set(tmp_path.iterdir()) == set(files)


def test_one_analysis_gives_a_page_a_document_and_data(used: Shell, tmp_path: Path) -> None:
    out = used("report log.csv -o r.html -o r.pdf -o deep/r.json --compare log.csv").out
    assert out.split() == ["Rapport:", "r.html", "Rapport:", "r.pdf", "Rapport:", "deep/r.json"]
    starts = [(tmp_path / name).read_bytes()[:9] for name in ("r.html", "r.pdf", "deep/r.json")]
    assert starts == [b"<!doctype", b"%PDF-1.7\n", b'{\n  "form']


def test_a_report_is_compared_with_one_thing(used: Shell) -> None:
    typed = "report log.csv -o r.html --previous month --compare-at 2026-01-01"
    assert "Kies één vergelijking" in used(typed, code=2).err


def test_an_exported_log_names_nobody_unless_somebody_says_why(used: Shell, tmp_path: Path) -> None:
    people = ("anna", "ben", "carla")
    told = used("log export -o log.csv --lang en").out
    assert "key was thrown away" in told
    assert not any(name in (tmp_path / "log.csv").read_text() for name in people)
    used("log export --clear -o clear.csv", code=2)
    used("log export --reason nieuwsgierig -o clear.csv", code=2)
    assert not (tmp_path / "clear.csv").exists()
    used("log export --clear --reason 'onderzoek 7' -o clear.csv")
    assert "anna" in (tmp_path / "clear.csv").read_text()
    last = used("db audit --json").json[-1]
    assert (last["action"], last["object"], last["reason"]) == (
        "export-clear", "clear.csv", "onderzoek 7",
    )  # fmt: skip
    assert last["actor"].startswith("os:")
    assert last["origin"].startswith("cli")


def test_a_log_is_taken_out_when_that_was_written_down_and_not_before(used: Shell) -> None:
    left: list[list[int]] = []
    with at(BEFORE_COMMIT, lambda _: left.append([each.stat().st_size for each in logs()])):
        used("log export -o taken.csv")
    assert [sum(sizes) for sizes in left] == [0]
    whole = Path("taken.csv").read_bytes()
    with closing(sqlite3.connect("bdv.db")) as connection:
        connection.execute(
            "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END"
        )
    for target in ("taken.csv", "taken-too.csv"):
        used(f"log export -o {target}", code=5)
    assert logs() == [Path("taken.csv")]
    assert Path("taken.csv").read_bytes() == whole
    exported = [row["object"] for row in used("db audit --json").json]
    assert exported == ["log.csv", "taken.csv"]


def logs() -> list[Path]:
    """Logs and what is on its way to be one."""
    return [each for each in Path().iterdir() if "taken" in each.name]


def test_with_a_key_exports_match_and_without_they_do_not(used: Shell, tmp_path: Path) -> None:
    def exported(**env: str) -> str:
        used("log export -o log.csv", **env)
        return (tmp_path / "log.csv").read_text(encoding="utf-8")

    used("db key --for pseudonym -o people.key")
    used("db key --for pseudonym -o other.key")
    ours = exported(BDV_PSEUDONYM_KEY="people.key")
    assert exported(BDV_PSEUDONYM_KEY="people.key") == ours
    assert len({ours, exported(BDV_PSEUDONYM_KEY="other.key"), exported(), exported()}) == 4


def test_what_was_sealed_is_held_against_the_register(used: Shell, tmp_path: Path) -> None:
    made = used("db key -o sign.pem").out
    assert "BDV_SIGNING_KEY=sign.pem" in made
    assert (tmp_path / "sign.pem").stat().st_mode & 0o077 == 0
    assert "geen zegel" in used("db verify").out
    assert "Niet ondertekend" in used("db seal").out
    assert "geen zegel" not in used("db verify").out
    assert "Ondertekend" in used("db seal -o head.json", BDV_SIGNING_KEY="sign.pem").out
    public = {"BDV_SIGNING_KEY": "sign.pem.pub"}
    assert "2 zegels (1 ondertekend)" in used("db verify --since head.json", **public).out
    with closing(sqlite3.connect("bdv.db")) as connection:
        connection.execute("update event set role = 'toetser' where \"case\" = 'Z2' and seq = 3")
        connection.commit()
    told = used("db verify --since head.json", code=8, lang="en", **public)
    assert told.err.startswith("BDV-531: This event is not as it was written down")
    assert "Z2 #3" in told.err
    (broken,) = used("db verify --json", code=8).json["broken"]
    assert (broken["problem"], broken["case"], broken["seq"]) == ("hash", "Z2", 3)


def test_who_is_erased_is_gone_from_every_list(used: Shell) -> None:
    cases = sorted(case["id"] for case in used("case list --json").json)
    for case in cases:
        used(f"case withdraw {case} --by anna")
    planned = used("privacy erase anna --reason verzoek --dry-run --json").json
    assert (planned["cases"], planned["dry_run"]) == (cases, True)
    told = used("privacy erase anna --reason verzoek")
    assert f"{len(cases)} zaken blijven" in told.out
    assert "BDV_MASTER_KEY" in told.out
    for typed in ("case list", "case show Z1", "case show Z2 --json"):
        assert "anna" not in used(typed).out
    used("log export --clear --reason onderzoek -o clear.csv")
    assert "anna" not in Path("clear.csv").read_text(encoding="utf-8")
    used("db check")
    used("db verify")


def test_keys_of_requesters_are_wrapped_when_a_master_key_comes(used: Shell) -> None:
    used("db key --for master -o old.key")
    used("db key --for master -o new.key")
    case = used("case start W5 --by anna --data subject=lantaarn --json").json["id"]
    assert "1 sleutels" in used("privacy wrap", BDV_MASTER_KEY="old.key").out
    moved = used("privacy wrap --from old.key --json", BDV_MASTER_KEY="new.key").json
    assert moved == {"wrapped": 1, "lingers": False}
    shown = f"case show {case}"
    assert "BDV-523" in used(shown, code=7, BDV_MASTER_KEY="old.key").err
    assert "anna" in used(shown, BDV_MASTER_KEY="new.key").out
