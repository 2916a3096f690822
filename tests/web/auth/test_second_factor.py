"""Two-step login: codes after the password, where the user or the office wants them."""

import html
import re
import time
from collections.abc import AsyncGenerator
from pathlib import Path

import httpx
import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.accounts.users import Role, UserId
from screenpop.store.accounts.login_records import list_login_records
from screenpop.store.accounts.second_factor import find_second_factor, new_setup, turn_on
from screenpop.store.accounts.users import change_password
from screenpop.web.auth.login_throttle import LINE, SAME_ACCOUNT_CODE, LoginThrottle
from screenpop.web.auth.qr_code import qr_code_svg
from screenpop.web.auth.second_step import SECOND_STEP_S, read_second_step, sign_second_step
from tests.web.running_server import PASSWORD, Running, csrf_of, log_in, running

pytestmark = pytest.mark.anyio
KEY = b"k" * 48
LONG_AGO = 1_795_000_000.0


@pytest.fixture
async def office(prepared: Path, tmp_path: Path) -> AsyncGenerator[Running]:
    async with running(
        prepared, tmp_path, real_pages=True, second_factor_roles=(Role.SUPERVISOR,)
    ) as up:
        yield up


async def turned_on(office: Running, name: str) -> tuple[pyotp.TOTP, tuple[str, ...]]:
    """Turn it on for a user, with a code of long ago, so that today's are unused."""
    setup = await new_setup(office.database, office.id(name), LONG_AGO)
    app = pyotp.TOTP(setup.secret)
    codes = await turn_on(office.database, office.id(name), setup, app.at(int(LONG_AGO)), LONG_AGO)
    assert codes is not None
    return app, codes


async def send(browser: httpx.AsyncClient, path: str, page: str, **form: str) -> httpx.Response:
    return await browser.post(path, data={"csrf": csrf_of(page)} | form)


def now_code(app: pyotp.TOTP) -> str:
    return app.at(int(time.time()))


