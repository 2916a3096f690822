"""Tasks of an agent's day by keyboard alone, in Persian and Greek.

``make desk-tasks`` prints the number of keys of each task; text that is typed is counted apart.
"""

import re
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, expect

from screenpop.customers.date_input import format_date
from tests.browser.conftest import LogIn, TakePhone, card_of, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.keyboard import Keyboard
from tests.browser.stranger_cards import displayed

LANGUAGES = ["fa", "el"]
KNOWN = {"fa": "09123456789", "el": "09121112233"}
PHONES = {"fa": "117", "el": "118"}
_COUNTS: dict[tuple[str, str], Keyboard] = {}

Begin = Callable[..., Keyboard]
"""``begin("write a note", at="/")``: a page of an agent with a phone that no other test uses."""


@pytest.fixture(params=LANGUAGES)
def language(request: pytest.FixtureRequest) -> str:
    code: str = request.param
    return code


@pytest.fixture
def begin(log_in: LogIn, take_phone: TakePhone, language: str) -> Begin:
    def begin(task: str, at: str = "/") -> Keyboard:
        page = log_in("eleni", language=language)
        take_phone(page, PHONES[language])
        page.goto(at)
        if at == "/":
            is_live(page)
        keyboard = _COUNTS[task, language] = Keyboard(page)
        return keyboard

    return begin


@pytest.fixture(scope="module", autouse=True)
def printed_counts() -> Iterator[None]:
    yield
    tasks = dict.fromkeys(task for task, _ in _COUNTS)
    lines = [f"{'keys besides text':44}{'fa':>6}{'el':>6}"]
    for task in tasks:
        counts = [_COUNTS.get((task, language)) for language in LANGUAGES]
        lines.append(f"{task:44}" + "".join(f"{one.keys if one else '-':>6}" for one in counts))
    sys.stdout.write("\n" + "\n".join(lines) + "\n")


def ringing(server: DemoServer, keyboard: Keyboard, language: str, number: str) -> Locator:
    """Return the card of a call that rings until the test is over."""
    server.play(caller=number, to=PHONES[language], ring_s=300)
    card = card_of(keyboard.page, displayed(number)).whole.first
    expect(card).to_have_attribute("data-state", "ringing")
    return by_id(card)


def talking(server: DemoServer, keyboard: Keyboard, language: str, number: str) -> Locator:
    """Return the card of an answered call that goes on until the test is over."""
    server.play(caller=number, to=PHONES[language], ring_s=0.5, talk_s=300)
    card = card_of(keyboard.page, displayed(number)).whole.first
    expect(card).to_have_attribute("data-state", "talking")
    return by_id(card)


def by_id(card: Locator) -> Locator:
    """Return the same card, found also after its name has changed."""
    return card.page.locator(f"#{card.get_attribute('id')}")


def number_of(language: str, task: int) -> str:
    return f"+3069700{'71' if language == 'fa' else '72'}0{task:02d}"


