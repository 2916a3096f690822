"""What the office would have known: two files are counted, refused, and shared without names."""

import re
import sqlite3
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, in_both_sizes
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations

HEADING = "calldate,src,dst,dstchannel,lastapp,disposition,uniqueid\n"
PEOPLE = (
    "Name,Mobile,Tier,Destination,Departure\nLaleh Karimi,+989121110001,Gold,Rome,2024-05-02\n"
    "Nikos Pappas,+989121110002,,,\n"
)


def call_list(numbers: list[str]) -> bytes:
    lines = [
        f"2026-11-{1 + place % 28:02} 09:15:02,{number},700,"
        f"{'SIP/101' if place % 4 else ''},Queue,ANSWERED,{place}.1\n"
        for place, number in enumerate(numbers)
    ]
    return (HEADING + "".join(lines) + "not a line\n").encode()


def count(page: Page, calls: bytes, people: str = "") -> None:
    page.locator("[name=calls]").set_input_files(
        {"name": "calls.csv", "mimeType": "text/csv", "buffer": calls}
    )
    if people:
        page.locator("[name=customers]").set_input_files(
            {"name": "people.csv", "mimeType": "text/csv", "buffer": people.encode()}
        )
    page.locator("form[action='/lookback'] button").click()
    expect(page.locator(".lookback-result, main .problem").first).to_be_visible()


@pytest.mark.slow
@pytest.mark.timeout(180)
def test_two_files_are_counted_in_three_languages_and_shared_without_names(
    log_in: LogIn, server: DemoServer
) -> None:
    with sqlite3.connect(next(server.data.glob("*.db"))) as database:
        on_file = "SELECT e164 FROM customer_phones WHERE e164 IS NOT NULL LIMIT 300"
        known = [number for (number,) in database.execute(on_file)]
    calls = call_list([*known, *(f"+9891255500{place:02}" for place in range(60))])
    for language, theme in (("en", "light"), ("fa", "dark"), ("el", "light")):
        page = log_in("sara", language=language, theme=theme, at="/reports/calls")
        page.locator(".report-tabs a[href='/lookback']").click()
        count(page, calls)
        result = page.locator(".lookback-result")
        assert result.locator(".fig").count() >= 5
        expect(result.locator(".fig.best b")).to_contain_text("۸۳" if language == "fa" else "83")
        for size in in_both_sizes(page):
            assert violations(page) == [], (language, size)
            assert overflow(page) <= 0, (language, size)
        with page.expect_download() as download:
            result.get_by_role("link").click()
        shared = Path(download.value.path()).read_text(encoding="utf-8")
        assert re.search("83|۸۳", shared)
        assert "<script" not in shared
        assert "9121110001" not in shared

    page = log_in("sara", at="/lookback")
    count(page, call_list(["09121110001", "9121110003"]), PEOPLE)
    figures = page.locator(".lookback-result")
    expect(figures).to_contain_text("2 calls came in, 2 customers are known")
    expect(figures.locator(".fig.best")).to_contain_text("50%")
    expect(figures).to_contain_text("1calls of customers with the tier Gold")
    expect(figures).to_contain_text("Lines of the call list that could not be read: 1.")
    assert "Laleh" not in page.content()
    count(page, b"Wann,Wer\n2026-11-30 09:15:02,09121110001\n", PEOPLE)
    expect(page.get_by_role("alert")).to_contain_text("The columns are: Wann, Wer.")
    page.locator("[name=number_column]").fill("2")
    count(page, b"Wann,Wer\n2026-11-30 09:15:02,09121110001\n", PEOPLE)
    expect(page.locator(".lookback-result .fig.best")).to_contain_text("100%")
    count(page, b"\x89PNG\0\0" * 99, PEOPLE)
    expect(page.get_by_role("alert")).to_be_visible()
