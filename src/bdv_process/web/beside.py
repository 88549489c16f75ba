"""Pages that only read are answered beside the commands, which may wait for the database."""

from collections.abc import Awaitable, Callable
from functools import partial, wraps

from anyio.to_thread import run_sync
from fastapi import Request
from fastapi.responses import Response


def beside(page: Callable[..., Response]) -> Callable[..., Awaitable[Response]]:
    """Let a page that loads no live case be answered while a command waits, one at a time."""

    @wraps(page)
    async def answered(*, request: Request, **asked: object) -> Response:
        answer = partial(page, request=request, **asked)
        return await run_sync(answer, limiter=request.app.state.beside)

    return answered
