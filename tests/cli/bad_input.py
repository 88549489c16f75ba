"""The table of bad input: files, what is typed, and the exit code and refusal that it must get."""

import gzip
import io
import json
import sqlite3
import struct
import zlib
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from bdv_process.report.proposal import fingerprint
from bdv_process.template.finding import WARNINGS

RULES = Path(__file__).parents[1] / "template" / "rules"

HEADER = "case:concept:name,concept:name,time:timestamp,lifecycle:transition\n"
ROW = "a,Aannemen,2026-03-02T09:00:00Z,complete\n"
EVENT = (
    '<event><string key="concept:name" value="Aannemen"/>'
    '<date key="time:timestamp" value="2026-03-02T09:00:00Z"/></event>'
)


def csv(*times: str) -> bytes:
    rows = [f"{case},Aannemen,{time},complete\n" for case, time in enumerate(times)]
    return (HEADER + "".join(rows)).encode()


def xes(events: str, before: str = "", after: str = "</log>") -> bytes:
    name = '<string key="concept:name" value="a"/>'
    return f'{before}<log xes.version="1849.2016"><trace>{name}{events}</trace>{after}'.encode()


def report(title: str) -> bytes:
    chapters = [{"findings": [{"finding": "W4.skipped.recover_close"}]}]
    said = {"format": 1, "title": "Rapport", "chapters": chapters}
    return json.dumps(said | {"fingerprint": fingerprint(said), "title": title}).encode()


def png() -> bytes:
    head = struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + b"IHDR" + head + zlib.compress(b"\0\0")


def parquet() -> bytes:
    stream = io.BytesIO()
    pd.DataFrame({"case:concept:name": ["a"], "concept:name": ["b"]}).to_parquet(stream)
    return stream.getvalue()


def deep(levels: int) -> str:
    return "<string key='k' value='v'>" * levels + "</string>" * levels


def bpmn(rule: str, old: str, new: str) -> bytes:
    diagram = (RULES / rule / "good.bpmn").read_text(encoding="utf-8")
    assert old in diagram
    return diagram.replace(old, new, 1).encode()


OCEL_EVENT = (
    '{"id": "e1", "type": "pay", "time": "2026-03-02T09:00:00Z", "relationships": '
    '[{"objectId": "o1", "qualifier": "of"}]}'
)


def ocel(events: str) -> bytes:
    return (
        '{"eventTypes": [{"name": "pay", "attributes": []}], '
        '"objectTypes": [{"name": "order", "attributes": []}], '
        f'"objects": [{{"id": "o1", "type": "order"}}], "events": [{events}]}}'
    ).encode()


def sqlite(*statements: str) -> bytes:
    with closing(sqlite3.connect(":memory:")) as connection:
        for statement in statements:
            connection.execute(statement)
        return connection.serialize()


def columns(**given: object) -> bytes:
    stream = io.BytesIO()
    pq.write_table(pa.table(given), stream, compression="zstd")
    return stream.getvalue()


NET = b'<pnml><net id="n"><place id="p"/><transition id="t"/><place id="q"/></net></pnml>'
MAPPING = '[columns]\ncase = "number"\ntime = "at"\nactivity = "state"\n[time]\ntimezone = "UTC"\n'

