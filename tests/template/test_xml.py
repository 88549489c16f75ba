"""No file makes the reader run code, reach out, or run out of memory."""

from pathlib import Path

import pytest

from bdv_process.errors import BdvError, InputRefused, LimitExceeded, NotFound
from bdv_process.template.xml import read_bytes, safe_xml

BILLION_LAUGHS = """<?xml version="1.0"?>
<!DOCTYPE lolz [
  <!ENTITY lol "lol">
  <!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;&lol;">
  <!ENTITY lol2 "&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;&lol1;">
]>
<lolz>&lol2;</lolz>"""
OUTSIDE_FILE = '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>'
HIDDEN_DOCTYPE = b'<?xml version="1.0" encoding="UTF-7"?>+ADw-+ACE-DOCTYPE a+AD4-<a/>'


def refusal(source: bytes) -> BdvError:
    with pytest.raises(BdvError) as refused:
        safe_xml(source, "map/w1.bpmn")
    assert "map/w1.bpmn" in refused.value.render("nl")
    assert refused.value.hint("nl") in refused.value.render("nl")
    return refused.value


def test_a_plain_document_is_read() -> None:
    assert safe_xml(b"\xef\xbb\xbf<a><b/></a>", "a.bpmn").tag == "a"
    assert safe_xml("<a>één</a>".encode(), "a.bpmn").text == "één"


@pytest.mark.parametrize("source", [b"", b"   \n", b"\xef\xbb\xbf"])
def test_an_empty_file_is_called_empty(source: bytes) -> None:
    error = refusal(source)
    assert (error.code, error.exit_code) == ("BDV-102", 3)
    assert "leeg" in error.what("nl")


@pytest.mark.parametrize(
    ("start", "found"),
    [
        (b"\x89PNG\r\n\x1a\n\0\0", "PNG"),
        (b"%PDF-1.7\n", "PDF"),
        (b"PK\x03\x04\x14\0", "ZIP"),
        (b"\x1f\x8b\x08\0", "GZIP"),
        (b"<!doctype html><html></html>", "HTML"),
        (b"\n<HTML lang='nl'>", "HTML"),
        (b'{"nodes": []}', "JSON"),
        (b"SQLite format 3\0", "SQLite"),
    ],
)
def test_another_type_of_file_is_named(start: bytes, found: str) -> None:
    error = refusal(start)
    assert (error.code, error.exit_code) == ("BDV-105", 3)
    assert found in error.what("en")


@pytest.mark.parametrize("text", [BILLION_LAUGHS, OUTSIDE_FILE, "<!DOCTYPE a><a/>"])
def test_a_doctype_is_refused_before_it_is_read(text: str) -> None:
    error = refusal(text.encode())
    assert (error.code, error.exit_code) == ("BDV-106", 3)
    assert "DOCTYPE" in error.what("nl")


def test_a_doctype_cannot_hide_in_another_encoding() -> None:
    assert refusal(HIDDEN_DOCTYPE).code == "BDV-107"
    assert (
        refusal('<?xml version="1.0" encoding="UTF-16"?><!DOCTYPE a><a/>'.encode("utf-16")).code
        == "BDV-108"
    )


@pytest.mark.parametrize(
    ("source", "offset"),
    [
        ("<a>één</a>".encode("latin-1"), 3),
        ("<a>€</a>".encode("cp1252"), 3),
        ("<a/>".encode("utf-16"), 0),
        ("<?xml version='1.0' encoding='utf-8'?><a>é</a>".encode("latin-1"), 41),
    ],
)
def test_a_wrong_encoding_is_refused_at_its_first_byte(source: bytes, offset: int) -> None:
    error = refusal(source)
    assert (error.code, error.exit_code) == ("BDV-108", 3)
    assert error.facts["offset"] == offset


@pytest.mark.parametrize(
    ("source", "line"),
    [(b"<a>\n<b>\n", 3), (b"<a>\n</b>", 2), (b"<a/>\n<b/>", 2), (b"hallo", 1), (b"<a>&x;</a>", 1)],
)
def test_a_truncated_or_broken_document_is_refused_at_its_line(source: bytes, line: int) -> None:
    error = refusal(source)
    assert (error.code, error.exit_code) == ("BDV-107", 3)
    assert error.where == f"map/w1.bpmn:{line}"


@pytest.mark.parametrize(("character", "point"), [("\0", "U+0000"), ("\x07", "U+0007")])
def test_a_control_character_is_named(character: str, point: str) -> None:
    error = refusal(f"<a>\n<b name='x{character}y'/></a>".encode())
    assert (error.code, error.exit_code) == ("BDV-118", 3)
    assert error.where == "map/w1.bpmn:2"
    assert point in error.what("nl")


def test_a_control_character_as_reference_is_refused() -> None:
    assert refusal(b"<a name='&#7;'/>").code == "BDV-107"


@pytest.mark.parametrize("depth", [101, 300, 800_000])
def test_deep_nesting_is_over_the_limit_and_quickly_so(depth: int) -> None:
    error = refusal(b"<a>" * depth + b"</a>" * depth)
    assert (error.code, error.exit_code) == ("BDV-114", 9)


def test_a_hundred_levels_are_read() -> None:
    assert safe_xml(b"<a>" * 100 + b"</a>" * 100, "a.bpmn").tag == "a"


def test_a_text_or_a_tag_without_end_is_over_the_limit() -> None:
    attributes = b" ".join(b"a%d=''" % number for number in range(20_000))
    for source in (b"<a>" + b"x" * 10_500_000 + b"</a>", b"<a " + attributes + b"/>"):
        error = refusal(source)
        assert (error.code, error.exit_code) == ("BDV-114", 9)


def test_more_than_fifty_megabytes_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "groot.bpmn"
    with path.open("wb") as file:
        file.truncate(60_000_000)
    with pytest.raises(LimitExceeded) as exceeded:
        read_bytes(path)
    assert exceeded.value.exit_code == 9
    assert "60 MB" in exceeded.value.what("nl")
    with pytest.raises(LimitExceeded):
        safe_xml(b" " * 50_000_001, "a.bpmn")


def test_a_missing_file_or_a_folder_is_not_found_and_nothing_is_made(tmp_path: Path) -> None:
    for path, code in ((tmp_path / "w9.bpmn", "BDV-101"), (tmp_path, "BDV-103")):
        with pytest.raises(NotFound) as missing:
            read_bytes(path)
        assert (missing.value.code, missing.value.exit_code) == (code, 4)
        assert str(path) in missing.value.render("nl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "address", ["http://example.org/w1.bpmn", "https:/x", "file:///etc/passwd"]
)
def test_an_address_is_refused(address: str) -> None:
    with pytest.raises(InputRefused) as refused:
        read_bytes(Path(address))
    assert refused.value.code == "BDV-109"
