"""The list of pages where not all fit, and the filters of the call log on a telephone."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn


@pytest.mark.parametrize("language", ["el", "fa"])
def test_pages_that_do_not_fit_are_under_more_and_filters_are_folded_on_a_telephone(
    log_in: LogIn, language: str
) -> None:
    page = log_in("admin", language=language)
    pages, more = page.locator(".bar .pages"), page.locator(".more-pages")
    menu, all_pages = more.locator(".menu a"), page.locator(".bar nav a")
    expect(all_pages).to_have_count(10)
    expect(more).to_be_visible()
    assert pages.evaluate("(list) => list.scrollWidth <= list.clientWidth")
    expect(menu.last).to_be_hidden()
    more.locator("summary").click()
    expect(menu.last).to_be_in_viewport(ratio=1)
    page.keyboard.press("Escape")
    expect(menu.last).to_be_hidden()
    expect(more.locator("summary")).to_be_focused()
    more.locator("summary").click()
    menu.last.click()
    page.wait_for_url("**/admin")
    page.set_viewport_size({"width": 1700, "height": 768})
    expect(more).to_be_hidden()
    expect(pages.locator("a")).to_have_count(10)

    page.set_viewport_size({"width": 390, "height": 844})
    page.goto("/calls")
    fold, direction = page.locator(".filters-fold"), page.locator('.filters [name="direction"]')
    expect(direction).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    fold.locator("summary").click()
    direction.select_option("inbound")
    expect(fold.locator("[data-count]")).to_have_text("۱" if language == "fa" else "1")
    page.reload()
    expect(direction).to_be_visible()
    expect(direction).to_have_value("inbound")
    page.set_viewport_size({"width": 1366, "height": 768})
    expect(fold).to_be_hidden()
    expect(direction).to_be_visible()