FILES: dict[str, Callable[[], bytes]] = {
    "empty.csv": lambda: b"",
    "report.json": lambda: report("Rapport"),
    "changed.json": lambda: report("Ander rapport"),
    "empty.xes": lambda: b"",
    "picture.xes": png,
    "page.csv": lambda: b"<!DOCTYPE html><html></html>",
    "truncated.xes": lambda: xes(EVENT)[:-30],
    "early-end.xes": lambda: xes(EVENT) + b"<trace/>",
    "truncated.parquet": lambda: parquet()[:-20],
    "text.parquet": lambda: b"not a table at all",
    "plain.csv.gz": lambda: csv("2026-03-02T09:00:00Z"),
    "truncated.csv.gz": lambda: gzip.compress(csv("2026-03-02T09:00:00Z") * 99, mtime=0)[:-20],
    "bomb.csv.gz": lambda: gzip.compress(bytes(80_000_000), mtime=0),
    "entity.xes": lambda: xes(EVENT, '<!DOCTYPE log [<!ENTITY e SYSTEM "file:///etc/passwd">]>'),
    "deep.xes": lambda: xes(deep(300)),
    "utf-16.csv": lambda: csv("2026-03-02T09:00:00Z").decode().encode("utf-16"),
    "cp1252.csv": lambda: (HEADER + ROW.replace("Aannemen", "Financiën")).encode("cp1252"),
    "control.csv": lambda: (HEADER + ROW.replace("Aannemen", "Aan\x07nemen")).encode(),
    "reversed.csv": lambda: (HEADER + ROW.replace("Aannemen", "Aan\u202enemen")).encode(),
    "bad-date.xes": lambda: xes(EVENT + EVENT.replace("2026-03-02T09", "2026-13-02T09")),
    "no-zone.xes": lambda: xes(EVENT.replace("00Z", "00")),
    "no-time.xes": lambda: xes(EVENT + EVENT.replace("time:timestamp", "time:other")),
    "no-header.csv": lambda: (ROW * 2).encode(),
    "header-only.csv": lambda: HEADER.encode(),
    "double-header.csv": lambda: ("concept:name," + HEADER + "x," + ROW).encode(),
    "no-column.csv": lambda: b"case:concept:name,concept:nam\na,b\n",
    "short-row.csv": lambda: (HEADER + ROW + "b,Aannemen\n").encode(),
    "open-quote.csv": lambda: (HEADER + ROW + 'b,"Aannemen,x,y\n').encode(),
    "no-case.csv": lambda: (HEADER + ROW + ROW.removeprefix("a")).encode(),
    "no-such-day.csv": lambda: csv("2026-03-02T09:00:00Z", "2026-02-31T09:00:00Z"),
    "no-zone.csv": lambda: csv("2026-03-02 09:00"),
    "ambiguous.csv": lambda: csv("03-04-2026 09:00", "05-06-2026 09:00"),
    "mixed-order.csv": lambda: csv("31-03-2026 09:00", "03-31-2026 09:00"),
    "mixed-zones.csv": lambda: csv("2026-03-02T09:00:00Z", "2026-03-02T09:00:00"),
    "gap.csv": lambda: csv("2026-03-29T02:30:00"),
    "fold.csv": lambda: csv("2026-10-25T02:30:00"),
    "epoch.csv": lambda: csv("1772442000"),
    "year-1800.csv": lambda: csv("1800-01-01T00:00:00Z"),
    "year-2999.csv": lambda: csv("2999-01-01T00:00:00Z"),
    "long-cell.csv": lambda: (HEADER + ROW.replace("Aannemen", "A" * 10_000_000)).encode(),
    "wide.csv": lambda: ",".join(f"c{n}" for n in range(50_000)).encode() + b"\n",
    "empty.json": lambda: b"",
    "empty.xml": lambda: b"",
    "empty.sqlite": lambda: b"",
    "list.json": lambda: b"[]",
    "twice.json": lambda: ocel(OCEL_EVENT.replace('"type"', '"id": "x", "type"')),
    "nan.json": lambda: ocel(OCEL_EVENT.replace('"pay"', "NaN")),
    "truncated.json": lambda: ocel(OCEL_EVENT)[:-20],
    "deep.json": lambda: ocel("[" * 100_000),
    "old.json": lambda: b'{"ocel:global-log": {"ocel:version": "1.0"}}',
    "double-id.json": lambda: ocel(f"{OCEL_EVENT}, {OCEL_EVENT}"),
    "loose.json": lambda: ocel(OCEL_EVENT.replace("o1", "o9")),
    "unknown-type.json": lambda: ocel(OCEL_EVENT.replace('"pay"', '"fly"')),
    "foreign.json": lambda: ocel(OCEL_EVENT),
    "latin.json": lambda: b'{"naam": "caf\xe9"}',
    "text.sqlite": lambda: b"no database at all",
    "page.sqlite": lambda: sqlite("CREATE TABLE event (ocel_id, ocel_type)")[:-2000],
    "view.sqlite": lambda: sqlite("CREATE VIEW event AS SELECT 1 AS ocel_id, 2 AS ocel_type"),
    "lacking.sqlite": lambda: sqlite("CREATE TABLE event (ocel_id)"),
    "entity.xml": lambda: b'<!DOCTYPE log [<!ENTITY e SYSTEM "file:///etc/passwd">]><log>&e;</log>',
    "reserved.csv": lambda: csv("2026-03-02T09:00:00Z").replace(b"lifecycle:transition", b"ocel_x"),
    "same-names.csv": lambda: (
        b"case:concept:name,time:timestamp,concept:name,Kanaal,kanaal\n"
        b"a,2026-03-02T09:00:00Z,Aannemen,balie,web\n"
    ),
    "round-a.csv": lambda: b"case:concept:name,concept:name,via\nA1,Aannemen,B1\n",
    "round-b.csv": lambda: b"case:concept:name,concept:name,via\nB1,Aannemen,A1\n",
    "round-a-b.csv": lambda: (
        b"case:concept:name,concept:name,via\nA1,Aannemen,B1\nB1,Aannemen,A1\n"
    ),
    "rates-key.toml": lambda: b"[uur]\nkcc = 42\n",
    "rates-amount.toml": lambda: b"[hour]\nkcc = 42.505\n",
    "rates-kcc.toml": lambda: b"[hour]\nkcc = 42\n",
    "worked.csv": lambda: b"c,a,b,e\nz1,x,2026-03-02T09:00,2026-03-02T10:00\n",
    "shifts-day.toml": lambda: b"[default]\nmaandag = ['08:30-17:00']\n",
    "shifts-hours.toml": lambda: b"[default]\nmon = ['17:00-08:30']\n",
    "net.pnml": lambda: b"<pnml/>",
    "guarded.pnml": lambda: (
        b'<pnml><net id="n">\n<place id="p"/>\n<transition id="t" guard="x &gt; 1"/>\n</net></pnml>'
    ),
    "picture.pnml": png,
    "net.ptml": lambda: b"<pnml/>",
    "tree.pnml": lambda: b'<ptml><processTree root="a"/></ptml>',
    "offered.csv": lambda: csv("2026-03-02T09:00:00Z").replace(b"complete", b"schedule"),
    "fine.csv": lambda: csv("2026-03-02T09:00:00Z"),
    "timeless.csv": lambda: b"case:concept:name,concept:name\na,Aannemen\n",
    "circle.csv": lambda: (
        b"case:concept:name,case:bdv:parent,concept:name,time:timestamp\n"
        b"a,b,Aannemen,2026-03-02T09:00:00Z\nb,a,Aannemen,2026-03-02T09:00:00Z\n"
    ),
    "log.pickle": lambda: b"\x80\x04N.",
    "foreign.csv": lambda: b"number,state,at\n1,New,2026-03-02 09:00\n",
    "unknown-template.toml": lambda: (MAPPING + '[[template]]\nkey = "W9"\n').encode(),
    "unknown-activity.toml": lambda: (
        MAPPING + '[[activity]]\nid = "recover_acept"\nwhen = { state = "New" }\n'
    ).encode(),
    "no-toml.toml": lambda: b"case: number\n",
    "no-such-column.toml": lambda: MAPPING.replace('"number"', '"nummer"').encode(),
    "empty.parquet": lambda: b"",
    "empty.pnml": lambda: b"",
    "archive.csv": lambda: b"PK\x03\x04" + bytes(26),
    "letter.xes": lambda: b"%PDF-1.7\n",
    "truncated.xml": lambda: b'<log><events><event id="e1" type="pay"',
    "truncated.pnml": lambda: NET[:-30],
    "bomb.xes.gz": lambda: gzip.compress(b"<log>" + b" " * 80_000_000, mtime=0),
    "doctype.pnml": lambda: b"<!DOCTYPE pnml>" + NET,
    "attributes.xes": lambda: xes(
        "<event {}/>".format(" ".join(f"a{number}='1'" for number in range(100_000)))
    ),
    "long-value.xes": lambda: xes(EVENT.replace("Aannemen", "A" * 11_000_000)),
    "long-value.bpmn": lambda: bpmn("reachable", ' name="', f' name="{"A" * 11_000_000}'),
    "latin.xes": lambda: xes(EVENT.replace("Aannemen", "Financiën")).decode().encode("latin-1"),
    "latin.bpmn": lambda: bpmn("reachable", ' name="', ' name="é').decode().encode("latin-1"),
    "control.bpmn": lambda: bpmn("reachable", ' name="', ' name="\x07'),
    "nul.csv": lambda: (HEADER + ROW.replace("Aannemen", "Aan\0nemen")).encode(),
    "no-activity.csv": lambda: (HEADER + ROW + ROW.replace("Aannemen", "")).encode(),
    "half-hour.csv": lambda: csv("2026-03-02T24:30:00Z"),
    "ends-first.csv": lambda: b"c,a,b,e\nz1,x,2026-03-02T10:00,2026-03-02T09:00\n",
    "trigger.sqlite": lambda: sqlite(
        "CREATE TABLE event (ocel_id, ocel_type)",
        "CREATE TRIGGER t AFTER INSERT ON event BEGIN DELETE FROM event; END",
    ),
    "no-type.json": lambda: ocel(OCEL_EVENT.replace(' "type": "pay",', "")),
    "nothing.json": lambda: b"{}",
    "half-letter.json": lambda: ocel(OCEL_EVENT.replace('"pay"', '"\\ud800"')),
    "digits.json": lambda: ocel(OCEL_EVENT.replace('"e1"', "9" * 5_000)),
    "nested.parquet": lambda: columns(**{"concept:name": [["a"]]}),
    "many.parquet": lambda: columns(**{"concept:name": pa.nulls(5_000_001)}),
    "far.parquet": lambda: columns(due=pa.array([2**62], pa.timestamp("us", "UTC"))),
    "list.toml": lambda: (MAPPING + '[[reject]]\nwhen = ["state"]\n').encode(),
    "large.toml": lambda: b"# " + b"x" * 2_000_000,
    "inside.pnml": lambda: NET.replace(
        b'<transition id="t"/>',
        b'<transition id="t"><name><text>a<transition id="u"/></text></name></transition>',
    ),
    "twice.ptml": lambda: (
        b'<ptml><processTree root="a"><manualTask id="a" name="x"/>'
        b'<manualTask id="a" name="y"/></processTree></ptml>'
    ),
    "doctype.bpmn": lambda: bpmn("reachable", "<bpmn:definitions", "<!DOCTYPE d><bpmn:definitions"),
    "nested.bpmn": lambda: bpmn(
        "reachable", "<bpmn:startEvent", "<bpmn:group>" * 400_000 + "<bpmn:startEvent"
    ),
    "empty.bpmn": lambda: b"",
    "no-process.bpmn": lambda: (
        b'<bpmn:definitions xmlns:bpmn="http://www.omg.org/spec/BPMN/20100524/MODEL"/>'
    ),
    "picture.bpmn": png,
    "truncated.bpmn": lambda: bpmn("reachable", "", "").partition(b"<bpmn:userTask")[0],
    "python-timer.bpmn": lambda: bpmn("timer-literal", ">P", ">timedelta(days=1) or P"),
    "python-condition.bpmn": lambda: bpmn(
        "split-complete", "== ", "== __import__('os').system('id') or 'x' == "
    ),
    "feel-condition.bpmn": lambda: bpmn(
        "split-complete", "permit_decide == 'granted'", '= permit_decide = "granted"'
    ),
    "nobody.toml": lambda: b"[people]\n",
    "strange-role.toml": lambda: b'[people]\nzoe = {roles = ["directeur"]}\n',
    "strange-procedure.toml": lambda: (
        b'[roles.kcc]\nname = "KCC"\nname_en = "Desk"\n'
        b'[raci.agree_akcept]\nR = ["kcc"]\nA = "kcc"\n'
    ),
    "infrastructure-lacking.toml": lambda: b'[kinds.device]\nname = "apparaat"\n',
    "infrastructure-strange.toml": lambda: (
        b'[kinds.device]\nname = "apparaat"\nname_en = "device"\n'
        b'[components.fax]\nname = "Fax"\nname_en = "Fax"\nkind = "devise"\nowner = "kcc"\n'
    ),
    "infrastructure-owner.toml": lambda: (
        b'[kinds.device]\nname = "apparaat"\nname_en = "device"\n'
        b'[components.fax]\nname = "Fax"\nname_en = "Fax"\nkind = "device"\nowner = "kcx"\n'
    ),
    "absence.toml": lambda: (
        b'[people]\nben = {roles = ["kcc"]}\n[[absence]]\nperson = "ben"\nfrom = 2026-07-20\n'
    ),
    "absent.toml": lambda: (
        b'[people]\nben = {roles = ["kcc"]}\n'
        b'[[absence]]\nperson = "ben"\nstand_in = "zoe"\nfrom = 2026-07-20\nuntil = 2026-07-31\n'
    ),
    "two-hats.toml": lambda: b'[people]\ndirk = {roles = ["uitvoerder", "toetser"]}\n',
}
BAD_DIAGRAMS = {
    "executable-process": "not-executable",
    "has-end": "no-end",
    "one-start": "two-starts",
    "condition-known": "unknown-variable",
    "reachable": "unreachable-task",
    "no-dead-end": "dead-end",
    "references": "missing-target",
    "unique-ids": "double-id",
    "supported-elements": "unsupported-element",
    "split-complete": "incomplete-choice",
    "sound": "deadlock",
    "no-code": "script-task",
    "called-template": "missing-process",
    "call-cycle": "call-cycle",
    "timer-literal": "timer-in-words",
    "within-limits": "too-many-elements",
    "plain-text": "invisible-character",
    "diagram-complete": "not-drawn",
}

