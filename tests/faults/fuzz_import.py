"""Spoil files of a format, read each, and say which broke the promise.

A file that was spoiled is read, and then nothing in it is lost in silence, or it is refused in
words: exit code 3, 4, 6 (code in a diagram) or 9. Each under 5 s of CPU and 500 MB.

    python -m faults.fuzz_import --format xes --files 1000 --seed 7

prints a line of JSON and exits 1 when a file broke it; `--only 123 --keep spoiled` writes that file
to look at. A reader that dies takes only its own process along: the rest is read by a next one.
"""

import argparse
import faulthandler
import gzip
import json
import os
import subprocess
import sys
import time
import traceback
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory, TemporaryFile
from typing import Any, Final

from bdv_process.errors import BdvError
from bdv_process.eventlog.event import LABEL
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.object_log import ObjectLog
from bdv_process.eventlog.ocel import NAME, TYPE
from bdv_process.template.automaton import Automaton
from bdv_process.template.bpmn import template_from
from bdv_process.template.library import vocabulary
from bdv_process.template.pnml import read_pnml
from bdv_process.template.process_tree import ProcessTree, read_ptml
from faults.counting import CHANGED, EVENT, Count, counted
from faults.mutation import packed, spoiled
from faults.seeds import COLUMNS, FOREIGN, FORMATS, SHARED, STATES, seeds

MAX_SECONDS = 5  #: of CPU
MAX_MEMORY = 500_000_000  #: bytes
EXIT_CODES = {3, 4, 6, 9}

_HANGING = 120  # seconds of wall clock, after which a reader is said to hang
_OPTIONS: Final[tuple[dict[str, Any], ...]] = (
    {}, {"timezone": "UTC"},
    {"timezone": "Europe/Amsterdam", "date_format": "%d-%m-%Y %H:%M"},
)  # fmt: skip


def made(form: str, number: int, seed: int) -> tuple[str, bytes, bytes]:
    """Return a spoiled file: its name, its bytes, and its bytes unpacked; always the same ones."""
    dice = Random(f"{seed} {form} {number}")
    known = seeds(form)
    name = dice.choice(sorted(known))
    data = spoiled(form, dice, known[name], list(known.values()))
    if form in ("xes", "csv") and dice.random() < 0.15:
        archive, plain = packed(dice, data), data
        with suppress(
            OSError, EOFError, zlib.error
        ):  # that cannot be unpacked, nor will it be read
            plain = gzip.decompress(archive)
        return f"log{FORMATS[form]}.gz", archive, plain
    return f"log{FORMATS[form]}", data, data


def breach(form: str, number: int, seed: int, folder: Path) -> str:
    """Return how reading a spoiled file broke the promise, and its outcome when it did not."""
    name, data, plain = made(form, number, seed)
    path = folder / name
    path.write_bytes(data)
    _forget_peak()
    began = time.process_time()
    try:
        fault = _READERS[form](path, plain, number)
        outcome = "read"
    except BdvError as error:
        said = error.render("nl") and error.render("en")
        outcome, fault = error.code, ""
        if error.exit_code not in EXIT_CODES or "\n" in said:
            fault = f"exit {error.exit_code}: {said}"
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(place.filename).name}:{place.lineno}"
        fault = f"{type(error).__name__} at {where}: {str(error)[:120]!r}"
        outcome = "broke"
    spent, peak = time.process_time() - began, _peak()
    path.unlink()
    if not fault and spent > MAX_SECONDS:
        fault = f"{spent:.1f} s"
    if not fault and peak > MAX_MEMORY:
        fault = f"{peak // 1_000_000} MB"
    return f"! {fault}" if fault else outcome


