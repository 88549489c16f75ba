"""Spoil a file as luck has it: its bytes, its words, what it is made of, or how it is packed."""

import csv
import gzip
import io
import json
import re
import sqlite3
import struct
from collections.abc import Callable, Sequence
from contextlib import closing
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from lxml import etree

Mutation = Callable[[Random, bytes, Sequence[bytes]], bytes]

#: Words that have broken readers before: of numbers, moments, texts, marks and code.
WORDS = [
    b"", b"0", b"-1", b"1e999", b"NaN", b"-INF", b"9" * 30, b"9" * 5_000, b"0x10", b"1_000",
    b"9223372036854775807", b"9223372036854775808", b"-9223372036854775809", b"2147483648",
    b"2026-02-31T09:00:00Z", b"2026-13-01", b"24:30", b"0000-00-00T00:00:00Z", b"2026-10-25T02:30",
    b"9999-12-31T23:59:59Z", b"+292277-01-01T00:00:00Z", b"2026-03-02T09:00:00+99:99",
    b"2026-03-02T09:00:00.123456789Z", b"1772442000", b"03-04-2026 09:00", b"P999999999Y",
    b"true", b"TRUE", b"null", b"None", b"nan", b"\x00", b"\x07", b"\xff\xfe", b"\xed\xa0\x80",
    b"\xc0\xaf", b"\xef\xbb\xbf", "\u202e".encode(), "\u200b".encode(), "e\u0301".encode(),
    b"'=1+1", b"=cmd|' /C calc'!A0", b"<!DOCTYPE x [<!ENTITY e 'x'>]>", b"&e;", b"&amp;", b"&#0;",
    b"]]>", b"<![CDATA[", b"<!--", b"?>", b'"', b'""', b"'", b"\\", b"\\u0000", b"\\ud800", b"{",
    b"}", b"[", b"]", b"[[", b",", b";", b"\t", b"\r", b"\n\n", b"concept:name",
    b"case:concept:name",
    b"time:timestamp", b"lifecycle:transition", b"bdv:seq", b"ocel_id", b"ocel_type", b"id",
    b"__proto__", b"../../etc/passwd", b"file:///etc/passwd", b"__import__('os')", b"W4", b"UTF-7",
    b"utf-16", b"x" * 70_000, b"<a>" * 300, b"[" * 2_000, b"{" * 500, b"(" * 500,
    b"a." * 300 + b"a",
]  # fmt: skip
_MOST = 64_000_000  #: bytes of a file: more than a diagram may have, less than a reader may take
_TOKEN = {
    "csv": re.compile(rb"[,;\t\r\n]|[^,;\t\r\n]+"),
    "": re.compile(rb"<[^<>]*>|\"[^\"]*\"|'[^']*'|[\w:.+-]+|\s+|."),
}


