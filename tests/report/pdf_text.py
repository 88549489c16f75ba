"""Read the words of a PDF that WeasyPrint wrote: enough to search it, no more."""

import re
import zlib

_OBJECT = re.compile(rb"(\d+) 0 obj\s(.*?)\sendobj", re.DOTALL)
_STREAM = re.compile(rb"stream\r?\n(.*)\r?\nendstream", re.DOTALL)
_SHOWN = re.compile(r"/(\w+) [\d.]+ Tf|\[(.*?)\] TJ")
_PAIR = re.compile(r"<([0-9a-f]+)> <([0-9a-f]+)>")


def words(document: bytes) -> str:
    """Return all text, runs joined by spaces."""
    objects = _objects(document)
    fonts = {
        name.decode(): _characters(objects[int(number)])
        for body in objects.values()
        for name, number in re.findall(rb"/BaseFont /(\w+)\+.*/ToUnicode (\d+) 0 R", body)
    }
    runs, font = [], ""
    for body in objects.values():
        for chosen, shown in _SHOWN.findall(_unpacked(body)):
            font = chosen or font
            if not chosen:
                glyphs = re.findall(r"<([0-9a-f]+)>", shown)
                codes = [run[i : i + 4] for run in glyphs for i in range(0, len(run), 4)]
                runs.append("".join(fonts[font][code] for code in codes))
    return " ".join(" ".join(runs).replace("\u00a0", " ").split())


def structure(document: bytes) -> str:
    """Return all that is no text and no font: catalogue, tags, metadata."""
    bodies = _objects(document).values()
    return " ".join(body.decode("latin-1") + _unpacked(body) for body in bodies)


def _objects(document: bytes) -> dict[int, bytes]:
    objects = {int(number): body for number, body in _OBJECT.findall(document)}
    for body in [*objects.values()]:
        if first := re.search(rb"/First (\d+)", body):
            objects |= _packed(_unpacked(body).encode("latin-1"), int(first[1]))
    return objects


def _packed(stream: bytes, first: int) -> dict[int, bytes]:
    """Return the objects of an object stream: numbers and places, then the objects."""
    header = [*map(int, stream[:first].split())]
    places = [first + place for place in header[1::2]]
    ends = [*places[1:], len(stream)]
    return {
        number: stream[start:end]
        for number, start, end in zip(header[::2], places, ends, strict=True)
    }


def _characters(mapped: bytes) -> dict[str, str]:
    pairs = _PAIR.findall(_unpacked(mapped))
    return {code: bytes.fromhex(text).decode("utf-16-be") for code, text in pairs}


def _unpacked(body: bytes) -> str:
    stream = _STREAM.search(body)
    if not stream or b"FlateDecode" not in body or b"/FontFile" in body:
        return ""
    return zlib.decompress(stream[1]).decode("latin-1")
