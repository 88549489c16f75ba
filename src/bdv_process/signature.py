"""What a file really is, whatever its name says."""

import re

_SIGNATURES = {
    b"\x89PNG": "PNG",
    b"\xff\xd8\xff": "JPEG",
    b"GIF8": "GIF",
    b"%PDF": "PDF",
    b"PK\x03\x04": "ZIP",
    b"\x1f\x8b": "GZIP",
    b"PAR1": "Parquet",
    b"SQLite format 3": "SQLite",
    b"\xd0\xcf\x11\xe0": "Microsoft Office",
}
_HTML = re.compile(rb"(\xef\xbb\xbf)?\s*<(!doctype\s+html|html[\s>])", re.IGNORECASE)


def detected(start: bytes) -> str | None:
    """Return the type that the first bytes of a file give away; None for any other text."""
    if _HTML.match(start):
        return "HTML"
    return next((name for magic, name in _SIGNATURES.items() if start.startswith(magic)), None)
