"""Login by the office's provider, against a real one on loopback that also lies."""

import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pyotp
import pytest
from joserfc.jwk import OctKey

from screenpop.accounts.users import Department, Role
from screenpop.app.login_provider import LONGEST_CLAIM, OidcProvider
from screenpop.settings.login import OidcSettings
from screenpop.store.accounts.identities import forget_identities
from screenpop.store.accounts.second_factor import new_setup, turn_on
from screenpop.store.accounts.user_admin import delete_user, disable_user, enable_user
from screenpop.store.accounts.users import create_user, find_username
from screenpop.web.auth.provider_cookie import (
    _LONGEST,
    BEGUN_S,
    read_begun,
    sign_begun,
)
from screenpop.web.auth.provider_port import BegunLogin
from tests.app.identity_provider import (
    CLIENT,
    OTHER_KEY,
    SECRET,
    Claims,
    IdentityProvider,
    identity_provider,
    sign,
    signed_by_public_key,
    unsigned,
)
from tests.web.running_server import PASSWORD, Running, log_in, running

pytestmark = pytest.mark.anyio

LONG_AGO = 1_795_000_000.0
ORIGIN = "https://pop.example.com"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def idp() -> AsyncGenerator[IdentityProvider]:
    async with identity_provider() as provider:
        yield provider


@pytest.fixture
def client_settings(idp: IdentityProvider, tmp_path: Path) -> OidcSettings:
    file = tmp_path / "client-secret"
    file.write_text(SECRET + "\n")
    return OidcSettings(
        issuer=idp.issuer,
        name="Office ID",
        client_id=CLIENT,
        client_secret_file=file,
        private_http=True,
    )


@pytest.fixture
async def office(
    prepared: Path, tmp_path: Path, client_settings: OidcSettings
) -> AsyncGenerator[Running]:
    provider = OidcProvider(client_settings, (ORIGIN,), Clock())
    async with running(prepared, tmp_path, provider=provider) as up:
        yield up


async def begin(browser: httpx.AsyncClient, wanted: str = "") -> str:
    """Return the address to which the button leads."""
    answer = await browser.get("/login/oidc", params={"next": wanted} if wanted else {})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


async def log_in_there(
    browser: httpx.AsyncClient, idp: IdentityProvider, wanted: str = "", **instead: str
) -> httpx.Response:
    query = idp.authorize(await begin(browser, wanted)) | instead
    return await browser.get("/login/oidc/return", params=query)


def has_session(browser: httpx.AsyncClient) -> bool:
    return bool(browser.cookies.get("screenpop_session"))


@pytest.mark.defends("provider-login")
async def test_a_user_logs_in_by_the_provider_and_is_recognised_by_its_id_from_then_on(
    office: Running, idp: IdentityProvider
) -> None:
    async with office.browser() as browser:
        assert 'id="provider">Office ID<' in (await browser.get("/login")).text
        query = parse_qs(urlsplit(await begin(browser)).query)
        # Never to a host that only the request names.
        assert query["redirect_uri"] == [f"{ORIGIN}/login/oidc/return"]
        done = await log_in_there(browser, idp, wanted="/calls?page=2")
        assert (done.status_code, done.headers["location"]) == (303, "/calls?page=2")
        assert has_session(browser)
        assert (await browser.get("/me")).status_code == 200
        assert not browser.cookies.get("screenpop_provider")
        # Who is logged in needs no provider.
        assert (await browser.get("/login/oidc?next=/calls")).headers["location"] == "/calls"
    # The provider renames the person: its id decides, not the name of another user.
    idp.person = {"sub": "s-1", "preferred_username": "adam"}
    async with office.browser() as browser:
        done = await log_in_there(browser, idp, wanted="https://evil.example/")
        assert done.headers["location"] == "/"
        assert "Alice" in (await browser.get("/me")).text
    # Another id with the name of a user who has one already.
    idp.person = {"sub": "s-2", "preferred_username": "alice"}
    async with office.browser() as browser:
        refused = await log_in_there(browser, idp)
        assert (refused.status_code, has_session(browser)) == (401, False)
        assert "no_account" in refused.text
        assert await forget_identities(office.database, office.id("alice")) == 1
        assert (await log_in_there(browser, idp)).headers["location"] == "/"


