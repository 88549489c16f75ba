"""Every picture of every result, in both languages: self-contained, told, and with its table."""

import re
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest
from lxml import etree

from bdv_process.errors import InputRefused, NotFound
from bdv_process.mining.value_stream import ValueStreams
from bdv_process.picture.axes import Bar
from bdv_process.picture.case_tree import Branch, case_tree
from bdv_process.picture.histogram import histogram
from bdv_process.picture.journey_map import Contact, journey_map
from bdv_process.picture.picture import Picture
from bdv_process.picture.ranking import ranking
from bdv_process.privacy import FEW, shown
from picture.conftest import Drawing

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    "stream map", "stream tree", "stream distribution", "stream trend", "journey map",
    "journey of one", "journey funnel", "deviations", "marked diagram", "drift", "hand-overs",
    "process map",
]  # fmt: skip
#: Whose every number in the table stands in the picture too.
WRITTEN = ["stream map", "journey map", "journey of one", "journey funnel", "deviations",
           "hand-overs", "process map"]  # fmt: skip
ALONE = ["stream tree", "journey of one"]  # that were asked for: no groups
DAY = timedelta(days=1)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STRANGE = "koffie & <thee> \"met\" 'suiker'"


def letters(picture: Picture) -> str:
    """All that can be read in a picture, without its style."""
    root = etree.fromstring(picture.svg)
    for style in root.iter(f"{SVG}style"):
        style.text = ""
    return "".join(root.itertext()).replace("\u00a0", " ")


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_says_what_it_is_in_both_languages(
    drawings: dict[str, Drawing], name: str
) -> None:
    assert sorted(drawings) == sorted(NAMES)
    told = {}
    for lang in ("nl", "en"):
        picture = drawings[name](lang)
        root = etree.fromstring(picture.svg)
        assert root.get("lang") == lang
        assert root.findtext(f"{SVG}title")
        assert root.findtext(f"{SVG}desc")
        assert root.get("role") in ("img", "group")
        assert picture.title
        assert picture.says
        assert len(picture.table)
        assert picture.table.columns.is_unique
        told[lang] = picture.title, picture.says, [*picture.table]
    for dutch, english in zip(*told.values(), strict=True):
        assert dutch != english


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_needs_nothing_but_itself(drawings: dict[str, Drawing], name: str) -> None:
    svg = drawings[name]("nl").svg
    addresses = set(re.findall(r"https?://[^\"'\s]+", svg))
    assert addresses <= {"http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink"}
    assert not re.findall(r"<script|@import|url\(|<image|<foreignObject|\son\w+=", svg)


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_has_no_ids_that_another_may_have(
    drawings: dict[str, Drawing], name: str
) -> None:
    root = etree.fromstring(drawings[name]("nl").svg)
    assert not [each.get("id") for each in root.iter() if each.get("id")]


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_the_same_when_it_is_drawn_again(
    drawings: dict[str, Drawing], name: str
) -> None:
    one, other = drawings[name]("en"), drawings[name].__wrapped__("en")
    assert one.svg == other.svg
    assert one.table.equals(other.table)


@pytest.mark.parametrize("name", WRITTEN)
def test_the_numbers_that_are_drawn_are_those_of_the_table(
    drawings: dict[str, Drawing], name: str
) -> None:
    picture = drawings[name]("nl")
    drawn = letters(picture)
    cells = {str(cell) for row in picture.table.to_numpy().tolist() for cell in row}
    numbers = {n for cell in cells for n in re.findall(r"\d[\d.,]*", cell.replace("\u00a0", " "))}
    assert numbers
    assert {n for n in numbers if n not in drawn} == set()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ALONE])
def test_a_picture_shows_no_group_that_is_too_small(
    drawings: dict[str, Drawing], name: str
) -> None:
    table = drawings[name]("nl").table.drop(columns="nr.", errors="ignore")
    for cell in table.astype(str).to_numpy().ravel():
        assert not re.fullmatch(r"[1-4]×?( \(.*\))?", cell), (name, cell)


