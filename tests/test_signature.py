"""A file is what its first bytes say."""

import pytest

from bdv_process.signature import detected


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"GIF89a", "GIF"),
        (b"PAR1\x15", "Parquet"),
        (b"\xd0\xcf\x11\xe0", "Microsoft Office"),
        (b"\xef\xbb\xbf\n<!DOCTYPE  HTML>", "HTML"),
        (b" <html lang='nl'>", "HTML"),
        (b"<htmlog/>", None),
        (b"[case],[activity]\n", None),
        (b"case;activity\n", None),
        (b"<?xml version='1.0'?>", None),
        (b"", None),
    ],
)
def test_a_type_is_named_and_other_text_is_not(start: bytes, found: str | None) -> None:
    assert detected(start) == found