def swap_userinfo(idp: IdentityProvider) -> None:
    idp.person.pop("preferred_username")
    idp.userinfo = {"sub": "s-9", "preferred_username": "adam"}


LIES: list[tuple[str, Callable[[IdentityProvider], None]]] = [
    ("wrong nonce", lambda idp: setattr(idp, "lie", lambda c: c.update(nonce="other"))),
    ("no nonce", lambda idp: setattr(idp, "lie", lambda c: c.pop("nonce"))),
    ("other audience", lambda idp: setattr(idp, "lie", lambda c: c.update(aud="another"))),
    (
        "also for another, given to it",
        lambda idp: setattr(idp, "lie", lambda c: c.update(aud=[CLIENT, "x"], azp="x")),
    ),
    (
        "other issuer",
        lambda idp: setattr(idp, "lie", lambda c: c.update(iss="https://evil.example")),
    ),
    ("expired", lambda idp: setattr(idp, "lie", lambda c: c.update(exp=int(time.time()) - 61))),
    ("no end", lambda idp: setattr(idp, "lie", lambda c: c.pop("exp"))),
    ("of the future", lambda idp: setattr(idp, "lie", lambda c: c.update(nbf=time.time() + 900))),
    ("no subject", lambda idp: setattr(idp, "lie", lambda c: c.pop("sub"))),
    ("odd subject", lambda idp: setattr(idp, "lie", lambda c: c.update(sub=["s-1"]))),
    ("long subject", lambda idp: idp.person.update(sub="s" * (LONGEST_CLAIM + 1))),
    ("odd hash", lambda idp: setattr(idp, "lie", lambda c: c.update(at_hash={"a": 1}))),
    ("wrong hash", lambda idp: setattr(idp, "lie", lambda c: c.update(at_hash="AAAA"))),
    ("unsigned", lambda idp: setattr(idp, "sign", unsigned)),
    ("signed by another key", lambda idp: setattr(idp, "sign", lambda c: sign(c, OTHER_KEY))),
    (
        "signed by the secret",
        lambda idp: setattr(idp, "sign", lambda c: sign(c, OctKey.import_key(SECRET), "HS256")),
    ),
    (
        "signed by the public key as a secret",
        lambda idp: setattr(idp, "sign", signed_by_public_key),
    ),
    ("no token", lambda idp: setattr(idp, "sign", lambda _: "")),
    ("code not accepted", lambda idp: setattr(idp, "error", "invalid_grant")),
    ("no name", lambda idp: idp.person.pop("preferred_username")),
    ("user information of another person", swap_userinfo),
]


@pytest.mark.defends("provider-login")
async def test_a_wrong_answer_of_the_provider_starts_no_session(
    office: Running, idp: IdentityProvider
) -> None:
    honest = IdentityProvider()
    for name, lie in LIES:
        idp.person, idp.userinfo, idp.error = dict(honest.person), None, ""
        idp.lie, idp.sign = honest.lie, honest.sign
        lie(idp)
        async with office.browser() as browser:
            refused = await log_in_there(browser, idp)
            assert (refused.status_code, has_session(browser)) == (401, False), name
            assert "provider_refused" in refused.text, name
    assert "/me" in idp.asked


@pytest.mark.defends("provider-login")
async def test_a_way_back_that_this_browser_did_not_begin_starts_no_session(
    office: Running, idp: IdentityProvider
) -> None:
    async with office.browser() as mallory:
        theirs = idp.authorize(await begin(mallory))

    async def come_back(changes: Claims, cookie: bool = True) -> httpx.Response:
        async with office.browser() as browser:
            query = idp.authorize(await begin(browser)) | changes
            if not cookie:
                browser.cookies.clear()
            answer = await browser.get("/login/oidc/return", params=query)
            assert not has_session(browser)
            return answer

    # Also without the cookie: a link that would log others into Mallory's account.
    for changes, cookie in (
        ({"state": ""}, True),
        ({"state": "é"}, True),
        (theirs, True),
        ({}, False),
    ):
        answer = await come_back(changes, cookie)
        assert answer.headers["location"] == "/login?why=too_slow"
    for changes in ({"iss": "https://evil.example"}, {"error": "access_denied"}, {"code": ""}):
        assert (await come_back(changes)).status_code == 401


