"""Logging in at an OpenID provider: a small real one, with keys, codes and PKCE of its own."""

import base64
import hashlib
import time
from collections.abc import Iterator
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlencode

import httpx
import pytest
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, RedirectResponse, Response
from joserfc import jwt
from joserfc.jwk import RSAKey

from bdv_process.errors import InputRefused
from bdv_process.execution.register import CaseRegister
from bdv_process.web.app import create_app
from bdv_process.web.provider import Provider
from web.conftest import served

_CLIENT, _SECRET = "bdv", "a secret of the client"


class OpenId:
    """A provider at which one person is logged in."""

    def __init__(self) -> None:
        self.person, self.key = "ben", RSAKey.generate_key(2048, {"kid": "one"})
        self.signs = self.key
        self.claims: dict[str, Any] = {}
        self.asked: dict[str, dict[str, str]] = {}
        self.app = FastAPI()
        self.app.get("/.well-known/openid-configuration")(self.configuration)
        self.app.get("/authorize")(self.authorize)
        self.app.post("/token")(self.token)
        self.app.get("/jwks")(self.jwks)

    def configuration(self, request: Request) -> dict[str, Any]:
        here = str(request.base_url).rstrip("/")
        return {
            "issuer": here, "authorization_endpoint": f"{here}/authorize",
            "token_endpoint": f"{here}/token", "jwks_uri": f"{here}/jwks",
            "id_token_signing_alg_values_supported": ["RS256"],
        }  # fmt: skip

    def jwks(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def authorize(self, request: Request) -> Response:
        asked = dict(request.query_params)
        good = asked["response_type"] == "code" and asked["client_id"] == _CLIENT
        if not (good and asked["code_challenge_method"] == "S256" and "openid" in asked["scope"]):
            return JSONResponse({"error": "invalid_request"}, 400)
        code = token_urlsafe()
        self.asked[code] = asked
        back = urlencode({"code": code, "state": asked["state"]})
        return RedirectResponse(f"{asked['redirect_uri']}?{back}", 302)

    async def token(self, request: Request) -> Response:
        given = {name: str(value) for name, value in (await request.form()).items()}
        asked = self.asked.pop(given.get("code", ""), None)
        basic = base64.b64encode(f"{_CLIENT}:{_SECRET}".encode()).decode()
        digest = hashlib.sha256(given.get("code_verifier", "").encode()).digest()
        proof = base64.urlsafe_b64encode(digest).decode().rstrip("=")
        known = request.headers.get("authorization") == f"Basic {basic}"
        if not asked or not known or asked["code_challenge"] != proof:
            return JSONResponse({"error": "invalid_grant"}, 400)
        now = int(time.time())
        claims = {
            "iss": str(request.base_url).rstrip("/"), "sub": self.person, "aud": _CLIENT,
            "iat": now, "exp": now + 60, "nonce": asked["nonce"],
        }  # fmt: skip
        told = jwt.encode({"alg": "RS256", "kid": "one"}, claims | self.claims, self.signs)
        answer = {"access_token": "x", "token_type": "Bearer", "id_token": told}
        return JSONResponse(answer)


@pytest.fixture
def openid() -> OpenId:
    return OpenId()


@pytest.fixture
def browser(openid: OpenId, register: CaseRegister) -> Iterator[httpx.Client]:
    """A browser at our door, with the provider behind it."""
    with served(openid.app) as there:
        provider = Provider(
            discovery=f"{there}/.well-known/openid-configuration", client=_CLIENT, secret=_SECRET
        )
        app = create_app(register, secret=token_urlsafe(), dev=True, provider=provider)
        with served(app) as here, httpx.Client(base_url=here, follow_redirects=True) as client:
            yield client


def test_who_logs_in_at_the_provider_gets_where_he_was_going(browser: httpx.Client) -> None:
    door = browser.get("/werkstromen/W4")
    assert "/aanmelden/elders?next=/werkstromen/W4" in door.text
    came = browser.get("/aanmelden/elders?next=/werkstromen/W4")
    assert (came.url.path, came.status_code) == ("/werkstromen/W4", 200)
    assert "Ben" in came.text
    assert browser.get("/api/v1/cases").status_code == 200


def test_who_does_not_work_here_stays_outside(browser: httpx.Client, openid: OpenId) -> None:
    openid.person = "zoe"
    told = browser.get("/aanmelden/elders")
    assert told.status_code == 403
    assert "zoe" in told.text  # the name to give to who can let her in
    assert browser.get("/api/v1/cases").status_code == 401


@pytest.mark.parametrize(
    "claims",
    [{"nonce": "guessed"}, {"aud": "another"}, {"iss": "https://elders.example"}, {"exp": 1}],
    ids=lambda claims: next(iter(claims)),
)
def test_a_token_that_is_not_for_this_login_is_not_believed(
    browser: httpx.Client, openid: OpenId, claims: dict[str, object]
) -> None:
    openid.claims = claims
    assert browser.get("/aanmelden/elders").status_code == 403
    assert browser.get("/api/v1/cases").status_code == 401


def test_a_token_signed_by_somebody_else_is_not_believed(
    browser: httpx.Client, openid: OpenId
) -> None:
    openid.signs = RSAKey.generate_key(2048, {"kid": "one"})
    assert browser.get("/aanmelden/elders").status_code == 403
    assert browser.get("/api/v1/cases").status_code == 401


def test_a_login_that_began_elsewhere_is_not_finished_here(
    browser: httpx.Client, openid: OpenId
) -> None:
    for query in ("", "?code=a&state=b", "?error=access_denied&state=b"):
        assert browser.get(f"/aanmelden/terug{query}").status_code == 403
    sent = browser.get("/aanmelden/elders", follow_redirects=False)
    back = browser.get(sent.headers["location"], follow_redirects=False).headers["location"]
    browser.cookies.clear()  # the browser of a victim, sent here with the code of somebody else
    assert browser.get(back).status_code == 403


def test_a_login_leads_to_no_other_site(browser: httpx.Client) -> None:
    came = browser.get("/aanmelden/elders", params={"next": "https://elders.example/"})
    assert came.url.path == "/mijn-werk"


def test_a_provider_that_does_not_answer_is_said_with_when_to_try_again(
    register: CaseRegister,
) -> None:
    provider = Provider(discovery="http://127.0.0.1:9/x", client=_CLIENT, secret=_SECRET)
    with served(create_app(register, secret=_SECRET, dev=True, provider=provider)) as here:
        answer = httpx.get(f"{here}/aanmelden/elders")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0


def test_without_a_provider_there_is_no_way_to_one(address: str) -> None:
    assert httpx.get(f"{address}/aanmelden/elders").status_code == 404


def test_half_a_provider_is_refused_at_the_start() -> None:
    named = {"BDV_OIDC_DISCOVERY": "https://a.example/x", "BDV_OIDC_CLIENT": "bdv"}
    assert Provider.of({}) is None
    with pytest.raises(InputRefused, match="BDV_OIDC_SECRET"):
        Provider.of(named)
    whole = Provider.of(named | {"BDV_OIDC_SECRET": "s", "BDV_OIDC_CLAIM": "email"})
    assert whole
    assert whole.claim == "email"
