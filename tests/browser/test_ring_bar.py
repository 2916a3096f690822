"""A ring is seen on every page: a bar over it, one reaction over all tabs, nothing typed lost."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, TakePhone, card_of, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import overflow, violations

SOUNDS = """
window.sounds = 0;
window.AudioContext = class {
  state = "running";
  currentTime = 0;
  resume() { return Promise.resolve(); }
  createOscillator() {
    const start = () => { window.sounds += 1; };
    return { frequency: {}, connect: (next) => next, stop() {}, start };
  }
  createGain() {
    const set = () => {};
    const gain = {
      setValueAtTime: set, linearRampToValueAtTime: set, exponentialRampToValueAtTime: set,
    };
    return { gain, connect: (next) => next };
  }
};
"""

HEARD = """() => {
  window.heard = [];
  const place = document.querySelector("[data-ring-status]");
  new MutationObserver(() => place.textContent && window.heard.push(place.textContent))
    .observe(place, { childList: true, characterData: true, subtree: true });
}"""

HIDDEN = """
Object.defineProperty(document, "visibilityState", { configurable: true, get: () => "hidden" });
Object.defineProperty(document, "hidden", { configurable: true, get: () => true });
"""


def _listens(page: Page) -> None:
    """Wait until the page's own line to the server is open."""
    expect(page.locator("#ring-status")).to_have_attribute("data-live", "yes")


def _ring(page: Page, number: str) -> None:
    expect(page.locator(".ring-row").filter(has_text=number)).to_be_visible()


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/customers", "q"),
        ("/customers/new", "name_en_given"),
        ("/calls", "q"),
        ("/me", "endpoint"),
    ],
)
def test_a_ring_is_seen_where_an_agent_types_and_the_field_keeps_text_and_focus(
    log_in: LogIn, server: DemoServer, path: str, field: str
) -> None:
    number = str(7040 + len(path))
    page = log_in("nikos", at=path)
    _listens(page)
    page.evaluate(HEARD)
    typed = page.locator(f"[name={field}]:visible")
    typed.click()
    typed.press_sequentially("10")
    place = typed.bounding_box()
    server.play(caller=f"+30697000{number}", to="103", outcome="missed")
    _ring(page, f"+30 697 000 {number}")
    page.keyboard.type("5")
    expect(typed).to_be_focused()
    expect(typed).to_have_value("105")
    assert typed.bounding_box() == place, "nothing moves under the hands"
    expect(page).to_have_title(re.compile(f"^● .*697 000 {number}"))
    server.finish_calls()
    expect(page.locator(".ring-row")).to_have_count(0)
    expect(page).not_to_have_title(re.compile("●"))
    heard = [words for words in page.evaluate("window.heard") if number in words]
    assert len(heard) == 1


PAGES = ["/board", "/customers", "/import", "/simulate", "/admin", "/me", "/nothing-here"]


def test_a_ring_is_seen_on_every_page_of_an_agent_at_a_phone(
    log_in: LogIn, server: DemoServer, take_phone: TakePhone
) -> None:
    page = log_in("admin")
    take_phone(page, "109")
    for number, path in enumerate(PAGES, 7020):
        page.goto(path)
        if path == "/board":
            is_live(page)
        else:
            _listens(page)
        server.play(caller=f"+30697000{number}", to="109", outcome="missed")
        _ring(page, f"+30 697 000 {number}")
        assert violations(page) == [], path
        server.finish_calls()


def test_a_user_without_a_phone_has_no_line_for_rings(log_in: LogIn) -> None:
    page = log_in("sara", at="/customers")
    expect(page.locator("main")).to_be_visible()
    expect(page.locator("#ring-bar")).to_have_count(0)


def test_the_key_opens_the_card_here_when_nothing_is_typed(
    log_in: LogIn, server: DemoServer
) -> None:
    page = log_in("nikos", at="/calls")
    _listens(page)
    server.play(caller="+306970007003", to="103", outcome="missed", ring_s=20)
    _ring(page, "+30 697 000 7003")
    page.keyboard.press("F2")
    page.wait_for_url(re.compile(r"/$"))
    card = card_of(page, "+30 697 000 7003")
    card.has_state("ringing")
    expect(card.whole.first).not_to_have_class(re.compile("brief"))


def test_the_key_opens_the_card_in_another_tab_when_something_is_typed(
    log_in: LogIn, server: DemoServer
) -> None:
    page = log_in("nikos", at="/customers/new")
    _listens(page)
    field = page.locator("[name=name_en_given]")
    field.fill("Half a na")
    server.play(caller="+306970007004", to="103", outcome="missed", ring_s=20)
    _ring(page, "+30 697 000 7004")
    with page.context.expect_page() as opened:
        page.keyboard.press("F2")
    card_of(opened.value, "+30 697 000 7004").has_state("ringing")
    expect(field).to_have_value("Half a na")


def test_one_ring_is_one_sound_over_the_agent_page_and_another_page(
    log_in: LogIn, server: DemoServer, take_phone: TakePhone
) -> None:
    desk = log_in("sara")
    take_phone(desk, "113")
    desk.context.add_init_script(SOUNDS)
    desk.goto("/")
    other = desk.context.new_page()
    other.goto("/customers")
    _listens(other)
    is_live(desk)
    for page in (desk, other):
        page.bring_to_front()
        page.locator("h1").first.dispatch_event("pointerdown")
    server.play(caller="+306970007005", to="113", outcome="missed", ring_s=15)
    card_of(desk, "+30 697 000 7005").has_state("ringing")
    _ring(other, "+30 697 000 7005")
    counts = [page.evaluate("window.sounds") for page in (desk, other)]
    assert sorted(counts) == [0, 3], "three notes, in one tab"


def test_a_hidden_page_gives_its_line_up_while_an_agent_page_listens_and_takes_it_back(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos")
    is_live(desk)
    other = desk.context.new_page()
    other.add_init_script(HIDDEN)
    other.clock.install()
    with other.expect_websocket() as line:
        other.goto("/customers")
    _listens(other)
    desk.bring_to_front()
    with line.value.expect_event("close"):
        other.clock.run_for(40_000)
    with other.expect_websocket():
        desk.close()
        other.clock.run_for(6_000)


def test_a_page_with_an_expired_session_reports_it_and_keeps_what_is_typed(
    log_in: LogIn,
) -> None:
    page = log_in("eleni", at="/customers/new")
    _listens(page)
    page.locator("[name=name_en_given]").fill("Half a na")
    other = page.context.new_page()
    other.on("dialog", lambda question: question.accept())  # unsaved text is deleted
    other.goto("/me")
    other.locator("form[action='/logout'] button").click()
    expect(page.locator("#ring-status")).to_contain_text("You are logged out")
    expect(page.locator("[name=name_en_given]")).to_have_value("Half a na")


@pytest.mark.parametrize("language", ["en", "fa", "el"])
def test_the_bar_fits_a_telephone(log_in: LogIn, server: DemoServer, language: str) -> None:
    page = log_in("nikos", at="/customers", language=language, phone=True)
    _listens(page)
    server.play(caller="09123456789", to="103", outcome="missed")
    ring = page.locator(".ring-row").filter(has_text=re.compile(r"Laleh|لاله|Λαλέ|Karimi|کریمی"))
    expect(ring.first).to_be_visible()
    assert overflow(page) <= 0
    assert violations(page) == []
