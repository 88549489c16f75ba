"""A file is read in a process of its own: the same comes of it, or the process ends and says why.

Every process here is a real one.
"""

import gzip
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import bdv_process as bdv
from bdv_process.errors import BdvError, InputRefused, LimitExceeded
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.reading import apart
from bdv_process.reading.sandbox import handed_back
from bdv_process.template.library import shipped, vocabulary
from bdv_process.template.model import Template
from bdv_process.template.rules import check
from cli.bad_input import FILES

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="limits that only Linux keeps")
HEADER = "case:concept:name,concept:name,time:timestamp\n"


@pytest.fixture(autouse=True)
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder for temporary files: whatever happens, nothing stays in it."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setenv("TMPDIR", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", None)
    yield folder
    assert list(folder.iterdir()) == []


@pytest.fixture
def large(tmp_path: Path) -> Path:
    """A log of a few million bytes, which takes a while."""
    path = tmp_path / "large.csv"
    rows = "".join(f"z{n // 4},stap {n % 4} van {n},2026-03-02T09:00:00Z\n" for n in range(400_000))
    path.write_text(HEADER + rows)
    return path


def same(one: EventLog, other: EventLog) -> None:
    assert one.coded.equals(other.coded)
    assert (one.coded.dtypes == other.coded.dtypes).all()
    assert one.frame.equals(other.frame)
    first, second = (vars(log.provenance).copy() for log in (one, other))
    assert first.pop("rejected").equals(second.pop("rejected"))
    assert first == second


def test_our_log_comes_back_the_same_to_the_last_bit(root: Path) -> None:
    path = root / "eventlogs" / "synthetic-eight-workflows.xes.gz"
    same(bdv.read(path, sandbox=True), bdv.read(path))