#: What goes in, per name: exit code, code of the refusal, what is typed, and the environment.
Row = tuple[int, str, str, dict[str, str]]
ROWS: dict[str, Row] = {}


def row(name: str, exit_code: int, code: str, typed: str, **env: str) -> None:
    assert name not in ROWS
    ROWS[name] = (exit_code, code, typed, env)


def log(file: str, exit_code: int, code: str, options: str = "") -> None:
    """Ask for a report of a log that cannot be read: the page must not come."""
    row(
        f"log-{file.replace('.', '-')}",
        exit_code,
        code,
        f"report {file} -o page.html {options}".strip(),
    )


def diagram(name: str, rule: str) -> None:
    """Check a diagram: what a rule finds is exit code 1, unless it only warns."""
    exit_code = 0 if rule in WARNINGS else 1
    row(f"diagram-{name}", exit_code, rule, f"template check {name}.bpmn")


log("missing.csv", 4, "BDV-201")
log("folder.csv", 3, "BDV-296")
row("store-no-file", 4, "BDV-201", "log store missing.parquet -o map")
row("store-bad-file", 3, "BDV-250", "log store truncated.parquet -o map")
row("store-over-folder", 3, "BDV-293", "log store fine.csv -o folder.csv")
row("store-no-folder", 4, "BDV-201", "log store fine.csv -o nowhere/map")
row("store-circle", 3, "BDV-295", "log store circle.csv -o map")
row("store-is-none", 3, "BDV-290", "log show folder.csv")
row("repeat-no-parquet", 3, "BDV-208", "log synthesise -o log.csv --times 2")
row("engine-unknown", 3, "BDV-460", "mine journey fine.csv --engine spark")
row("engine-far-from-log", 3, "BDV-462", "mine journey fine.csv --engine dask://localhost:8786")
row("log-http", 3, "BDV-202", "report http://example.org/log.csv -o page.html")
log("empty.csv", 3, "BDV-203")
log("empty.xes", 3, "BDV-203")
log("picture.xes", 3, "BDV-204")
log("page.csv", 3, "BDV-204")
log("truncated.xes", 3, "BDV-211")
log("early-end.xes", 3, "BDV-211")
log("truncated.parquet", 3, "BDV-250")
log("text.parquet", 3, "BDV-250")
log("plain.csv.gz", 3, "BDV-205")
log("truncated.csv.gz", 3, "BDV-206")
log("bomb.csv.gz", 9, "BDV-207")
log("entity.xes", 3, "BDV-210")
log("deep.xes", 9, "BDV-212")
log("utf-16.csv", 3, "BDV-209")
log("cp1252.csv", 3, "BDV-209")
log("control.csv", 3, "BDV-242")
log("reversed.csv", 3, "BDV-243")
log("bad-date.xes", 3, "BDV-233")
log("no-zone.xes", 3, "BDV-235")
log("no-time.xes", 3, "BDV-232")
log("no-header.csv", 3, "BDV-220")
log("header-only.csv", 3, "BDV-222")
log("double-header.csv", 3, "BDV-221")
log("no-column.csv", 3, "BDV-223")
log("short-row.csv", 3, "BDV-224")
log("open-quote.csv", 3, "BDV-225")
log("no-case.csv", 3, "BDV-230")
log("no-such-day.csv", 3, "BDV-233")
log("no-zone.csv", 3, "BDV-235")
log("ambiguous.csv", 3, "BDV-234")
log("mixed-order.csv", 3, "BDV-234")
log("mixed-zones.csv", 3, "BDV-240")
log("gap.csv", 3, "BDV-236", "--timezone Europe/Amsterdam")
log("fold.csv", 3, "BDV-237", "--timezone Europe/Amsterdam")
log("epoch.csv", 3, "BDV-239")
log("year-1800.csv", 3, "BDV-238")
log("year-2999.csv", 3, "BDV-238")
log("long-cell.csv", 9, "BDV-227")
log("wide.csv", 9, "BDV-226")
for _form in ("json", "xml", "sqlite"):
    log(f"empty.{_form}", 3, "BDV-203")
