"""Say everything in Dutch and in English: the sentences of the product, and names from files.

Sentences stand in one catalogue, `texts/*.toml`.
"""

import os
import tomllib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal

Language = Literal["nl", "en"]


def preferred() -> Language:
    """Return the reader's language: `BDV_LANG`, else Dutch."""
    return "en" if os.environ.get("BDV_LANG", "nl").lower().startswith("en") else "nl"


@cache
def catalogue() -> dict[str, dict[str, str]]:
    """Return all texts by key; every key stands in one file and has `nl` and `en`."""
    found: dict[str, dict[str, str]] = {}
    for file in sorted(files("bdv_process").joinpath("texts").iterdir(), key=lambda f: f.name):
        if file.name.endswith(".toml"):
            found |= tomllib.loads(file.read_text(encoding="utf-8"))
    return found


def text(key: str, lang: Language | None = None, /, **facts: object) -> str:
    """Return the sentence `key` in `lang`, its placeholders filled with `facts`."""
    return catalogue()[key][lang or preferred()].format(**facts)


@dataclass(frozen=True, kw_only=True)
class Named:
    """Something with a name in both languages."""

    id: str
    name: str  #: Dutch
    name_en: str

    def label(self, lang: Language = "nl") -> str:
        """Return the name in `lang`."""
        return self.name_en if lang == "en" else self.name


@dataclass(frozen=True, kw_only=True)
class Said:
    """Sentences in both languages."""

    text: str  #: Dutch
    text_en: str

    def label(self, lang: Language = "nl") -> str:
        """Return the sentences in `lang`."""
        return self.text_en if lang == "en" else self.text
