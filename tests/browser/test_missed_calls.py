"""Missed calls on the desk, and the board's figures of the day, in a real browser."""

import re
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import LogIn, in_both_sizes, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations

STRANGER, SHOWN = "+306970000{:03}", "+30 697 000 0{:03}"
LALEH = "09123456789"


def miss(server: DemoServer, *callers: str) -> dict[str, Any]:
    """Let these call at the same time and give up; return the last one's entry in the log."""
    entry: dict[str, Any] = {}
    begun_at = time.time()
    for caller in callers:
        server.play(caller=caller, to="101", outcome="abandoned", ring_s=60)
    server.finish_calls()
    for caller in callers:
        entry = server.logged(caller.lstrip("+0"), "abandoned", after=begun_at)
    return entry


def talk(server: DemoServer, caller: str, seconds: float = 10.0) -> None:
    """Let this caller reach 101; the talk is logged as that long without waiting for it."""
    begun_at = time.time()
    server.play(caller=caller, to="101")
    server.finish_calls()
    call = server.logged(caller.lstrip("+0"), "answered", after=begun_at)
    with sqlite3.connect(server.data / "screenpop.db", timeout=30) as database:
        database.execute("UPDATE calls SET talk_s = ? WHERE id = ?", [seconds, call["id"]])


def test_missed_calls_open_the_customer_and_the_call_and_done_can_be_undone(
    log_in: LogIn, server: DemoServer
) -> None:
    call = miss(server, LALEH)
    desk = log_in("maryam")
    is_live(desk)
    missed = desk.locator(".box.missed li").filter(has_text="Laleh Karimi").first
    expect(missed.get_by_role("link")).to_have_count(3)
    links = [link.get_attribute("href") for link in missed.get_by_role("link").all()]
    dial = "tel:+98" + LALEH[1:]
    assert links == [f"/customers/{call['customer']['id']}", f"/calls/{call['id']}", dial]
    missed.get_by_role("button", name="Done").click()
    expect(desk.locator(".box.missed li").filter(has_text="Laleh Karimi")).to_have_count(0)
    desk.reload()  # it is the database that knows, not the page
    desk.get_by_text("Marked as done").click()
    done = desk.locator(".missed-done li").filter(has_text="Laleh Karimi").first
    done.get_by_role("button", name="Undo").click()
    expect(desk.locator(".box.missed li").filter(has_text="Laleh Karimi")).to_have_count(1)


@pytest.mark.slow
def test_missed_calls_stay_on_the_agent_page_beyond_five_and_after_a_restart(
    log_in: LogIn, own_server: DemoServer
) -> None:
    miss(own_server, *(STRANGER.format(number) for number in range(7)))
    desk = log_in("maryam", url=own_server.url)
    is_live(desk)
    strangers = desk.locator(".box.missed li").filter(has_text="+30 697 000 0")
    expect(strangers).to_have_count(7)
    own_server.stop()
    own_server.start()
    desk = log_in("maryam", url=own_server.url)
    is_live(desk)
    expect(desk.locator(".box.missed li").filter(has_text="+30 697 000 0")).to_have_count(7)


def test_a_caller_reached_afterwards_leaves_the_list_by_itself(
    log_in: LogIn, server: DemoServer
) -> None:
    caller, shown = STRANGER.format(77), SHOWN.format(77)
    miss(server, caller, LALEH)
    desk = log_in("maryam")
    is_live(desk)
    missed = desk.locator(".box.missed li").filter(has_text=shown)
    expect(missed).to_have_count(1)
    assert violations(desk) == []
    talk(server, caller)  # heartbeats bring that the list has changed, without a call at 101
    expect(missed).to_have_count(0, timeout=20_000)


@pytest.fixture(scope="module")
def three_missed(filled: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[DemoServer]:
    """A server whose agents have missed three calls and no other."""
    demo = DemoServer(tmp_path_factory.mktemp("missed") / "data", filled)
    with sqlite3.connect(demo.data / "screenpop.db") as database:
        database.execute(
            "UPDATE meta SET value = ? WHERE key = 'missed_calls_since'", [time.time()]
        )
    demo.start()
    miss(demo, STRANGER.format(91), STRANGER.format(90), LALEH)
    yield demo
    demo.stop()


@pytest.mark.slow
def test_the_list_of_missed_calls_is_without_fault_in_every_language(
    log_in: LogIn, three_missed: DemoServer
) -> None:
    for language in ("en", "fa", "el"):
        desk = log_in("maryam", language=language, url=three_missed.url, phone=True)
        is_live(desk)
        rows, done = desk.locator(".box.missed li"), desk.locator(".missed-done li")
        expect(rows).to_have_count(3)
        rows.nth(0).locator("[data-act=missed-done]").click()
        expect(rows).to_have_count(2)
        desk.locator(".missed-done summary").click()
        expect(done.first.get_by_role("button")).to_be_visible()
        for size in in_both_sizes(desk):
            assert violations(desk) == [], (language, size)
            assert overflow(desk) <= 0, (language, size)
        done.first.get_by_role("button").click()
        expect(rows).to_have_count(3)


def test_the_name_of_a_recent_call_stays_beside_its_icon(log_in: LogIn, server: DemoServer) -> None:
    for language in ("en", "fa", "el"):
        desk = log_in("maryam", language=language)
        is_live(desk)
        expect(desk.locator(".recent li").first).to_be_visible()
        apart = desk.locator(".recent .row-title").evaluate_all(
            "rows => rows.filter(row => { const [icon, name] ="
            " ['.icon', 'a'].map(one => row.querySelector(one).getBoundingClientRect());"
            " return name.top > icon.bottom || name.bottom < icon.top; }).length"
        )
        assert apart == 0, language


def test_the_boards_figures_are_those_of_the_day_whenever_it_was_opened(
    log_in: LogIn, server: DemoServer
) -> None:
    caller = STRANGER.format(88)
    miss(server, caller)
    board = log_in("sara", at="/board")

    place = board.locator("[data-figure=callbacks] b")

    def figure() -> int:
        expect(place).to_have_text(re.compile(r"^\d+$"))
        return int(place.inner_text())

    missed = figure()
    assert missed >= 1  # it ended before this page was opened
    miss(server, STRANGER.format(89))
    expect(place).to_have_text(str(missed + 1))
    board.reload()
    assert figure() == missed + 1
