"""Pages about the product itself: its words, and who can use it."""

from fastapi import APIRouter, Request
from fastapi.responses import Response

from bdv_process.language import Language, catalogue
from bdv_process.web.beside import beside
from bdv_process.web.screen import language, screen

router = APIRouter()

_GLOSSARY = "glossary."


@router.get("/begrippen")
@beside
def glossary(request: Request) -> Response:
    """Tell what our words mean."""
    return screen(request, "glossary", words=_words(language(request)))


@router.get("/toegankelijkheid")
@beside
def accessibility(request: Request) -> Response:
    """Say for whom the screens work, and for whom not yet."""
    return screen(request, "accessibility")


def _words(lang: Language) -> list[dict[str, str]]:
    """Return every word with its twin in the other language, what it means and whose it is."""
    found = []
    for key, said in catalogue().items():
        if key.startswith(_GLOSSARY):
            english, dutch = key.removeprefix(_GLOSSARY), said["word"]
            word, twin = (english, dutch) if lang == "en" else (dutch, english)
            source = said.get("source", "")
            found.append({"word": word, "twin": twin, "means": said[lang], "source": source})
    return sorted(found, key=lambda each: each["word"].casefold())
