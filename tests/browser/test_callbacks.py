"""The page of callbacks in a real browser: by keyboard, and as a colleague sees it."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations
from tests.browser.test_missed_calls import miss, talk

CALLER, SHOWN = "+306970000{:03}", "+30 697 000 0{:03}"


def row_of(page: Page, number: int) -> str:
    found = page.locator(".work-row").filter(has_text=SHOWN.format(number))
    return f'[data-row="{found.get_attribute("data-row")}"]'


def test_a_row_taken_by_keyboard_shows_the_colleague_at_once_and_keeps_typed_text(
    log_in: LogIn, server: DemoServer
) -> None:
    miss(server, CALLER.format(301))
    eleni = log_in("eleni", at="/callbacks")
    maryam = log_in("maryam", at="/callbacks")
    selector = row_of(maryam, 301)
    other, own = eleni.locator(selector), maryam.locator(selector)
    # Eleni writes a note, and Maryam takes the row meanwhile.
    other.get_by_role("button", name="Done").click()
    eleni.keyboard.type("she will come by")
    own.get_by_role("button", name="Take").focus()
    maryam.keyboard.press("Enter")
    expect(own.locator(".pill.good")).to_have_text("You are on it")
    expect(own.get_by_role("button", name="Call")).to_be_focused()
    expect(other.locator(".pill.warn")).to_contain_text("Maryam is on it")
    expect(other.locator("textarea")).to_be_focused()
    other.get_by_role("button", name="Mark as done").click()
    expect(other.get_by_role("alert")).to_contain_text("Take another one")
    expect(other.locator("textarea")).to_have_value("she will come by")
    # Maryam talks to the caller: the row leaves, and the typed text stays where it is.
    talk(server, CALLER.format(301))
    expect(own.get_by_text("No longer waiting")).to_be_visible()
    expect(other.locator("textarea")).to_have_value("she will come by")


@pytest.mark.parametrize(
    ("language", "theme", "phone"),
    [("en", "light", False), ("fa", "dark", True), ("el", "light", True)],
)
def test_the_page_of_callbacks_is_without_fault_in_every_language(
    log_in: LogIn, server: DemoServer, language: str, theme: str, phone: bool
) -> None:
    page = log_in("eleni", language=language, theme=theme, at="/callbacks", phone=phone)
    row = page.locator(".work-row").first
    row.locator("[aria-expanded]").click()
    expect(row.locator("textarea")).to_be_focused()
    assert violations(page) == []
    assert overflow(page) <= 0