log("empty.parquet", 3, "BDV-203")
log("archive.csv", 3, "BDV-204")
log("letter.xes", 3, "BDV-204")
log("truncated.xml", 3, "BDV-211")
log("bomb.xes.gz", 9, "BDV-207")
log("attributes.xes", 9, "BDV-212")
log("long-value.xes", 9, "BDV-212")
log("latin.xes", 3, "BDV-219")
log("nul.csv", 3, "BDV-242")
log("no-activity.csv", 3, "BDV-231")
log("half-hour.csv", 3, "BDV-233")
log("trigger.sqlite", 3, "BDV-278")
log("no-type.json", 3, "BDV-270")
log("nothing.json", 3, "BDV-270")
log("digits.json", 3, "BDV-270")
log("half-letter.json", 3, "BDV-271")
log("nested.parquet", 3, "BDV-251")
log("many.parquet", 9, "BDV-228")
log("far.parquet", 3, "BDV-233")
row("log-ends-first", 3, "BDV-247", "mine value-stream ends-first.csv "
    "--case c --activity a --start b --end e --timezone UTC")  # fmt: skip
log("list.json", 3, "BDV-270")
log("twice.json", 3, "BDV-271")
log("nan.json", 3, "BDV-271")
log("truncated.json", 3, "BDV-271")
log("deep.json", 9, "BDV-272")
log("old.json", 3, "BDV-273")
log("double-id.json", 3, "BDV-274")
log("loose.json", 3, "BDV-275")
log("unknown-type.json", 3, "BDV-276")
log("text.sqlite", 3, "BDV-277")
log("page.sqlite", 3, "BDV-277")
log("view.sqlite", 3, "BDV-278")
log("lacking.sqlite", 3, "BDV-279")
log("foreign.json", 3, "BDV-280")
log("latin.json", 3, "BDV-289")
log("entity.xml", 3, "BDV-210")
row("flatten-unknown", 3, "BDV-281", "log convert foreign.json --flatten odrer -o o.csv")
row("flatten-no-time", 3, "BDV-285", "log convert timeless.csv --flatten stream -o o.csv")
row("convert-reserved", 3, "BDV-283", "log convert reserved.csv -o o.sqlite")
row("convert-same-names", 3, "BDV-286", "log convert same-names.csv -o o.sqlite")
row("join-no-column", 3, "BDV-287", "log join a=fine.csv b=fine.csv --trace spoor -o o.csv")
row("join-circle", 3, "BDV-288", "log join a=round-a.csv b=round-b.csv --reference via -o o.csv")
log("net.pnml", 3, "BDV-208")
log("log.pickle", 3, "BDV-208")
row("streams-no-times", 3, "BDV-441", "mine value-stream timeless.csv")
row("streams-circle", 3, "BDV-295", "mine value-stream circle.csv")
row("streams-no-column", 3, "BDV-442", "mine value-stream fine.csv --organisation eigenaar")
row("streams-no-foreign-column", 3, "BDV-223", "mine value-stream fine.csv --resource wie")
row("handovers-unknown-kind", 3, "BDV-208", "mine handovers fine.csv -o handovers.txt")
row("handovers-no-column", 3, "BDV-223", "mine handovers fine.csv --case zaak -o handovers.csv")
row("net-missing", 4, "BDV-101", "mine align fine.csv --net missing.pnml -o costs.csv")
row("net-no-net", 3, "BDV-160", "mine align fine.csv --net net.pnml -o costs.csv")
row("net-no-tree", 3, "BDV-168", "mine align fine.csv --net net.ptml -o costs.csv")
row("net-empty", 3, "BDV-102", "mine align fine.csv --net empty.pnml -o costs.csv")
row("net-truncated", 3, "BDV-107", "mine align fine.csv --net truncated.pnml -o costs.csv")
row("net-doctype", 3, "BDV-106", "mine align fine.csv --net doctype.pnml -o costs.csv")
row("net-inside", 3, "BDV-161", "mine align fine.csv --net inside.pnml -o costs.csv")
row("net-twice", 3, "BDV-168", "mine align fine.csv --net twice.ptml -o costs.csv")
row("mapping-list", 3, "BDV-263", "log show foreign.csv --mapping list.toml")
row("mapping-large", 9, "BDV-113", "log show foreign.csv --mapping large.toml")
row("net-tree", 3, "BDV-160", "mine align fine.csv --net tree.pnml -o costs.csv")
row("costs-over-log", 3, "BDV-604", "mine align fine.csv -o fine.csv")
row("map-unknown-kind", 3, "BDV-208", "mine discover fine.csv -o map.png")
row("costs-nothing-done", 3, "BDV-404", "mine align offered.csv --template W1 --prefixes -o c.csv")
row("streams-map-unknown", 4, "BDV-444", "mine value-stream fine.csv --map wens -o map.svg")
row("streams-map-kind", 3, "BDV-208", "mine value-stream fine.csv --map case -o map.png")
for _name, _code in {"no-toml": 445, "rates-key": 446, "rates-amount": 447}.items():
    row(f"streams-{_name}", 3, f"BDV-{_code}", f"mine value-stream fine.csv --rates {_name}.toml")
