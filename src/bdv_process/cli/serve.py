"""`bdv serve`: the pages in the browser."""

import atexit
import os
import socket
from collections.abc import Mapping
from contextlib import ExitStack, closing
from ipaddress import ip_address
from secrets import token_urlsafe
from typing import TYPE_CHECKING

import click

from bdv_process.cli.extra import require
from bdv_process.cli.opening import database, open_register
from bdv_process.cli.screen import output_options, print_json, say
from bdv_process.cli.worker import one_inside
from bdv_process.errors import InputRefused, StorageUnavailable
from bdv_process.language import text

if TYPE_CHECKING:
    from fastapi import FastAPI

_SHORTEST = 32  # characters of a secret that nobody guesses

port_option = click.option(
    "--port", default=8000, type=click.IntRange(0, 65_535), show_default=True,
    help="Port to listen at.",
)  # fmt: skip


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@port_option
@click.option(
    "--workers", type=click.IntRange(1, 64), default=1, show_default=True,
    help="Processes that answer; more than one needs PostgreSQL and BDV_SECRET.",
)  # fmt: skip
@output_options
def serve(host: str, port: int, workers: int, as_json: bool) -> None:
    """Serve the pages on which people do their work.

    On SQLite it does what is due as well; on PostgreSQL bdv worker does.
    With BDV_DEV=1 visitors pick who they are; that is only possible at an address of this machine.
    With BDV_OIDC_DISCOVERY, BDV_OIDC_CLIENT and BDV_OIDC_SECRET they log in at an OpenID provider.
    BDV_THEME names a style sheet with the design tokens of your own organisation.
    """
    if os.environ.get("BDV_DEV") == "1" and not _loopback(host):
        raise InputRefused("BDV-605", where=host)
    if workers > 1 and database().startswith("sqlite"):
        raise InputRefused("BDV-389", where="BDV_DATABASE")
    secret = os.environ.get("BDV_SECRET")
    if workers > 1 and not secret:
        raise InputRefused("BDV-389", where="BDV_SECRET")
    if secret and len(secret) < _SHORTEST:
        raise InputRefused("BDV-607", where="BDV_SECRET", least=_SHORTEST)
    require("web")
    check_port(host, port)
    stay(host, port, workers=workers, as_json=as_json)


def stay(
    host: str,
    port: int,
    *,
    as_json: bool,
    workers: int = 1,
    facts: Mapping[str, object] | None = None,
) -> None:
    """Say where the pages are, and answer there until somebody stops it; `facts` go with it."""
    from bdv_process.web.serving import serve as answer

    with ExitStack() as until_stopped:
        made = _app_in(until_stopped)
        _look_ahead(made)
        address = f"http://{host}:{port}"
        if as_json:
            print_json({"address": address, **(facts or {})})
        else:
            say("cli.serving", address=address)
        until_stopped.enter_context(one_inside(as_json=as_json))
        several = f"{__name__}:{app_of_a_process.__name__}"
        answer(made if workers == 1 else several, host=host, port=port, workers=workers)


def _look_ahead(made: "FastAPI") -> None:
    """Say at once what visitors would find out.

    Raises:
        IntegrityBroken: the register is in another schema.
    """
    try:
        made.state.register.next_timer()
    except StorageUnavailable as away:  # it may come back, as visitors will
        click.echo(away.render(), err=True)
    if not made.state.dev and made.state.login is None:
        click.echo(text("cli.nobody_comes_in"), err=True)


def app_of_a_process() -> "FastAPI":
    """Return the application as the environment says, for one of several processes."""
    until_stopped = ExitStack()
    atexit.register(until_stopped.close)
    return _app_in(until_stopped)


def _app_in(until_stopped: ExitStack) -> "FastAPI":
    from bdv_process.web.app import create_app
    from bdv_process.web.provider import Provider
    from bdv_process.web.theme import theme_in

    return create_app(
        until_stopped.enter_context(open_register()),
        secret=os.environ.get("BDV_SECRET") or token_urlsafe(),
        dev=os.environ.get("BDV_DEV") == "1",
        provider=Provider.of(),
        theme=theme_in(),
    )


def check_port(host: str, port: int) -> None:
    """Refuse an address at which we cannot listen, before anybody is told of it.

    Raises:
        InputRefused: another program listens there, or it is no address of this machine.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, where = found[0]
        with closing(socket.socket(family, kind, protocol)) as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(where)
    except OSError as error:
        raise InputRefused("BDV-621", where=f"{host}:{port}", problem=error.strerror) from error


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
