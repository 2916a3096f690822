"""What an agent types stays where it was typed, whatever calls come and end meanwhile."""

import re
import string
import time
from itertools import cycle, islice

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.cut_line import CutLine
from tests.browser.demo_server import DemoServer

NUMBERS = ("6970006001", "6970006002", "6970006003")

KEYS_ON_WATCH = """
() => {
  window.strayed = [];
  document.addEventListener("keydown", (event) => {
    if (!event.target.matches("textarea")) window.strayed.push(event.key);
  }, { capture: true });
  window.left = 0;
  document.addEventListener("focusout", () => { window.left += 1; });
}
"""


def _shown(number: str) -> str:
    return f"+30 {number[:3]} {number[3:6]} {number[6:]}"


def _note(page: Page, number: str) -> Locator:
    return card_of(page, _shown(number)).whole.first.locator("textarea")


class Typist:
    """Types one letter after the other into whatever has the focus, and remembers them. All
    letters, so that each shortcut of the desk is among them."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._letters = cycle(string.ascii_lowercase)
        self.typed = ""

    def until(self, seen: Locator) -> None:
        """Type until ``seen`` is on the page, and some letters more."""
        until = time.monotonic() + 40
        while time.monotonic() < until:
            self.some(3)
            if seen.count():
                break
        else:
            raise AssertionError(f"{seen} did not appear")
        self.some(30)

    def some(self, count: int) -> None:
        letters = "".join(islice(self._letters, count))
        self.typed += letters
        self._page.keyboard.type(letters, delay=8)

    def into(self, note: Locator) -> None:
        note.click()
        self.typed = ""


def _article(page: Page, number: str, state: str) -> Locator:
    heading = page.get_by_role("heading", name=_shown(number), exact=True)
    return page.locator(f"article.card[data-state={state}]").filter(has=heading)


@pytest.mark.slow
def test_typing_without_pause_through_three_calls_ends_in_the_right_notes(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos")
    is_live(desk)
    desk.evaluate(KEYS_ON_WATCH)
    typist = Typist(desk)
    texts = []
    server.play(caller=f"+30{NUMBERS[0]}", to="103", ring_s=1, talk_s=60)
    expect(_article(desk, NUMBERS[0], "talking")).to_be_attached()
    for number, following in zip(NUMBERS, (*NUMBERS[1:], ""), strict=True):
        typist.into(_note(desk, number))
        left = desk.evaluate("window.left")
        server.finish_calls()
        typist.until(_article(desk, number, "wrap_up"))
        if following:
            server.play(caller=f"+30{following}", to="103", ring_s=2, talk_s=60)
            typist.until(_article(desk, following, "ringing"))
            typist.until(_article(desk, following, "talking"))
            # Answered: the server takes the earlier card away, the page keeps it under the hands.
            typist.until(_article(desk, number, "gone"))
            expect(_article(desk, number, "gone")).to_have_class(re.compile("brief"))
        assert desk.evaluate("window.left") == left, "the focus has not left the note for a moment"
        expect(_note(desk, number)).to_be_focused()
        expect(_note(desk, number)).to_have_value(typist.typed)
        texts.append(typist.typed)
    desk.keyboard.press("Escape")
    expect(card_of(desk, _shown(NUMBERS[2])).whole.first.locator(".note-state")).to_have_text(
        "Saved"
    )
    assert desk.evaluate("window.strayed") == []
    assert [server.noted(number) for number in NUMBERS] == texts


def test_a_kept_card_leaves_once_its_note_is_saved_and_left(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos")
    is_live(desk)
    server.play(caller="+306970006011", to="103")
    server.finish_calls()
    expect(_article(desk, "6970006011", "wrap_up")).to_be_attached()
    note = _note(desk, "6970006011")
    note.fill("Wants an aisle seat")
    server.play(caller="+306970006012", to="103", ring_s=1, talk_s=40)
    kept = _article(desk, "6970006011", "gone")
    expect(kept).to_be_visible()
    expect(kept.locator(".note-state")).to_have_text("Saved")
    _note(desk, "6970006012").click()
    expect(kept).to_have_count(0)
    expect(_note(desk, "6970006012")).to_be_focused()
    assert server.noted("6970006011") == "Wants an aisle seat"


def test_done_puts_a_kept_card_away_at_once(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("nikos")
    is_live(desk)
    server.play(caller="+306970006013", to="103")
    server.finish_calls()
    expect(_article(desk, "6970006013", "wrap_up")).to_be_attached()
    _note(desk, "6970006013").fill("Calls back on Monday")
    server.play(caller="+306970006014", to="103", ring_s=1, talk_s=40)
    kept = _article(desk, "6970006013", "gone")
    kept.get_by_role("button", name="Done").click()
    expect(kept).to_have_count(0, timeout=3_000)
    assert server.noted("6970006013") == "Calls back on Monday"


@pytest.mark.parametrize("outcome", ["missed", "abandoned"])
def test_a_note_begun_while_it_rings_stays_when_the_call_is_lost(
    log_in: LogIn, server: DemoServer, outcome: str
) -> None:
    desk = log_in("nikos")
    is_live(desk)
    number = {"missed": "6970006021", "abandoned": "6970006022"}[outcome]
    server.play(caller=f"+30{number}", to="103", outcome=outcome)
    card_of(desk, _shown(number)).open()
    typist = Typist(desk)
    typist.into(_note(desk, number))
    typist.some(30)
    server.finish_calls()
    typist.until(_article(desk, number, "missed"))
    expect(_note(desk, number)).to_be_focused()
    expect(_note(desk, number)).to_have_value(typist.typed)
    expect(desk.locator(".box.missed li").filter(has_text=_shown(number))).to_be_visible()


def test_a_note_keeps_its_focus_through_a_broken_line_and_the_call_that_ended_in_it(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("nikos", url=line.url)
    is_live(desk)
    server.play(caller="+306970006031", to="103", ring_s=1)
    expect(_article(desk, "6970006031", "talking")).to_be_attached()
    typist = Typist(desk)
    typist.into(_note(desk, "6970006031"))
    typist.some(10)
    line.cut()
    expect(desk.locator("#band .band")).to_be_visible()
    typist.some(10)
    server.finish_calls()
    server.logged("6970006031")
    # The next call is answered, so the server has taken the first one's card away.
    server.play(caller="+306970006032", to="103", ring_s=1, talk_s=40)
    line.mend()
    typist.until(_article(desk, "6970006032", "talking"))
    typist.until(_article(desk, "6970006031", "gone"))
    expect(_note(desk, "6970006031")).to_be_focused()
    expect(_note(desk, "6970006031")).to_have_value(typist.typed)
    _note(desk, "6970006032").click()
    expect(card_of(desk, _shown("6970006031")).whole.locator(".note-state")).to_have_text("Saved")
    assert server.noted("6970006031") == typist.typed


def test_letters_are_no_shortcuts_right_after_a_field_has_lost_the_focus(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos")
    is_live(desk)
    server.play(caller="+306970006041", to="103", ring_s=1, talk_s=40)
    expect(_article(desk, "6970006041", "talking")).to_be_attached()
    note = _note(desk, "6970006041")
    note.click()
    desk.keyboard.type("Rome")
    before = desk.locator("#sound button").get_attribute("data-state")
    note.evaluate("field => field.blur()")
    desk.keyboard.type("snd", delay=20)
    expect(note).not_to_be_focused()
    assert desk.locator("#sound button").get_attribute("data-state") == before
    # After Escape in the field the keys work at once.
    note.click()
    desk.keyboard.press("Escape")
    desk.keyboard.press("n")
    expect(note).to_be_focused()


def test_a_note_corrected_on_the_calls_page_is_on_the_card_that_is_still_there(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos")
    is_live(desk)
    server.play(caller="+306970006051", to="103")
    server.finish_calls()
    expect(_article(desk, "6970006051", "wrap_up")).to_be_attached()
    note = _note(desk, "6970006051")
    note.fill("Two to Rome")
    note.blur()
    assert server.noted("6970006051") == "Two to Rome"
    page = log_in("sara", at=f"/calls/{server.logged('6970006051')['id']}")
    page.get_by_text("Correct").click()
    page.get_by_role("textbox", name="Note", exact=True).fill("Two to Rome, one to Milan")
    page.locator(".note-edit").get_by_role("button", name="Save").click()
    expect(page.locator("#notes .note-text")).to_have_text("Two to Rome, one to Milan")
    expect(page.locator("#notes")).to_contain_text("Changed by Sara")
    expect(note).to_have_value("Two to Rome, one to Milan")