row("streams-rates-missing", 4, "BDV-201", "mine value-stream fine.csv --rates missing.toml")
row("streams-rates-lack", 3, "BDV-448", "mine value-stream worked.csv --rates rates-kcc.toml "
    "--case c --activity a --start b --end e --timezone UTC")  # fmt: skip
for _name, _code in {"no-toml": 449, "shifts-day": 438, "shifts-hours": 439}.items():
    row(f"handovers-{_name}", 3, f"BDV-{_code}",
        f"mine handovers fine.csv --shifts {_name}.toml -o handovers.csv")  # fmt: skip
row("link-no-column", 3, "BDV-442", "log link fine.csv --by verwijzing -o o.csv")
row("link-no-times", 3, "BDV-443", "log link timeless.csv --infer -o o.csv")
row("link-circle", 3, "BDV-295", "log link round-a-b.csv --by via -o o.csv")
row("link-window", 3, "BDV-130", "log link fine.csv --infer --window P1M -o o.csv")
row("link-over-log", 3, "BDV-604", "log link fine.csv --infer -o fine.csv")
row("log-folder", 3, "BDV-290", "mine journey .")
row("net-guarded", 3, "BDV-161", "mine align fine.csv --net guarded.pnml -o costs.csv")
row("net-picture", 3, "BDV-105", "mine align fine.csv --net picture.pnml -o costs.csv")
row("costs-unknown-kind", 3, "BDV-208", "mine align fine.csv --template W1 -o costs.txt")
row("costs-unknown-template", 4, "BDV-111", "mine align fine.csv --template W9 -o costs.csv")
row("costs-no-template", 3, "BDV-401", "mine align fine.csv -o costs.csv")
row("costs-no-folder", 4, "BDV-201", "mine align fine.csv --template W1 -o nowhere/costs.csv")
row("unknown-zone", 3, "BDV-246", "log show no-zone.csv --timezone Europe/Lutjebroek")
row("unknown-encoding", 3, "BDV-248", "log show cp1252.csv --encoding klingon")
row("encoding-of-no-text", 3, "BDV-248", "log show cp1252.csv --encoding base64")
row("unknown-date-format", 3, "BDV-253", "log show no-zone.csv --date-format %Q")
row("mapping-missing", 4, "BDV-201", "log show foreign.csv --mapping missing.toml")
row("mapping-no-toml", 3, "BDV-260", "log show foreign.csv --mapping no-toml.toml")
row(
    "mapping-unknown-activity", 3, "BDV-262", "log show foreign.csv --mapping unknown-activity.toml"
)
row(
    "mapping-unknown-template", 3, "BDV-265", "log show foreign.csv --mapping unknown-template.toml"
)
row("mapping-no-such-column", 3, "BDV-223", "log show foreign.csv --mapping no-such-column.toml")
row("export-unknown-kind", 3, "BDV-208", "log export -o log.txt")
row("export-no-folder", 4, "BDV-201", "log export -o nowhere/log.csv")
row("export-onto-folder", 7, "BDV-602", "log export -o folder.csv")