def _read_log(path: Path, plain: bytes, number: int) -> str:
    form = next(form for form, suffix in FORMATS.items() if suffix in path.suffixes)
    foreign = plain.startswith(FOREIGN)
    options = _OPTIONS[2 if foreign else number % 3] | {"mapping": COLUMNS if foreign else None}
    log = EventLog.read(path, skip_bad=number % 2 == 1, **options)
    fault, wanted = _adds_up(log), counted(form, plain)
    if fault or wanted is None:
        return fault
    account, found = log.provenance, Count({EVENT: log.provenance.rows_in})
    for name, texts in log.frame.items():
        if texts.dtype == "str":
            found.update((str(name), text) for text in texts.dropna())
    # In a key of XES a code may stand for a mark, and in CSV a quote before a formula for none.
    for column, text in list(wanted):
        if column in CHANGED or (column and "_x" in column) or text.startswith("'"):
            del wanted[column, text]
    if len(account.rejected) or foreign:
        wanted = Count({EVENT: wanted[EVENT]})
    return _lost(wanted, found) or _lost(Count({EVENT: found[EVENT]}), wanted)


def _adds_up(log: EventLog, *, mapped: bool = False) -> str:
    account = log.provenance
    if account.rows_in != account.used + len(account.rejected):
        return f"{account.rows_in} in, {account.used} used, {len(account.rejected)} rejected"
    if not mapped and len(log) != account.used:
        return f"{account.used} used, {len(log)} events"
    return ""


def _lost(wanted: Count | None, found: Count) -> str:
    """Say what stands in the file and not in what was read."""
    lacking = (wanted or Count()) - found
    return f"lost {dict(lacking)}"[:200] if lacking else ""


def _read_objects(path: Path, plain: bytes, number: int) -> str:
    form = next(form for form, suffix in FORMATS.items() if suffix == path.suffix)
    options: dict[str, Any] = {"timezone": "UTC"} if number % 3 else {}
    fault = ""
    if number // 2 % 8 == 0:  # the same reader once more: of every eighth pair
        with suppress(BdvError):  # it need not be a log of ours
            fault = _adds_up(EventLog.read(path, skip_bad=number % 2 == 1, **options))
    log = ObjectLog.read(path, skip_bad=number % 2 == 1, **options)
    found = Count({EVENT: len(log.events)})
    found.update((LABEL, name) for name in log.events[TYPE])
    found.update((name, "") for name in log.said.event_values[NAME])
    return fault or _lost(counted(form, plain), found)


def _read_bpmn(path: Path, plain: bytes, _number: int) -> str:
    template = template_from(path.read_bytes(), path)
    steps = [step.id for step in template.activities]
    return _lost(counted("bpmn", plain), _named([*steps, *template.refined.values()]))


def _read_net(path: Path, plain: bytes, _number: int) -> str:
    net = read_pnml(path)
    Automaton.of(net)
    return _lost(counted("pnml", plain), _named(step.element for step in net.transitions))


def _read_tree(path: Path, plain: bytes, _number: int) -> str:
    tree = read_ptml(path)
    Automaton.of(tree.net())
    return _lost(counted("ptml", plain), _named(_leaves(tree)))


def _named(steps: Iterable[str]) -> Count:
    return Count((LABEL, step) for step in steps)


def _leaves(tree: ProcessTree) -> Iterator[str]:
    if not tree.children and tree.label:
        yield tree.label
    for child in tree.children:
        yield from _leaves(child)


def _read_mapping(path: Path, _plain: bytes, number: int) -> str:
    mapping = Mapping.read(path, **vocabulary())
    states = path.with_name("states.csv")
    states.write_text(STATES, encoding="utf-8")
    try:
        return _adds_up(
            EventLog.read(states, mapping=mapping, skip_bad=number % 2 == 1), mapped=True
        )
    finally:
        states.unlink()


_READERS: dict[str, Callable[[Path, bytes, int], str]] = {
    **dict.fromkeys(("xes", "csv", "parquet"), _read_log),
    **dict.fromkeys(("ocel-json", "ocel-xml", "ocel-sqlite"), _read_objects),
    "bpmn": _read_bpmn, "pnml": _read_net, "ptml": _read_tree, "mapping": _read_mapping,
}  # fmt: skip


