"""Consents of a customer in the browser: fill in the form, read the page, in each language."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn, in_both_sizes

WORDS = {
    "en": ("Save", "Phone call", "No"),
    "fa": ("ذخیره", "تماس تلفنی", "نه"),
    "el": ("Αποθήκευση", "Τηλεφωνικά", "Όχι"),
}


@pytest.mark.parametrize(("language", "phone"), [("en", False), ("fa", True), ("el", False)])
def test_a_consent_is_filled_in_and_displayed_with_day_source_and_user(
    log_in: LogIn, language: str, phone: bool
) -> None:
    save, by_phone, no = WORDS[language]
    office = log_in("admin", language=language, phone=phone, at="/customers/12/edit")
    office.locator("#consents > summary").click()
    row = office.locator("fieldset.consent-row").nth(2)
    row.locator("select").select_option("no")
    row.locator("input").first.fill("2026-01-31")
    row.locator("input").last.fill(by_phone)
    row.scroll_into_view_if_needed()
    size = office.viewport_size
    assert size is not None
    for _ in in_both_sizes(office):
        assert office.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    office.set_viewport_size(size)
    office.get_by_role("button", name=save).click()
    office.wait_for_url(re.compile(r"/customers/12$"))
    shown = office.locator(".consents > div").nth(2)
    expect(shown.locator(".pill")).to_have_text(no)
    expect(shown).to_contain_text(by_phone)
    expect(shown.locator("time")).to_have_attribute("datetime", "2026-01-31")
    expect(office.locator(".history li").first).to_contain_text(no)
    office.goto("/customers/12/edit")
    expect(office.locator("[name=consent_sms_source]")).to_have_value(by_phone)
    office.locator("#consents > summary").click()
    office.locator("[name=consent_sms]").select_option("")
    office.get_by_role("button", name=save).click()
    office.wait_for_url(re.compile(r"/customers/12$"))
    expect(office.locator(".consents > div").nth(2).locator(".meta")).to_have_count(0)
