import pytest
from hypothesis import given
from hypothesis import strategies as st

from bdv_process.picture.svg import LEADING, fit, length, tag

SIZES = (13.0, 12.0, 11.5)


@given(st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=80))
def test_no_line_is_wider_or_taller_than_its_box(words: str) -> None:
    lines, size = fit(words, width=96, height=60, sizes=SIZES)
    assert all(length(line, size) <= 96 for line in lines)
    assert len(lines) * size * LEADING <= 60


@pytest.mark.parametrize("words", ["Toetsen en terugkoppelen", "Plannen en accorderen", "Wens"])
def test_a_name_that_fits_keeps_its_words_whole(words: str) -> None:
    lines, size = fit(words, width=96, height=60, sizes=SIZES)
    assert " ".join(lines) == words
    assert size == SIZES[0]


def test_a_long_word_gets_a_hyphen_instead_of_leaving_its_box() -> None:
    lines, _ = fit("Verwerkingsverantwoordelijkheid", width=96, height=60, sizes=SIZES)
    assert "".join(line.removesuffix("-") for line in lines) == "Verwerkingsverantwoordelijkheid"


def test_what_cannot_fit_ends_in_an_ellipsis() -> None:
    lines, _ = fit("een twee drie vier vijf zes zeven", width=40, height=30, sizes=SIZES)
    assert lines[-1].endswith("…")


@pytest.mark.parametrize("words", ["A" * 65_536, "a " * 32_768])
def test_of_a_name_as_long_as_a_book_only_the_beginning_is_fitted(words: str) -> None:
    lines, _ = fit(words, width=96, height=1e9, sizes=SIZES)
    assert 100 <= len("".join(lines)) < 300
    assert lines[-1].endswith("…")


def test_lines_are_about_equally_long() -> None:
    lines, _ = fit(
        "aaaa bbbb cccc dddd", width=length("aaaa bbbb cccc", 13.0), height=60, sizes=SIZES
    )
    assert lines == ["aaaa bbbb", "cccc dddd"]


def test_a_box_of_any_width_is_filled_at_once() -> None:
    assert fit("een twee", width=1e308, height=60, sizes=SIZES) == (["een twee"], SIZES[0])


def test_an_accent_takes_no_room() -> None:
    assert length("Geëscaleerd", 12) == length("Geescaleerd", 12)


def test_attributes_are_escaped() -> None:
    assert tag("g", title='"><script>') == '<g title="&quot;&gt;&lt;script&gt;"/>'
