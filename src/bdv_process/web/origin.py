"""Where a request comes from, for the audit log: by which face, and from which address."""

from starlette.types import ASGIApp, Receive, Scope, Send

from bdv_process.execution.audit import ORIGIN


class Origin:
    """Remembers it while a request is answered.

    Behind a proxy that the server believes, that is the address it forwards.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request on."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        face = "api" if scope["path"].startswith("/api/") else "web"
        client = scope.get("client") or ("-",)
        remembered = ORIGIN.set(f"{face} {client[0]}")
        try:
            await self.app(scope, receive, send)
        finally:
            ORIGIN.reset(remembered)
