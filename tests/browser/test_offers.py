"""An offer, from its form to its answer on a card and its line on the page of offers."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.demo_server import DemoServer

NIKOS = "+306912345678"


SCREENS = {
    "en": ("New offer", "Photography", "On", "1,200", "What offers bring"),
    "fa": ("پیشنهاد تازه", "سفر عکاسی", "روشن", "۱٬۲۰۰ یورو", "پیشنهادها چه آورده‌اند"),
    "el": ("Νέα προσφορά", "Φωτογραφία", "Ενεργή", "1.200", "Τι αποδίδουν οι προσφορές"),
}
"""The button, a name, the state, the price on the card, and the link to the report."""


@pytest.mark.parametrize("language", SCREENS)
def test_an_offer_is_made_switched_on_answered_on_a_card_and_in_the_report(
    log_in: LogIn, server: DemoServer, language: str
) -> None:
    new, name, state, price, report = SCREENS[language]
    office = log_in("sara", language=language, at="/offers")
    office.get_by_role("link", name=new).click()
    office.locator("[name=name]").fill(name)
    for code, text in {
        "en": "A week of photography, {price}",
        "fa": "{name}، هفتهٔ عکاسی، {price}",
        "el": "Εβδομάδα φωτογραφίας, {price}",
    }.items():
        office.locator(f"[name='words.{code}']").fill(text)
    office.locator("[name=price]").fill("۱٬۲۰۰")
    office.locator("[name=currency]").select_option("EUR")
    office.locator("[name=margin]").fill("90000")
    office.locator(".save-bar button.main").click()
    row = office.locator(".segment", has=office.locator("h2", has_text=name))
    row.locator("form button").click()
    expect(row.locator(".pill")).to_have_text(state)
    expect(row.locator(".segment-count")).to_be_visible()

    desk = log_in("maryam", language=language)
    is_live(desk)
    server.play(caller=NIKOS, to="101", ring_s=1, talk_s=300)
    card = card_of(desk, re.compile("Papadopoulos$|Παπαδόπουλ")).open()
    offer = card.locator(".offer").first
    expect(offer.locator(".offer-text")).to_contain_text(price)
    offer.locator("[data-answer=accepted]").click()
    expect(offer).to_have_attribute("data-answer", "accepted")
    server.finish_calls()
    server.logged("6912345678", "answered")
    office.get_by_role("link", name=report).click()
    line = office.get_by_role("row").filter(has_text=name).first
    expect(line.locator("[data-answer=accepted]")).to_have_text("۱" if language == "fa" else "1")
    row_of_offer = line.get_attribute("data-offer")
    office.goto("/offers")
    # It leaves the cards of the tests after this one as they were.
    office.locator(f"form[action='/offers/{row_of_offer}/switch'] button").click()
