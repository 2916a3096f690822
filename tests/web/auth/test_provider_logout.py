"""A log-out at the office's provider ends the sessions here, and no other message does."""

import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from screenpop.app.login_provider import KEYS_KEPT_S, OidcProvider
from screenpop.app.logout_token import EVENT, LONGEST_ID
from screenpop.protocol.close_codes import CloseCode
from screenpop.settings.login import OidcSettings
from tests.app.identity_provider import (
    CLIENT,
    KEY,
    OTHER_KEY,
    Claims,
    IdentityProvider,
    sign,
    signed_by_public_key,
    unsigned,
)
from tests.web.auth.test_provider_login import ORIGIN, Clock, client_settings, idp
from tests.web.running_server import Running, running

__all__ = ["client_settings", "idp"]
pytestmark = pytest.mark.anyio

PATH = "/login/oidc/back-channel"


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
async def office(
    prepared: Path, tmp_path: Path, client_settings: OidcSettings, clock: Clock
) -> AsyncGenerator[Running]:
    provider = OidcProvider(client_settings, (ORIGIN,), clock)
    async with running(prepared, tmp_path, provider=provider) as up:
        yield up


def logout_claims(idp: IdentityProvider, **more: object) -> Claims:
    now = int(time.time())
    claims = {"iss": idp.issuer, "aud": CLIENT, "iat": now, "exp": now + 120, "jti": "t-1"}
    return claims | {"sub": "s-1", "events": {EVENT: {}}} | more


def without(name: str) -> Callable[[Claims], str]:
    return lambda claims: sign({key: one for key, one in claims.items() if key != name}, KEY)


def with_claims(**more: object) -> Callable[[Claims], str]:
    return lambda claims: sign(claims | more, KEY)


FORGED: list[tuple[str, Callable[[Claims], str]]] = [
    ("nothing", lambda _: ""),
    ("no token", lambda _: "a.b.c"),
    ("unsigned", unsigned),
    ("another key", lambda claims: sign(claims, OTHER_KEY)),
    ("signed by the public key", signed_by_public_key),
    *((f"no {name}", without(name)) for name in ("iss", "aud", "iat", "exp", "jti", "sub")),
    ("no events", without("events")),
    ("another event", with_claims(events={"http://schemas.openid.net/event/login": {}})),
    ("events of another kind", with_claims(events=[EVENT])),
    ("an ID token", with_claims(nonce="n")),
    ("another issuer", with_claims(iss="https://evil.example")),
    ("another client", with_claims(aud="other")),
    ("over", with_claims(exp=int(time.time()) - 3600)),
    ("issued tomorrow", with_claims(iat=int(time.time()) + 86_400)),
    ("a number for a person", with_claims(sub=1)),
    ("a person too long", with_claims(sub="s" * (LONGEST_ID + 1))),
    ("a token too long", with_claims(jti="t" * (LONGEST_ID + 1))),
]


@pytest.mark.defends("provider-logout")
async def test_a_log_out_at_the_provider_ends_the_sessions_and_forged_ones_do_not(
    office: Running, idp: IdentityProvider, clock: Clock
) -> None:
    async with office.browser() as browser, office.browser() as sender:
        address = (await browser.get("/login/oidc")).headers["location"]
        await browser.get("/login/oidc/return", params=idp.authorize(address))
        assert (await browser.get("/me")).status_code == 200

        async def send(token: str) -> int:
            return (await sender.post(PATH, data={"logout_token": token})).status_code

        idp.asked.clear()
        for what, forge in FORGED:
            assert await send(forge(logout_claims(idp))) == 400, what
        assert idp.asked.count("/keys") == 1  # a stranger makes the provider no work
        assert await send(sign(logout_claims(idp, sub="s-2", jti="t-0"), KEY)) == 200
        assert (await browser.get("/me")).status_code == 200
        async with office.socket("alice") as socket:
            await socket.greet()
            longest = "t" * LONGEST_ID
            token = sign(logout_claims(idp, jti=longest, aud=["other", CLIENT]), KEY)
            assert await send(token) == 200
            assert await socket.closed() == CloseCode.EXPIRED
        assert (await browser.get("/me")).status_code == 303
        assert await send(token) == 400  # each counts once
        for later, reads in ((KEYS_KEPT_S - 1, 1), (KEYS_KEPT_S, 2)):
            clock.now = later
            assert await send("a.b.c") == 400
            assert idp.asked.count("/keys") == reads


@pytest.mark.defends("provider-logout")
async def test_without_a_provider_there_is_no_such_address(prepared: Path, tmp_path: Path) -> None:
    async with running(prepared, tmp_path) as office, office.browser() as sender:
        assert (await sender.post(PATH, data={"logout_token": "x"})).status_code == 404
