"""The web application: its rooms, and one face for every refusal."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path

from anyio import CapacityLimiter
from anyio.to_thread import current_default_thread_limiter
from fastapi import FastAPI
from starlette.middleware.sessions import SessionMiddleware

from bdv_process.execution.register import CaseRegister
from bdv_process.web import (
    about,
    call,
    case,
    entrance,
    health,
    infrastructure,
    insight,
    item,
    live,
    my_work,
    open_calls,
    refusal,
    workflows,
)
from bdv_process.web.api.app import create_api
from bdv_process.web.headers import Headers
from bdv_process.web.limit import Limit
from bdv_process.web.origin import Origin
from bdv_process.web.provider import Login, Provider
from bdv_process.web.small_file import SmallFiles
from bdv_process.web.theme import wear
from bdv_process.web.visitor import SESSION, WORKDAY


def create_app(
    register: CaseRegister,
    *,
    secret: str,
    dev: bool = False,
    provider: Provider | None = None,
    theme: Path | None = None,
) -> FastAPI:
    """Return the application on a register.

    Args:
        register: what it shows and changes; it stays the caller's to close.
        secret: signs the session cookie; whoever knows it can be anybody.
        dev: let visitors pick who they are, without TLS: for a demonstration on this machine only.
        provider: where people log in.
        theme: a style sheet with the organisation's own design tokens.
    """

    @asynccontextmanager
    async def alive(_app: FastAPI) -> AsyncIterator[None]:
        # The register's live cases are for one thread at a time; what reads none is beside it.
        current_default_thread_limiter().total_tokens = 1
        yield

    app = FastAPI(lifespan=alive, openapi_url=None, docs_url=None, redoc_url=None)
    app.state.register, app.state.dev = register, dev
    app.state.login = Login(provider) if provider else None
    app.add_middleware(
        SessionMiddleware,
        secret_key=secret,
        session_cookie=SESSION,
        max_age=WORKDAY,
        same_site="lax",
        https_only=not dev,
    )
    app.add_middleware(Limit)
    app.add_middleware(Headers)
    app.add_middleware(Origin)
    app.state.insight = insight.Kept(register)
    app.state.beside = CapacityLimiter(1)
    working = (my_work, open_calls, call, case, item, workflows, insight, infrastructure)
    for room in (health, entrance, live, *working, about):
        app.include_router(room.router)
    if theme:
        wear(app, theme)
    static = files("bdv_process.web").joinpath("static")
    app.mount("/static", SmallFiles(directory=str(static)), name="static")
    app.mount("/api/v1", create_api(register, dev=dev), name="api")
    refusal.face(app)
    return app
