"""An offer, from its form to its answer on a card and its line on the page of offers."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.keyboard import Keyboard

NIKOS = "+306912345678"


SCREENS = {
    "en": ("New offer", "Photography", "On", "1,200", "What offers bring"),
    "fa": ("پیشنهاد تازه", "سفر عکاسی", "روشن", "۱٬۲۰۰ یورو", "پیشنهادها چه آورده‌اند"),
    "el": ("Νέα προσφορά", "Φωτογραφία", "Ενεργή", "1.200", "Τι αποδίδουν οι προσφορές"),
}
"""The button, a name, the state, the price on the card, and the link to the report."""


WORDS = {
    "en": "A week of photography, {price}",
    "fa": "{name}، هفتهٔ عکاسی، {price}",
    "el": "Εβδομάδα φωτογραφίας, {price}",
}


def make_offer(office: Page, keyboard: Keyboard, name: str) -> None:
    """Fill the form of a new offer and save it."""
    expect(office.locator("[name=name]")).to_be_visible()
    keyboard.tab_to("[name=name]")
    keyboard.type(name)
    for code, text in WORDS.items():
        keyboard.tab_to(f"[name='words.{code}']")
        keyboard.type(text)
    # The part of the form below is replaced with each choice; the focus stays.
    keyboard.tab_to("#condition")
    keyboard.press("ArrowDown")
    expect(office.locator("#condition")).to_have_value("rows")
    expect(office.locator("[name='act'][value^=add_row]").first).to_be_attached()
    keyboard.press("ArrowUp")
    expect(office.locator("#result .segment-number")).to_be_visible()
    expect(office.locator("#condition")).to_be_focused()
    keyboard.tab_to("[name=currency]")
    while office.locator("[name=currency]").input_value() != "EUR":
        keyboard.press("ArrowDown")
    keyboard.tab_to("[name=price]")
    keyboard.type("۱٬۲۰۰")
    keyboard.tab_to("[name=margin]")
    keyboard.type("90000")
    keyboard.activate(".save-bar button.main")


@pytest.mark.slow
@pytest.mark.parametrize("language", SCREENS)
def test_an_offer_is_made_switched_on_answered_and_in_the_report_by_keys_alone(
    log_in: LogIn, server: DemoServer, language: str
) -> None:
    new, name, state, price, report = SCREENS[language]
    office = log_in("sara", language=language, at="/offers")
    keyboard = Keyboard(office)
    expect(office.get_by_role("link", name=new)).to_be_visible()
    keyboard.activate("a[href='/offers/new']")
    make_offer(office, keyboard, name)
    row = office.locator(".segment", has=office.locator("h2", has_text=name))
    expect(row).to_be_visible()
    number = (row.locator("h2 a").get_attribute("href") or "").rpartition("/")[2]
    keyboard.activate(f"form[action='/offers/{number}/switch'] button")
    expect(row.locator(".pill")).to_have_text(state)
    expect(row.locator(".segment-count")).to_be_visible()

    desk = log_in("maryam", language=language)
    is_live(desk)
    server.play(caller=NIKOS, to="101", ring_s=1, talk_s=300)
    card = card_of(desk, re.compile("Papadopoulos$|Παπαδόπουλ")).open()
    offer = card.locator(".offer").first
    expect(offer.locator(".offer-text")).to_contain_text(price)
    Keyboard(desk).activate(f".offer [data-offer='offer:{number}'][data-answer=accepted]")
    expect(offer).to_have_attribute("data-answer", "accepted")
    server.finish_calls()
    server.logged("6912345678", "answered")
    expect(office.get_by_role("link", name=report)).to_be_visible()
    keyboard.activate("a[href='/offers/report']", back=True)
    line = office.get_by_role("row").filter(has_text=name).first
    expect(line.locator("[data-answer=accepted]")).to_have_text("۱" if language == "fa" else "1")
    office.goto("/offers")
    # It leaves the cards of the tests after this one as they were.
    office.locator(f"form[action='/offers/{number}/switch'] button").click()
