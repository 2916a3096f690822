"""An offer, from its form to its answer on a card and its line on the page of offers."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.demo_server import DemoServer

NIKOS = "+306912345678"


def test_an_offer_made_in_persian_is_suggested_answered_and_counted(
    log_in: LogIn, server: DemoServer
) -> None:
    office = log_in("sara", language="fa", at="/offers")
    office.get_by_role("link", name="پیشنهاد تازه").click()
    office.get_by_label("نام پیشنهاد").fill("هفتهٔ عکاسی")
    words = {
        "English": "A week of photography, {price}",
        "فارسی": "{name}، هفتهٔ عکاسی، {price}",
        "Ελληνικά": "Εβδομάδα φωτογραφίας, {price}",
    }
    for label, text in words.items():
        office.get_by_label(label, exact=True).fill(text)
    office.locator("[name=price]").fill("۱٬۲۰۰")
    office.get_by_label("واحد پول").select_option("EUR")
    office.locator("[name=margin]").fill("900")
    office.get_by_role("button", name="ذخیره").click()
    row = office.locator(".segment").filter(has_text="هفتهٔ عکاسی").first
    expect(row).to_contain_text("خاموش")
    row.get_by_role("button", name="روشن کردن").click()
    expect(row.locator(".pill")).to_have_text("روشن")
    expect(row.locator(".segment-count")).to_be_visible()

    desk = log_in("maryam", language="fa")
    is_live(desk)
    server.play(caller=NIKOS, to="101", ring_s=1)
    card = card_of(desk, re.compile("Papadopoulos$")).open()
    offer = card.locator(".offer").first
    expect(offer.locator(".offer-text")).to_contain_text("هفتهٔ عکاسی")
    expect(offer.locator(".offer-text")).to_contain_text("۱٬۲۰۰ یورو")
    offer.locator("[data-answer=accepted]").click()
    expect(offer).to_have_attribute("data-answer", "accepted")
    server.finish_calls()
    server.logged("6912345678", "answered")
    office.reload()
    answered = office.locator(".segment").filter(has_text="هفتهٔ عکاسی").first
    expect(answered).to_contain_text("پذیرفت: ۱")
