"""The organisation's OpenID provider: who logs in there, is known here (code flow with PKCE)."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final
from warnings import catch_warnings, simplefilter

import httpx
from authlib.integrations.base_client.errors import OAuthError
from fastapi import Request
from fastapi.responses import RedirectResponse
from joserfc.errors import JoseError

from bdv_process.errors import InputRefused, NotAllowed, StorageUnavailable

_NEEDED: Final = ("BDV_OIDC_DISCOVERY", "BDV_OIDC_CLIENT", "BDV_OIDC_SECRET")
_CLAIM: Final = "BDV_OIDC_CLAIM"


@dataclass(frozen=True, kw_only=True)
class Provider:
    """Where people log in, and as whom this application is known there."""

    discovery: str  #: address of its openid-configuration
    client: str
    secret: str
    claim: str = "sub"  #: what it says of somebody that is the id of a person here

    @staticmethod
    def of(environment: Mapping[str, str] = os.environ) -> "Provider | None":
        """Return the provider that the environment names, if any.

        Raises:
            InputRefused: the environment names it in part.
        """
        given = [environment.get(name, "") for name in _NEEDED]
        if not any(given):
            return None
        if not all(given):
            raise InputRefused("BDV-690", where=_NEEDED[given.index("")])
        claim = environment.get(_CLAIM, "sub")
        return Provider(discovery=given[0], client=given[1], secret=given[2], claim=claim)


class Login:
    """Sends people to a provider, and believes what it says of who comes back."""

    def __init__(self, provider: Provider) -> None:
        with catch_warnings():
            from authlib.deprecate import AuthlibDeprecationWarning

            # It says so of the one client for HTTP that both it and our tests have.
            simplefilter("ignore", AuthlibDeprecationWarning)
            from authlib.integrations.starlette_client import OAuth
        self._claim, self._where = provider.claim, provider.discovery
        self._client: Any = OAuth().register(
            "provider",
            server_metadata_url=provider.discovery,
            client_id=provider.client,
            client_secret=provider.secret,
            client_kwargs={"scope": "openid", "code_challenge_method": "S256", "timeout": 5},
        )

    async def send(self, request: Request, back: str) -> RedirectResponse:
        """Send somebody to log in, who then comes `back`.

        Raises:
            StorageUnavailable: the provider does not answer.
        """
        try:
            sent: RedirectResponse = await self._client.authorize_redirect(request, back)
        except (httpx.HTTPError, ValueError) as error:
            raise StorageUnavailable("BDV-766", where=self._where) from error
        return sent

    async def receive(self, request: Request) -> str:
        """Return the id of who comes back.

        Raises:
            NotAllowed: this login was not asked for here, or does not hold.
            StorageUnavailable: the provider does not answer.
        """
        try:
            token = await self._client.authorize_access_token(request)
            return str(token["userinfo"][self._claim])
        except (OAuthError, JoseError, KeyError) as error:
            raise NotAllowed("BDV-765") from error
        except (httpx.HTTPError, ValueError) as error:
            raise StorageUnavailable("BDV-766", where=self._where) from error
