from dataclasses import replace
from random import Random

import pytest
from lxml import etree

from bdv_process.language import Language, text
from bdv_process.picture.diagram import Mark, draw
from bdv_process.template.model import Diagram, Fork, Kind, Template

SVG = "{http://www.w3.org/2000/svg}"
HOSTILE = "</text><script>alert(1)</script> & \"quoted\" 'names'"
KEYS = [f"W{n}" for n in range(1, 9)]


def drawing(template: Template, **options: object) -> etree._Element:
    return etree.fromstring(draw(template, **options).encode())  # type: ignore[arg-type]


def element(svg: etree._Element, element_id: str) -> etree._Element:
    (found,) = svg.xpath("//*[@data-element-id=$id]", id=element_id)
    return found


def words(node: etree._Element) -> str:
    return " ".join(node.itertext(f"{SVG}tspan"))


@pytest.mark.parametrize("key", KEYS)
def test_every_node_and_flow_is_drawn_once(templates: dict[str, Template], key: str) -> None:
    template = templates[key]
    svg = drawing(template)
    ids = svg.xpath("//@data-element-id[not(contains(., '_label'))]")
    assert sorted(ids) == sorted([n.id for n in template.nodes] + [f.id for f in template.flows])


@pytest.mark.parametrize("lang", ["nl", "en"])
@pytest.mark.parametrize("key", KEYS)
def test_every_name_stands_on_the_diagram_uncut(
    templates: dict[str, Template], key: str, lang: str
) -> None:
    template = templates[key]
    svg = drawing(template, lang=lang)
    for one in (*template.nodes, *template.flows):
        if name := one.label(lang):  # type: ignore[arg-type]
            inside = getattr(one, "kind", None) in (Kind.TASK, Kind.FORK, Kind.SUBPROCESS)
            group = element(svg, one.id if inside else f"{one.id}_label")
            assert words(group).startswith(name)


@pytest.mark.parametrize("key", KEYS)
def test_everything_lies_inside_the_picture(templates: dict[str, Template], key: str) -> None:
    template = templates[key]
    left, top, width, height = map(float, drawing(template).get("viewBox").split())
    for box in template.diagram.shapes.values():
        assert left < box.x < box.x + box.width < left + width
        assert top < box.y < box.y + box.height < top + height


def test_a_fork_shows_the_template_it_starts(templates: dict[str, Template]) -> None:
    for template in templates.values():
        svg = drawing(template)
        for node in template.nodes:
            if isinstance(node, Fork):
                assert words(element(svg, node.id)).endswith(f"→ {node.calls}")


def test_contact_with_the_requester_has_a_mark_of_its_own(templates: dict[str, Template]) -> None:
    svg = drawing(templates["W1"])
    marked = svg.xpath("//*[@data-element-id][*[@class='touch']]/@data-element-id")
    assert sorted(marked) == sorted(n.id for n in templates["W1"].nodes if n.touchpoint)


def test_a_timer_that_does_not_interrupt_is_dashed(templates: dict[str, Template]) -> None:
    svg = drawing(templates["W1"])
    assert "waiting" in element(svg, "agree_warning").get("class").split()
    assert "waiting" not in element(svg, "agree_withdrawal").get("class").split()


def test_a_default_flow_carries_a_slash(templates: dict[str, Template]) -> None:
    template = templates["W1"]
    slashed = drawing(template).xpath("//*[*[@class='slash']]/@data-element-id")
    assert sorted(slashed) == sorted(flow.id for flow in template.flows if flow.default)


def test_a_flow_back_to_earlier_work_looks_different(templates: dict[str, Template]) -> None:
    template = templates["W1"]
    back = drawing(template).xpath("//*[@class='flow rework']/@data-element-id")
    assert sorted(back) == sorted(flow.id for flow in template.flows if flow.rework)


def test_a_mark_shows_as_class_badge_and_words(templates: dict[str, Template]) -> None:
    mark = Mark(level=3, badge="412×", title="overgeslagen 412×")
    marked = element(drawing(templates["W2"], marks={"change_test": mark}), "change_test")
    assert "level-3" in marked.get("class").split()
    assert words(marked).endswith("412×")
    assert marked.findtext(f"{SVG}title").endswith("overgeslagen 412×")


def test_a_step_that_could_not_be_observed_has_no_level(templates: dict[str, Template]) -> None:
    svg = drawing(templates["W2"], marks={"change_test": Mark(level=None)})
    assert element(svg, "change_test").get("class") == "userTask unseen"


def test_a_mark_of_an_unknown_id_changes_nothing(templates: dict[str, Template]) -> None:
    assert draw(templates["W2"], marks={"nowhere": Mark(level=4)}) == draw(templates["W2"])


def test_what_has_no_place_is_left_out_with_the_flows_to_it(templates: dict[str, Template]) -> None:
    template = templates["W1"]
    shapes, edges = dict(template.diagram.shapes), dict(template.diagram.edges)
    flow = template.outgoing("agree_classify")[0].id
    del shapes["agree_verify"], edges[flow]
    svg = drawing(replace(template, diagram=replace(template.diagram, shapes=shapes, edges=edges)))
    loose = {f.id for f in (*template.incoming("agree_verify"), *template.outgoing("agree_verify"))}
    everything = {one.id for one in (*template.nodes, *template.flows)}
    drawn = set(svg.xpath("//@data-element-id[not(contains(., '_label'))]"))
    assert everything - drawn == {"agree_verify", flow, *loose}


@pytest.mark.parametrize("lang", ["nl", "en"])
def test_a_template_that_is_not_drawn_at_all_says_so(
    templates: dict[str, Template], lang: Language
) -> None:
    bare = replace(templates["W1"], diagram=Diagram(shapes={}, edges={}, labels={}))
    svg = drawing(bare, lang=lang)
    assert words(svg) == text("diagram.nothing", lang)
    assert float(svg.get("width")) > 200
    assert not svg.xpath("//@data-element-id")


@pytest.mark.parametrize("key", KEYS)
def test_whatever_is_missing_the_rest_is_drawn(templates: dict[str, Template], key: str) -> None:
    chance = Random(key)
    template = templates[key]
    for _ in range(20):
        kept = {
            part: {id_: place for id_, place in places.items() if chance.random() < 0.5}
            for part, places in vars(template.diagram).items()
        }
        svg = drawing(replace(template, diagram=Diagram(**kept)))
        steps = {node.id for node in template.nodes} & kept["shapes"].keys()
        assert steps <= set(svg.xpath("//@data-element-id"))


def test_hostile_names_are_only_text(templates: dict[str, Template]) -> None:
    template = templates["W2"]
    nodes = tuple(replace(node, name=HOSTILE) for node in template.nodes)
    flows = tuple(replace(flow, name=HOSTILE) for flow in template.flows)
    hostile = replace(template, name=HOSTILE, nodes=nodes, flows=flows)
    mark = Mark(level=1, badge="<b>", title="<script>")
    svg = drawing(hostile, marks={"change_test": mark})
    assert not svg.xpath("//*[local-name()='script' or local-name()='b']")
    assert element(svg, "change_test").findtext(f"{SVG}title").startswith(HOSTILE)


def test_a_name_without_a_place_in_the_file_stands_beside_its_element(
    templates: dict[str, Template],
) -> None:
    template = templates["W1"]
    bare = replace(template, diagram=replace(template.diagram, labels={}))
    svg = drawing(bare)
    assert words(element(svg, "agree_rejected_label")) == template.by_id["agree_rejected"].name
    named = [flow for flow in template.flows if flow.name]
    assert all(words(element(svg, f"{flow.id}_label")) == flow.name for flow in named)