def _forget_peak() -> None:
    """Count the peak of memory from here on, where Linux lets us."""
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    try:
        said = Path("/proc/self/status").read_text()
    except OSError:
        return 0
    return int(said.partition("VmHWM:")[2].split()[0]) * 1024


def work(form: str, first: int, last: int, seed: int) -> None:
    """Read files one after the other, and tell of each what became of it."""
    with TemporaryDirectory() as folder:
        for number in range(first, last):
            faulthandler.dump_traceback_later(_HANGING, exit=True)
            sys.stdout.write(f"{number} {breach(form, number, seed, Path(folder))}\n")
            sys.stdout.flush()


def fuzz(form: str, files: int, seed: int, first: int = 0) -> tuple[Counter[str], dict[int, str]]:
    """Return how often each outcome came, and by number how a file broke the promise."""
    outcomes: Counter[str] = Counter()
    broken: dict[int, str] = {}
    at, last = first, first + files
    while at < last:
        given = ["--format", form, "--first", str(at), "--files", str(last - at)]
        command = [
            sys.executable,
            "-m",
            "faults.fuzz_import",
            *given,
            "--seed",
            str(seed),
            "--work",
        ]
        with (
            TemporaryFile("w+") as complaint,
            subprocess.Popen(
                command,
                stdout=subprocess.PIPE,
                stderr=complaint,
                text=True,
                env=os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)},
            ) as worker,
        ):
            for line in worker.stdout or ():
                number, _, outcome = line.rstrip("\n").partition(" ")
                outcomes["broken" if outcome.startswith("!") else outcome] += 1
                if outcome.startswith("!"):
                    broken[int(number)] = outcome[2:]
                at = int(number) + 1
            if worker.wait():  # it never came to tell of this one
                complaint.seek(0)
                said = complaint.read().strip()[-300:]
                broken[at] = f"the reader ended with {worker.returncode}: {said}"
                outcomes["broken"] += 1
                at += 1
    return outcomes, broken


def main() -> int:
    """Read the command line; return 1 when a file broke the promise."""
    parser = argparse.ArgumentParser(prog="python -m faults.fuzz_import")
    parser.add_argument("--format", choices=[*FORMATS, "all"], default="all", dest="form")
    parser.add_argument("--files", type=int, default=1_000, help="of each format")
    parser.add_argument("--first", type=int, default=0, help="number of the first file")
    parser.add_argument("--seed", type=int, default=2026)
    parser.add_argument("--only", type=int, metavar="NUMBER", help="read one file, here")
    parser.add_argument("--keep", type=Path, metavar="FILE", help="and write it")
    parser.add_argument("--work", action="store_true", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.only is not None:
        if given.keep:
            given.keep.write_bytes(made(given.form, given.only, given.seed)[1])
        with TemporaryDirectory() as folder:
            sys.stdout.write(f"{breach(given.form, given.only, given.seed, Path(folder))}\n")
        return 0
    if given.work:
        work(given.form, given.first, given.first + given.files, given.seed)
        return 0
    failed = False
    for form in FORMATS if given.form == "all" else [given.form]:
        began, spent = time.monotonic(), os.times()
        outcomes, broken = fuzz(form, given.files, given.seed, given.first)
        told = {
            "format": form, "files": given.files, "seed": given.seed, "seeds": len(seeds(form)),
            "without": "" if SHARED else "the shared test data, which is not beside this checkout",
            "seconds": round(time.monotonic() - began, 1),
            "cpu": round(sum(os.times()[2:4]) - sum(spent[2:4]), 1), "broken": len(broken),
            "outcomes": dict(outcomes.most_common()),
            "examples": dict(list(broken.items())[:20]),
        }  # fmt: skip
        sys.stdout.write(json.dumps(told, ensure_ascii=False) + "\n")
        failed = failed or bool(broken)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
