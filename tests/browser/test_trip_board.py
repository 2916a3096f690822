"""The board of trips by keys."""

from playwright.sync_api import expect

from tests.browser.conftest import LogIn


def test_a_trip_moves_by_keys_along_the_way_of_reading_in_persian(log_in: LogIn) -> None:
    page = log_in("sara", language="fa")
    page.goto("/trips")
    asked = page.locator("[data-status=asked] [data-trip]").first
    number = asked.get_attribute("data-trip")
    asked.focus()
    page.keyboard.press("Shift+ArrowLeft")  # the next column is on the left
    moved = page.locator(f"[data-status=quoted] [data-trip='{number}']")
    expect(moved).to_be_focused()
    expect(page.locator("#trips-status")).to_contain_text("قیمت داده شده")
    page.keyboard.press("Shift+ArrowRight")
    expect(page.locator(f"[data-status=asked] [data-trip='{number}']")).to_be_focused()
    page.keyboard.press("ArrowLeft")
    quoted = page.locator("[data-status=quoted] [data-trip]").first
    expect(quoted).to_be_focused()
    number = quoted.get_attribute("data-trip")
    dragged = page.locator(f"[data-trip='{number}'] .trip-head")
    dragged.drag_to(page.locator("#column-booked"))
    expect(page.locator(f"[data-status=booked] [data-trip='{number}']")).to_be_visible()
