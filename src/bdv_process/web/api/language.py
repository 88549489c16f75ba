"""The language of an answer: the first of ours in `Accept-Language`."""

from typing import get_args

from fastapi import Request

from bdv_process.language import Language, preferred


def language(request: Request) -> Language:
    """Return the language asked for, else that of this installation."""
    for asked in request.headers.get("accept-language", "").split(","):
        for ours in get_args(Language):
            if asked.strip()[:2].lower() == ours:
                said: Language = ours
                return said
    return preferred()
