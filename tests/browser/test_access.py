"""Accessibility: axe finds nothing, the keyboard reaches everything, nothing overflows."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, card_of, in_both_sizes, is_live
from tests.browser.demo_server import DemoServer

AXE = (Path(__file__).parent / "vendor/axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PAGES = [
    "/",
    "/board",
    "/calls",
    "/customers",
    "/trips",
    "/value",
    "/callbacks",
    "/follow-ups?kind=lapsed",
    "/simulate",
    "/me",
    "/there-is-nothing",
]


def violations(page: Page) -> list[str]:
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    found = page.evaluate(
        "rules => axe.run(document, { runOnly: rules, resultTypes: ['violations'] })", RULES
    )
    return [
        f"{one['id']}: {node['target']} {node['failureSummary']}"
        for one in found["violations"]
        for node in one["nodes"]
    ]


def overflow(page: Page) -> int:
    wide: int = page.evaluate("document.documentElement.scrollWidth - innerWidth")
    return wide


@pytest.mark.slow
@pytest.mark.timeout(300)  # eleven pages in two sizes, each read by axe
@pytest.mark.parametrize(("language", "theme"), [("en", "light"), ("fa", "dark"), ("el", "light")])
def test_every_page_is_without_fault_and_fits_a_telephone(
    log_in: LogIn, language: str, theme: str
) -> None:
    page = log_in("sara", language=language, theme=theme)
    for path in PAGES:
        page.goto(path)
        if path in {"/", "/board"}:
            is_live(page)
        if path.startswith("/follow-ups"):
            expect(page.locator(".work-row").first).to_be_visible(timeout=60_000)
        for size in in_both_sizes(page):
            assert violations(page) == [], (path, size)
            assert overflow(page) <= 0, (path, size)


MANAGED = [
    "/customers/1",
    "/customers/1/edit",
    "/customers/1/whole-file",
    "/customers/1/trips/new",
    "/customers/1/cases/new",
    "/customers/1/documents/new",
    "/customers/1/trips/1/payments",
    "/customers/1/payments/2",
    "/customers/1/attachments/new",
    "/customers/1/erase",
    "/customers/duplicates",
    "/customers/numbers",
    "/customers/new",
    "/customers/import",
    "/segments",
    "/admin/branches",
    "/admin/webhooks",
    "/segments/1/edit",
    "/offers",
    "/offers/1",
    "/offers/1/edit",
    "/tags",
    "/admin",
    "/admin/teams",
]
"""What only a supervisor or an administrator sees."""


@pytest.mark.slow
def test_pages_of_administrators_are_without_fault(log_in: LogIn, server: DemoServer) -> None:
    """Among them ``empty-table-header`` and ``scrollable-region-focusable``, on wide tables."""
    server.play(caller="09123456789", to="103", outcome="missed", ring_s=0)
    call = server.logged("09123456789")["id"]
    page = log_in("admin")
    for path in [*MANAGED, f"/calls/{call}"]:
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200, path
        for size in in_both_sizes(page):
            assert violations(page) == [], (path, size)


def test_the_rules_named_by_name_are_among_those_that_run(log_in: LogIn) -> None:
    page = log_in("sara", at="/calls")
    page.evaluate(
        "document.querySelector('main').innerHTML = '<table><tr><th></th><th>a</th></tr>"
        "<tr><td>1</td><td>2</td></tr></table><div id=s>' + '<p>text</p>'.repeat(99) + '</div>';"
        "const sheet = new CSSStyleSheet(); sheet.replaceSync('#s{height:50px;overflow:auto}');"
        "document.adoptedStyleSheets = [sheet]"
    )
    found = " ".join(violations(page))
    assert "empty-table-header" in found
    assert "scrollable-region-focusable" in found


def test_the_login_page_is_without_fault(log_in: LogIn) -> None:
    page = log_in("maryam")
    page.locator("form[action='/logout'] button").click()
    page.wait_for_url("**/login**")
    assert violations(page) == []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_cards_are_without_fault_in_every_state(
    log_in: LogIn, server: DemoServer, theme: str
) -> None:
    desk = log_in("maryam", theme=theme)
    is_live(desk)
    server.play(caller="09123456789", to="101,102", outcome="missed", ring_s=40)
    card_of(desk, "Dr Laleh Karimi").open()
    assert violations(desk) == []
    for number, state in (("31", "talking"), ("32", "wrap_up")):
        talk_s = 40 if state == "talking" else 0
        server.play(caller=f"+3069700000{number}", to="101", ring_s=0, talk_s=talk_s)
        card_of(desk, f"+30 697 000 00{number}").has_state(state)
        assert violations(desk) == [], state


def test_a_red_page_is_without_fault(log_in: LogIn, own_server: DemoServer) -> None:
    desk = log_in("maryam", url=own_server.url)
    is_live(desk)
    own_server.play(caller="09123456789", to="101", ring_s=30)
    card_of(desk, "Dr Laleh Karimi").has_state("ringing")
    own_server.kill()
    expect(desk.locator("#band .band")).to_be_visible()
    assert violations(desk) == []


def test_the_keyboard_reaches_all_that_a_mouse_does(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    is_live(desk)
    server.play(caller="09123456789", to="101", outcome="missed", ring_s=25)
    card_of(desk, "Dr Laleh Karimi").open()
    wanted = desk.locator("a, button, textarea, input, select").locator("visible=true").count()
    reached: set[str] = set()
    for _ in range(wanted + 15):
        desk.keyboard.press("Tab")
        at = desk.evaluate(
            "() => { const at = document.activeElement;"
            " return at.textContent.trim() || at.dataset.note && 'note' || at.title }"
        )
        reached.add(str(at).strip())
    assert {"Desk", "Calls", "Customers", "note"} <= reached
    assert {"Accepted", "Later", "No"} <= reached


def test_single_keys_write_a_note_and_list_themselves(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("nikos")
    is_live(desk)
    server.play(caller="+306970000030", to="103", ring_s=1, talk_s=30)
    card = card_of(desk, "+30 697 000 0030")
    card.has_state("talking")
    card.open()
    desk.locator("body").click(position={"x": 5, "y": 760})
    desk.keyboard.press("n")
    expect(card.whole.locator("textarea")).to_be_focused()
    desk.keyboard.type("why?")
    expect(card.whole.locator("textarea")).to_have_value("why?")
    desk.keyboard.press("Escape")
    expect(card.whole.locator("textarea")).not_to_be_focused()
    desk.keyboard.press("?")
    expect(desk.get_by_role("dialog")).to_be_visible()
    assert violations(desk) == []
    desk.get_by_label("Single-key shortcuts on").uncheck()
    desk.keyboard.press("Escape")
    expect(desk.get_by_role("dialog")).not_to_be_visible()
    desk.keyboard.press("n")
    expect(card.whole.locator("textarea")).not_to_be_focused()


def test_the_sound_button_has_its_muted_state(log_in: LogIn) -> None:
    desk = log_in("maryam")
    is_live(desk)
    button = desk.locator("#sound button")
    desk.keyboard.press("s")
    expect(button).to_have_attribute("data-state", "on")
    desk.keyboard.press("s")
    expect(button).to_have_attribute("data-state", "muted")
    desk.reload()
    expect(button).to_have_attribute("data-state", "muted")
