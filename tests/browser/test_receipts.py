"""The script that reports how far a card came, in a visible and in a hidden page."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.demo_server import DemoServer

RECEIPTS = """
async () => {
  const { Receipts } = await import("/static/js/receipts.js");
  const sent = [];
  const receipts = new Receipts((card, rev, stages) => sent.push({ card, rev, stages }));
  const card = (rev, state = "ringing") => ({ id: "c", rev, state });
  const frame = () => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(go)));
  const hide = () => {
    Object.defineProperty(document, "visibilityState", { value: "hidden", configurable: true });
    document.dispatchEvent(new Event("visibilitychange"));
  };
  // A window that is visible for the browser but gets no frames.
  const starve = () => { window.requestAnimationFrame = () => 0; };
  const come = (...cards) => {
    cards.forEach((one) => receipts.received(one));
    receipts.rendered(cards);
  };
  const after = (ms) => new Promise((go) => setTimeout(go, ms));
  Object.assign(window, { receipts, sent, card, frame, hide, starve, come, after });
}
"""


@pytest.fixture
def blank(browser: Browser, shared_server: DemoServer) -> Iterator[Page]:
    page = browser.new_page(base_url=shared_server.url)
    page.goto("/login")
    page.bring_to_front()
    page.evaluate(RECEIPTS)
    yield page
    page.close()


def sent(page: Page, steps: str) -> list[dict[str, Any]]:
    """What was sent, with the stages in their order."""
    messages: list[dict[str, Any]] = page.evaluate(f"async () => {{ {steps}; return sent; }}")
    return messages


def test_what_one_frame_proves_is_one_message_with_the_age_of_each_stage(blank: Page) -> None:
    (one,) = sent(blank, "come(card(1)); await frame(); await frame()")
    assert (one["card"], one["rev"]) == ("c", 1)
    assert list(one["stages"]) == ["received", "painted", "seen"]
    assert one["stages"]["received"] >= one["stages"]["painted"] >= 0
    assert all(isinstance(age, int) for age in one["stages"].values())


def test_a_hidden_page_reports_at_once_what_it_knows(blank: Page) -> None:
    (one,) = sent(
        blank,
        "hide(); receipts.received(card(1)); receipts.notified(card(1));"
        " receipts.rendered([card(1)])",
    )
    assert list(one["stages"]) == ["received", "notified"]


def test_a_page_that_is_hidden_before_its_frame_reports_what_it_knew(blank: Page) -> None:
    (one,) = sent(blank, "starve(); come(card(1)); hide()")
    assert list(one["stages"]) == ["received"]


def test_a_card_that_is_not_on_the_page_is_reported_at_once(blank: Page) -> None:
    (one,) = sent(blank, "receipts.received(card(1, 'missed')); receipts.rendered([])")
    assert list(one["stages"]) == ["received"]


def test_a_card_whose_frame_does_not_come_is_reported_after_a_second(blank: Page) -> None:
    messages = blank.evaluate(
        "async () => { starve(); come(card(1)); await after(500); const early = sent.length;"
        " await after(700); return [early, sent]; }"
    )
    early, (one,) = messages
    assert early == 0
    assert list(one["stages"]) == ["received"]
    assert 900 <= one["stages"]["received"] < 1200


def test_each_revision_that_rings_is_reported_and_a_later_one_not_again(blank: Page) -> None:
    messages = sent(
        blank,
        "for (const one of [card(1), card(2), card(3, 'talking'), card(4, 'wrap_up')])"
        " { come(one); await frame(); await frame(); }",
    )
    assert [one["rev"] for one in messages] == [1, 2]
    assert all(list(one["stages"]) == ["received", "painted", "seen"] for one in messages)


def test_two_revisions_before_one_frame_are_two_messages(blank: Page) -> None:
    first, second = sent(blank, "come(card(1)); come(card(2)); await frame(); await frame()")
    assert (first["rev"], list(first["stages"])) == (1, ["received"])
    assert second["rev"] == 2
    assert list(second["stages"])[:2] == ["received", "painted"]


def test_a_page_that_leaves_reports_what_it_knew(blank: Page) -> None:
    (one,) = sent(blank, "starve(); come(card(1)); dispatchEvent(new Event('pagehide'))")
    assert list(one["stages"]) == ["received"]
