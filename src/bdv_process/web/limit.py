"""Nobody sends more than we keep."""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bdv_process.execution.request import LIMIT

_PATIENCE = 32 * LIMIT  # read and thrown away, so that a browser hears why it was refused


class Limit:
    """Refuses bodies over the limit of a command, with 413."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on, counting what comes in."""
        taken = 0

        async def counted() -> Message:
            nonlocal taken
            message = await receive()
            taken += len(message.get("body", b""))
            if taken <= LIMIT:
                return message
            while message.get("more_body") and taken <= _PATIENCE:
                message = await receive()
                taken += len(message.get("body", b""))
            raise HTTPException(413)

        await self.app(scope, counted, send)
