"""The board: callers, agents and figures as they are, filters in the address, wall screens."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import SIZES, LogIn, in_both_sizes, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations

WORDS = {
    "en": ("Waiting and ringing", "Without names", "This link has ended"),
    "fa": ("در انتظار و در حال زنگ", "بدون نام", "این پیوند پایان یافته است"),
    "el": ("Σε αναμονή ή κουδουνίζουν", "Χωρίς ονόματα", "Ο σύνδεσμος έληξε"),
}


def tile(page: Page, agent: str, state: str) -> None:
    expect(page.locator(f".tile[data-agent={agent}]")).to_have_attribute("data-state", state)


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_a_supervisor_follows_a_call_filters_and_gives_a_screen_a_link(
    log_in: LogIn, server: DemoServer, language: str
) -> None:
    title, nameless, ended = WORDS[language]
    theme = "dark" if language == "fa" else "light"
    board = log_in("sara", at="/board", language=language, theme=theme)
    is_live(board)
    server.play(caller="09123456789", to="102", queue="support", ring_s=120)
    tile(board, "eleni", "ringing")
    waiting = board.locator(".box.waiting")
    expect(waiting.get_by_role("heading")).to_have_text(title)
    row = waiting.locator("tbody tr")
    expect(row).to_have_count(1)
    expect(row).to_contain_text("Karimi" if language != "fa" else "کریمی")
    for size in in_both_sizes(board):
        assert violations(board) == [], size
        assert overflow(board) <= 0, size

    # A filter leaves the call out, is in the address, and goes back with it.
    board.locator("select[name=queue]").select_option("sales")
    expect(board).to_have_url(re.compile(r"/board\?queue=sales$"))
    expect(row).to_have_count(0)
    board.go_back()
    expect(row).to_have_count(1)
    expect(board.locator("select[name=queue]")).to_have_value("")
    board.goto("/board?queue=support&tier=gold")
    expect(row).to_have_count(1)
    board.goto("/board?tier=silver")
    is_live(board)
    expect(row).to_have_count(0)

    # A screen without a login has the call, and no name of a caller or an agent.
    board.goto("/board/links")
    for size in in_both_sizes(board):
        assert violations(board) == [], size
        assert overflow(board) <= 0, size
    board.locator("input[name=name]").fill("Hall")
    expect(board.locator(".choice").first).to_have_text(nameless)
    board.locator("form[action^='/board/links'] button.main").click()
    address = board.locator(".link-made a").get_attribute("href")
    assert address is not None
    browser = board.context.browser
    assert browser is not None
    width, height = SIZES["desk"]
    stranger = browser.new_context(
        base_url=server.url,
        viewport={"width": width, "height": height},
        locale={"en": "en-GB", "fa": "fa-IR", "el": "el-GR"}[language],
    )
    screen = stranger.new_page()
    screen.goto(address)
    is_live(screen)
    expect(screen.locator(".box.waiting tbody tr")).to_have_count(1)
    text = screen.locator("main").inner_text()
    for name in ("Karimi", "کریمی", "912", "Maryam", "Νίκος", "Ελένη"):
        assert name not in text, name
    assert violations(screen) == []
    assert overflow(screen) <= 0
    board.locator("form[action$='/end'] button").first.click()
    expect(screen.locator("#band")).to_contain_text(ended, timeout=5_000)
    expect(screen.locator("#board .board")).to_have_count(0)
    stranger.close()


@pytest.mark.slow
def test_times_on_a_board_whose_server_is_gone_stop_and_it_has_the_moment(
    log_in: LogIn, own_server: DemoServer
) -> None:
    board = log_in("sara", at="/board", url=own_server.url)
    is_live(board)
    own_server.play(caller="09123456789", to="101", ring_s=120)
    waited = board.locator(".box.waiting td.e bdi")
    expect(waited).to_have_text(re.compile(r"^[3-9] s$"))
    own_server.kill()
    view = board.locator("#board .board")
    expect(view).to_have_attribute("data-live", "no")
    expect(view.locator(".age")).to_contain_text("Not live: as it was at")
    texts = []
    for _ in range(4):  # tries to connect again, with growing pauses between them
        with board.expect_websocket():
            pass
        texts.append(waited.inner_text())
    assert texts[1] == texts[3], texts
    own_server.start()
    expect(view).to_have_attribute("data-live", "yes", timeout=30_000)