row("diagram-missing", 4, "BDV-101", "template check missing.bpmn")
row("diagram-http", 3, "BDV-202", "template check https://example.org/w1.bpmn")
for _file in ("doctype", "empty", "picture", "truncated"):
    row(f"diagram-{_file}", 3, "BDV-110", f"template check {_file}.bpmn")
for _file in ("latin", "control"):
    row(f"diagram-{_file}", 3, "BDV-110", f"template check {_file}.bpmn")
row("diagram-no-process", 1, "executable-process", "template check no-process.bpmn")
row("diagram-long-value", 9, "BDV-110", "template check long-value.bpmn")
row("diagram-nested", 9, "BDV-110", "template check nested.bpmn")
diagram("python-timer", "timer-literal")
diagram("python-condition", "condition-allowed")
diagram("feel-condition", "condition-allowed")
for _rule, _name in BAD_DIAGRAMS.items():
    diagram(_name, _rule)
row("template-unknown", 4, "BDV-111", "template show W9")

row("start-unknown-template", 4, "BDV-111", "case start W9 --by anna")
row("start-unknown-person", 4, "BDV-313", "case start W1 --by zoe")
row("start-key-used", 5, "BDV-315", "case start W2 --by anna --key eens")
row("report-unknown-kind", 3, "BDV-502", "report fine.csv -o rapport.docx")
row("report-no-other", 4, "BDV-201", "report fine.csv -o rapport.html --compare missing.csv")
_file = "case start W8 --by guus --from-finding W4.skipped.recover_verify --report"
row("proposal-missing", 4, "BDV-101", f"{_file} missing.json")
row("proposal-no-report", 3, "BDV-504", f"{_file} fine.csv")
row("proposal-changed", 8, "BDV-505", f"{_file} changed.json")
row("proposal-unknown", 4, "BDV-506", f"{_file} report.json")
row("proposal-no-risk", 3, "BDV-603", f"{_file.replace('W8', 'W1')} report.json")
row("case-unknown", 4, "BDV-301", "case show Z99")
row("case-closed", 5, "BDV-310", "case withdraw Z3 --by anna")
row("case-not-yours", 6, "BDV-321", "case withdraw Z1 --by ben")
row("case-not-asked", 5, "BDV-311", "case answer Z1 --by anna")
row("extend-not-yours", 6, "BDV-348", "case extend Z1 --by ben --until 2099-01-01")
row("extend-no-term", 5, "BDV-349", "case extend Z6 --by carla --until 2099-01-01")
row("reroute-not-yours", 6, "BDV-540", "case reroute Z6 --to W7 --by ben")
row("reroute-no-sibling", 5, "BDV-541", "case reroute Z1 --to W3 --by carla")
row("reroute-too-late", 5, "BDV-542", "case reroute Z6 --to W7 --by carla")
row("migrate-unknown-case", 4, "BDV-301", "case migrate Z99 --to current")
row("migrate-unknown-version", 4, "BDV-545", "case migrate Z1 --to 0")
row("migrate-no-file", 4, "BDV-101", "case migrate --all --to missing.bpmn")
row("migrate-http", 3, "BDV-202", "case migrate --all --to https://example.org/w1.bpmn")
row("item-unknown", 4, "BDV-302", "work complete Z1.99 --by ben")
row("item-done", 5, "BDV-303", "work complete Z1.2 --by ben")
row("item-withdrawn", 5, "BDV-304", "work complete Z3.2 --by ben")
row("item-claimed", 5, "BDV-305", "work claim Z2.2 --by carla")
row("item-not-held", 5, "BDV-320", "work release Z2.2 --by dirk")
row("item-of-a-fork", 5, "BDV-312", "work complete Z6.14 --by carla")
row("item-not-begun", 5, "BDV-347", "work suspend Z2.2 --by ben")
row("item-suspended", 5, "BDV-346", "work start Z7.2 --by ben")
row("item-not-yours-to-give", 5, "BDV-320", "work delegate Z2.2 --by dirk --to carla")
row("item-not-for-them", 6, "BDV-306", "work delegate Z2.2 --by ben --to dirk")
row("risk-from-outside", 6, "BDV-342", "case start W8 --by anna")
row("role-wrong", 6, "BDV-306", "work complete Z1.5 --by dirk")
row("own-work", 6, "BDV-307", "work complete Z4.14 --by dirk", BDV_ORGANISATION="two-hats.toml")
row("own-request", 6, "BDV-308", "work complete Z5.2 --by carla")
row("outcome-unknown", 3, "BDV-309", "work complete Z2.2 --by ben --outcome misschien")
row("organisation-missing", 4, "BDV-323", "case list", BDV_ORGANISATION="missing.toml")
row("organisation-no-toml", 3, "BDV-317", "case list", BDV_ORGANISATION="no-toml.toml")
row("organisation-empty", 3, "BDV-325", "case list", BDV_ORGANISATION="nobody.toml")
row("organisation-absence", 3, "BDV-344", "case list", BDV_ORGANISATION="absence.toml")
row("organisation-absent", 3, "BDV-345", "case list", BDV_ORGANISATION="absent.toml")
row("organisation-role", 3, "BDV-326", "case list", BDV_ORGANISATION="strange-role.toml")
row("infrastructure-missing", 4, "BDV-370", "register services", BDV_REGISTER="missing.toml")
row("infrastructure-no-toml", 3, "BDV-371", "register services", BDV_REGISTER="no-toml.toml")
row("infrastructure-lacking", 3, "BDV-372", "case list", BDV_REGISTER="infrastructure-lacking.toml")
row("infrastructure-strange", 3, "BDV-373", "case list", BDV_REGISTER="infrastructure-strange.toml")
row("infrastructure-owner", 3, "BDV-373", "case list", BDV_REGISTER="infrastructure-owner.toml")
row("register-unknown", 4, "BDV-511", "register show lichtmast-417")
row("start-unknown-service", 3, "BDV-510", "case start W5 --by anna --service pasport")
row("start-unknown-component", 3, "BDV-375", "case start W2 --by anna --component websiet")
_change = "work complete Z9.23 --by carla"
row("change-without-component", 3, "BDV-376", _change)
row("change-unknown-component", 3, "BDV-375", f"{_change} --data component=websiet")
row("change-retired-component", 3, "BDV-377", f"{_change} --data component=faxlijn")
row("change-no-id", 3, "BDV-374", f"{_change} --data added=Z12")
row("change-adds-again", 3, "BDV-378", f"{_change} --data added=website")
row("change-adds-nameless", 3, "BDV-379", f"{_change} --data added=bank-1")
row("procedure-missing", 4, "BDV-101", "case list", BDV_PROCEDURE="missing.toml")
row("procedure-no-toml", 3, "BDV-140", "case list", BDV_PROCEDURE="no-toml.toml")
row("procedure-strange", 3, "BDV-142", "case list", BDV_PROCEDURE="strange-procedure.toml")
row("database-unknown", 7, "BDV-329", "case list", BDV_DATABASE="oracle://u:secret@h/x")
row("database-no-folder", 7, "BDV-316", "case start W1 --by anna",
    BDV_DATABASE="sqlite:///nowhere/bdv.db")  # fmt: skip
