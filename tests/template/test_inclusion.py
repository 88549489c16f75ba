"""A routine keeps within its template, or the shortest way out of it is shown."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bdv_process.template.inclusion import Departure, departure, whole
from bdv_process.template.model import Diagram, Flow, Kind, Node, Template
from bdv_process.template.net import Marking, Net, compile_net
from bdv_process.template.rules import check

DIAGRAMS = Path(__file__).parent / "rules"

#: A block of a diagram: a step, or a kind of block with its parts. A step with a part is refined.
Block = str | tuple[str, tuple["Block", ...]]


class Drawing:
    """The nodes and flows of a block of steps, drawn one after another."""

    def __init__(self) -> None:
        self.nodes: list[Node] = []
        self.flows: list[Flow] = []

    def node(self, id_: str, kind: Kind, scope: str | None) -> str:
        self.nodes.append(Node(id=id_, kind=kind, name=id_, name_en=id_, line=1, scope=scope))
        return id_

    def join(self, source: str, target: str) -> None:
        self.flows.append(
            Flow(id=f"{source}>{target}", source=source, target=target, name="", name_en="", line=1)
        )

    def scope(self, block: Block, scope: str | None) -> None:
        first, last = self.block(block, scope)
        self.join(self.node(f"start {scope}", Kind.START, scope), first)
        self.join(last, self.node(f"end {scope}", Kind.END, scope))

    def block(self, block: Block, scope: str | None) -> tuple[str, str]:
        """Draw a block and return its first and its last node."""
        if isinstance(block, str):
            return (step := self.node(block, Kind.TASK, scope)), step
        kind, parts = block
        if kind == "seq":
            ends = [self.block(part, scope) for part in parts]
            for (_, last), (first, _) in pairwise(ends):
                self.join(last, first)
            return ends[0][0], ends[-1][1]
        if kind in ("xor", "and", "loop"):
            gateway = Kind.PARALLEL if kind == "and" else Kind.EXCLUSIVE
            number = len(self.nodes)
            split = self.node(f"{kind} {number} opens", gateway, scope)
            joined = self.node(f"{kind} {number} closes", gateway, scope)
            for part in parts:
                first, last = self.block(part, scope)
                self.join(split, first)
                self.join(last, joined)
            if kind == "loop":
                self.join(joined, split)
            return split, joined
        self.node(kind, Kind.SUBPROCESS, scope)
        self.scope(("seq", parts), kind)
        return kind, kind


def template(block: Block, key: str = "T") -> Template:
    drawing = Drawing()
    drawing.scope(block, None)
    return Template(
        key=key, name="", name_en="", process="", call="", call_en="", proactive=False,
        documentation="", documentation_en="", version="", path=Path("drawn.bpmn"), source=b"",
        nodes=tuple(drawing.nodes), flows=tuple(drawing.flows),
        diagram=Diagram(shapes={}, edges={}, labels={}),
    )  # fmt: skip


def left(routine: Block, by: Block) -> Departure | None:
    return departure(template(routine), template(by))


def seq(*parts: Block) -> Block:
    return "seq", parts


LINE = seq("accept", "execute", "verify")


def test_a_routine_that_refines_a_step_keeps_within_its_template() -> None:
    inner: Block = ("and", ("advise", "assess"))
    assert left(seq("accept", ("execute", (inner, "decide")), "verify"), LINE) is None


def test_a_refined_step_is_done_when_its_last_branch_is() -> None:
    early = seq("accept", ("and", (("execute", ("measure",)), "verify")))
    assert left(early, LINE) == Departure(
        steps=("accept",), left="verify", allowed=("execute",), may_end=False
    )


def test_a_routine_may_leave_out_a_way_but_not_a_step() -> None:
    way: Block = seq("accept", ("xor", ("execute", "visit")), "verify")
    assert left(LINE, way) is None
    assert left(way, LINE) == Departure(
        steps=("accept",), left="verify", allowed=("execute",), may_end=False
    )


def test_a_routine_that_ends_too_early_is_shown_where() -> None:
    assert left(seq("accept", "execute"), LINE) == Departure(
        steps=("accept", "execute"), left=None, allowed=("verify",), may_end=False
    )


def test_a_routine_that_goes_back_where_its_template_does_not_is_shown_the_shortest_way() -> None:
    again: Block = seq("accept", ("loop", (seq("execute", "verify"),)))
    assert left(again, LINE) == Departure(
        steps=("accept", "execute", "verify"), left="execute", allowed=(), may_end=True
    )


def test_what_the_template_does_not_know_is_not_seen() -> None:
    assert left(seq("greet", "accept", "execute", "phone", "verify", "thank"), LINE) is None


@pytest.mark.parametrize(
    ("file", "lang", "said"),
    [
        ("bad.bpmn", "nl", "na het begin → 'Beslissen' kan de zaak eindigen"),
        ("bad.bpmn", "en", "after the start → 'Decide' the case can end"),
        ("bad-order.bpmn", "nl", "na het begin kan 'Toetsen' volgen"),
        ("bad-order.bpmn", "en", "there R1 only allows: 'Decide'"),
    ],
)
def test_the_way_out_is_told_in_the_names_of_the_steps(file: str, lang: str, said: str) -> None:
    folder = DIAGRAMS / "within-template"
    (finding,) = check([folder / "bad-template.bpmn", folder / file])
    assert said in finding.sentence("en" if lang == "en" else "nl")


def test_a_routine_of_a_routine_is_refused(tmp_path: Path) -> None:
    folder = DIAGRAMS / "derived-from"
    again = (folder / "good.bpmn").read_text(encoding="utf-8")
    again = again.replace('"terrace"', '"stall"').replace('derives="R1"', 'derives="terrace"')
    (tmp_path / "again.bpmn").write_text(again, encoding="utf-8")
    files = [folder / "good-template.bpmn", folder / "good.bpmn", tmp_path / "again.bpmn"]
    (finding,) = check(files)
    assert (finding.rule, finding.element) == ("derived-from", "stall")
    assert finding.facts["known"] == "R1"


def test_a_fork_is_never_refined_and_calls_what_it_calls_in_the_template(
    root: Path, tmp_path: Path
) -> None:
    w4 = next((root / "bpmn").glob("w4-*.bpmn")).read_text(encoding="utf-8")
    mine = w4.replace('process id="W4"', 'process id="mine"').replace(
        'kind="reactive"', 'kind="reactive" derives="W4"'
    )
    file = tmp_path / "mine.bpmn"
    file.write_text(mine, encoding="utf-8")
    assert check([root / "bpmn", file]) == ()
    file.write_text(mine.replace('calledElement="W5"', 'calledElement="W2"'), encoding="utf-8")
    (finding,) = check([root / "bpmn", file])
    assert (finding.rule, finding.element) == ("refined-activity", "recover_recover")


SHOWN = 7  #: steps of a word, in what is compared one by one


def said_by(net: Net) -> tuple[set[tuple[str, ...]], set[tuple[str, ...]]]:
    """Return the short words of a net and all their beginnings, by playing the token game."""
    todo: list[tuple[Marking, tuple[str, ...]]] = [(net.initial, ())]
    seen = set(todo)
    words = set()
    while todo:
        marking, word = todo.pop()
        if marking == net.final:
            words.add(word)
        enabled = [t for t in net.transitions if t.enabled(frozenset(marking))]
        for step in [t for t in enabled if t.instant] or enabled:
            after = step.fire(marking), word if step.label is None else (*word, step.label)
            if len(after[1]) <= SHOWN and after not in seen:
                seen.add(after)
                todo.append(after)
    return words, {word for _, word in seen}


def blocks(steps: tuple[str, ...]) -> st.SearchStrategy[Block]:
    """Return blocks in which each of these steps stands once."""
    if len(steps) == 1:
        return st.just(steps[0])

    def divided(at: int) -> st.SearchStrategy[Block]:
        parts = st.tuples(blocks(steps[:at]), blocks(steps[at:]))
        return st.tuples(st.sampled_from(["seq", "seq", "xor", "and"]), parts)

    block = st.integers(1, len(steps) - 1).flatmap(divided)
    looped = block.map(lambda inside: ("loop", (inside,)))
    return block | looped if len(steps) == 2 else block


def refine(block: Block, step: str) -> Block:
    """Return a block of which one step became a sub-process of two."""
    if isinstance(block, str):
        return (step, (("and", (f"{step} one", f"{step} two")),)) if block == step else block
    kind, parts = block
    return kind, tuple(refine(part, step) for part in parts)


@st.composite
def pairs(draw: st.DrawFn) -> tuple[Block, Block]:
    """Return a routine and its template: the same, nearly the same, or another."""
    steps = ("a", "b", "c", "d")[: draw(st.integers(2, 4))]
    by = draw(blocks(steps))
    mixed = draw(st.permutations([*steps, "x"]))
    routine = by if draw(st.booleans()) else draw(blocks(tuple(mixed[draw(st.integers(0, 2)) :])))
    return refine(routine, draw(st.sampled_from(steps))), by


@settings(max_examples=400, deadline=None)
@given(pairs())
def test_the_way_out_is_the_one_that_comparing_word_by_word_finds(
    pair: tuple[Block, Block],
) -> None:
    routine, by = template(pair[0]), template(pair[1])
    found = departure(routine, by)
    unknown = set(routine.visible) - set(by.visible)
    ours, begun = said_by(compile_net(routine, unknown, whole=whole(routine, by)))
    theirs, known = said_by(compile_net(by))
    out = list(ways_out(ours, theirs, known))
    if found is None:
        assert not out
        return
    assert len(found.steps) == min(out)
    if found.left is None:
        assert found.steps in ours - theirs
    else:
        assert (*found.steps, found.left) in begun - known
    assert set(found.allowed) == {w[-1] for w in known if w[:-1] == found.steps and w}
    assert found.may_end == (found.steps in theirs)


def ways_out(
    ours: set[tuple[str, ...]], theirs: set[tuple[str, ...]], known: set[tuple[str, ...]]
) -> Iterator[int]:
    """Yield for each word that is not a word of the template how far both go."""
    for word in ours - theirs:
        yield max(length for length in range(len(word) + 1) if word[:length] in known)
