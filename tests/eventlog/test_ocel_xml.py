"""XML that nobody vouches for: no DOCTYPE, no depth, and only the elements of the standard."""

import gzip
from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.eventlog.object_log import ObjectLog

TYPES = '<event-types><event-type name="t"/></event-types>'
EVENT = '<event id="e" type="t" time="2026-03-02T09:00:00Z">{}</event>'


@pytest.fixture
def refused(tmp_path: Path) -> Callable[[str | bytes], BdvError]:
    def read(content: str | bytes) -> BdvError:
        data = content if isinstance(content, bytes) else content.encode()
        (tmp_path / "log.xmlocel").write_bytes(data)
        with pytest.raises(BdvError) as caught:
            ObjectLog.read(tmp_path / "log.xmlocel")
        assert "\n" not in caught.value.render("nl")
        return caught.value

    return read


def log(inside: str = "") -> str:
    return f"<log>{TYPES}<events>{EVENT.format(inside)}</events></log>"


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("", "BDV-203"),
        ("not xml at all", "BDV-211"),
        (log()[:-8], "BDV-211"),
        (log() + "<log/>", "BDV-211"),
        ('<!DOCTYPE log [<!ENTITY e SYSTEM "file:///etc/passwd">]>' + log("&e;"), "BDV-210"),
        ("<!DOCTYPE log>" + log(), "BDV-210"),
        ("<ocel/>", "BDV-270"),
        ('<log><global scope="event"/></log>', "BDV-273"),
        ("<log><persons/></log>", "BDV-270"),
        ("<log><events><object/></events></log>", "BDV-270"),
        ('<log><events><event id="e" type="t"/></events></log>', "BDV-270"),
        (log("<attribute/>"), "BDV-270"),
        (log("<attributes><relationship/></attributes>"), "BDV-270"),
        (log('<attributes><attribute name="a"><b/></attribute></attributes>'), "BDV-270"),
        (log('<objects><relationship object-id="o"/></objects>'), "BDV-270"),
        (log('<objects><relationship object-id="o" qualifier=""/></objects>'), "BDV-275"),
        (log("<attributes><attribute>x</attribute></attributes>"), "BDV-270"),
        (b"<?xml version='1.0' encoding='klingon'?><log/>", "BDV-219"),
        (b"<log><!-- caf\xe9 --></log>", "BDV-219"),
        (gzip.compress(b"<log/>", mtime=0), "BDV-204"),
    ],
)
def test_what_is_no_ocel_is_refused(
    refused: Callable[[str | bytes], BdvError], content: str | bytes, code: str
) -> None:
    error = refused(content)
    assert (error.code, error.exit_code) == (code, 3)


@pytest.mark.parametrize(
    "content",
    [
        log("<attributes>" * 300 + "</attributes>" * 300),
        log(f"<attributes><attribute name='a'>{'x' * 11_000_000}</attribute></attributes>"),
        "<log " + " ".join(f"a{n}=''" for n in range(2_000)) + "/>",
    ],
    ids=["deep", "long", "wide"],
)
def test_what_is_too_large_is_refused(
    refused: Callable[[str | bytes], BdvError], content: str
) -> None:
    assert refused(content).exit_code == 9


def test_comments_and_cdata_are_read_as_xml_reads_them(tmp_path: Path) -> None:
    types = TYPES.replace(
        "/></", '><attributes><attribute name="a" type="string"/></attributes></event-type></'
    )
    ghost = f"<!-- {EVENT.format('').replace('--', '')} -->"
    value = '<attributes><attribute name="a"><![CDATA[<event/>]]> &amp; x</attribute></attributes>'
    text = f"<log>{types}<events>{ghost}{EVENT.format(value)}</events></log>"
    (tmp_path / "log.xml").write_text(text, encoding="utf-8")
    assert ObjectLog.read(tmp_path / "log.xml").events["a"].tolist() == ["<event/> & x"]
