"""Small real files of each format for a fuzzer to spoil: shipped, made and shared ones."""

import gzip
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bdv_process.eventlog.event import ACTIVITY, CASE, LABEL, RESOURCE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.eventlog.mapping import Mapping
from bdv_process.eventlog.object_log import ObjectLog

ROOT = Path(__file__).resolve().parents[2]
#: Where the shared test data is, beside this checkout or above it; it is not shipped.
SHARED = next(
    (folder / "shared" / "data" for folder in ROOT.parents if (folder / "shared").is_dir()), None
)
FORMATS = {
    "xes": ".xes", "csv": ".csv", "parquet": ".parquet", "ocel-json": ".jsonocel",
    "ocel-xml": ".xmlocel", "ocel-sqlite": ".sqlite", "bpmn": ".bpmn", "pnml": ".pnml",
    "ptml": ".ptml", "mapping": ".toml",
}  # fmt: skip

_LARGEST = 40_000  # bytes of a seed: of a small file many can be tried
_FILES = {
    "xes": ("logs/*.xes.gz", "models/*.xes.gz", "xes-importer-cases/*.xes"),
    "ocel-json": ("ocel/*.jsonocel",),
    "ocel-xml": ("ocel/*.xmlocel",),
    "bpmn": ("bpmn-miwg/*.bpmn", "models/*.bpmn"),
    "pnml": ("models/*.pnml",),
    "ptml": ("models/*.ptml",),
}
_NET = (
    '<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml"><net id="n" type="ptnet">'
    '<page id="g">'
    + "".join(f'<place id="p{n}"/>' for n in range(4))
    + "".join(
        f'<transition id="t{n}"><name><text>stap {n}</text></name></transition>'
        f'<arc id="a{n}" source="p{n}" target="t{n}"/><arc id="b{n}" source="t{n}" '
        f'target="p{n + 1}"/>'
        for n in range(3)
    )
    + "</page></net></pnml>"
)
_TREE = (
    '<ptml><processTree root="a" id="t"><sequence id="a"/><xor id="b"/><and id="c"/>'
    + "".join(f'<manualTask id="m{n}" name="stap {n}"/>' for n in range(4))
    + "".join(
        f'<parentsNode id="{above}{below}" sourceId="{above}" targetId="{below}"/>'
        for above, below in ("ab", "ac", ("b", "m0"), ("b", "m1"), ("c", "m2"), ("c", "m3"))
    )
    + "</processTree></ptml>"
)
#: How the log of another, among the seeds, is read; and the bytes by which it is known.
COLUMNS = Mapping.of(case="zaak", activity="stap", end="moment", resource="wie", keep=["bedrag"])
FOREIGN = b"zaak;stap"
_FOREIGN = (
    "zaak;stap;moment;wie;bedrag\n"
    'Z1;"Aanvraag; ontvangen";03-02-2026 09:00;a;1,50\n'
    'Z1;"Getoetst\nop ""regels""";31-03-2026 10:00;b;\n'
    "0012;Aanvraag;13-03-2026 09:00;NA;2\n12;Aanvraag;14-03-2026 09:00;;3\n"
)
#: The log that goes with the mappings.
STATES = (
    "number,state,at,rfc\n"
    "1,New,02/03/2026 09:00,\n1,Active,02/03/2026 10:00,\n1,Resolved,03/03/2026 09:00,\n"
    "2,New,02/03/2026 09:00,R1\n2,-100,02/03/2026 11:00,R1\n2,Closed,04/03/2026 12:30,R1\n"
)
_MAPPING = """\
missing = ["?", ""]
not_observable = ["recover_verify"]
collapse = true

[columns]
case = "number"
time = "at"
activity = "state"
keep = ["rfc"]

[time]
format = "%d/%m/%Y %H:%M"
timezone = "Europe/Amsterdam"
fold = "earlier"

[[reject]]
when = { state = "-100" }

[[template]]
key = "W3"
when = { rfc = { missing = false } }

[[template]]
key = "W4"

[[activity]]
id = "recover_accept"
when = { state = "New" }
occurrence = "first"

[[activity]]
id = "recover_close"
when = { state = ["Closed", "Resolved"] }
outcome = "resolved"
"""


@cache
def seeds(form: str) -> dict[str, bytes]:
    """Return files of a format by name; those of the shared data only where they are."""
    found = dict(_made(form))
    for pattern in _FILES.get(form, ()) if SHARED else ():
        for path in sorted(SHARED.glob(pattern)):
            data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
            if form == "xes":
                data = _head(data)
            if len(data) <= _LARGEST:
                found[path.name] = data
    return found


def _made(form: str) -> Iterator[tuple[str, bytes]]:
    if form == "bpmn":
        for path in sorted((ROOT / "bpmn").glob("*.bpmn")):
            yield path.name, path.read_bytes()
    elif form == "pnml":
        yield "made.pnml", _NET.encode()
    elif form == "ptml":
        yield "made.ptml", _TREE.encode()
    elif form == "mapping":
        yield "made.toml", _MAPPING.encode()
        shipped = (ROOT / "eventlogs" / "servicenow-incidents.toml").read_bytes()
        yield "servicenow-incidents.toml", shipped
    else:
        for name, log in _logs().items():
            yield f"{name}{FORMATS[form]}", _written(log, FORMATS[form])
        if form == "csv":
            yield "foreign.csv", _FOREIGN.encode()
        if form == "ocel-sqlite":
            for name, data in list(seeds("ocel-json").items()):
                if name.startswith("pm4py"):
                    yield f"{name}.sqlite", _as_sqlite(data)


def _logs() -> dict[str, EventLog]:
    """Return a few cases of our own making, and a log of another."""
    shipped = EventLog.read(ROOT / "eventlogs" / "synthetic-eight-workflows.xes.gz")
    few = shipped.where(cases=list(shipped.coded[CASE].cat.categories[:3]))
    moments = pd.date_range("2026-03-02T09:00Z", periods=12, freq="7h")
    frame = pd.DataFrame(
        {
            CASE: [f"{number:04}" for number in range(4) for _ in range(3)],
            LABEL: ["Aanvraag", "Toets", "toets "] * 4,
            ACTIVITY: ["request", "assess", "decide"] * 4,
            TIMESTAMP: moments,
            RESOURCE: ["anna", None, "één"] * 4,
            "bedrag": [1.5, 2, None] * 4,
            "aantal": pd.array([1, None, -(2**63)] * 4, dtype="Int64"),
            "spoed": pd.array([True, False, None] * 4, dtype="boolean"),
        }
    )
    return {"ours": few, "theirs": EventLog(frame=frame)}


def _written(log: EventLog, suffix: str) -> bytes:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"log{suffix}"
        log.write(path)
        return path.read_bytes()


def _as_sqlite(data: bytes) -> bytes:
    """Return an object-centric log as SQLite: the database that others made is far larger."""
    with TemporaryDirectory() as folder:
        source, target = Path(folder) / "log.jsonocel", Path(folder) / "log.sqlite"
        source.write_bytes(data)
        ObjectLog.read(source, timezone="UTC").write(target)
        with closing(sqlite3.connect(target)) as connection:
            return connection.serialize()


def _head(data: bytes) -> bytes:
    """Return a log with its first traces only, when it is long."""
    if len(data) <= _LARGEST:
        return data
    end = data.rfind(b"</trace>", 0, _LARGEST // 2)
    return data[: end + len(b"</trace>")] + b"</log>" if end > 0 else data
