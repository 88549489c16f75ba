"""The look of an organisation: design tokens of its own, in place of the sheet that sets none."""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from fastapi import FastAPI
from fastapi.responses import Response

from bdv_process.errors import NotFound

_WHERE: Final = "BDV_THEME"


def theme_in(environment: Mapping[str, str] = os.environ) -> Path | None:
    """Return the style sheet that the environment names, if any.

    Raises:
        NotFound: there is no such file.
    """
    named = environment.get(_WHERE)
    if not named:
        return None
    if not Path(named).is_file():
        raise NotFound("BDV-622", where=named)
    return Path(named)


def wear(app: FastAPI, theme: Path) -> None:
    """Let an application look as its organisation does."""

    @app.get("/static/theme.css", include_in_schema=False)
    async def look() -> Response:
        return Response(
            theme.read_bytes(), media_type="text/css", headers={"cache-control": "no-cache"}
        )
