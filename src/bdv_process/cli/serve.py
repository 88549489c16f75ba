"""`bdv serve`: the pages in the browser."""

import os
from ipaddress import ip_address
from secrets import token_urlsafe

import click

from bdv_process.cli.opening import open_register
from bdv_process.cli.screen import output_options, print_json, say
from bdv_process.errors import InputRefused


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--port", default=8000, show_default=True, help="Port to listen at.")
@output_options
def serve(host: str, port: int, as_json: bool) -> None:
    """Serve the pages on which people do their work.

    With BDV_DEV=1 visitors pick who they are; that is only possible at an address of this machine.
    With BDV_OIDC_DISCOVERY, BDV_OIDC_CLIENT and BDV_OIDC_SECRET they log in at an OpenID provider.
    """
    from bdv_process.web.app import create_app
    from bdv_process.web.provider import Provider
    from bdv_process.web.serving import serve as answer

    dev = os.environ.get("BDV_DEV") == "1"
    if dev and not _loopback(host):
        raise InputRefused("BDV-605", where=host)
    provider = Provider.of()
    secret = os.environ.get("BDV_SECRET") or token_urlsafe()
    with open_register() as register:
        address = f"http://{host}:{port}"
        if as_json:
            print_json({"address": address})
        else:
            say("cli.serving", address=address)
        app = create_app(register, secret=secret, dev=dev, provider=provider)
        answer(app, host=host, port=port)


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
