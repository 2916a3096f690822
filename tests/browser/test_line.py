"""The line breaks, the server goes: nothing stale looks live, and nothing typed is lost."""

import time

import pytest
from playwright.sync_api import Page, WebSocket, expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.cut_line import CutLine
from tests.browser.demo_server import DemoServer


def _band(desk: Page) -> None:
    expect(desk.locator("#band .band")).to_contain_text("Connection lost at")
    expect(desk.locator("body[data-live=no], .board[data-live=no]")).to_have_count(1)


def test_a_cut_line_is_marked_in_red_and_comes_back_by_itself(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("maryam", url=line.url)
    is_live(desk)
    line.cut()
    _band(desk)
    server.play(caller="+306970000010", to="101", outcome="missed", ring_s=30)
    line.mend()
    is_live(desk)
    expect(desk.locator("#band .band")).to_have_count(0)
    # What rang meanwhile is there: recovery is start-up.
    card_of(desk, "+30 697 000 0010").has_state("ringing")


def test_a_line_that_falls_silent_is_noticed_without_a_close(log_in: LogIn, line: CutLine) -> None:
    desk = log_in("maryam", url=line.url)
    is_live(desk)
    line.freeze()
    expect(desk.locator("#band .band")).to_be_visible(timeout=20_000)
    _band(desk)
    line.thaw()
    is_live(desk)


def _frames(desk: Page) -> list[str]:
    """What the server sends on every connection that this page opens from now on."""
    heard: list[str] = []
    desk.on(
        "websocket",
        lambda line: line.on("framereceived", lambda frame: heard.append(str(frame))),
    )
    return heard


def _awake_within_two_seconds(desk: Page, woken_at: float) -> None:
    expect(desk.locator("body")).to_have_attribute("data-live", "yes")
    assert time.monotonic() - woken_at <= 2.0


def test_a_laptop_that_slept_shows_nothing_stale_as_live_and_soon_the_truth(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("eleni", url=line.url)
    desk.clock.install()
    desk.reload()
    is_live(desk)
    server.play(caller="+306970000014", to="102", outcome="missed", ring_s=2)
    card = card_of(desk, "+30 697 000 0014")
    card.has_state("ringing")
    heard = _frames(desk)
    line.freeze()
    server.play(caller="+306970000015", to="102", outcome="missed", ring_s=60)
    desk.clock.fast_forward("20:00")
    _band(desk)
    woken_at = time.monotonic()
    line.thaw()
    _awake_within_two_seconds(desk, woken_at)
    card_of(desk, "+30 697 000 0015").has_state("ringing")
    # The page had most of it: only what it had missed came.
    assert any('"mode":"resumed"' in frame for frame in heard)


def test_a_frozen_tab_whose_line_broke_meanwhile_wakes_to_the_truth(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("nikos", url=line.url)
    is_live(desk)
    chrome = desk.context.new_cdp_session(desk)
    chrome.send("Page.setWebLifecycleState", {"state": "frozen"})
    line.cut()
    server.play(caller="+306970000016", to="103", outcome="missed", ring_s=60)
    line.mend()
    woken_at = time.monotonic()
    chrome.send("Page.setWebLifecycleState", {"state": "active"})
    card_of(desk, "+30 697 000 0016").has_state("ringing")
    _awake_within_two_seconds(desk, woken_at)


def test_a_note_typed_while_the_line_is_cut_reaches_the_server(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("nikos", url=line.url)
    is_live(desk)
    server.play(caller="+306970000011", to="103", ring_s=1, talk_s=60)
    card = card_of(desk, "+30 697 000 0011")
    card.has_state("talking")
    note = card.open().locator("textarea")
    note.fill("Before the cut")
    expect(card.whole.locator(".note-state")).to_have_text("Saved")
    line.cut()
    _band(desk)
    note.press_sequentially(" and after")
    expect(card.whole.locator(".note-state")).to_have_text("Sending …")
    line.mend()
    is_live(desk)
    expect(note).to_have_value("Before the cut and after")
    expect(card.whole.locator(".note-state")).to_have_text("Saved")
    elsewhere = card_of(log_in("nikos"), "+30 697 000 0011")
    expect(elsewhere.open().locator("textarea")).to_have_value("Before the cut and after")


def test_a_note_that_was_on_its_way_when_the_line_broke_reaches_the_server(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("eleni", url=line.url)
    lines: list[WebSocket] = []
    desk.on("websocket", lambda opened: lines.insert(0, opened))
    desk.reload()
    is_live(desk)
    server.play(caller="+306970000017", to="102", ring_s=1, talk_s=60)
    card = card_of(desk, "+30 697 000 0017")
    card.has_state("talking")
    note = card.open().locator("textarea")
    note.fill("Heard")
    expect(card.whole.locator(".note-state")).to_have_text("Saved")
    line.freeze()
    with lines[0].expect_event("framesent", lambda frame: "into the dark" in str(frame)):
        note.fill("Heard, then said into the dark")
        note.blur()
    expect(card.whole.locator(".note-state")).to_have_text("Sending …")
    line.cut()
    _band(desk)
    line.mend()
    is_live(desk)
    expect(card.whole.locator(".note-state")).to_have_text("Saved")
    elsewhere = card_of(log_in("eleni"), "+30 697 000 0017")
    expect(elsewhere.open().locator("textarea")).to_have_value("Heard, then said into the dark")


def test_a_note_survives_a_reload_before_it_was_sent(
    log_in: LogIn, server: DemoServer, line: CutLine
) -> None:
    desk = log_in("nikos", url=line.url)
    is_live(desk)
    server.play(caller="+306970000012", to="103", ring_s=1, talk_s=60)
    card = card_of(desk, "+30 697 000 0012")
    card.has_state("talking")
    card.open()
    line.cut()
    _band(desk)
    card.whole.locator("textarea").fill("Typed in the dark")
    line.mend()
    desk.reload()
    expect(card.open().locator("textarea")).to_have_value("Typed in the dark")
    expect(card.whole.locator(".note-state")).to_have_text("Saved")


@pytest.mark.slow
def test_a_server_that_dies_turns_every_page_red_and_one_that_returns_heals_them(
    log_in: LogIn, own_server: DemoServer
) -> None:
    desk = log_in("maryam", url=own_server.url)
    board = log_in("sara", at="/board", url=own_server.url)
    is_live(desk)
    is_live(board)
    own_server.kill()
    _band(desk)
    _band(board)
    own_server.start()
    is_live(desk)
    is_live(board)


def test_a_note_typed_while_a_killed_server_was_away_is_saved_to_its_call(
    log_in: LogIn, own_server: DemoServer
) -> None:
    desk = log_in("maryam", url=own_server.url)
    is_live(desk)
    own_server.play(caller="+306970000013", to="101", ring_s=1, talk_s=60)
    card = card_of(desk, "+30 697 000 0013")
    card.has_state("talking")
    card.open()
    own_server.begun("6970000013")
    own_server.kill()
    _band(desk)
    card.whole.locator("textarea").fill("Wants to fly on Friday")
    own_server.start()
    is_live(desk)
    # The new server has no such card, but the log has the call's row from its arrival.
    expect(card.whole.locator(".note-state")).to_have_text("Saved")
    expect(card.whole.locator("textarea")).to_have_value("Wants to fly on Friday")
    assert own_server.noted("6970000013") == "Wants to fly on Friday"


def test_a_user_logged_out_elsewhere_is_led_to_the_login_page(log_in: LogIn) -> None:
    desk = log_in("eleni")
    is_live(desk)
    other = desk.context.new_page()
    other.goto("/me")
    other.locator("form[action='/logout'] button").click()
    desk.wait_for_url("**/login**")
