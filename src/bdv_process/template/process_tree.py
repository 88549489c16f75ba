"""A process tree: a model of blocks within blocks, as process discovery finds them.

Each tree is a sound net. It says more than that net does: what runs side by side, which keeps large
models within reach of an exact alignment.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import combinations, pairwise
from pathlib import Path

from lxml import etree

from bdv_process.errors import InputRefused, LimitExceeded
from bdv_process.template.net import Net, Transition
from bdv_process.template.xml import MAX_DEPTH, line_of, read_bytes, safe_xml


class Operator(StrEnum):
    """What a block does with its children; the values are those of PTML."""

    SEQUENCE = "sequence"
    CHOICE = "xor"
    PARALLEL = "and"
    LOOP = "xorLoop"  #: the first child, then any number of times: the second and the first again


@dataclass(frozen=True, kw_only=True)
class ProcessTree:
    """A block with its children, or an activity, or (without label) a silent step."""

    operator: Operator | None = None
    label: str | None = None
    children: tuple["ProcessTree", ...] = ()

    @classmethod
    def block(
        cls, operator: Operator, children: tuple["ProcessTree", ...], where: object
    ) -> "ProcessTree":
        """Return a block; the third child that others give a loop comes once, after it.

        Raises:
            InputRefused: it has too few or too many children.
        """
        wanted = (2, 3) if operator is Operator.LOOP else range(1, len(children) + 1)
        if len(children) not in wanted:
            raise InputRefused("BDV-169", where=where, part=operator, number=len(children))
        if operator is not Operator.LOOP:
            return cls(operator=operator, children=children)
        loop = cls(operator=operator, children=children[:2])
        if len(children) == 2:
            return loop
        return cls(operator=Operator.SEQUENCE, children=(loop, *children[2:]))

    @cached_property
    def alphabet(self) -> frozenset[str]:
        """Return the labels in it."""
        own = frozenset({self.label} if self.label else ())
        return own.union(*(child.alphabet for child in self.children))

    @cached_property
    def separable(self) -> bool:
        """Return whether no label occurs in two branches that run side by side."""
        apart = self.operator is not Operator.PARALLEL or all(
            a.alphabet.isdisjoint(b.alphabet) for a, b in combinations(self.children, 2)
        )
        return apart and all(child.separable for child in self.children)

    def net(self) -> Net:
        """Return the net that allows the same."""
        weaver = _Weaver()
        weaver.weave(self, 0, 1)
        return Net(
            places=tuple(map(str, range(weaver.places))),
            transitions=tuple(weaver.transitions),
            initial=(0,),
            final=(1,),
        )


class _Weaver:
    """The places and steps of a net while a tree is written down."""

    def __init__(self) -> None:
        self.places = 2
        self.transitions: list[Transition] = []

    def place(self) -> int:
        self.places += 1
        return self.places - 1

    def step(self, label: str | None, consume: tuple[int, ...], produce: tuple[int, ...]) -> None:
        self.transitions.append(
            Transition(element=label or "", label=label, consume=consume, produce=produce)
        )

    def weave(self, tree: ProcessTree, before: int, after: int) -> None:
        children = tree.children
        match tree.operator:
            case None:
                self.step(tree.label, (before,), (after,))
            case Operator.CHOICE:
                for child in children:
                    self.weave(child, before, after)
            case Operator.SEQUENCE:
                stops = [before, *(self.place() for _ in children[1:]), after]
                for child, (start, end) in zip(children, pairwise(stops), strict=True):
                    self.weave(child, start, end)
            case Operator.PARALLEL:
                ends = [(self.place(), self.place()) for _ in children]
                self.step(None, (before,), tuple(start for start, _ in ends))
                for child, (start, end) in zip(children, ends, strict=True):
                    self.weave(child, start, end)
                self.step(None, tuple(end for _, end in ends), (after,))
            case Operator.LOOP:
                enter, leave = self.place(), self.place()
                self.step(None, (before,), (enter,))
                self.weave(children[0], enter, leave)
                self.weave(children[1], leave, enter)
                self.step(None, (leave,), (after,))


def read_ptml(path: Path | str) -> ProcessTree:
    """Return the tree in a PTML file, as ProM and pm4py write them.

    Raises:
        NotFound: there is no such file.
        InputRefused: it is not PTML with one tree, or holds a block that is not understood.
        LimitExceeded: it is larger than the limits of `xml.py`.
    """
    file = Path(path)
    root = safe_xml(read_bytes(file), file)
    trees = [part for part in root if _tag(part) == "processTree"]
    if _tag(root) != "ptml" or len(trees) != 1 or len(root) != 1:
        raise InputRefused("BDV-168", where=file)
    return _Reader(file, trees[0]).tree()


class _Reader:
    """The nodes of one tree, by their ids."""

    def __init__(self, file: Path, tree: etree._Element) -> None:
        self.file = file
        self.root = tree.get("root", "")
        self.node: dict[str, etree._Element] = {}
        self.below: dict[str, list[str]] = {}
        self.met: set[str] = set()
        for part in tree:
            if len(part) or part.get("id") in self.node:  # what it holds would be passed over
                raise InputRefused("BDV-168", where=f"{file}:{line_of(part)}")
            if _tag(part) == "parentsNode":
                self.below.setdefault(part.get("sourceId", ""), []).append(part.get("targetId", ""))
            else:
                self.node[part.get("id", "")] = part

    def tree(self) -> ProcessTree:
        """Return the tree; refuse what is not joined to it exactly once."""
        found = self.block(self.root, 0)
        if self.met != self.node.keys() or not self.below.keys() <= self.met:
            raise InputRefused("BDV-168", where=self.file)
        return found

    def block(self, name: str, depth: int) -> ProcessTree:
        if depth > MAX_DEPTH:
            raise LimitExceeded("BDV-114", where=self.file)
        if name not in self.node or name in self.met:
            raise InputRefused("BDV-168", where=self.file)
        self.met.add(name)
        element, tag = self.node[name], _tag(self.node[name])
        children = tuple(self.block(child, depth + 1) for child in self.below.get(name, ()))
        if tag in ("manualTask", "automaticTask") and not children:
            said = element.get("name") if tag == "manualTask" else None
            return ProcessTree(label=said or None)
        where = f"{self.file}:{line_of(element)}"
        if tag not in list(Operator):
            raise InputRefused("BDV-169", where=where, part=tag, number=len(children))
        return ProcessTree.block(Operator(tag), children, where)


def _tag(element: etree._Element) -> str:
    return etree.QName(element).localname