def spoiled(form: str, dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Return a file, changed one to four times in ways that fit its format."""
    kinds: list[Mutation] = [of_bytes]
    if form in ("parquet", "ocel-sqlite"):
        kinds += [of_pages, *[_INSIDE[form]] * 3]
    else:
        kinds += [of_tokens("csv" if form == "csv" else ""), *[_INSIDE[form]] * 3]
    for _ in range(dice.choice((1, 1, 1, 2, 4))):
        data = dice.choice(kinds)(dice, data, others)[:_MOST]
    return data


def of_bytes(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change bytes without a thought of what they mean."""
    at, length = _span(dice, data)
    there, span = _span(dice, data)
    piece = data[at : at + length]
    match dice.randrange(10):
        case 0:
            return data[:at]
        case 1:
            return data[:at] + data[at + length :]
        case 2:
            return data[:at] + piece * dice.choice((2, 3, 500)) + data[at + length :]
        case 3:
            other = dice.choice(others)
            from_, taken = _span(dice, other)
            return data[:at] + other[from_ : from_ + taken] + data[at + length :]
        case 4:
            first, second = sorted((at, there))
            return data[:first] + data[second:] + data[first:second]
        case 5:
            return data[:at] + dice.randbytes(min(length, 64)) + data[at + length :]
        case 6:
            return data[:at] + bytes(min(length, 64)) + data[at + length :]
        case 7:
            return data[:there] + piece[:span] + data[there:]
        case 8:
            return data[:at] + dice.choice(WORDS) + data[at:]
        case _:
            changed = bytearray(data or b" ")
            for _ in range(dice.choice((1, 1, 4, 30))):
                changed[dice.randrange(len(changed))] ^= 1 << dice.randrange(8)
            return bytes(changed)


def of_pages(dice: Random, data: bytes, _others: Sequence[bytes]) -> bytes:
    """Change numbers where a binary format keeps its own account: at the head, tail and pages."""
    changed = bytearray(data or b" ")
    page = 4096 * dice.randrange(len(changed) // 4096 + 1)
    start = dice.choice((0, page, max(len(changed) - dice.choice((8, 12, 600)), 0)))
    at = min(start + dice.randrange(dice.choice((8, 100, 600))), len(changed) - 1)
    number = dice.choice((0, 1, 127, 128, 255, 65_535, 2**31 - 1, 2**32 - 1, dice.getrandbits(32)))
    as_bytes = struct.pack(dice.choice((">I", "<I")), number)[: dice.choice((1, 2, 4))]
    changed[at : at + len(as_bytes)] = as_bytes
    return bytes(changed)


def of_tokens(kind: str) -> Mutation:
    """Return what leaves out, repeats, exchanges and replaces the words of a text."""

    def mutate(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
        words = _TOKEN[kind].findall(data)
        if not words:
            return dice.choice(WORDS)
        for _ in range(dice.choice((1, 1, 2, 8))):
            at, there = dice.randrange(len(words)), dice.randrange(len(words))
            match dice.randrange(5):
                case 0:
                    words[at] = b""
                case 1:
                    words[at] *= dice.choice((2, 2, 300))
                case 2:
                    words[at], words[there] = words[there], words[at]
                case 3:
                    mark = words[at][:1] if words[at][:1] in (b'"', b"'") else b""
                    words[at] = mark + dice.choice(WORDS) + mark
                case _:
                    words[at] = dice.choice(_TOKEN[kind].findall(dice.choice(others)) or [b""])
        return b"".join(words)

    return mutate


def of_xml(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change the elements of a document, which stays well-formed."""
    try:
        root = _parsed(data)
        guest = dice.choice(list(_parsed(dice.choice(others)).iter()))
    except (etree.XMLSyntaxError, ValueError):
        return of_bytes(dice, data, others)
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    one, other = dice.choice(elements), dice.choice(elements)
    above = one.getparent()
    word = dice.choice(WORDS).decode("utf-8", "replace")
    word = re.sub("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", "", word)
    match dice.randrange(9):
        case 0 if above is not None:
            above.remove(one)
        case 1 if above is not None:
            for _ in range(dice.choice((1, 1, 200))):
                above.append(_copied(one))
        case 2:
            other.append(_copied(one))
        case 3:
            inner = one
            for _ in range(dice.choice((3, 90, 240))):
                inner = etree.SubElement(inner, one.tag, dict(one.attrib))
        case 4 if len(one.attrib):
            one.set(dice.choice(list(one.attrib)), word)
        case 5 if len(one.attrib):
            del one.attrib[dice.choice(list(one.attrib))]
        case 6:
            for number in range(dice.choice((1, 1_500))):
                one.set(f"a{number}", word[:9])
        case 7:
            one.text = word
        case _:
            one.append(_copied(guest))
    return etree.tostring(root)


def of_rows(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change cells, rows and columns of a table, which stays one."""
    text = data.decode("utf-8", "replace")
    mark = max(",;\t", key=text.partition("\n")[0].count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text, newline=""), delimiter=mark) if row]
    except csv.Error:
        return of_bytes(dice, data, others)
    if not rows:
        return dice.choice(WORDS)
    at, column = dice.randrange(len(rows)), dice.randrange(len(rows[0]))
    cell = dice.choice((dice.choice(WORDS).decode("latin-1"), dice.choice(dice.choice(rows))))
    match dice.randrange(7):
        case 0:
            rows[at:at] = [rows[at]] * dice.choice((1, 2, 300))
        case 1:
            del rows[at]
        case 2:
            rows = [[*row[:column], *row[column + 1 :]] for row in rows]
        case 3:
            rows = [[*row, *row[column : column + 1]] for row in rows]
        case 4:
            dice.shuffle(rows)
        case _:
            rows[at][column : column + 1] = [cell]
    stream = io.StringIO(newline="")
    other = dice.choice((mark, mark, mark, ",", ";", "\t"))
    csv.writer(stream, delimiter=other).writerows(rows)
    return stream.getvalue().encode(dice.choice((*["utf-8"] * 6, "utf-8-sig", "utf-16")))


def of_lines(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change the lines of a file of settings, and the texts between quotes in them."""
    lines = data.splitlines(keepends=True) or [b"\n"]
    at, there = dice.randrange(len(lines)), dice.randrange(len(lines))
    texts = re.findall(rb'"[^"\n]*"', dice.choice(others)) or [b'""']
    match dice.randrange(5):
        case 0:
            del lines[at]
        case 1:
            lines[at] *= dice.choice((2, 300))
        case 2:
            lines[at], lines[there] = lines[there], lines[at]
        case 3:
            lines[at] = re.sub(rb'"[^"\n]*"', lambda _: dice.choice(texts), lines[at])
        case _:
            values = (b"1", b"true", b"[]", b"{ a = { b = 1 } }", b'["x"]', b"2026-03-02", b'"?"')
            lines[at] = re.sub(rb"=.*", lambda _: b"= " + dice.choice(values), lines[at])
    return b"".join(lines)


def of_json(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change the values of a document, which stays JSON."""
    try:
        root = json.loads(data)
    except (ValueError, RecursionError):
        return of_tokens("")(dice, data, others)
    places = list(_places(root))
    if not places:
        return dice.choice((b"[]", b"{}", b"null", b'""'))
    holder, key = dice.choice(places)
    other, there = dice.choice(places)
    match dice.randrange(6):
        case 0:
            del holder[key]
        case 1:
            holder[key] = json.loads(json.dumps(other[there]))
        case 2:
            holder[key] = dice.choice((None, True, 1e308, -1, 10**400, [], {}, "", "\ud800", "0"))
        case 3:
            holder[key] = dice.choice(WORDS).decode("latin-1")
        case 4:
            for _ in range(dice.choice((5, 150, 400))):
                holder[key] = [holder[key]]
        case _:
            if isinstance(holder, list):
                holder += [holder[key]] * dice.choice((1, 1, 300))
            else:
                holder[dice.choice(WORDS).decode("latin-1")] = holder[key]
    try:
        told = json.dumps(root, ensure_ascii=dice.random() < 0.5)
    except RecursionError:  # too deep already to be written once more
        return of_bytes(dice, data, others)
    return told.encode("utf-8", "surrogatepass")


def of_sqlite(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Change the tables of a database, which stays one."""
    try:
        with closing(sqlite3.connect(":memory:")) as connection:
            connection.deserialize(data)
            asked = "SELECT name FROM sqlite_master WHERE type = 'table'"
            tables = [name for (name,) in connection.execute(asked)]
            table = dice.choice(tables or ["event"])
            columns = [row[1] for row in connection.execute(f'PRAGMA table_info("{table}")')]
            column = dice.choice(columns or ["ocel_id"])
            value = dice.choice((
                "NULL", "1", "1.5", "9e999", "x'00ff'", "''", "zeroblob(70000)", "'ocel_type'",
                "char(0)", "'x' || char(8238)", "printf('%.*c', 70000, 'x')", "randomblob(9)",
            ))  # fmt: skip
            statements = (
                f'UPDATE "{table}" SET "{column}" = {value}',
                f'UPDATE "{table}" SET "{column}" = {value} WHERE rowid % 5 = 1',
                f'DELETE FROM "{table}" WHERE rowid % 2 = 1',
                f'INSERT INTO "{table}" SELECT * FROM "{table}" LIMIT 3',
                f'DROP TABLE "{table}"',
                f'ALTER TABLE "{table}" DROP COLUMN "{column}"',
                f'ALTER TABLE "{table}" RENAME COLUMN "{column}" TO "Ocel_ID"',
                f'ALTER TABLE "{table}" RENAME TO "was {table}"',
                f'ALTER TABLE "{table}" ADD COLUMN "ocel_more" BLOB DEFAULT 1',
                f'ALTER TABLE "{table}" ADD COLUMN g AS ("{column}")',
                f'CREATE VIEW v AS SELECT * FROM "{table}"',
                f'CREATE TRIGGER t AFTER INSERT ON "{table}" BEGIN DELETE FROM "{table}"; END',
                f'CREATE UNIQUE INDEX i ON "{table}" (lower("{column}"))',
                f'CREATE TABLE "more {table}" AS SELECT * FROM "{table}"',
            )
            connection.execute(dice.choice(statements))
            connection.commit()
            return connection.serialize()
    except (sqlite3.Error, OverflowError, UnicodeError):
        return of_pages(dice, data, others)


def of_parquet(dice: Random, data: bytes, others: Sequence[bytes]) -> bytes:
    """Write a table again with a column of another type, other names or groups."""
    try:
        table = pq.read_table(io.BytesIO(data))
        at = dice.randrange(table.num_columns)
        name, rows = table.schema.names[at], table.num_rows
        made: tuple[Callable[[], Any], ...] = (
            lambda: pa.nulls(rows),
            lambda: pa.array([[1]] * rows),
            lambda: pa.array([b"x"] * rows),
            lambda: pa.array([{"a": 1}] * rows),
            lambda: pa.array(range(rows), pa.decimal128(20, 2)),
            lambda: pa.array(range(rows), pa.date32()),
            lambda: pa.array(range(rows), pa.time64("ns")),
            lambda: pa.array(range(rows), pa.timestamp("ns")),
            lambda: pa.array(range(rows), pa.timestamp("s", "Europe/Amsterdam")),
            lambda: pa.array(range(rows), pa.uint8()),
            lambda: pa.array([2**64 - 1] * rows, pa.uint64()),
            lambda: pa.array([-(2**62)] * rows).cast(pa.timestamp("us", "UTC")),
            lambda: pa.array(range(rows), pa.duration("s")),
            lambda: pa.array([float("nan"), float("inf")] * rows)[:rows],
            lambda: pa.array([dice.choice(WORDS).decode("latin-1")] * rows),
            lambda: pa.array(["x"] * rows, pa.large_string()).dictionary_encode(),
            lambda: pa.array([True, None] * rows)[:rows],
            lambda: table.column(at).take(pa.array([dice.randrange(rows) for _ in range(rows)])),
        )
        match dice.randrange(6):
            case 0:
                table = table.remove_column(at)
            case 1:
                other = dice.choice([*table.schema.names, dice.choice(WORDS).decode("latin-1")])
                names = [*table.schema.names]
                names[at] = other
                table = table.rename_columns(names)
            case 2:
                table = pa.concat_tables([table] * dice.choice((2, 9)))
            case _:
                table = table.set_column(at, name, dice.choice(made)())
        table.validate(full=True)  # a writer of what was spoiled before dies of it
        stream = io.BytesIO()
        pq.write_table(
            table,
            stream,
            compression=dice.choice(("none", "snappy", "gzip", "zstd", "brotli")),
            row_group_size=dice.choice((9, 10_000, 10_000)),
            version=dice.choice(("1.0", "2.6")),
            data_page_version=dice.choice(("1.0", "2.0")),
            use_dictionary=dice.random() < 0.5,
        )
        return stream.getvalue()
    except (pa.ArrowException, OSError, ValueError, TypeError, IndexError):
        return of_pages(dice, data, others)


def packed(dice: Random, data: bytes) -> bytes:
    """Return a file packed by gzip, as a rule with something wrong about the packing."""
    found = bytearray(gzip.compress(data, dice.choice((0, 1, 9)), mtime=0))
    match dice.randrange(7):
        case 0:
            found[dice.randrange(10)] ^= 1 << dice.randrange(8)
        case 1:
            del found[dice.randrange(len(found)) :]
        case 2:
            found[-dice.randrange(1, 9)] ^= 0xFF
        case 3:
            found += dice.choice((b"\0" * 99, b"x", bytes(found)))
        case 4:
            found[dice.randrange(len(found))] ^= 1 << dice.randrange(8)
        case 5:
            found = bytearray(gzip.compress(bytes(found) if dice.random() < 0.5 else b"", mtime=0))
    return bytes(found)


_INSIDE: dict[str, Mutation] = {
    "xes": of_xml, "ocel-xml": of_xml, "bpmn": of_xml, "pnml": of_xml, "ptml": of_xml,
    "ocel-json": of_json, "ocel-sqlite": of_sqlite, "parquet": of_parquet, "csv": of_rows,
    "mapping": of_lines,
}  # fmt: skip


def _span(dice: Random, data: bytes) -> tuple[int, int]:
    """Return a place and a length, mostly a short one."""
    longest = dice.choice((1, 4, 60, 2_000, len(data)))
    return dice.randrange(len(data) + 1), dice.randrange(longest + 1)


def _parsed(data: bytes) -> etree._Element:
    return etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))


def _copied(element: etree._Element) -> etree._Element:
    return etree.fromstring(etree.tostring(element, with_tail=False))


def _places(value: Any) -> Any:
    """Yield every place in a document: what holds it, and its key there."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in list(pairs):
        yield value, key
        if isinstance(inner, dict | list):
            yield from _places(inner)