row("database-no-sqlite", 7, "BDV-316", "case list", BDV_DATABASE="sqlite:///no-toml.toml")
row("database-newer", 8, "BDV-333", "case list", BDV_DATABASE="sqlite:///newer.db")
row("check-nothing", 4, "BDV-381", "db check", BDV_DATABASE="sqlite:///none.db")
row("key-exists", 3, "BDV-520", "db key -o fine.csv")
row("key-no-folder", 4, "BDV-201", "db key -o nowhere/key --for master")
row("key-is-none", 3, "BDV-521", "log export -o log.csv", BDV_PSEUDONYM_KEY="fine.csv")
row("signing-key-is-none", 3, "BDV-521", "db seal", BDV_SIGNING_KEY="fine.csv")
row("key-missing", 4, "BDV-522", "case list", BDV_MASTER_KEY="missing.key")
row("head-is-none", 3, "BDV-527", "db verify --since fine.csv")
row("head-missing", 4, "BDV-201", "db verify --since missing.json")
row("seal-no-folder", 4, "BDV-201", "db seal -o nowhere/head.json")
row("seal-exists", 5, "BDV-537", "db seal -o fine.csv")
row("evidence-of-a-person", 3, "BDV-533",
    "work complete Z7.2 --by ben --data linked=a.jansen@example.nl")  # fmt: skip
