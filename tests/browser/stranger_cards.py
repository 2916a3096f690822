"""Cards of unknown callers: ring, create a customer from the card, link to one."""

from typing import Any

from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import card_of, is_live
from tests.browser.demo_server import DemoServer


def displayed(number: str) -> str:
    """``+306970005001`` as a card's heading has it."""
    return f"{number[:3]} {number[3:6]} {number[6:9]} {number[9:]}"


def card_of_stranger(desk: Page, server: DemoServer, number: str, to: str, **call: Any) -> Locator:
    """Play a call of this Greek number that is answered at once, unless ``call`` has other
    times; return its card, open."""
    is_live(desk)
    server.play(caller=number, to=to, **{"ring_s": 1, "talk_s": 90, **call})
    return card_of(desk, displayed(number)).open()


def open_create_form(card: Locator) -> Locator:
    """Return the first field of the form."""
    card.get_by_role("button", name="New customer").click()
    return card.get_by_label("Given name")


def create(card: Locator, given: str, family: str) -> None:
    """Fill in the form and save it."""
    open_create_form(card).fill(given)
    card.get_by_label("Family name").fill(family)
    card.get_by_role("button", name="Save").click()


def search_to_link(desk: Page, card: Locator, text: str) -> Locator:
    """Type into the search of the form that links; return its results."""
    card.get_by_role("button", name="Link to a customer").click()
    expect(card.locator("input[type=search]")).to_be_focused()
    desk.keyboard.type(text)
    return card.locator(".identify-result button")