def hidden(page: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found is not None, page
    return html.unescape(found[1])


def shown_codes(page: str) -> list[str]:
    return re.findall(r"<code>([^<]+)</code>", page)


@pytest.mark.defends("second-factor")
async def test_right_password_alone_starts_no_session_and_a_code_works_once(
    office: Running,
) -> None:
    app, recovery = await turned_on(office, "alice")
    async with office.browser() as browser:
        asked = await log_in(browser, "alice", next="/calls")
        assert asked.headers["location"] == "/login/code?next=%2Fcalls"
        assert not browser.cookies.get("screenpop_session")
        assert (await browser.get("/me")).status_code == 303
        form = await browser.get(asked.headers["location"])
        assert "Code from your authenticator app" in form.text
        wrong = await send(browser, "/login/code", form.text, code="000000", next="/calls")
        assert (wrong.status_code, "The code is wrong" in wrong.text) == (401, True)
        code = now_code(app)
        done = await send(browser, "/login/code", form.text, code=code, next="/calls")
        assert (done.status_code, done.headers["location"]) == (303, "/calls")
        assert (await browser.get("/me")).status_code == 200
        assert not browser.cookies.get("screenpop_second_step")
    async with office.browser() as other:
        await log_in(other, "alice")
        form = await other.get("/login/code")
        again = await send(other, "/login/code", form.text, code=code)
        assert again.status_code == 401
        by_recovery = await send(other, "/login/code", form.text, code=recovery[3].upper())
        assert by_recovery.status_code == 303
    outcomes = [one.outcome for one in await list_login_records(office.database)]
    assert outcomes == ["logged_in", "wrong_code", "logged_in", "wrong_code"]


@pytest.mark.defends("login-answers")
async def test_wrong_password_looks_the_same_with_and_without_a_second_factor(
    office: Running,
) -> None:
    await turned_on(office, "alice")
    async with office.browser() as browser:
        pages = [await log_in(browser, name, "wrong") for name in ("alice", "bob", "nobody")]
        assert {page.status_code for page in pages} == {401}
        assert len({re.sub(r"csrf[^>]*", "", page.text) for page in pages}) == 1
        assert not browser.cookies.get("screenpop_second_step")


@pytest.mark.defends("second-factor")
async def test_second_step_needs_the_password_of_this_browser_and_this_minute(
    office: Running,
) -> None:
    app, _ = await turned_on(office, "alice")
    async with office.browser() as browser:
        login = await browser.get("/login")
        for path in ("/login/code", "/login/setup"):
            for answer in (
                await browser.get(path),
                await send(browser, path, login.text, code=now_code(app)),
            ):
                assert (answer.status_code, answer.headers["location"]) == (
                    303,
                    "/login?why=too_slow",
                )
        await log_in(browser, "alice")
        assert (await browser.get("/login/code")).status_code == 200
        assert (await browser.post("/login/code", data={"code": "1"})).status_code == 403
        await change_password(
            office.database, office.id("alice"), "four plain words together", time.time()
        )
        late = await send(browser, "/login/code", login.text, code=now_code(app))
        assert late.headers["location"] == "/login?why=too_slow"


@pytest.mark.defends("second-factor")
async def test_role_that_needs_it_sets_it_up_before_the_first_session(office: Running) -> None:
    async with office.browser() as browser:
        asked = await log_in(browser, "sue")
        assert asked.headers["location"] == "/login/setup"
        assert not browser.cookies.get("screenpop_session")
        form = await browser.get("/login/setup")
        assert "<svg" in form.text
        setup = hidden(form.text, "setup")
        secret = re.search(r'secret-key" dir="ltr">([A-Z2-7 ]+)<', form.text)
        assert secret is not None
        app = pyotp.TOTP(secret[1].replace(" ", ""))
        wrong = await send(browser, "/login/setup", form.text, setup=setup, code="1234567")
        assert wrong.status_code == 422
        assert hidden(wrong.text, "setup") == setup  # the picture that was scanned stays
        old = await send(browser, "/login/setup", form.text, setup="forged", code="123456")
        assert (old.status_code, "took too long" in old.text) == (422, True)
        assert not browser.cookies.get("screenpop_session")
        done = await send(
            browser, "/login/setup", form.text, setup=setup, code=now_code(app), next="/calls"
        )
        assert done.status_code == 200
        assert len(shown_codes(done.text)) == 10
        assert 'href="/calls"' in done.text
        assert done.headers["cache-control"] == "no-store"
        mine = await browser.get("/me")
        assert mine.status_code == 200
        await send(browser, "/me/confirm", mine.text, password=PASSWORD, next="/")
        refused = await send(browser, "/me/second-factor/off", mine.text)
        assert refused.status_code == 403
        assert await find_second_factor(office.database, office.id("sue")) is not None


@pytest.mark.defends("confirm-password")
async def test_user_turns_it_on_and_off_after_the_password_was_confirmed(office: Running) -> None:
    async with await office.client("bob") as bob, office.browser() as elsewhere:
        await log_in(elsewhere, "bob")
        mine = await bob.get("/me")
        assert 'href="/me/second-factor"' in mine.text
        assert 'action="/me/confirm"' in (await bob.get("/me/second-factor")).text
        for act in ("on", "codes", "off"):
            answer = await send(bob, f"/me/second-factor/{act}", mine.text, code="1")
            assert answer.status_code == 403, act
        await send(bob, "/me/confirm", mine.text, password=PASSWORD, next="/me/second-factor")
        form = await bob.get("/me/second-factor")
        secret = re.search(r'secret-key" dir="ltr">([A-Z2-7 ]+)<', form.text)
        assert secret is not None
        code = now_code(pyotp.TOTP(secret[1].replace(" ", "")))
        setup = hidden(form.text, "setup")
        on = await send(bob, "/me/second-factor/on", mine.text, setup=setup, code=code)
        first = shown_codes(on.text)
        assert len(first) == 10
        assert (await elsewhere.get("/me")).status_code == 303
        assert (await bob.get("/me/second-factor")).status_code == 200
        made = await send(bob, "/me/second-factor/codes", mine.text)
        assert not set(shown_codes(made.text)) & set(first)
        off = await send(bob, "/me/second-factor/off", mine.text)
        assert off.status_code == 303
        assert (await send(bob, "/me/second-factor/codes", mine.text)).status_code == 404


async def test_administrator_turns_it_off_for_a_lost_phone_and_open_pages_close(
    office: Running,
) -> None:
    await turned_on(office, "alice")
    path = f"/admin/users/{office.id('alice')}"
    async with (
        office.socket("alice") as socket,
        await office.client("adam") as adam,
        await office.client("sue") as sue,
    ):
        await socket.greet()
        page = await adam.get(path)
        assert f'action="{path}/second-factor/off"' in page.text
        sues = await sue.get("/me")
        assert (await send(sue, f"{path}/second-factor/off", sues.text)).status_code == 403
        own = f"/admin/users/{office.id('adam')}/second-factor/off"
        assert (await send(adam, own, page.text)).status_code == 403
        assert (await send(adam, f"{path}/second-factor/off", page.text)).status_code == 303
        assert (await socket.hear_until("bye"))[-1]["code"] == 4003
        assert "second-factor/off" not in (await adam.get(path)).text
    async with office.browser() as browser:
        assert (await log_in(browser, "alice")).headers["location"] == "/"


async def test_guesses_of_codes_wait_in_one_line_whatever_their_address() -> None:
    waits: list[float] = []

    async def no_sleep(seconds: float) -> None:
        waits.append(seconds)

    throttle = LoginThrottle(clock=lambda: 0.0, sleep=no_sleep)
    for _ in range(14):
        async with throttle.trying_code("alice") as attempt:
            assert attempt.is_allowed
            attempt.is_wrong = True
    assert waits == [1, 2, 4, 8, 16, 30, 30, 30, 30]
    async with throttle.trying_code("alice", "browser of alice") as attempt:
        assert attempt.is_allowed
    assert len(waits) == 9
    assert LINE / SAME_ACCOUNT_CODE.most_s * 3 / 1_000_000 * 7 * 86_400 < 0.25


@pytest.mark.defends("signed-cookies")
@given(
    st.integers(1, 2**63 - 1),
    st.floats(0, 4e9),
    st.floats(-10, SECOND_STEP_S + 10),
    st.binary(min_size=1, max_size=8),
)
def test_signed_second_step_is_read_back_in_its_time_and_not_with_another_key(
    user: int, at: float, later: float, other: bytes
) -> None:
    cookie = sign_second_step(UserId(user), at, KEY)
    read = read_second_step(cookie, at + later, KEY)
    is_in_time = 0 <= at + later - at < SECOND_STEP_S
    assert (read is not None) is is_in_time
    assert read is None or (read.user, read.at) == (user, at)
    assert read_second_step(cookie, at, other) is None


@given(st.text(max_size=250))
def test_forged_second_step_is_refused(cookie: str) -> None:
    assert read_second_step(cookie, 1.0, KEY) is None


def test_second_step_of_200_characters_is_read_and_a_longer_one_is_not() -> None:
    cookie = sign_second_step(UserId(1), 5.0, KEY)
    assert read_second_step(cookie, 5.0, KEY) is not None
    assert read_second_step("0" * (200 - len(cookie)) + cookie, 5.0, KEY) is None


def test_qr_code_is_an_image_without_text_script_or_style() -> None:
    svg = str(qr_code_svg('otpauth://totp/"><script>alert(1)</script>?secret=AAAA'))
    assert svg.startswith("<svg")
    assert "script" not in svg
    assert "style" not in svg
    assert "http" not in svg