row("erase-unknown", 4, "BDV-528", "privacy erase zoe --reason verzoek")
row("erase-open", 5, "BDV-529", "privacy erase carla --reason verzoek")
row("erase-no-reason", 3, "BDV-530", "privacy erase anna --reason ' '")
row("wrap-no-key", 3, "BDV-532", "privacy wrap")
row("wrap-from-missing", 4, "BDV-522", "privacy wrap --from missing.key")
row("backup-exists", 5, "BDV-385", "db backup -o bdv.db")
row("backup-no-folder", 4, "BDV-201", "db backup -o nowhere/b.gz")
row("restore-missing", 4, "BDV-201", "db restore missing.gz", BDV_DATABASE="sqlite:///none.db")
row("restore-no-backup", 3, "BDV-382", "db restore bomb.csv.gz", BDV_DATABASE="sqlite:///none.db")
row("database-older", 8, "BDV-380", "case list", BDV_DATABASE="sqlite:///older.db")
row("outbox-no-folder", 4, "BDV-386", "worker --once", BDV_OUTBOX="nowhere")
row("outbox-ftp", 3, "BDV-387", "worker --once", BDV_OUTBOX="ftp://example.org/")
row("outbox-no-port", 3, "BDV-392", "worker --once", BDV_OUTBOX="https://example.org:port/in")
row("serve-workers-sqlite", 3, "BDV-389", "serve --workers 3")
row("serve-workers-no-secret", 3, "BDV-389", "serve --workers 3",
    BDV_DATABASE="postgresql+psycopg://nobody@/none")  # fmt: skip
row("init-no-folder", 4, "BDV-201", "init nowhere/own")
row("serve-older-schema", 8, "BDV-380", "serve --port 0", BDV_DATABASE="sqlite:///older.db")
row("check-older-schema", 8, "BDV-380", "db check", BDV_DATABASE="sqlite:///older.db")
row("serve-short-secret", 3, "BDV-607", "serve", BDV_SECRET="...")  # noqa: S106
row("database-broken", 8, "BDV-328", "work complete Z1.5 --by carla",
    BDV_DATABASE="sqlite:///broken.db")  # fmt: skip
