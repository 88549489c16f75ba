"""The API as an application of its own, with its own face for refusals and its own document."""

from typing import Any, Final

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bdv_process.execution.register import CaseRegister
from bdv_process.web.api import cases, infrastructure, problem, work_items, workflows
from bdv_process.web.api.document import PATH, VERSION, described


class _Version:
    """Says which version answered; the document may be read from any site."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_version(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["api-version"] = VERSION
                if scope["path"].endswith(PATH):
                    headers["access-control-allow-origin"] = "*"
            await send(message)

        await self.app(scope, receive, with_version)


class _Api(FastAPI):
    """An API that describes itself by the design rules."""

    def openapi(self) -> dict[str, Any]:
        """Return the document."""
        if not self.openapi_schema:
            self.openapi_schema = described(super().openapi())
        return self.openapi_schema


def create_api(register: CaseRegister, *, dev: bool) -> FastAPI:
    """Return the API on a register; with `dev` callers may say who they are."""
    api = _Api(**_ABOUT)
    api.state.register, api.state.dev = register, dev
    api.add_middleware(_Version)
    for room in (cases, work_items, workflows, infrastructure):
        api.include_router(room.router)
    problem.face(api)
    return api


_ABOUT: Final[dict[str, Any]] = {
    "title": "bdv_process",
    "summary": "Acht werkstromen: eight workflows for every call.",
    "version": VERSION,
    "openapi_url": PATH,
    "docs_url": None,
    "redoc_url": None,
    "redirect_slashes": False,
    "root_path_in_servers": False,
    "servers": [{"url": "/api/v1"}],
    "license_info": {"name": "EUPL-1.2", "identifier": "EUPL-1.2"},
}
