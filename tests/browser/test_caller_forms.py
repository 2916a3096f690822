"""Forms that identify a caller: reachable beside other cards, kept through a reload."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import LogIn, TakePhone, card_of, is_live
from tests.browser.demo_server import DemoServer
from tests.browser.stranger_cards import card_of_stranger, open_create_form


def _three_cards(desk: Page, server: DemoServer, series: str, to: str) -> Locator:
    """The whole card of a stranger in talk, with two more that ring below it."""
    is_live(desk)
    server.play(caller=f"+3069700{series}1", name="Eva Kanaki", to=to, ring_s=1, talk_s=120)
    expect(desk.locator("article.card[data-state=talking]")).to_have_count(1)
    for last in ("2", "3"):
        server.play(caller=f"+3069700{series}{last}", to=to, outcome="missed", ring_s=120)
    expect(desk.locator("article.card[data-state=ringing]")).to_have_count(2)
    return card_of(desk, f"+30 697 00{series[0]} {series[1:]}1").open()


def _is_on_top(element: Locator) -> bool:
    """Nothing covers the middle of it, and it is inside the window."""
    found: bool = element.evaluate(
        """element => {
          const { left, top, width, height } = element.getBoundingClientRect();
          const hit = document.elementFromPoint(left + width / 2, top + height / 2);
          return hit !== null && (element === hit || element.contains(hit));
        }"""
    )
    return found


@pytest.mark.parametrize("phone", [False, True])
def test_each_control_of_the_create_form_is_in_sight_with_three_cards(
    log_in: LogIn, server: DemoServer, phone: bool
) -> None:
    desk = log_in("eleni" if phone else "maryam", phone=phone)
    card = _three_cards(desk, server, *(("0911", "102") if phone else ("0910", "101")))
    card.locator("identify-caller button[data-mode=create]").click()
    expect(card.get_by_role("button", name="Save")).to_be_attached()
    for control in card.locator(".identify-create :is(input, select, button)").all():
        control.focus()
        assert _is_on_top(control), control


def test_name_and_note_of_the_card_in_hand_are_in_sight_with_three_cards(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("maryam")
    is_live(desk)
    server.play(caller="+989123456789", to="101", ring_s=1, talk_s=120)
    expect(desk.locator("article.card[data-state=talking]")).to_have_count(1)
    for last in ("1", "2"):
        server.play(caller=f"+30697000915{last}", to="101", outcome="missed", ring_s=120)
    expect(desk.locator("article.card[data-state=ringing]")).to_have_count(2)
    card = desk.locator("article.card[data-state=talking]")
    assert _is_on_top(card.locator("h2.name"))
    assert _is_on_top(card.locator(".notes textarea"))
    assert _is_on_top(desk.locator("article.card[data-state=ringing]").last)


@pytest.mark.parametrize("phone", [False, True])
def test_each_search_result_of_the_link_form_is_in_sight_with_three_cards(
    log_in: LogIn, server: DemoServer, take_phone: TakePhone, phone: bool
) -> None:
    desk = log_in("admin" if phone else "nikos", phone=phone)
    if phone:
        take_phone(desk, "110")
        desk.goto("/")
    card = _three_cards(desk, server, *(("0913", "110") if phone else ("0912", "103")))
    card.locator("identify-caller button[data-mode=link]").click()
    expect(card.locator("input[type=search]")).to_be_focused()
    desk.keyboard.type("a")
    expect(card.locator(".identify-result button").first).to_be_visible()
    assert _is_on_top(card.locator("input[type=search]"))
    for result in card.locator(".identify-result button").all():
        result.focus()
        assert _is_on_top(result), result


def test_a_half_filled_create_form_survives_a_reload_and_leaves_nothing_in_the_browser(
    log_in: LogIn, server: DemoServer, take_phone: TakePhone
) -> None:
    desk = log_in("sara")
    take_phone(desk, "111")
    desk.goto("/")
    card = card_of_stranger(desk, server, "+306970009301", "111")
    open_create_form(card).fill("Evanthia")
    card.get_by_label("Language").select_option("el")
    card.get_by_label("Family name").press_sequentially("Kanak")
    desk.reload()
    card = card_of(desk, "+30 697 000 9301").open()
    expect(card.get_by_label("Given name")).to_have_value("Evanthia")
    expect(card.get_by_label("Family name")).to_have_value("Kanak")
    expect(card.get_by_label("Language")).to_have_value("el")
    stored = desk.evaluate("JSON.stringify({ ...localStorage, ...sessionStorage })")
    assert "Evanthia" not in stored
    card.get_by_label("Family name").fill("Kanaki")
    card.get_by_role("button", name="Save").click()
    known = card_of(desk, re.compile("Evanthia Kanaki")).whole.first
    expect(known).to_have_attribute("data-match", "certain")


def test_a_half_filled_form_folds_with_its_text_when_the_next_call_is_answered(
    log_in: LogIn, server: DemoServer
) -> None:
    desk = log_in("nikos")
    form = card_of_stranger(desk, server, "+306970009401", "103")
    open_create_form(form).press_sequentially("Eva")
    card = card_of(desk, "+30 697 000 9401")
    name = card.whole.first.get_by_label("Given name")
    server.finish_calls()
    card.has_state("wrap_up")
    server.play(caller="+306970009402", to="103", ring_s=1, talk_s=40)
    card_of(desk, "+30 697 000 9402").has_state("talking")
    card.has_state("gone")
    expect(card.whole.first).to_have_class(re.compile("brief"))
    expect(name).to_be_focused()
    name.press_sequentially("nthia")
    expect(name).to_have_value("Evanthia")