def test_words_of_a_log_are_no_markup() -> None:
    contact = Contact(name=STRANGE, direction="in", about=STRANGE, silence=DAY, government=DAY)
    branch = Branch(
        name=STRANGE, parent=None, started=NOW, ended=NOW + DAY, open=False, lasted=DAY, share=0.5
    )
    pictures = [
        journey_map([contact, contact], title=STRANGE, says=STRANGE),
        case_tree([branch], title=STRANGE, says=STRANGE, day=DAY),
        ranking(
            [Bar(name=STRANGE, value=1.0, said=STRANGE)],
            title=STRANGE, says=STRANGE, columns=("a", "b"), percent=False,
        ),
    ]  # fmt: skip
    for picture in pictures:
        root = etree.fromstring(picture.svg)
        assert root.findtext(f"{SVG}title") == STRANGE
        assert "koffie & <thee>" in letters(picture)
        assert "<thee>" not in picture._repr_html_()


def test_a_count_that_could_be_found_by_subtraction_is_hidden_too() -> None:
    assert shown([10, 3, 8, 0]) == [10, None, None, 0]
    assert shown([10, 3, 4]) == [10, None, None]
    assert shown([10, 1, 2, 7]) == [10, None, None, None]
    assert shown([FEW, 0]) == [FEW, 0]


def test_a_histogram_says_half_and_nine_in_ten() -> None:
    """Of 0.5, 1.5 ... 99.5 days the median is 50, and 89.6 is the ninetieth percentile."""
    took = pd.Series(pd.to_timedelta([n + 0.5 for n in range(100)], unit="D"))
    picture = histogram(took, name="alles", of="zaken", day=DAY, lang="nl")
    assert "50,0 dagen" in picture.says.replace("\u00a0", " ")
    assert "89,6 dagen" in picture.says.replace("\u00a0", " ")
    assert picture.table["zaken"].astype(int).tolist() == [10] * 10


def test_steps_of_a_stream_map_add_up_to_its_throughput(streams: ValueStreams) -> None:
    chart = streams.chart("map", pattern="change>operate", lang="en")
    assert "Change a managed component" in chart.says
    row = streams.patterns.set_index("pattern").loc["change>operate"]
    steps = streams.steps[streams.steps["pattern"] == "change>operate"]
    whole = steps["processing"].sum() + steps["waiting"].sum()
    assert abs(whole / row["throughput"] - 1) < 0.01


def test_the_longest_silences_are_broken_and_the_others_to_scale() -> None:
    """Silences of 1, 2 and 40 days: the last is shortened, the second twice the first."""
    contacts = [
        Contact(name="a", direction="in", about="", silence=n * DAY, government=n * DAY)
        for n in (1, 2, 40)
    ]
    first = Contact(name="call", direction="in", about="")
    root = etree.fromstring(journey_map([first, *contacts], title="t", says="s").svg)
    wide = next(g for g in root.iter(f"{SVG}g") if g.get("class") == "wide")
    one, two, long = (
        float(bar.get("height")) for bar in wide.iter(f"{SVG}rect") if bar.get("class") == "wait"
    )
    assert two == pytest.approx(2 * one, abs=0.2)
    assert long < 40 * one
    assert len([p for p in wide.iter(f"{SVG}path") if p.get("class") == "gap"]) == 1


def test_what_cannot_be_drawn_is_refused_in_words(streams: ValueStreams) -> None:
    with pytest.raises(InputRefused, match="map, tree, distribution, trend"):
        streams.chart("taart", lang="nl")
    with pytest.raises(NotFound, match="change>operate"):
        streams.chart(pattern="change>operat")
    with pytest.raises(NotFound):
        streams.chart("tree", stream="geen stroom")


def test_a_pattern_of_few_streams_is_not_drawn(streams: ValueStreams) -> None:
    rare = streams.patterns[streams.patterns["pattern"] != ""].head(1)
    few = streams.patterns.assign(closed=FEW - 1)
    with pytest.raises(InputRefused, match=str(FEW)):
        type(streams)(**(vars(streams) | {"patterns": few})).chart(pattern=rare["pattern"].iloc[0])
