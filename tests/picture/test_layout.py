"""Places of a graph: layers, straight edges, and nothing over anything else."""

from itertools import combinations, pairwise
from random import Random

import pytest

from bdv_process.picture.layout import Edge, Layout, layered, widest

SIZE = (150.0, 42.0)


def edges(*arrows: str, weight: float = 1) -> list[Edge]:
    return [Edge(source=a[0], target=a[1], weight=weight, words=20) for a in arrows]


def placed(*arrows: str) -> Layout:
    nodes = dict.fromkeys("".join(arrows), SIZE)
    return layered(nodes, edges(*arrows))


def level(layout: Layout, node: str) -> float:
    return layout.nodes[node][1]


def random_graph(seed: int) -> tuple[dict[str, tuple[float, float]], list[Edge]]:
    chance = Random(seed)
    names = [f"n{n}" for n in range(chance.randint(2, 25))]
    nodes = {name: (chance.choice([36.0, 150.0]), chance.choice([36.0, 60.0])) for name in names}
    found = {(a, b) for a, b in pairwise(names)}
    found |= {tuple(chance.sample(names, 2)) for _ in range(2 * len(names))}  # type: ignore[misc]
    return nodes, [
        Edge(source=a, target=b, weight=chance.randint(1, 99), words=chance.choice([0, 30]))
        for a, b in sorted(found)
    ]


def test_what_follows_stands_below() -> None:
    layout = placed("ab", "bc", "ac")
    assert level(layout, "a") < level(layout, "b") < level(layout, "c")


def test_of_a_circle_the_rarest_edge_goes_back_up() -> None:
    nodes = dict.fromkeys("sabc", SIZE)
    around = [*edges("sa", "ab", "ca", weight=9), *edges("bc", weight=5)]
    layout = layered(nodes, around)
    assert level(layout, "a") < level(layout, "b") < level(layout, "c")
    back = layout.routes[2]
    assert back[0][1] > back[-1][1]


def test_a_step_stands_below_the_only_one_that_leads_to_it_however_often_it_goes_back() -> None:
    nodes = dict.fromkeys("sab", SIZE)
    layout = layered(nodes, [*edges("sa", weight=9), *edges("ab"), *edges("ba", weight=5)])
    assert level(layout, "a") < level(layout, "b")


def test_a_chain_is_straight() -> None:
    layout = placed("ab", "bc", "cd")
    assert len({x for x, _ in layout.nodes.values()}) == 1
    assert all(len({x for x, _ in route}) == 1 for route in layout.routes)


def test_a_route_begins_and_ends_at_its_nodes() -> None:
    nodes, arrows = random_graph(3)
    layout = layered(nodes, arrows)
    for edge, route in zip(arrows, layout.routes, strict=True):
        for end, node in ((route[0], edge.source), (route[-1], edge.target)):
            (x, y), (width, height) = layout.nodes[node], nodes[node]
            assert abs(end[0] - x) <= width / 2
            assert abs(end[1] - y) <= height / 2 + 0.001
        assert len(route) % 3 == 1


@pytest.mark.parametrize("seed", range(30))
def test_nothing_stands_over_anything_else(seed: int) -> None:
    nodes, arrows = random_graph(seed)
    layout = layered(nodes, arrows)
    boxes = [(*layout.nodes[node], *size) for node, size in nodes.items()]
    boxes += [
        (x, y, edge.words, 18.0)
        for edge, (x, y) in zip(arrows, layout.words, strict=True)
        if edge.words
    ]
    for (x1, y1, w1, h1), (x2, y2, w2, h2) in combinations(boxes, 2):
        assert abs(x1 - x2) >= (w1 + w2) / 2 or abs(y1 - y2) >= (h1 + h2) / 2
    for x, y, width, height in boxes:
        assert x - width / 2 >= -0.001
        assert x + width / 2 <= layout.width + 0.001
        assert y - height / 2 >= -0.001
        assert y + height / 2 <= layout.height + 0.001


@pytest.mark.parametrize("seed", range(10))
def test_no_edge_passes_through_a_node(seed: int) -> None:
    nodes, arrows = random_graph(seed)
    layout = layered(nodes, arrows)
    for edge, route in zip(arrows, layout.routes, strict=True):
        for (x1, y1), (x2, y2) in zip(route[::3], route[3::3], strict=False):
            if x1 != x2:
                continue  # a bend lies between rows
            for node in nodes.keys() - {edge.source, edge.target}:
                (x, y), (width, height) = layout.nodes[node], nodes[node]
                beside = abs(x1 - x) >= width / 2
                assert beside or max(y1, y2) <= y - height / 2 or min(y1, y2) >= y + height / 2


def test_the_best_way_to_a_step_is_the_one_whose_rarest_edge_is_most_frequent() -> None:
    weights = {("", "a"): 9, ("a", "b"): 8, ("", "b"): 3, ("b", ""): 7, ("a", ""): 2}
    assert widest(weights, "") == {("", "a"), ("a", "b")}
    assert widest(weights, "", back=True) == {("b", ""), ("a", "b")}


def test_one_node_is_a_graph_too() -> None:
    layout = layered({"a": SIZE}, [])
    assert layout.nodes == {"a": (75.0, 21.0)}
    assert (layout.width, layout.height) == SIZE