@pytest.mark.defends("provider-login")
async def test_a_state_counts_once(office: Running, idp: IdentityProvider) -> None:
    async with office.browser() as browser, office.browser() as mallory:
        address = await begin(browser)
        cookie = f"screenpop_provider={browser.cookies['screenpop_provider']}"
        query = idp.authorize(address)
        assert (await browser.get("/login/oidc/return", params=query)).headers["location"] == "/"
        # The same cookie and state, with another code that the provider accepts.
        again = idp.authorize(address)
        assert again["code"] != query["code"]
        replayed = await mallory.get("/login/oidc/return", params=again, headers={"Cookie": cookie})
        assert replayed.headers["location"] == "/login?why=too_slow"
        assert not has_session(mallory)


@pytest.mark.defends("provider-login")
async def test_disabled_deleted_and_unknown_people_are_refused_and_a_second_factor_is_asked(
    office: Running, idp: IdentityProvider
) -> None:
    async with office.browser() as browser:
        idp.person = {"sub": "s" * LONGEST_CLAIM, "preferred_username": "nobody"}
        assert "no_account" in (await log_in_there(browser, idp)).text
        idp.person = {"sub": "s-3", "preferred_username": "bob"}
        await disable_user(office.database, office.id("bob"))
        assert "no_account" in (await log_in_there(browser, idp)).text
        await enable_user(office.database, office.id("bob"))
        assert (await log_in_there(browser, idp)).headers["location"] == "/"
        browser.cookies.clear()
        await disable_user(office.database, office.id("bob"))
        assert "no_account" in (await log_in_there(browser, idp)).text
        await delete_user(office.database, office.id("bob"), 1_700_000_000.0)
        assert "no_account" in (await log_in_there(browser, idp)).text
        made = await create_user(
            office.database,
            username="bob",
            display_name="Bob the second",
            password=PASSWORD,
            role=Role.AGENT,
            department=Department.SALES,
            language="en",
            now=1_700_000_000.0,
        )
        assert (await log_in_there(browser, idp)).headers["location"] == "/"
        browser.cookies.clear()
        setup = await new_setup(office.database, made.id, LONG_AGO)
        code = pyotp.TOTP(setup.secret).at(int(LONG_AGO))
        assert await turn_on(office.database, made.id, setup, code, LONG_AGO)
        asked = await log_in_there(browser, idp, wanted="/calls")
        assert asked.headers["location"] == "/login/code?next=%2Fcalls"
        assert not has_session(browser)


@pytest.mark.defends("provider-login")
async def test_a_provider_that_is_down_is_named_and_passwords_still_log_in(
    prepared: Path, tmp_path: Path, idp: IdentityProvider, client_settings: OidcSettings
) -> None:
    clock = Clock()
    provider = OidcProvider(client_settings, (ORIGIN,), clock)
    async with running(prepared, tmp_path, provider=provider) as up, up.browser() as browser:
        address = await begin(browser)
        assert (
            (await browser.get("/login/oidc/logout"))
            .headers["location"]
            .startswith(
                f"{idp.issuer}/logout?client_id=screenpop&post_logout_redirect_uri=https%3A%2F%2Fpop"
            )
        )
        # Nothing is asked again for five minutes.
        clock.now = 299.9
        await begin(browser)
        assert idp.asked.count("/.well-known/openid-configuration") == 1
        clock.now = 300.0
        for change in (
            {"issuer": "https://evil.example"},
            {"authorization_endpoint": "javascript:alert(1)"},
            {"authorization_endpoint": None},
        ):
            idp.discovery = change
            refused = await browser.get("/login/oidc")
            assert (refused.status_code, "provider_down" in refused.text) == (503, True)
            clock.now += 300.0
        idp.discovery = {"authorization_response_iss_parameter_supported": True}
        query = idp.authorize(await begin(browser))
        assert (await browser.get("/login/oidc/return", params=query)).status_code == 401
        query = idp.authorize(await begin(browser))
        idp.discovery = {"token_endpoint": "http://127.0.0.1:9/token"}
        clock.now += 300.0
        failed = await browser.get("/login/oidc/return", params=query)
        assert (failed.status_code, "provider_down" in failed.text) == (503, True)
        assert (await log_in(browser, "alice")).headers["location"] == "/"
        form = (await browser.get("/me")).text
        assert address.startswith(idp.issuer)
        assert "alice" in form.lower()


