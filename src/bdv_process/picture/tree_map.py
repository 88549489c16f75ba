"""A model that was discovered, as a picture beside the template: blocks with choices and loops."""

from bdv_process.language import Language, text
from bdv_process.picture import words
from bdv_process.picture.graph import Arrow, Figure, draw_graph
from bdv_process.picture.process_map import (
    Counted,
    called,
    idle,
    step_figure,
    step_names,
    unobservable,
)
from bdv_process.picture.records import records
from bdv_process.template.model import Kind, Template
from bdv_process.template.process_tree import Operator, ProcessTree

_FORWARD, _BACK = 2.0, 1.0  # what goes back is drawn upwards


def draw_tree(
    found: Counted,
    tree: ProcessTree,
    template: Template | None = None,
    *,
    name: str = "",
    lang: Language = "nl",
) -> str:
    """Return a process tree as a self-contained SVG, in the signs of BPMN.

    A cross is a choice, a plus lets everything happen in any order; who knows the template can read
    it. Steps are marked and counted as on the map of the same cases; `name` is as there.
    """
    blocks = _Blocks(found, step_names(found, template, lang), lang)
    begin = blocks.add(Kind.START, text("map.begin", lang))
    last = blocks.build(tree, begin)
    blocks.join(last, blocks.add(Kind.END, text("map.end", lang)))
    name = name or called(template, lang)
    return draw_graph(
        blocks.figures,
        blocks.arrows,
        title=text("tree.title", lang, name=name),
        description=text("tree.description", lang, name=name, tree=blocks.said(tree)),
        notes=[
            text("tree.note", lang, cases=words.count(found.cases, lang)),
            *unobservable(found, template, lang),
        ],
        apart=idle(found, blocks.names, lang),
        lang=lang,
    )


class _Blocks:
    """Figures and arrows while a tree is walked."""

    def __init__(self, found: Counted, names: dict[str, str], lang: Language) -> None:
        self.steps = {row["activity"]: row for row in records(found.steps)}
        self.names = names
        self.lang = lang
        self.figures: list[Figure] = []
        self.arrows: list[Arrow] = []

    def add(self, kind: Kind, title: str) -> str:
        self.figures.append(Figure(id=str(len(self.figures)), kind=kind, title=title))
        return self.figures[-1].id

    def join(self, source: str, target: str, weight: float = _FORWARD) -> None:
        look = "rework" if weight == _BACK else ""
        self.arrows.append(Arrow(source=source, target=target, weight=weight, look=look))

    def build(self, tree: ProcessTree, before: str) -> str:
        """Add a block behind a figure; return the figure it ends with."""
        if tree.operator is Operator.SEQUENCE:
            for child in tree.children:
                before = self.build(child, before)
            return before
        if tree.operator is Operator.LOOP:
            return self.loop(tree, before)
        if tree.operator:
            return self.split(tree, before)
        if tree.label is None:
            return before
        id_ = str(len(self.figures))
        self.figures.append(step_figure(self.steps[tree.label], self.names, self.lang, id_=id_))
        self.join(before, id_)
        return id_

    def split(self, tree: ProcessTree, before: str) -> str:
        operator = Operator.CHOICE if tree.operator is Operator.CHOICE else Operator.PARALLEL
        kind = Kind.EXCLUSIVE if operator is Operator.CHOICE else Kind.PARALLEL
        title = self.word(operator)
        opened = self.add(kind, title)
        self.join(before, opened)
        ends = [self.build(child, opened) for child in tree.children]
        closed = self.add(kind, title)
        for end in ends:
            self.join(end, closed)
        return closed

    def loop(self, tree: ProcessTree, before: str) -> str:
        once, again = tree.children
        title = self.word(Operator.LOOP)
        opened = self.add(Kind.EXCLUSIVE, title)
        self.join(before, opened)
        last = self.build(once, opened)
        closed = self.add(Kind.EXCLUSIVE, title)
        self.join(last, closed)
        self.join(self.build(again, closed), opened, _BACK)
        return closed

    def word(self, operator: Operator) -> str:
        return text(f"tree.{operator.name.lower()}", self.lang)

    def said(self, tree: ProcessTree) -> str:
        """Return the tree in words."""
        if tree.operator is None:
            return self.names[tree.label] if tree.label else text("tree.nothing", self.lang)
        inside = ", ".join(map(self.said, tree.children))
        return f"{self.word(tree.operator)} ({inside})"
