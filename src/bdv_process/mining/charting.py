"""What every `.chart()` asks first: which kind, which part, and in whose words."""

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from typing import get_args

from bdv_process.errors import InputRefused, NotFound
from bdv_process.language import Language, preferred
from bdv_process.template.library import or_shipped
from bdv_process.template.model import Template, by_key


def check_kind(kind: str, kinds: Collection[str]) -> None:
    """Refuse a kind of chart that a result does not have.

    Raises:
        InputRefused: it is none of `kinds`.
    """
    if kind not in kinds:
        raise InputRefused("BDV-470", kind=kind, known=", ".join(kinds))


def check_known(name: str, known: Collection[str], code: str) -> None:
    """Refuse what a result does not have, and say what comes nearest.

    Raises:
        NotFound: with this code, it is not among `known`.
    """
    if name not in known:
        nearest = get_close_matches(name, known, 1, cutoff=0.0)
        raise NotFound(code, where=name, nearest=", ".join(nearest) or "-")


def named_by(templates: Iterable[Template] | None) -> dict[str, Template]:
    """Return what names the steps, by key: the shipped templates when none are given."""
    return by_key(or_shipped(templates))


def said_in(lang: Language | None) -> Language:
    """Return the language of the words: the reader's, unless one is asked for.

    Raises:
        InputRefused: we do not speak it.
    """
    if lang not in (None, *get_args(Language)):
        raise InputRefused("BDV-468", lang=lang, known=", ".join(get_args(Language)))
    return lang or preferred()