def test_a_note_is_written(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("write a note on the call")
    number = number_of(language, 1)
    card = talking(server, keyboard, language, number)
    keyboard.press("n")
    keyboard.type("ΑΒ νχ 12")
    keyboard.press("Escape")
    expect(card.locator("textarea")).to_have_value("ΑΒ νχ 12")
    expect(card.locator("textarea")).not_to_be_focused()
    server.finish_calls()
    assert server.noted(number) == "ΑΒ νχ 12"


def test_a_new_customer_is_created(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("create a customer for an unknown caller")
    card = talking(server, keyboard, language, number_of(language, 2))
    keyboard.press("c")
    expect(card.locator("input[name=given]")).to_be_focused()
    keyboard.type("Μαρία")
    keyboard.press("Tab")
    keyboard.type(f"Δοκιμή{language}")
    keyboard.press("Enter")
    expect(card.locator(".name")).to_contain_text(f"Δοκιμή{language}")


def test_an_unknown_caller_is_linked(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("link an unknown caller to a customer")
    card = talking(server, keyboard, language, number_of(language, 3))
    keyboard.press("l")
    expect(card.locator("input[type=search]")).to_be_focused()
    keyboard.type("karimi")
    expect(card.locator(".identify-result button").first).to_be_visible()
    keyboard.activate(".identify-result button")
    expect(card).to_have_attribute("data-match", "certain")


def test_the_other_of_two_cards_is_opened(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("open the other of two cards")
    first = talking(server, keyboard, language, number_of(language, 4))
    second = ringing(server, keyboard, language, number_of(language, 5))
    expect(first).not_to_have_class(re.compile("brief"))
    keyboard.press("j")
    expect(second).not_to_have_class(re.compile("brief"))


def test_an_ended_call_is_put_away(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("put an ended call away")
    server.play(caller=number_of(language, 6), to=PHONES[language], ring_s=0.5, talk_s=0.5)
    card = card_of(keyboard.page, displayed(number_of(language, 6))).whole.first
    expect(card).to_have_attribute("data-state", "wrap_up")
    keyboard.press("d")
    expect(card).to_have_count(0)


def test_a_ring_is_opened_from_another_page(
    begin: Begin, server: DemoServer, language: str
) -> None:
    keyboard = begin("open a ring from the list of customers", at="/customers")
    expect(keyboard.page.locator("#ring-status")).to_have_attribute("data-live", "yes")
    number = number_of(language, 7)
    server.play(caller=number, to=PHONES[language], ring_s=300)
    expect(keyboard.page.locator("[data-ring]")).to_have_count(1)
    keyboard.press("F2")
    card_of(keyboard.page, displayed(number)).has_state("ringing")


def test_a_ring_is_muted(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("mute the sound")
    ringing(server, keyboard, language, number_of(language, 8))
    button = keyboard.page.locator("#sound button")
    keyboard.press("s")
    if button.get_attribute("data-state") == "on":
        keyboard.press("s")
    expect(button).to_have_attribute("data-state", "muted")


def test_a_customer_is_found(begin: Begin, language: str) -> None:
    keyboard = begin("find a customer and open the file", at="/customers")
    keyboard.press("/")
    expect(keyboard.page.locator("input[type=search]")).to_be_focused()
    keyboard.type("لاله کریمی" if language == "fa" else "karimi laleh")
    rows = keyboard.page.locator("#rows tbody tr:not(.more-row)")
    expect(rows).to_have_count(1)
    keyboard.activate("#rows a.row-link")
    expect(keyboard.page).to_have_url(re.compile(r"/customers/\d+"))


def test_a_missed_call_is_marked_done(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("mark a missed call as done")
    number = number_of(language, 9)
    server.play(caller=number, to=PHONES[language], outcome="missed", ring_s=0.5)
    server.logged(number)
    row = keyboard.page.locator("#beside li", has_text=displayed(number))
    expect(row).to_be_visible()
    done = row.locator("[data-act=missed-done]")
    keyboard.press("m")
    keyboard.activate(f'[data-act=missed-done][data-call="{done.get_attribute("data-call")}"]')
    expect(done).to_have_count(0)


def test_the_purpose_of_a_call_is_chosen(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("choose the purpose of the call")
    card = talking(server, keyboard, language, number_of(language, 10))
    expect(card.locator("[data-kind=purpose]").first).to_be_visible()
    keyboard.press("1")
    expect(card.locator("[data-kind=purpose]").first).to_have_attribute("aria-pressed", "true")


def test_a_promise_is_kept_for_a_day(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("promise something for a day")
    server.play(caller=KNOWN[language], to=PHONES[language], ring_s=0.5, talk_s=300)
    card = keyboard.page.locator("article[data-state=talking]")
    expect(card.locator("[data-due]").first).to_be_visible()
    before = card.locator(".work-list li").count()
    keyboard.press("f")
    keyboard.type("Βίζα ویزا")
    keyboard.tab_to("input[name=due]")
    keyboard.type(format_date(datetime.now(UTC).date() + timedelta(days=30), language))
    keyboard.press("Enter")
    expect(card.locator(".work-list")).to_contain_text("Βίζα ویزا")
    assert card.locator(".work-list li").count() == before + 1


def test_a_lapsed_customer_is_done_with_the_reason(begin: Begin, language: str) -> None:
    keyboard = begin("close a row of a list with the reason", at="/follow-ups?kind=lapsed")
    # Each language has a customer of its own: the row is gone for the other one.
    row = keyboard.page.locator("[data-row]").nth(LANGUAGES.index(language))
    expect(row).to_be_visible(timeout=60_000)  # the lists are built after the start
    own = f'[data-row="{row.get_attribute("data-row")}"]'
    keyboard.step_to(own)
    keyboard.press("d")
    expect(keyboard.page.locator(f"{own} .work-away button").first).to_be_focused()
    keyboard.press("Enter")
    expect(keyboard.page.locator(own)).to_have_attribute("data-state", "closed")
    keyboard.page.reload()
    expect(keyboard.page.locator("[data-row]").first).to_be_visible()
    expect(keyboard.page.locator(own)).to_have_count(0)


def test_a_callback_is_taken_and_closed(begin: Begin, server: DemoServer, language: str) -> None:
    keyboard = begin("take a callback and close it with a note", at="/callbacks")
    number = number_of(language, 11)
    server.play(caller=number, to=PHONES[language], outcome="missed", ring_s=0.5)
    call = server.logged(number)
    keyboard.page.reload()
    own = f'[data-row="{call["id"]}"]'
    row = keyboard.page.locator(own)
    expect(row).to_contain_text(displayed(number))
    keyboard.step_to(own)
    keyboard.press("t")
    expect(row.locator(".pill.good")).to_be_visible()
    keyboard.press("d")
    expect(row.locator("textarea")).to_be_focused()
    keyboard.type("μίλησα")
    keyboard.activate(f"{own} form .main")
    expect(row.locator("form")).to_have_count(0)
    expect(row.locator("textarea")).to_have_count(0)


def test_the_keys_are_listed(begin: Begin) -> None:
    keyboard = begin("list the keys")
    keyboard.press("?")
    expect(keyboard.page.get_by_role("dialog")).to_be_visible()
    keyboard.press("Escape")
    expect(keyboard.page.get_by_role("dialog")).not_to_be_visible()
