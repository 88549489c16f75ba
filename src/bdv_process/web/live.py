"""Counts that change while one looks: sent to the page when they did."""

import json
from asyncio import sleep
from collections.abc import AsyncIterator
from typing import Final

from anyio.to_thread import run_sync
from fastapi import APIRouter, Request
from fastapi.responses import StreamingResponse

from bdv_process.web.my_work import counts, told
from bdv_process.web.screen import language
from bdv_process.web.visitor import Register, Visitor

router = APIRouter()

_EVERY: Final = 3.0  # seconds between two looks; other processes write the register too
_LOOKS: Final = 20  # of one connection: the browser comes back, and nobody keeps a door open


@router.get("/mijn-werk/stand")
async def stand(request: Request, register: Register, me: Visitor) -> StreamingResponse:
    """Send how much lies on each pile of the visitor, whenever that changed."""
    lang = language(request)

    async def changes() -> AsyncIterator[str]:
        yield f"retry: {int(_EVERY * 1000)}\n\n"
        before = None
        for _ in range(_LOOKS):
            now = await run_sync(counts, register, me.id, limiter=request.app.state.beside)
            if now != before:
                said = {pile: told(number, lang) for pile, number in now.items()}
                yield f"data: {json.dumps(said)}\n\n"
                before = now
            await sleep(_EVERY)

    return StreamingResponse(changes(), media_type="text/event-stream")
