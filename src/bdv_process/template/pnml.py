"""Read a Petri net from PNML (ISO/IEC 15909-2): places, transitions, arcs and tokens, no more.

What would change the language and is not understood, is refused: guards, data, colours, inhibitor
and reset arcs, weights, references between pages. How a net is drawn is passed over.
"""

from collections.abc import Iterator
from pathlib import Path

from lxml import etree

from bdv_process.errors import InputRefused
from bdv_process.template.net import Marking, Net, Transition
from bdv_process.template.xml import line_of, read_bytes, safe_xml

INVISIBLE = "$invisible$"  #: the activity that ProM and pm4py give to a silent transition

_NODES = {"page", "place", "transition", "arc"}
_DRAWN = {"name", "graphics", "toolspecific"}
_PARTS = {
    "net": {*_DRAWN, "page", "place", "transition", "arc", "finalmarkings"},
    "page": {*_DRAWN, "page", "place", "transition", "arc"},
    "place": {*_DRAWN, "initialMarking"},
    "transition": _DRAWN,
    "arc": {*_DRAWN, "inscription", "arctype", "type"},
    "finalmarkings": {"marking"},
}


def read_pnml(path: Path | str) -> Net:
    """Return the net in a PNML file.

    A transition without a name, or with the activity `$invisible$`, is silent. A net without an
    initial or a final marking has one token in its source or its sink: the one place without an
    arc to it, or from it.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is not PNML with one net, or holds more than a plain net.
        LimitExceeded: it is larger than the limits of `xml.py`.
    """
    file = Path(path)
    root = safe_xml(read_bytes(file), file)
    nets = [part for part in root if _tag(part) == "net"]
    if _tag(root) != "pnml" or len(nets) != 1:
        raise InputRefused("BDV-160", where=file)
    return _Reader(file, nets[0]).net()


class _Reader:
    """The elements of one net, by their ids."""

    def __init__(self, file: Path, net: etree._Element) -> None:
        self.file = file
        self.root = net
        self.found: dict[str, list[etree._Element]] = {}
        for element in self.walk(net):
            self.found.setdefault(_tag(element), []).append(element)
        read = {element for elements in self.found.values() for element in elements}
        marked = set(net.iterfind("{*}finalmarkings/{*}marking/{*}place"))
        for element in net.getroottree().iter(*(f"{{*}}{tag}" for tag in _NODES)):
            # Inside a name, say, or in what a tool adds, where it would be passed over.
            if element not in read and element not in marked:
                raise self.refused("BDV-161", element, part=_tag(element))
        self.place = self.numbered("place")
        self.transition = self.numbered("transition")
        for element in self.found.get("transition", []):
            if element.get("id") in self.place:
                raise self.refused("BDV-164", element, id=element.get("id"))

    def refused(self, code: str, element: etree._Element, **facts: object) -> InputRefused:
        return InputRefused(code, where=f"{self.file}:{line_of(element)}", **facts)

    def walk(self, element: etree._Element) -> Iterator[etree._Element]:
        """Yield the elements that make up the net; refuse those that make it more than plain."""
        yield element
        tag = _tag(element)
        if "guard" in element.attrib:
            raise self.refused("BDV-161", element, part="guard")
        for part in element if tag in _PARTS else ():
            if _tag(part) not in _PARTS[tag]:
                raise self.refused("BDV-161", part, part=_tag(part))
            yield from self.walk(part)

    def numbered(self, tag: str) -> dict[str, int]:
        """Return the elements of a kind: position by id."""
        number: dict[str, int] = {}
        for element in self.found.get(tag, []):
            name = element.get("id", "")
            if not name or name in number:
                raise self.refused("BDV-164", element, id=name or "-")
            number[name] = len(number)
        return number

    def net(self) -> Net:
        consume: list[list[int]] = [[] for _ in self.transition]
        produce: list[list[int]] = [[] for _ in self.transition]
        for arc in self.found.get("arc", []):
            self.check(arc)
            source, target = arc.get("source", ""), arc.get("target", "")
            if source in self.place and target in self.transition:
                place, side = self.place[source], consume[self.transition[target]]
            elif source in self.transition and target in self.place:
                place, side = self.place[target], produce[self.transition[source]]
            else:
                raise self.refused("BDV-163", arc, source=source or "-", target=target or "-")
            if place in side:
                raise self.refused("BDV-162", arc)
            side.append(place)
        return Net(
            places=tuple(self.place),
            transitions=tuple(
                Transition(
                    element=element.get("id", ""),
                    label=_label(element),
                    consume=tuple(before),
                    produce=tuple(after),
                )
                for element, before, after in zip(
                    self.found.get("transition", []), consume, produce, strict=True
                )
            ),
            initial=self.initial() or self.only_place_outside(produce),
            final=self.final() or self.only_place_outside(consume),
        )

    def check(self, arc: etree._Element) -> None:
        """Refuse an arc that does more than move one token."""
        for part in arc:
            said = part.get("value") or _text(part)
            if _tag(part) in ("arctype", "type") and said != "normal":
                raise self.refused("BDV-161", part, part=said or _tag(part))
            if _tag(part) == "inscription" and self.tokens(part) != 1:
                raise self.refused("BDV-162", arc)

    def tokens(self, element: etree._Element) -> int:
        """Return the number in an element; older files write it `Default,1`."""
        said = _text(element).removeprefix("Default,")
        if not (said.isascii() and said.isdigit() and len(said) <= 3):
            raise self.refused("BDV-165", element, value=said[:40])
        return int(said)

    def initial(self) -> Marking:
        marked: list[int] = []
        for place in self.found.get("place", []):
            for part in place:
                if _tag(part) == "initialMarking":
                    marked += [self.place[place.get("id", "")]] * self.tokens(part)
        return tuple(sorted(marked))

    def final(self) -> Marking:
        markings = self.found.get("marking", [])
        if len(markings) > 1:
            raise self.refused("BDV-167", markings[1])
        marked: list[int] = []
        for part in markings[0] if markings else ():
            if (name := part.get("idref", "")) not in self.place:
                raise self.refused("BDV-163", part, source="finalmarkings", target=name or "-")
            marked += [self.place[name]] * self.tokens(part)
        return tuple(sorted(marked))

    def only_place_outside(self, sides: list[list[int]]) -> Marking:
        """Return the one place that no arc of this direction touches."""
        left = sorted(set(self.place.values()).difference(*sides))
        if len(left) != 1:
            raise self.refused("BDV-166", self.root, number=len(left))
        return (left[0],)


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname


def _text(element: etree._Element) -> str:
    return " ".join(" ".join(part.text or "" for part in element if _tag(part) == "text").split())


def _label(transition: etree._Element) -> str | None:
    """Return what a log would show of a transition; None: nothing."""
    parts = {_tag(part): part for part in transition if _tag(part) == "name"}
    silent = transition.get("invisible") == "true" or any(
        part.get("activity") == INVISIBLE for part in transition
    )
    return None if silent or "name" not in parts else _text(parts["name"]) or None
