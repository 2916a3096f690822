"""Two-step login in a browser: set up, asked for, and left again."""

import re
import time

import pyotp
import pytest
from playwright.sync_api import Page, expect

from screenpop.demo.seed import DEMO_PASSWORD
from tests.browser.conftest import LogIn, in_both_sizes
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations


def now_code(secret: str, steps_later: int = 0) -> str:
    return pyotp.TOTP(secret).at(int(time.time()) + 30 * steps_later)


def check(page: Page) -> None:
    for size in in_both_sizes(page):
        assert overflow(page) <= 0, size
        assert violations(page) == [], size


@pytest.mark.slow
def test_user_sets_it_up_and_logs_in_with_a_code_and_with_a_recovery_code(
    log_in: LogIn, server: DemoServer
) -> None:
    page = log_in("nikos", language="fa", at="/me/second-factor")
    page.locator('input[name="password"]').fill(DEMO_PASSWORD)
    page.locator("main button").click()
    expect(page.locator(".qr svg")).to_be_visible()
    check(page)
    page.locator(".setup-steps summary").click()
    secret = re.sub(r"\s", "", page.locator(".secret-key").inner_text())
    page.locator('input[name="code"]').fill(now_code(secret))
    page.locator(".setup-steps button").click()
    expect(page.locator(".recovery-codes li")).to_have_count(10)
    check(page)
    recovery = page.locator(".recovery-codes code").first.inner_text()
    page.locator("main a.button").click()
    expect(page.locator("h1 .pill.good")).to_be_visible()
    check(page)
    page.locator('form[action="/logout"] button').click()
    page.wait_for_url("**/login?why=logged_out")
    for code in (now_code(secret, 1), recovery):
        page.goto("/login?next=/me")
        page.locator("input[name=username][required]").fill("nikos")
        page.locator('input[name="password"]').fill(DEMO_PASSWORD)
        page.locator('form[action="/login"] button.main').click()
        expect(page.locator('input[name="code"]')).to_be_focused()
        check(page)
        page.locator('input[name="code"]').fill("000000")
        page.locator('form[action="/login/code"] button').click()
        expect(page.get_by_role("alert")).to_be_visible()
        page.locator('input[name="code"]').fill(code)
        page.locator('form[action="/login/code"] button').click()
        expect(page).to_have_url(f"{server.url}/me")
        page.locator('form[action="/logout"] button').click()
        page.wait_for_url("**/login?why=logged_out")
    page.context.clear_cookies()
    admin = log_in("admin", language="el", at="/admin")
    admin.locator("#users a", has_text=re.compile("Νίκος")).first.click()
    admin.wait_for_url(re.compile(r"/admin/users/\d+"))
    check(admin)
    admin.locator('form[action$="/second-factor/off"] button').click()
    expect(admin.locator('form[action$="/second-factor/off"]')).to_have_count(0)
