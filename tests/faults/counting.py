"""Count what is in a file with a reader that is not ours: what ours may not lose in silence."""

import csv
import io
import json
import sqlite3
from collections import Counter
from collections.abc import Iterable
from contextlib import closing
from typing import cast

import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

from bdv_process.eventlog.event import KINDS, LABEL, LIFECYCLE
from bdv_process.eventlog.mapping import START

#: How often something stands in a file: an event (None, "") and each text it has (column, text).
Count = Counter[tuple[str | None, str]]

EVENT = (None, "")
#: Columns of which the values do not stay the texts that they were.
CHANGED = {*KINDS, START, LIFECYCLE}

_STEPS = {"userTask", "task", "manualTask", "callActivity", "serviceTask", "scriptTask"}


def counted(form: str, data: bytes) -> Count | None:
    """Return the events and texts in a file; of a model its steps; None where nobody can say."""
    try:
        return _COUNTS[form](data)
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError, csv.Error,
            sqlite3.Error, etree.XMLSyntaxError, pa.ArrowException, OSError):  # fmt: skip
        return None


def _xes(data: bytes) -> Count:
    found = Count()
    for event in _root(data).iter("{*}event"):
        found[EVENT] += 1
        for part in event:
            if part.get("value") and etree.QName(part).localname in ("string", "id"):
                found[part.get("key", ""), part.get("value", "")] += 1
    return found


def _csv(data: bytes) -> Count:
    text = data.decode("utf-8-sig")
    tables = [list(csv.reader(io.StringIO(text, newline=""), delimiter=mark)) for mark in ",;\t"]
    header, *rows = max(tables, key=lambda table: len(table[0]))
    found = Count({EVENT: len([row for row in rows if row])})
    for row in rows:
        found.update((name, cell) for name, cell in zip(header, row, strict=False) if cell)
    return found


def _parquet(data: bytes) -> Count:
    table = pq.read_table(io.BytesIO(data))
    found = Count({EVENT: table.num_rows})
    for name, column in zip(table.schema.names, table.columns, strict=True):
        if pa.types.is_string(column.type) or pa.types.is_large_string(column.type):
            found.update((name, text) for text in column.to_pylist() if text)
    return found


def _ocel_json(data: bytes) -> Count:
    found = Count()
    for event in json.loads(data.decode("utf-8-sig"))["events"]:
        found.update((EVENT, (LABEL, event["type"])))
        given = (a for a in event.get("attributes", ()) if a["value"] != "")
        found.update((a["name"], "") for a in given)
    return found


def _ocel_xml(data: bytes) -> Count:
    found = Count()
    for event in _root(data).iterfind("events/event"):
        found.update((EVENT, (LABEL, event.get("type", ""))))
        given = (a for a in event.iterfind("attributes/attribute") if a.text)
        found.update((a.get("name", ""), "") for a in given)
    return found


def _ocel_sqlite(data: bytes) -> Count:
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.deserialize(data)
        rows = connection.execute("SELECT ocel_type FROM event").fetchall()
    return Count([EVENT] * len(rows)) + Count((LABEL, str(name)) for (name,) in rows)


def _bpmn(data: bytes) -> Count:
    steps = [e for e in _root(data).iter("{*}*") if etree.QName(e).localname in _STEPS]
    return _steps(step.get("id", "") for step in steps)


def _pnml(data: bytes) -> Count:
    return _steps(step.get("id", "") for step in _root(data).iter("{*}transition"))


def _ptml(data: bytes) -> Count:
    return _steps(step.get("name", "") for step in _root(data).iter("{*}manualTask"))


def _steps(names: Iterable[str]) -> Count:
    return Count((LABEL, name) for name in names if name)


def _root(data: bytes) -> etree._Element:
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    return cast(etree._Element, etree.fromstring(data, parser))


_COUNTS = {
    "xes": _xes, "csv": _csv, "parquet": _parquet, "ocel-json": _ocel_json, "ocel-xml": _ocel_xml,
    "ocel-sqlite": _ocel_sqlite, "bpmn": _bpmn, "pnml": _pnml, "ptml": _ptml,
}  # fmt: skip
