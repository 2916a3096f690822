"""On the card, by the keyboard: the purpose of the call, a case, follow-ups."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn, TakePhone, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.test_access import violations

SHIRIN = "09357001122"
PAST = {"en": "2020-01-05", "fa": "۱۳۹۸/۱۰/۱۵", "el": "2020-01-05"}
ELENI = "Ελένη"
LATER = {"en": "2027-01-05", "fa": "۱۴۰۵/۱۰/۱۵", "el": "2027-01-05"}


def talking_card(desk: Page, server: DemoServer, to: str, caller: str = SHIRIN) -> Locator:
    is_live(desk)
    server.play(caller=caller, to=to, ring_s=1, talk_s=300)
    card = desk.locator("article.card[data-state=talking]")
    expect(card.locator("call-work [data-kind=purpose]")).to_have_count(7)
    return card


@pytest.mark.parametrize(
    ("language", "username", "phone"),
    [("en", "maryam", "101"), ("fa", "eleni", "102"), ("el", "nikos", "103")],
)
def test_a_follow_up_is_made_by_the_keyboard_and_a_day_in_the_past_is_refused_with_the_text_kept(
    log_in: LogIn, server: DemoServer, language: str, username: str, phone: str
) -> None:
    desk = log_in(username, language=language)
    card = talking_card(desk, server, phone)
    rows = card.locator(".work-list li").filter(has=desk.get_by_text(f"quote {language}"))

    desk.keyboard.press("f")
    expect(card.locator("[name=promise]")).to_be_focused()
    desk.keyboard.type(f"quote {language}")
    desk.keyboard.press("Tab")
    desk.keyboard.press("Tab")
    desk.keyboard.type(PAST[language])
    desk.keyboard.press("Enter")
    expect(card.locator(".work-state[data-bad]")).not_to_be_empty()
    expect(card.locator("[name=promise]")).to_have_value(f"quote {language}")
    expect(card.locator("[name=due]")).to_have_value(PAST[language])
    desk.keyboard.press("Control+A")
    desk.keyboard.type(LATER[language])
    desk.keyboard.press("Enter")

    expect(rows).to_have_count(1)
    expect(card.locator("[data-open]")).to_be_focused()
    # One tap, without a word of what was promised.
    card.locator("[data-due=in_3_days]").click()
    expect(card.locator(".work-state:not([data-bad])")).not_to_be_empty()
    href = card.locator("a[href^='/customers/']").first.get_attribute("href") or ""
    desk.goto(href)
    expect(desk.locator("#follow-ups li").filter(has_text=f"quote {language}")).to_have_count(1)
    desk.goto("/calls")
    desk.locator("a.row-link").first.click()
    expect(desk.locator("#follow-ups li")).to_have_count(2)


def test_keys_choose_the_purpose_except_while_typing_and_a_complaint_opens_one_case(
    log_in: LogIn, server: DemoServer, take_phone: TakePhone
) -> None:
    desk = log_in("sara", language="fa")
    take_phone(desk, "111")
    desk.goto("/")
    card = talking_card(desk, server, "111", "09361234567")
    pressed = card.locator("[data-kind=purpose][aria-pressed=true]")

    card.locator("textarea").fill("")
    card.locator("textarea").press("3")
    expect(card.locator("textarea")).to_have_value("3")
    expect(pressed).to_have_count(0)
    desk.keyboard.press("Escape")
    desk.keyboard.press("2")
    expect(pressed).to_have_text(re.compile("پرسش"))
    desk.keyboard.press("2")
    expect(pressed).to_have_count(0)
    desk.keyboard.press("4")
    expect(pressed).to_have_text(re.compile("شکایت"))
    # Shift and a digit choose what the talk led to.
    desk.keyboard.press("Shift+Digit3")
    result = card.locator("[data-kind=agent_disposition][aria-pressed=true]")
    expect(result).to_have_text(re.compile("علاقه ندارد"))
    expect(pressed).to_have_text(re.compile("شکایت"))
    expect(card.locator("call-work [aria-busy=true]")).to_have_count(0)

    desk.reload()
    expect(card.locator("[data-kind=purpose][aria-pressed=true]")).to_have_text(re.compile("شکایت"))
    desk.goto("/calls")
    expect(desk.locator("tbody tr").first).to_contain_text("شکایت")
    expect(desk.locator("tbody tr").first).to_contain_text("علاقه ندارد")
    complaints = desk.locator("#rows tbody tr", has_text="شکایت")
    desk.locator("select[name=purpose]").select_option(label="ویزا")
    expect(complaints).to_have_count(0)
    expect(desk.locator("#rows tbody tr").first).to_contain_text("ویزا")


def test_half_filled_follow_up_is_there_after_a_reload_and_gone_once_it_is_saved(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    card = talking_card(desk, server, "101")
    card.locator("[data-open]").click()
    card.locator("[name=promise]").fill("send two hotels")
    card.locator("[name=due]").fill("1405-1")
    card.locator("[name=for]").select_option(label=ELENI)
    desk.reload()
    expect(card.locator("[name=promise]")).to_have_value("send two hotels")
    expect(card.locator("[name=due]")).to_have_value("1405-1")
    expect(card.locator("[name=for] option:checked")).to_have_text(ELENI)
    card.locator("[data-due=tomorrow]").click()
    expect(card.locator(".work-state:not([data-bad])")).not_to_be_empty()
    expect(card.locator(".work-list")).to_contain_text(ELENI)
    desk.reload()
    expect(card.locator("[data-open]")).to_be_visible()
    expect(card.locator("[name=promise]")).to_have_count(0)


def test_a_complaint_of_a_known_caller_opens_a_case_with_one_more_tap(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    card = talking_card(desk, server, "101")
    desk.keyboard.press("4")
    card.locator("[data-open-case]").click()
    expect(card.locator(".work-state")).to_have_text("Case opened.")
    expect(card.locator("[data-open-case]")).to_have_count(0)


def test_on_a_phone_everything_on_the_strip_is_inside_the_window(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("eleni", language="el", phone=True)
    card = talking_card(desk, server, "102")
    card.locator("[data-open]").click()
    for control in card.locator("call-work :is(button, input, select)").all():
        box = control.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= 390
    for scheme in ("light", "dark"):
        desk.emulate_media(color_scheme=scheme)
        assert violations(desk) == [], scheme
