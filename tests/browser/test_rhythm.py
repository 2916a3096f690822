"""The customer's own rhythm on the card and the customer's page, in the calendar of the page."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations

SENTENCE = """async (rhythm) => {
  const { loadTranslations } = await import(document.querySelector("script[src*='/js/']").src
    .replace(/js\\/.*$/, "js/translations.js"));
  await loadTranslations();
  const { rhythmSentence } = await import(document.querySelector("script[src*='/js/']").src
    .replace(/js\\/.*$/, "js/rhythm.js"));
  return rhythmSentence(rhythm);
}"""
SEASON = {
    "kind": "season",
    "months": 12,
    "last": "2024-03-25",
    "due": "2025-03-25",
    "lapsed": True,
    "ago": 20,
}
INTERVAL = {**SEASON, "kind": "interval", "months": 5, "ago": 11}


@pytest.mark.parametrize(
    ("language", "season", "interval"),
    [
        (
            "en",
            "Travels every March, last in Mar 2024",
            "Travels every 5 months, last 11 months ago",
        ),
        (
            "fa",
            "هر سال فروردین سفر می‌رفت؛ آخرین بار فروردین ۱۴۰۳",
            "هر ۵ ماه یک بار سفر می‌رود؛ آخرین بار ۱۱ ماه پیش",
        ),
        (
            "el",
            "Ταξιδεύει κάθε Μάρτιο, τελευταία φορά: Μαρ 2024",
            "Ταξιδεύει κάθε 5 μήνες, τελευταία φορά πριν από 11 μήνες",
        ),
    ],
)
def test_a_rhythm_is_worded_with_the_months_of_the_pages_calendar(
    log_in: LogIn, language: str, season: str, interval: str
) -> None:
    page = log_in("maryam", language=language, at="/customers/1")
    assert sentence(page, SEASON).replace(".", "") == season
    assert sentence(page, INTERVAL) == interval


def sentence(page: Page, rhythm: dict[str, object]) -> str:
    return str(page.evaluate(SENTENCE, rhythm))


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_card_and_page_show_the_same_rhythm(
    log_in: LogIn, server: DemoServer, language: str
) -> None:
    desk = log_in("maryam", language=language)
    is_live(desk)
    server.play(caller="09121112233", to="101", ring_s=30)
    name = re.compile("رضا مرادی" if language == "fa" else "Reza Moradi")
    ringing = desk.locator("article[data-state=ringing]:not(.brief)").filter(has_text=name)
    rhythm = ringing.locator(".rhythm")
    expect(rhythm).to_be_visible()
    words = rhythm.inner_text().strip()
    assert violations(desk) == []
    page = log_in("maryam", language=language, at="/customers/2")
    expect(page.locator("[data-rhythm]")).to_have_text(words)
    assert overflow(page) <= 0
    assert violations(page) == []
