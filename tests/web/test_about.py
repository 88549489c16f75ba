"""Begrippen and Toegankelijkheid: for everybody, logged in or not."""

import re
from collections.abc import Callable
from html import unescape
from pathlib import Path

from bdv_process.language import catalogue
from web.conftest import Visit

Come = Callable[[str], Visit]


def test_every_word_is_explained_in_the_language_of_the_screen(visit: Come) -> None:
    stranger = visit("")
    words = {
        key.removeprefix("glossary."): said
        for key, said in catalogue().items()
        if key.startswith("glossary.")
    }
    assert len(words) > 70
    dutch = unescape(stranger.see("/begrippen").text)
    english = unescape(stranger.send("/taal", lang="en", next="/begrippen").text)
    for word, said in words.items():
        assert f"<b>{said['word']}</b>" in dutch
        assert f"<b>{word}</b>" in english
        for page, lang in ((dutch, "nl"), (english, "en")):
            plain = re.sub("</?code>", "`", page)
            assert said[lang] in plain, said[lang]


def test_the_words_stand_in_the_order_of_the_alphabet(visit: Come) -> None:
    words = re.findall(r"<dt[^>]*><b>(.*?)</b>", visit("").see("/begrippen").text)
    assert words == sorted(words, key=str.casefold)


def test_the_statement_does_not_claim_what_nobody_examined(visit: Come) -> None:
    page = visit("").see("/toegankelijkheid").text
    assert "nog niet door een onafhankelijke partij onderzocht" in page
    assert 'href="/toegankelijkheid"' in visit("").see("/aanmelden").text


def test_every_word_of_the_screens_is_said_somewhere(root: Path) -> None:
    room = root / "src" / "bdv_process" / "web"
    source = "\n".join(p.read_text("utf-8") for p in room.rglob("*") if p.suffix in {".py", ".j2"})
    # Families of which the end is chosen by what happened.
    families = tuple(set(re.findall(r'"(?:web\.)?([a-z_]+(?:\.[a-z_]+)?\.)(?:"|\{)', source)))
    for key in catalogue():
        said = key.removeprefix("web.")
        if said != key and not said.startswith(families):
            assert re.search(rf"""["'](web\.)?{re.escape(said)}["']""", source), key
