"""Read the bytes of an XML file nobody vouches for: no entities, no network, nothing huge."""

import re
from pathlib import Path
from typing import cast

from lxml import etree

from bdv_process.errors import InputRefused, LimitExceeded, NotFound
from bdv_process.limits import limit
from bdv_process.signature import detected

MAX_BYTES = limit("BDV_MAX_FILE_BYTES")
MAX_DEPTH = limit("BDV_MAX_XML_DEPTH")
MAX_ATTRIBUTES = 1_000

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_URL = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+:/")
# libxml2 has limits of its own and hits some of them before we can count.
_LIBXML_LIMITS = re.compile(r"excessive depth|huge text|too long|too large|limit", re.IGNORECASE)


def read_bytes(path: Path) -> bytes:
    """Return the content of a file that is not too large.

    Raises:
        NotFound: there is no such file, or it is a folder.
        InputRefused: the path is an address on a network, or the file may not be read.
        LimitExceeded: the file is larger.
    """
    if _URL.match(str(path)):
        raise InputRefused("BDV-109", where=path)
    if not path.exists():
        raise NotFound("BDV-101", where=path)
    if not path.is_file():
        raise NotFound("BDV-103", where=path)
    if (size := path.stat().st_size) > MAX_BYTES:
        raise _too_large(size, path)
    try:
        return path.read_bytes()
    except PermissionError as error:
        raise InputRefused("BDV-116", where=path) from error


def safe_xml(source: bytes, where: object) -> etree._Element:
    """Return the root of an XML document that has no DOCTYPE and is not too deep or too wide.

    Raises:
        InputRefused: it is empty, of another type, not UTF-8, has a DOCTYPE or is not well-formed.
        LimitExceeded: it is larger than the limits of this module.
    """
    if len(source) > MAX_BYTES:
        raise _too_large(len(source), where)
    _refuse_other_types(source, where)
    try:
        characters = source.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputRefused("BDV-108", where=where, offset=error.start) from error
    if found := _CONTROL.search(characters):
        line = characters.count("\n", 0, found.start()) + 1
        raise InputRefused("BDV-118", where=f"{where}:{line}", point=f"U+{ord(found[0]):04X}")
    if "<!DOCTYPE" in characters:
        line = characters[: characters.index("<!DOCTYPE")].count("\n") + 1
        raise InputRefused("BDV-106", where=f"{where}:{line}")
    # The encoding is forced: a declared UTF-7 could hide a DOCTYPE from the search above.
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        encoding="utf-8",
    )
    try:
        root = etree.fromstring(source, parser)
    except etree.XMLSyntaxError as error:
        place = f"{where}:{error.lineno}"
        if _LIBXML_LIMITS.search(error.msg):
            raise LimitExceeded("BDV-114", where=place) from error
        raise InputRefused("BDV-107", where=place, detail=error.msg) from error
    _refuse_too_deep_or_wide(root, where)
    return root


def line_of(element: etree._Element) -> int:
    """Return the line an element starts on."""
    return cast("int | None", element.sourceline) or 0


def _too_large(size: int, where: object) -> LimitExceeded:
    most = MAX_BYTES // 1_000_000
    return LimitExceeded("BDV-113", where=where, size=size // 1_000_000, limit=most)


def _refuse_other_types(source: bytes, where: object) -> None:
    start = source[:1024].removeprefix(b"\xef\xbb\xbf").lstrip()
    if not start:
        raise InputRefused("BDV-102", where=where)
    if found := "JSON" if start[:1] in b"{[" else detected(start):
        raise InputRefused("BDV-105", where=where, found=found)


def _refuse_too_deep_or_wide(root: etree._Element, where: object) -> None:
    depth = 0
    for event, element in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH or len(element.attrib) > MAX_ATTRIBUTES:
            raise LimitExceeded("BDV-114", where=f"{where}:{line_of(element)}")
