"""The map of what really happened: what it draws, marks, leaves out and says."""

from collections.abc import Callable, Mapping

import pandas as pd
import pytest
from lxml import etree

from bdv_process.eventlog.event import CASE, LABEL, TEMPLATE, TIMESTAMP
from bdv_process.eventlog.log import EventLog
from bdv_process.language import Language
from bdv_process.mining.discovery import ProcessMap, discover
from bdv_process.picture.process_map import draw_map, passages
from bdv_process.picture.tree_map import draw_tree
from bdv_process.template.model import Template
from bdv_process.template.process_tree import Operator, ProcessTree

SVG = "{http://www.w3.org/2000/svg}"
HAPPY = ("operate_accept", "operate_classify", "operate_plan", "operate_execute",
         "operate_verify", "operate_close")  # fmt: skip
SKIPPED = tuple(step for step in HAPPY if step != "operate_plan")
STRANGE = (*HAPPY, "koffie & <thee>")


@pytest.fixture(autouse=True)
def _without_graphviz(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")


@pytest.fixture
def found(templates: dict[str, Template]) -> Callable[..., ProcessMap]:
    """The map of cases that went these ways, each so often."""

    def of(ways: Mapping[tuple[str, ...], int], template: str | None = "W5") -> ProcessMap:
        start = pd.Timestamp("2026-03-02T09:00Z")
        rows = [
            (f"{number}-{case}", template, step, start + pd.Timedelta(hours=hour))
            for number, (way, cases) in enumerate(ways.items())
            for case in range(cases)
            for hour, step in enumerate(way)
        ]
        frame = pd.DataFrame(rows, columns=[CASE, TEMPLATE, LABEL, TIMESTAMP])
        (one,) = discover(EventLog(frame=frame), templates.values())
        return one

    return of


def drawing(
    found: ProcessMap, template: Template | None = None, lang: Language = "nl"
) -> etree._Element:
    return etree.fromstring(draw_map(found, template, lang=lang).encode())


def element(svg: etree._Element, id_: str) -> etree._Element:
    (group,) = svg.xpath("//*[@data-element-id=$id]", id=id_)
    return group


def words(node: etree._Element) -> str:
    return " ".join(node.itertext(f"{SVG}tspan", f"{SVG}title"))


def arrows(svg: etree._Element, look: str = "flow") -> set[str]:
    groups = svg.findall(f"{SVG}g")
    return {
        str(group.findtext(f"{SVG}title")) for group in groups if group.get("class", "") == look
    }


def test_a_map_shows_each_step_and_how_often_it_followed(
    found: Callable[..., ProcessMap], templates: dict[str, Template]
) -> None:
    svg = drawing(found({HAPPY: 1_200}), templates["W5"])
    for step in HAPPY:
        assert templates["W5"].by_id[step].name in words(element(svg, step))
        assert "1.200×" in words(element(svg, step))
    assert "begin → Dienstverzoek aannemen: 1.200 keer" in arrows(svg)
    assert len(arrows(svg)) == len(HAPPY) + 1


def test_what_the_template_does_not_allow_is_dashed_and_says_so(
    found: Callable[..., ProcessMap], templates: dict[str, Template]
) -> None:
    svg = drawing(found({HAPPY: 50, SKIPPED: 20, STRANGE: 10}), templates["W5"])
    assert arrows(svg, "flow stray") == {
        "Classificeren → Werk uitvoeren: 20 keer, dat staat het sjabloon niet toe",
        "Evalueren en afsluiten → koffie & <thee>: 10 keer, dat staat het sjabloon niet toe",
        "koffie & <thee> → einde: 10 keer, dat staat het sjabloon niet toe",
    }
    assert "20 !" in words(svg)
    assert "stray" in element(svg, "koffie & <thee>").get("class", "")
    assert "Gestreept, met een uitroepteken: dat staat W5 niet toe." in words(svg)


def test_what_never_happened_stands_apart(
    found: Callable[..., ProcessMap], templates: dict[str, Template]
) -> None:
    svg = drawing(found({HAPPY: 50}), templates["W5"])
    never = element(svg, "operate_withdrawal")
    assert "unseen" in never.get("class", "")
    assert "kwam niet voor" in words(never)
    lowest = max(float(each.get("y")) for each in element(svg, "operate_close").iter(f"{SVG}rect"))
    assert all(float(each.get("y")) > lowest for each in never.iter(f"{SVG}rect"))


def test_rare_transitions_are_left_out_and_the_map_says_so(
    found: Callable[..., ProcessMap],
) -> None:
    given = found({("a", "b"): 1_000, ("a", "c", "b"): 20, ("b", "a"): 6}, None)
    svg = drawing(given)
    shown = arrows(svg)
    assert "a → c: 20 keer" in shown, "every step can be reached"
    assert "c → b: 20 keer" in shown, "and left"
    assert "b → a: 6 keer" not in shown
    assert "3 van de 3 stappen en 5 van de 8 overgangen, samen 99,4 %" in words(svg)
    rows = passages(given)
    assert len(rows) == 8
    assert {(row.source, row.target) for row in rows if not row.drawn} == {
        ("begin", "b"), ("b", "a"), ("a", "einde")
    }  # fmt: skip


def test_of_a_hundred_steps_the_forty_most_frequent_are_drawn(
    found: Callable[..., ProcessMap],
) -> None:
    ways = {("first", f"step {n:03}"): 200 - n for n in range(100)}
    svg = drawing(found(ways, None))
    drawn = svg.xpath("//*[@data-element-id]/@data-element-id")
    assert set(drawn) == {"", "end ", "first", *(f"step {n:03}" for n in range(39))}


def test_where_everything_follows_everything_two_transitions_a_step_are_drawn(
    found: Callable[..., ProcessMap],
) -> None:
    ways = {(one, other): 9 for one in "abcdefgh" for other in "abcdefgh" if one != other}
    svg = drawing(found(ways, None))
    assert len(arrows(svg)) == 2 * (8 + 1)
    assert "8 van de 8 stappen en 18 van de 72 overgangen" in words(svg)


def test_small_groups_are_not_counted(found: Callable[..., ProcessMap]) -> None:
    given = found({("a", "b"): 4}, None)
    said = words(drawing(given))
    assert "< 5" in said
    assert "4" not in said.replace("van de", "")
    assert {row.times for row in passages(given)} == {"< 5"}
    assert {row.share for row in passages(given)} == {""}


def test_a_step_that_repeats_itself_has_an_arrow_to_itself(
    found: Callable[..., ProcessMap],
) -> None:
    assert "a → a: 9 keer" in arrows(drawing(found({("a", "a", "b"): 9}, None)))


def test_a_map_speaks_two_languages(
    found: Callable[..., ProcessMap], templates: dict[str, Template]
) -> None:
    given = found({HAPPY: 50, SKIPPED: 20})
    dutch, english = (words(drawing(given, templates["W5"], lang)) for lang in ("nl", "en"))
    assert "keer" in dutch
    assert "keer" not in english
    assert "Evaluate and close" in english


def test_a_map_names_itself_and_loads_nothing(
    found: Callable[..., ProcessMap], templates: dict[str, Template]
) -> None:
    svg = drawing(found({STRANGE: 9}), templates["W5"])
    assert svg.findtext(f"{SVG}title") == "Wat er gebeurde: W5 Dienst uitvoeren"
    assert "9 zaken" in str(svg.findtext(f"{SVG}desc"))
    assert svg.xpath("//@href | //*[local-name()='script' or local-name()='image']") == []


TREE = ProcessTree(
    operator=Operator.SEQUENCE,
    children=(
        ProcessTree(
            operator=Operator.LOOP,
            children=(ProcessTree(label="a"), ProcessTree(label="b")),
        ),
        ProcessTree(operator=Operator.CHOICE, children=(ProcessTree(), ProcessTree(label="c"))),
        ProcessTree(
            operator=Operator.PARALLEL, children=(ProcessTree(label="d"), ProcessTree(label="e"))
        ),
    ),
)


def test_a_tree_is_drawn_in_the_signs_of_a_template(found: Callable[..., ProcessMap]) -> None:
    given = found({("a", "b", "a", "c", "d", "e"): 9}, None)
    svg = etree.fromstring(draw_tree(given, TREE).encode())
    kinds = [group.get("class") for group in svg.findall(f"{SVG}g[@data-element-id]")]
    assert kinds.count("userTask") == 5
    assert kinds.count("exclusiveGateway") == 4
    assert kinds.count("parallelGateway") == 2
    assert len(svg.findall(f"{SVG}g[@class='flow rework']")) == 1
    assert "herhaald (a, b), een van deze (niets, c)" in str(svg.findtext(f"{SVG}desc"))
