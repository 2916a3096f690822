"""The demo's guide: it explains the card by mouse and keys, and stays closed."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from typing_extensions import override

from tests.browser.conftest import LogIn
from tests.browser.demo_server import DemoServer

NOTES = 12


class GuidedServer(DemoServer):
    """A demo as people start it: with calls by themselves, and with the guide."""

    @override
    def command(self) -> list[str]:
        return [word for word in super().command() if word != "--no-calls"]


@pytest.fixture
def guided(tmp_path: Path, filled: Path) -> Iterator[GuidedServer]:
    demo = GuidedServer(tmp_path / "data", filled)
    demo.start()
    yield demo
    demo.stop()


def is_covered(page: Page) -> bool:
    """Return whether the guide lies over the part that it explains."""
    covered: bool = page.evaluate(
        """() => {
          const [mark, guide] = ["guide-mark", "guide"].map((id) => document.getElementById(id));
          const edge = guide.getBoundingClientRect().top;
          return !mark.hidden && mark.getBoundingClientRect().bottom > edge;
        }"""
    )
    return covered


def test_notes_explain_the_card_and_a_session_that_closed_them_has_none(
    log_in: LogIn, guided: GuidedServer
) -> None:
    page = log_in("maryam", language="fa", url=guided.url)
    guide = page.locator("#guide")
    expect(page.locator("#stack .card:not(.brief) .caller-block")).to_be_visible()
    expect(guide.locator(".guide-number")).to_contain_text("۱")
    assert page.evaluate("document.activeElement === document.body")
    ends = "document.querySelector('.stack > .card:not(.brief)').getBoundingClientRect().bottom"
    assert page.evaluate(f"{ends} <= document.getElementById('guide').getBoundingClientRect().top")
    # Neither the guide nor the rows beside, which scroll by themselves, lengthen the page.
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for place in range(1, NOTES):
        page.keyboard.press("ArrowLeft")  # forwards, in a page from right to left
        expect(guide.locator(".guide-number")).to_contain_text("۰۱۲۳۴۵۶۷۸۹"[(place + 1) % 10])
        assert not is_covered(page)
    page.keyboard.press("ArrowRight")
    expect(guide.locator(".guide-number")).to_contain_text("۱۱")
    guide.get_by_role("button", name="بعدی").click()
    with page.expect_response("**/demo/guide/close"):
        guide.get_by_role("button", name="پایان").click()
    expect(guide).to_be_hidden()
    page.reload()
    expect(page.locator("#stack")).not_to_have_attribute("aria-busy", "true")
    expect(guide).to_be_hidden()
    page.keyboard.press("?")
    with page.expect_response("**/demo/guide/open"):
        page.get_by_role("button", name="توضیح کارت").click()
    expect(guide).to_be_visible()
    kept = "Object.keys({...localStorage, ...sessionStorage}).filter((key) => /guide/.test(key))"
    assert page.evaluate(kept) == []
