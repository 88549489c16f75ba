"""PTML: a tree is read as it stands, means what its net means, and anything else is refused."""

from pathlib import Path

import pytest

from bdv_process.errors import BdvError
from bdv_process.template.automaton import Automaton
from bdv_process.template.pnml import read_pnml
from bdv_process.template.process_tree import Operator, ProcessTree, read_ptml

A, B, C = (ProcessTree(label=label) for label in "abc")


def ptml(nodes: str, edges: str) -> str:
    """A file: nodes as `id:tag:name`, edges as `parent>child`; the first node is the root."""
    parts = [node.split(":") for node in nodes.split()]
    written = [f'<{tag} id="{id_}" name="{name}"/>' for id_, tag, name in parts]
    written += [
        '<parentsNode sourceId="{}" targetId="{}"/>'.format(*edge.split(">"))
        for edge in edges.split()
    ]
    return f'<ptml><processTree root="{parts[0][0]}">{"".join(written)}</processTree></ptml>'


def words(tree: ProcessTree, length: int = 4) -> set[str]:
    return {"".join(word) for word in Automaton.of(tree.net()).words(length)}


@pytest.mark.parametrize(
    ("operator", "allowed"),
    [
        (Operator.SEQUENCE, {"ab"}),
        (Operator.CHOICE, {"a", "b"}),
        (Operator.PARALLEL, {"ab", "ba"}),
        (Operator.LOOP, {"a", "aba"}),
    ],
)
def test_a_block_allows_what_its_name_says(operator: Operator, allowed: set[str]) -> None:
    assert words(ProcessTree(operator=operator, children=(A, B))) == allowed


def test_a_file_is_read_with_its_children_in_order(tmp_path: Path) -> None:
    file = tmp_path / "tree.ptml"
    nodes = (
        "s:sequence: l:xorLoop: a:manualTask:a b:manualTask:b t:automaticTask:tau c:manualTask:c"
    )
    file.write_text(ptml(nodes, "s>l s>c l>a l>b l>t"))
    loop = ProcessTree(operator=Operator.LOOP, children=(A, B))
    after = ProcessTree(operator=Operator.SEQUENCE, children=(loop, ProcessTree()))
    assert read_ptml(file) == ProcessTree(operator=Operator.SEQUENCE, children=(after, C))


def test_a_tree_and_a_net_of_one_model_allow_the_same(shared: Path) -> None:
    models = shared / "data" / "models"
    tree, net = read_ptml(models / "a12.ptml"), read_pnml(models / "a12.pnml")
    assert tree.separable
    assert words(tree, 12) == {"".join(word) for word in Automaton.of(net).words(12)} != set()


def test_branches_that_share_a_label_are_not_separable_wherever_they_are() -> None:
    shared = ProcessTree(operator=Operator.PARALLEL, children=(A, A))
    assert not ProcessTree(operator=Operator.SEQUENCE, children=(B, shared)).separable
    apart = ProcessTree(operator=Operator.PARALLEL, children=(A, B))
    assert ProcessTree(operator=Operator.SEQUENCE, children=(A, apart)).separable


@pytest.mark.parametrize(
    ("content", "code"),
    [
        ("<pnml/>", "BDV-168"),
        (ptml("s:sequence:", ""), "BDV-169"),
        (ptml("s:or: a:manualTask:a b:manualTask:b", "s>a s>b"), "BDV-169"),
        (ptml("s:xorLoop: a:manualTask:a", "s>a"), "BDV-169"),
        (ptml("s:sequence: a:manualTask:a", "s>a s>a"), "BDV-168"),
        (ptml("s:sequence: a:manualTask:a", "s>s"), "BDV-168"),
        (ptml("s:sequence: a:manualTask:a b:manualTask:b", "s>a"), "BDV-168"),
        (ptml("s:sequence: a:manualTask:a", "s>a s>b"), "BDV-168"),
        ("<!DOCTYPE x><ptml/>", "BDV-106"),
    ],
)
def test_what_is_no_tree_is_refused(tmp_path: Path, content: str, code: str) -> None:
    (tmp_path / "tree.ptml").write_text(content)
    with pytest.raises(BdvError) as refusal:
        read_ptml(tmp_path / "tree.ptml")
    assert refusal.value.code == code
    assert refusal.value.render("nl") != refusal.value.render("en")


def test_a_tree_that_is_too_deep_is_refused(tmp_path: Path) -> None:
    nodes = " ".join(f"n{depth}:sequence:" for depth in range(200)) + " n200:manualTask:a"
    edges = " ".join(f"n{depth}>n{depth + 1}" for depth in range(200))
    (tmp_path / "tree.ptml").write_text(ptml(nodes, edges))
    with pytest.raises(BdvError) as refusal:
        read_ptml(tmp_path / "tree.ptml")
    assert refusal.value.code == "BDV-114"
