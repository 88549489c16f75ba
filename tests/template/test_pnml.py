"""A plain net is read as it is drawn; whatever would change its language is refused."""

from collections.abc import Callable
from pathlib import Path

import pytest

from bdv_process.errors import InputRefused, NotFound
from bdv_process.template.automaton import Automaton
from bdv_process.template.net import Net
from bdv_process.template.pnml import read_pnml

NET = """<?xml version="1.0" encoding="UTF-8"?>
<pnml xmlns="http://www.pnml.org/version-2009/grammar/pnml"><net id="n" type="ptnet"><page id="g">
<place id="p0"><name><text>begin</text></name></place>
<place id="p1"/>
<place id="p2"><graphics><position x="1" y="2"/></graphics></place>
<transition id="t0"><name><text>Aannemen</text></name></transition>
<transition id="t1"><name><text>Doen</text></name></transition>
<transition id="t2"/>
<arc id="a0" source="p0" target="t0"/><arc id="a1" source="t0" target="p1"/>
<arc id="a2" source="p1" target="t1"><inscription><text>1</text></inscription></arc>
<arc id="a3" source="t1" target="p2"><arctype><text>normal</text></arctype></arc>
<arc id="a4" source="p1" target="t2"/><arc id="a5" source="t2" target="p2"/>
</page></net></pnml>"""

Read = Callable[[str], Net]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    def of(source: str) -> Net:
        (tmp_path / "net.pnml").write_text(source, encoding="utf-8")
        return read_pnml(tmp_path / "net.pnml")

    return of


def changed(old: str, new: str) -> str:
    assert old in NET
    return NET.replace(old, new, 1)


def language(net: Net) -> set[tuple[str, ...]]:
    return set(Automaton.of(net).words(6))


def test_a_net_runs_from_its_source_to_its_sink(read: Read) -> None:
    net = read(NET)
    assert (net.initial, net.final) == ((0,), (2,))
    assert language(net) == {("Aannemen", "Doen"), ("Aannemen",)}


def test_markings_that_are_given_go_before_source_and_sink(read: Read) -> None:
    started = changed(
        '<place id="p1"/>',
        '<place id="p1"><initialMarking><text>1</text></initialMarking></place>',
    )
    assert language(read(started)) == {("Doen",), ()}
    ended = changed(
        "</page>",
        "</page><finalmarkings><marking><place idref='p1'><text>1</text></place>"
        "<place idref='p2'><text>0</text></place></marking></finalmarkings>",
    )
    assert language(read(ended)) == {("Aannemen",)}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            "<name><text>Doen</text></name>",
            "<name><text>t1</text></name><toolspecific tool='ProM' activity='$invisible$'/>",
        ),
        ("<name><text>Doen</text></name>", "<name><text> </text></name>"),
        ("<name><text>Doen</text></name>", "<name/>"),
        ('<transition id="t1">', '<transition id="t1" invisible="true">'),
    ],
)
def test_a_transition_without_a_name_or_called_invisible_is_silent(
    read: Read, old: str, new: str
) -> None:
    assert language(read(changed(old, new))) == {("Aannemen",)}


@pytest.mark.parametrize(
    ("code", "old", "new"),
    [
        ("BDV-160", '<net id="n" type="ptnet">', '<net id="m"/><net id="n" type="ptnet">'),
        ("BDV-161", '<transition id="t2"/>', '<transition id="t2" guard="x &gt; 1"/>'),
        ("BDV-161", '<transition id="t2"/>', '<transition id="t2"><condition/></transition>'),
        (
            "BDV-161",
            '<transition id="t2"/>',
            '<transition id="t2"><readVariable>x</readVariable></transition>',
        ),
        ("BDV-161", "</page>", "</page><variables/>"),
        ("BDV-161", '<transition id="t2"/>', '<toolspecific><transition id="t2"/></toolspecific>'),
        (
            "BDV-161",
            "</page>",
            '</page><finalmarkings><marking><transition id="t9"/></marking></finalmarkings>',
        ),
        ("BDV-161", '<place id="p1"/>', '<place id="p1"/><referencePlace id="r" ref="p1"/>'),
        ("BDV-161", '<place id="p1"/>', '<place id="p1"><hlinitialMarking/></place>'),
        ("BDV-161", "<text>normal</text>", "<text>inhibitor</text>"),
        ("BDV-161", "<arctype><text>normal</text></arctype>", '<type value="reset"/>'),
        ("BDV-162", "<inscription><text>1<", "<inscription><text>2<"),
        ("BDV-162", 'id="a4" source="p1" target="t2"', 'id="a4" source="p1" target="t1"'),
        ("BDV-163", 'id="a4" source="p1"', 'id="a4" source="p9"'),
        ("BDV-163", 'id="a4" source="p1"', 'id="a4" source="t1"'),
        ("BDV-164", '<place id="p1"/>', '<place id="p1"/><place id="p1"/>'),
        ("BDV-164", '<transition id="t2"/>', '<transition id="p0"/>'),
        ("BDV-164", '<transition id="t2"/>', "<transition/>"),
        (
            "BDV-165",
            '<place id="p1"/>',
            '<place id="p1"><initialMarking><text>-1</text></initialMarking></place>',
        ),
        ("BDV-166", '<place id="p1"/>', '<place id="p1"/><place id="p3"/>'),
        ("BDV-167", "</page>", "</page><finalmarkings><marking/><marking/></finalmarkings>"),
        ("BDV-106", "<pnml", "<!DOCTYPE pnml><pnml"),
        ("BDV-107", "</pnml>", ""),
    ],
)
def test_what_is_no_plain_net_is_refused(read: Read, code: str, old: str, new: str) -> None:
    with pytest.raises(InputRefused) as refusal:
        read(changed(old, new))
    assert refusal.value.code == code
    assert "net.pnml" in refusal.value.where


def test_a_file_of_another_kind_or_none_is_refused(read: Read, tmp_path: Path) -> None:
    with pytest.raises(InputRefused) as refusal:
        read("<definitions/>")
    assert refusal.value.code == "BDV-160"
    with pytest.raises(NotFound):
        read_pnml(tmp_path / "missing.pnml")


@pytest.mark.parametrize(
    ("name", "shortest"), [("a12", 5), ("synthetic_and_k3", 10), ("synthetic_xor_loop", 8)]
)
def test_nets_of_others_are_read(shared: Path, name: str, shortest: int) -> None:
    spoken = Automaton.of(read_pnml(shared / "data" / "models" / f"{name}.pnml"))
    assert spoken.shortest == shortest
    assert not any("tau" in label for label in spoken.labels)