def test_a_mapping_travels_along_and_so_does_what_was_rejected(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "foreign.csv"
    path.write_text(
        "number,state,at,more\n1,New,02/03/2026 09:00,\n1,Closed,03/03/2026 09:00,\n"
        "2,New,31/02/2026 09:00,\n,New,02/03/2026 10:00,\n"
    )
    rules = tmp_path / "mapping.toml"
    rules.write_text(
        'not_observable = ["recover_verify"]\n'
        '[columns]\ncase = "number"\ntime = "at"\nactivity = "state"\nkeep = ["more"]\n'
        '[time]\nformat = "%d/%m/%Y %H:%M"\ntimezone = "Europe/Amsterdam"\n'
        '[[template]]\nkey = "W4"\nwhen = { state = { not = "x" } }\n'
        '[[activity]]\nid = "recover_accept"\nwhen = { state = "New" }\ntouchpoint = true\n'
    )
    here = bdv.read(path, mapping=rules, skip_bad=True)
    assert len(here.provenance.rejected) == 2
    same(bdv.read(path, mapping=rules, skip_bad=True, sandbox=True), here)
    value = Mapping.read(rules, **vocabulary())
    assert Mapping.from_dict(value.to_dict()) == value
    same(bdv.read(path, mapping=value, skip_bad=True, sandbox=True), here)


def test_an_object_centric_log_comes_back_the_same(root: Path, tmp_path: Path) -> None:
    path = tmp_path / "log.jsonocel"
    ObjectLog.of(bdv.read(root / "eventlogs" / "synthetic-eight-workflows.xes.gz")).write(path)
    here, there = ObjectLog.read(path), apart.read_objects(path)
    for name, value in vars(here.said).items():
        other = getattr(there.said, name)
        assert value.equals(other) if hasattr(value, "equals") else value == other, name


@pytest.mark.parametrize("name", ["missing.csv", "control.csv", "bomb.csv.gz", "nan.json"])
def test_what_is_refused_is_refused_in_the_same_words(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name in FILES:
        path.write_bytes(FILES[name]())
    refusals = []
    for sandbox in (False, True):
        with pytest.raises(BdvError) as caught:
            bdv.read(path, sandbox=sandbox)
        refusals.append((type(caught.value), caught.value.to_dict("nl"), caught.value.render("en")))
    assert refusals[0] == refusals[1]


def test_diagrams_are_checked_with_the_same_findings(root: Path) -> None:
    rules = root / "tests" / "template" / "rules"
    files = [rules / "no-code" / "bad.bpmn", rules / "sound" / "bad.bpmn", rules / "none.bpmn"]
    here, there = check(files, beside=shipped()), apart.check(files)
    assert [finding.to_dict() for finding in there] == [finding.to_dict() for finding in here]
    assert [finding.refusal().exit_code for finding in there] == [6, 3, 3]


@pytest.mark.parametrize("rule", ["no-code", "sound", "none"])
def test_a_diagram_that_is_refused_here_is_refused_there_in_the_same_words(
    root: Path, rule: str
) -> None:
    file, refusals = root / "tests" / "template" / "rules" / rule / "bad.bpmn", []
    read: Callable[[Path], object]
    for read in (Template.read, apart.rehearse_template):
        with pytest.raises(BdvError) as caught:
            read(file)
        refusals.append((caught.value.exit_code, caught.value.to_dict()))
    assert refusals[0] == refusals[1]


@LINUX
@pytest.mark.parametrize(
    ("name", "value", "code"),
    [
        ("BDV_MAX_CPU_SECONDS", "1", "BDV-551"),
        ("BDV_MAX_MEMORY_BYTES", "160000000", "BDV-552"),
        ("BDV_MAX_SECONDS", "1", "BDV-553"),
    ],
)
def test_a_file_that_takes_too_much_is_refused_with_the_limit_it_met(
    large: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str, code: str
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(LimitExceeded) as caught:
        bdv.read(large, sandbox=True)
    assert caught.value.code == code
    assert caught.value.where == str(large)
    assert value in caught.value.what("nl")


def test_a_reader_that_dies_is_the_refusal_of_its_file() -> None:
    with pytest.raises(InputRefused) as caught, handed_back("no such task", "log.csv"):
        pass
    assert caught.value.code == "BDV-554"
    assert "log.csv" in caught.value.render("en")


def test_a_reader_has_none_of_our_secrets_and_reaches_nobody() -> None:
    said = subprocess.run(
        [sys.executable, "-c", OUTWARD], capture_output=True, text=True, check=True,
        env=os.environ | {"BDV_SECRET": "geheim", "BDV_DATABASE": "postgresql://u:geheim@h/x"},
    ).stdout.split()  # fmt: skip
    assert said[0] == "0"
    if said[1] == "allowed":
        assert said[2] == "unreached"


OUTWARD = """
import os, socket
from bdv_process.reading import confinement
print(sum("geheim" in value for value in confinement.frugal(dict(os.environ)).values()))
server = socket.create_server(("127.0.0.1", 0))
before = os.stat("/proc/self/ns/net").st_ino if os.path.exists("/proc/self/ns/net") else 0
confinement.confine()
after = os.stat("/proc/self/ns/net").st_ino if before else 0
print("allowed" if before != after else "refused")
try:
    socket.create_connection(server.getsockname(), 1)
    print("reached")
except OSError:
    print("unreached")
"""


def bdv_at(folder: Path, *typed: object, **env: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "bdv_process", *map(str, typed)],
        cwd=folder, env=os.environ | {"BDV_LANG": "en"} | env, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip


def children(of: int) -> list[int]:
    return [int(number) for number in Path(f"/proc/{of}/task/{of}/children").read_text().split()]


def eventually(come: Callable[[], object]) -> None:
    until = time.monotonic() + 60
    while not come():
        assert time.monotonic() < until
        time.sleep(0.02)


@LINUX
@pytest.mark.parametrize(
    ("number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)]
)
def test_an_import_that_is_interrupted_leaves_nothing(
    large: Path, left: Path, tmp_path: Path, number: signal.Signals, exit_code: int
) -> None:
    before = sorted(tmp_path.iterdir())
    with bdv_at(tmp_path, "log", "convert", large, "-o", "out.parquet") as process:
        eventually(lambda: children(process.pid))
        (reader,) = children(process.pid)
        eventually(lambda: list(left.iterdir()))
        process.send_signal(number)
        process.communicate(timeout=60)
    assert process.returncode == exit_code
    # Whoever is killed outright can clear nothing away: then the reader does, as it ends.
    eventually(lambda: not Path(f"/proc/{reader}").exists())
    assert sorted(tmp_path.iterdir()) == before


@LINUX
def test_a_bomb_ends_with_little_memory_and_in_little_time(tmp_path: Path) -> None:
    bomb = tmp_path / "bomb.csv.gz"
    with gzip.open(bomb, "wb", compresslevel=9) as stream:
        stream.write(HEADER.encode())
        for _ in range(150):
            stream.write(b"a,b,2026-03-02T09:00:00Z\n" * 40_000)
    # The limits of the process are those of the promise: had it met them, it would say so.
    little = {"BDV_MAX_MEMORY_BYTES": "500000000", "BDV_MAX_CPU_SECONDS": "5"}
    # A process counts what its parent held when it forked: a small one stands in between.
    watcher = (
        "import resource, subprocess, sys\n"
        "ended = subprocess.run(sys.argv[1:]).returncode\n"
        "print(ended, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    typed = [sys.executable, "-m", "bdv_process", "log", "show", str(bomb)]
    ran = subprocess.run(
        [sys.executable, "-c", watcher, *typed], cwd=tmp_path, capture_output=True, text=True,
        env=os.environ | {"BDV_LANG": "en"} | little, check=True,
    )  # fmt: skip
    ended, most = map(int, ran.stdout.split())
    assert ended == 9
    assert ran.stderr.startswith("BDV-207")
    assert most * 1024 < 500_000_000  # of the process or its reader, the larger


def test_a_notebook_a_thread_and_a_script_without_a_main_guard_can_ask(tmp_path: Path) -> None:
    path = tmp_path / "log.csv"
    path.write_text(HEADER + "a,b,2026-03-02T09:00:00Z\n")
    script = (
        "import bdv_process as bdv\nfrom concurrent.futures import ThreadPoolExecutor\n"
        f"with ThreadPoolExecutor(2) as pool:\n"
        f"    print(sum(pool.map(lambda _: len(bdv.read({str(path)!r}, sandbox=True)), range(2))))"
    )
    said = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    assert said.stdout.strip() == "2"
