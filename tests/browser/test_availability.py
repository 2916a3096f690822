"""The agent's own availability in the head of the desk, and the agents on the board."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, in_both_sizes
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations

OVERLAPS = """() => {
  const boxes = (selector) => [...document.querySelectorAll(selector)]
    .filter((one) => one.offsetWidth > 1).map((one) => one.getBoundingClientRect());
  return boxes(".bar nav > *").some((a) => boxes(".bar-end > *").some((b) =>
    a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom));
}"""
"""Whether the list of pages lies over the agent's state beside it."""


def make_available(page: Page) -> None:
    """End the wrap-up of a call that another test played to this agent's phone."""
    free = page.locator("#availability details:is([data-state=available], [data-state=wrap_up])")
    expect(free).to_be_attached()
    if free.get_attribute("data-state") == "wrap_up":
        page.locator("[data-availability=end_wrap_up]").click()
    expect(page.locator("#availability details")).to_have_attribute("data-state", "available")


def test_pause_and_its_end_by_keyboard_alone_and_the_board_follows(log_in: LogIn) -> None:
    board = log_in("sara", at="/board")
    page = log_in("nikos", at="/")
    menu = page.locator("#availability details")
    make_available(page)
    page.locator("#availability summary").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("data-state", "paused")
    expect(page.locator("#availability summary")).to_be_focused()
    expect(page.locator("#availability summary")).to_contain_text("Lunch")
    row = board.locator("[data-agent=nikos]")
    expect(row).to_have_attribute("data-state", "paused")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(menu).to_have_attribute("data-state", "available")
    expect(row).to_have_attribute("data-state", "available")


def test_escape_closes_the_menu_and_gives_the_focus_back(log_in: LogIn) -> None:
    page = log_in("nikos", at="/")
    page.locator("#availability summary").press("Enter")
    expect(page.locator("#availability .menu")).to_be_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator("#availability .menu")).to_be_hidden()
    expect(page.locator("#availability summary")).to_be_focused()


def test_wrap_up_counts_down_and_is_ended_by_the_agent(log_in: LogIn, server: DemoServer) -> None:
    page = log_in("nikos", at="/", language="el")
    make_available(page)
    page.set_viewport_size({"width": 390, "height": 768})
    server.play(caller="+306970007311", to="103", outcome="answered", ring_s=0.3, talk_s=0.3)
    wraps_up = page.locator("#availability details[data-state=wrap_up]")
    expect(wraps_up).to_be_visible(timeout=15_000)
    assert overflow(page) <= 0
    for width in (1100, 900, 683):  # 683: a desk at 200 % zoom
        page.set_viewport_size({"width": width, "height": 768})
        assert overflow(page) <= 0
        assert not page.evaluate(OVERLAPS)
    page.locator("[data-availability=extend_wrap_up]").click()
    expect(page.locator("#availability summary")).to_contain_text(
        re.compile(r"1 (min|λεπ)|۱ دقیقه")
    )
    page.locator("[data-availability=end_wrap_up]").click()
    expect(page.locator("#availability details")).to_have_attribute("data-state", "available")


@pytest.mark.parametrize("user", ["nikos", "maryam", "eleni"])
def test_open_menu_has_no_violation_and_fits(log_in: LogIn, user: str) -> None:
    page = log_in(user, at="/")
    page.locator("#availability summary").click()
    expect(page.locator("#availability .menu")).to_be_visible()
    for size in in_both_sizes(page):
        expect(page.locator("#availability .menu")).to_be_visible()
        assert violations(page) == [], size
        assert overflow(page) <= 0, size
