"""The reports and the saved views of the call log, walked in three languages."""

import re

import pytest
from playwright.sync_api import Page, expect

from screenpop.web.reports.period import REPORT_CODES
from tests.browser.conftest import LogIn, in_both_sizes
from tests.browser.test_access import overflow, violations

VIEWS = {"en": "Missed calls", "fa": "تماس‌های بی‌پاسخ", "el": "Αναπάντητες"}
DIGITS = {"en": r"^\d", "fa": "^[۰-۹]", "el": r"^\d"}


@pytest.mark.slow
@pytest.mark.timeout(120)  # each report is read by axe
def test_reports_are_without_fault_and_a_view_of_the_log_is_saved_and_opened(
    log_in: LogIn,
) -> None:
    for language, view in VIEWS.items():
        page = log_in("sara", language=language, theme="dark" if language == "fa" else "light")
        # In one language all; the frame is the same in the others.
        for code in REPORT_CODES if language == "en" else REPORT_CODES[2::3]:
            page.goto(f"/reports/{code}")
            expect(page.locator("[data-count]:empty, [data-year]:empty")).to_have_count(0)
            for size in in_both_sizes(page):
                assert overflow(page) <= 0, (code, language, size)
            assert violations(page) == [], (code, language)
        expect(page.locator(".fig b").first).to_contain_text(_digits(language))
        _save_a_view(page, view)


def _digits(language: str) -> re.Pattern[str]:
    return re.compile(DIGITS[language])


def _save_a_view(page: Page, name: str) -> None:
    page.goto("/calls")
    page.locator("[name=callback]").select_option("open")
    rows = page.locator("#rows")
    expect(rows.locator("[name=callback][value=open]").first).to_be_attached()
    rows.locator(".save-view summary").click()
    rows.locator(".save-view [name=name]").fill(name)
    rows.locator(".save-view button").click()
    link = page.locator(".call-views").get_by_role("link", name=name)
    link.click()
    expect(page.locator("form.filters [name=callback]")).to_have_value("open")
    # A row's link has no name until the script has written its time.
    expect(page.locator("#rows time[data-moment]:empty")).to_have_count(0)
    assert violations(page) == []
    page.locator(".call-views").get_by_role("button", name=name).click()
    expect(link).to_have_count(0)
