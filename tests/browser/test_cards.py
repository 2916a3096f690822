"""A call rings, and the right card is on the right screen before the phone is answered."""

import re
import time

from playwright.sync_api import expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.demo_server import DemoServer

LALEH = "09123456789"
STRANGER = "+306970000001"


def test_the_card_of_a_known_caller_is_on_screen_before_the_phone_is_picked_up(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    is_live(desk)
    began = time.time()
    server.play(caller=LALEH, to="101", ring_s=4)
    card = card_of(desk, "Dr Laleh Karimi")
    card.has_state("ringing")
    expect(card.whole.first).to_contain_text("Number on file: mobile since")
    expect(card.whole.first).to_contain_text("+98 912 345 6789")
    card.has_state("talking")
    server.finish_calls()
    logged = server.logged("9123456789", "answered", after=began)
    assert logged["before_pickup"] is True
    assert logged["agent"]["name"] == "Maryam"


def test_a_stranger_is_a_number_a_country_and_no_name(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    is_live(desk)
    server.play(caller=STRANGER, to="101", outcome="abandoned")
    card = card_of(desk, "+30 697 000 0001")
    card.has_state("ringing")
    expect(card.whole).to_contain_text("Not on file")
    expect(card.whole).to_contain_text("Greece")
    server.finish_calls()
    # It becomes a missed call beside the cards, which the agent can put away.
    missed = desk.locator(".box.missed li").filter(has_text="+30 697 000 0001")
    expect(missed).to_contain_text("Caller hung up")
    missed.get_by_role("button", name="Done").click()
    expect(missed).to_have_count(0)


def test_a_withheld_number_stays_neutral(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    is_live(desk)
    server.play(caller="anonymous", to="101", outcome="missed")
    card = card_of(desk, "Number withheld")
    expect(card.whole.first).to_have_attribute("data-match", "withheld")
    expect(card.open().locator("q").first).not_to_contain_text(",")


def test_a_persian_agent_page_runs_right_to_left_in_its_own_digits_and_calendar(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam", language="fa")
    is_live(desk)
    server.play(caller=LALEH, to="101", outcome="missed", ring_s=20)
    newest = card_of(desk, re.compile("لاله کریمی$"))
    newest.has_state("ringing")  # not her card of an earlier call
    card = newest.open()
    expect(card.locator("q").first).to_contain_text("کریمی")
    assert desk.evaluate("document.documentElement.dir") == "rtl"
    expect(card.locator("elapsed-time")).to_have_text(re.compile("^[۰-۹]{1,2} ثانیه$"))
    expect(card.locator(".sure")).to_contain_text(re.compile("۱۳[۰-۹]{2}|۱۴[۰-۹]{2}"))
    number = card.locator("bdi.n", has_text="+98 912 345 6789").first
    assert number.evaluate("element => getComputedStyle(element).direction") == "ltr"
    edges = card.evaluate(
        "card => [card.querySelector('h2 bdi').getBoundingClientRect().right,"
        " card.getBoundingClientRect().right]"
    )
    assert edges[1] - edges[0] < 60, "the name begins at the right"


def test_the_losing_agents_see_the_answering_agent_and_their_card_leaves(
    log_in: LogIn, server: DemoServer
) -> None:
    maryam, eleni = log_in("maryam"), log_in("eleni")
    is_live(maryam)
    is_live(eleni)
    server.play(caller="+306970000002", to="101,102", ring_s=4)
    hers = card_of(eleni, "+30 697 000 0002")
    hers.has_state("ringing")
    expect(hers.open()).to_contain_text("also ringing: Maryam")
    hers.has_state("elsewhere")
    expect(hers.whole).to_contain_text("Maryam answered")
    expect(hers.whole).to_have_count(0)
    expect(card_of(maryam, "+30 697 000 0002").whole).to_have_count(1)


def test_markup_in_a_callers_name_is_text(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    is_live(desk)
    hostile = "<img src=x onerror=\"document.title='broken in'\"> \u202eliah"
    server.play(caller="+306970000003", name=hostile, to="101", outcome="missed", ring_s=20)
    card = card_of(desk, "+30 697 000 0003").open()
    expect(card).to_contain_text("<img src=x onerror=")
    assert card.locator("img").count() == 0
    assert desk.title() != "broken in"


def test_a_second_call_stacks_below_and_takes_no_focus(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("nikos", language="en")
    is_live(desk)
    server.play(caller="+306970000004", to="103", ring_s=1, talk_s=40)
    first = card_of(desk, "+30 697 000 0004")
    first.has_state("talking")
    note = first.open().locator("textarea")
    note.focus()
    note.press_sequentially("In the mid")
    server.play(caller="+306970000005", to="103", outcome="missed", ring_s=10)
    second = card_of(desk, "+30 697 000 0005")
    second.has_state("ringing")
    expect(note).to_be_focused()
    note.press_sequentially("dle of a word")
    expect(note).to_have_value("In the middle of a word")
    upper, lower = first.whole.bounding_box(), second.whole.bounding_box()
    assert upper is not None
    assert lower is not None
    assert upper["y"] + upper["height"] <= lower["y"], "it covers nothing"
    assert lower["y"] + lower["height"] <= 768, "it is in sight"


def test_the_ring_is_announced_once_to_a_screen_reader(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("nikos")
    is_live(desk)
    desk.evaluate(
        """() => {
          window.heard = [];
          const place = document.getElementById("announcement");
          new MutationObserver(() => place.textContent && window.heard.push(place.textContent))
            .observe(place, { childList: true, characterData: true, subtree: true });
        }"""
    )
    server.play(caller="+306970000006", to="103", ring_s=3)
    card_of(desk, "+30 697 000 0006").has_state("talking")
    server.finish_calls()
    server.logged("6970000006")
    heard = [text for text in desk.evaluate("window.heard") if "000 0006" in text]
    assert len(heard) == 1
    assert "is calling" in heard[0]


def test_a_suggestion_is_answered_and_the_answer_stays(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("maryam")
    is_live(desk)
    server.play(caller=LALEH, to="101", outcome="missed", ring_s=25)
    offer = card_of(desk, "Dr Laleh Karimi").open().locator(".offer").first
    offer.get_by_role("button", name="Later").click()
    expect(offer).to_have_attribute("data-answer", "later")
    desk.reload()
    again = card_of(desk, "Dr Laleh Karimi").open().locator(".offer").first
    expect(again).to_have_attribute("data-answer", "later")


HIDDEN = """
Object.defineProperty(document, "visibilityState", { get: () => "hidden" });
Object.defineProperty(document, "hidden", { get: () => true });
document.hasFocus = () => false;
window.notices = [];
window.Notification = class {
  static permission = "granted";
  constructor(title, options) { window.notices.push([title, options.body]); }
  close() { window.notices.push(["closed", ""]); }
};
"""


def test_a_page_in_the_background_gives_notice_and_claims_nothing_more(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("eleni")
    desk.add_init_script(HIDDEN)
    text: list[str] = []
    desk.on("websocket", lambda line: line.on("framesent", lambda frame: text.append(str(frame))))
    desk.reload()
    is_live(desk)
    server.play(caller="+306970000007", to="102", outcome="missed")
    desk.wait_for_function("window.notices.some(([title]) => title.includes('000 0007'))")
    server.finish_calls()
    steps = server.steps("6970000007")
    assert any('"notified":' in frame for frame in text)
    assert "received" in steps
    assert "painted" not in steps
    assert "seen" not in steps
    desk.wait_for_function("window.notices.some(([title]) => title === 'closed')")


def test_a_page_in_front_gives_no_notice(log_in: LogIn, server: DemoServer) -> None:
    desk = log_in("eleni")
    is_live(desk)
    server.play(caller="+306970000008", to="102", outcome="missed")
    card_of(desk, "+30 697 000 0008").has_state("ringing")
    server.finish_calls()
    steps = server.steps("6970000008")
    assert {"received", "painted", "seen"} <= set(steps)
    assert "notified" not in steps