async def test_new_users_are_made_by_the_rules_of_the_settings(
    prepared: Path, tmp_path: Path, idp: IdentityProvider, client_settings: OidcSettings
) -> None:
    rules = client_settings.model_copy(
        update={
            "new_users": True,
            "username_claim": "email",
            "role_claim": "groups",
            "roles": {"bosses": Role.SUPERVISOR, "staff": Role.AGENT},
            "department_claim": "unit",
            "departments": {"books": Department.ACCOUNTING},
            "second_factor_at_provider": True,
        }
    )
    provider = OidcProvider(rules, (ORIGIN,))
    idp.person = {"sub": "n-1"}
    usual: Claims = {
        "sub": "n-1",
        "email": "nika@office.example",
        "email_verified": True,
        "name": "Nika Petri",
        "groups": ["staff", "bosses"],
        "unit": "books",
    }
    async with (
        running(
            prepared, tmp_path, provider=provider, second_factor_roles=(Role.SUPERVISOR,)
        ) as up,
        up.browser() as browser,
    ):
        for wrong in ({"email_verified": False}, {"email_verified": "true"}):
            idp.userinfo = usual | wrong
            assert "provider_refused" in (await log_in_there(browser, idp)).text
        for other in ({"groups": ["others"]}, {"unit": ""}, {"email": "not a user name"}):
            idp.userinfo = {**usual, **other}
            assert "no_account" in (await log_in_there(browser, idp)).text
        assert await find_username(up.database, "nika@office.example") is None
        idp.userinfo = usual
        # The provider asked for the second factor that this role needs.
        assert (await log_in_there(browser, idp)).headers["location"] == "/board"
        made = await find_username(up.database, "nika@office.example")
        assert made is not None
        assert (made.display_name, made.role) == ("Nika Petri", Role.SUPERVISOR)
        assert made.department is Department.ACCOUNTING
        browser.cookies.clear()
        assert (await log_in_there(browser, idp)).headers["location"] == "/board"


async def test_without_a_provider_there_is_no_such_page(shared: Running) -> None:
    async with shared.browser() as browser:
        assert 'id="provider"><' in (await browser.get("/login")).text
        for path in ("/login/oidc", "/login/oidc/return", "/login/oidc/logout"):
            assert (await browser.get(path)).status_code == 404


def test_the_cookie_counts_for_ten_minutes_and_only_as_it_was_signed() -> None:
    login = BegunLogin("state", "nonce", "verifier", "https://pop.example.com/login/oidc/return")
    key, other = b"k" * 48, b"o" * 48
    cookie = sign_begun(login, "/calls", 1000.0, key)
    assert BEGUN_S == 600
    for now, counts in ((999.0, False), (1000.0, True), (1599.0, True), (1600.0, False)):
        assert (read_begun(cookie, now, key) is not None) is counts
    for changed in ("", "x", cookie[:-1], "A" + cookie, "é" + cookie, cookie + "x" * 4000):
        assert read_begun(changed, 1000.0, key) is None
    assert read_begun(cookie, 1000.0, other) is None


def test_a_longer_cookie_than_ours_is_not_read() -> None:
    login, key = BegunLogin("s", "n", "v", ORIGIN), b"k" * 48
    for length in (2800, 2801, 2802, 2803, 2804, 2805, 2850):
        cookie = sign_begun(login, "w" * length, 1000.0, key)
        assert (read_begun(cookie, 1000.0, key) is not None) is (len(cookie) <= _LONGEST)
