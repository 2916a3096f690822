"""The parts of a customer's page: on one screen, by keyboard, and remembered."""

from playwright.sync_api import expect

from tests.browser.conftest import LogIn
from tests.browser.test_access import violations


def test_the_file_fits_on_one_screen_and_opens_the_part_chosen_last(log_in: LogIn) -> None:
    office = log_in("sara", language="fa")
    # Trips with payments, documents, attached files, own fields, contacts.
    for number in (1, 2, 12):
        office.goto(f"/customers/{number}")
        links = office.locator(".file-nav a")
        for place in range(links.count()):
            links.nth(place).focus()
            office.keyboard.press("Enter")
            expect(office.locator(".file-part:visible")).to_have_count(1)
            expect(links.nth(place)).to_have_attribute("aria-current", "true")
            assert office.evaluate("document.documentElement.scrollHeight - innerHeight") <= 0
            if number == 1:
                assert violations(office) == []
    office.locator(".file-nav a[href='#part-documents']").press("Enter")
    office.goto("/customers/1")
    expect(office.locator("#documents")).to_be_visible()
    # A link into another part counts more.
    office.goto("/customers/2#trips")
    expect(office.locator("#trips")).to_be_visible()
    expect(office.locator(".file-part:visible")).to_have_count(1)
