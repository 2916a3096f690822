"""When cards open by themselves, and how they sound and look, by each user's choice."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import LogIn, card_of, is_live
from tests.browser.demo_server import DemoServer

NIKOS_PHONE = "103"


def choose(page: Page, **choices: str) -> None:
    page.goto("/me")
    form = page.locator("#card-preferences")
    for name, code in choices.items():
        field = form.locator(f'[name="{name}"]')
        if field.first.get_attribute("type") == "radio":
            form.locator(f'[name="{name}"][value="{code}"]').check()
        else:
            field.select_option(code)
    form.locator("button.main").click()
    expect(page.get_by_text("The card settings were saved.")).to_be_visible()


@pytest.fixture
def nikos(log_in: LogIn) -> Iterator[Page]:
    page = log_in("nikos")
    yield page
    choose(page, incoming="ring", outgoing="ring", vip_sound="three_notes", density="comfortable")


def test_a_card_that_opens_on_answer_is_one_line_while_it_rings(
    nikos: Page, server: DemoServer
) -> None:
    choose(nikos, incoming="answer")
    nikos.goto("/")
    is_live(nikos)
    server.play(caller="+306970000061", to=NIKOS_PHONE, ring_s=3, talk_s=3)
    card = nikos.locator("article", has_text="+30 697 000 0061")
    expect(card).to_have_attribute("data-state", "ringing")
    expect(card).to_have_class("card brief")
    expect(nikos.locator("#announcement")).to_have_text("")
    expect(card).to_have_attribute("data-state", "talking")
    expect(card).to_have_class("card")


def test_a_card_that_never_opens_waits_for_a_click(nikos: Page, server: DemoServer) -> None:
    choose(nikos, incoming="never")
    nikos.goto("/")
    is_live(nikos)
    server.play(caller="+306970000062", to=NIKOS_PHONE, ring_s=1, talk_s=4)
    card = nikos.locator("article", has_text="+30 697 000 0062")
    expect(card).to_have_attribute("data-state", "talking")
    expect(card).to_have_class("card brief")
    card.get_by_role("button", name="Show").click()
    expect(card).to_have_class("card")


def test_a_ring_that_does_not_open_is_not_in_the_bar_of_other_pages(
    nikos: Page, server: DemoServer
) -> None:
    choose(nikos, incoming="never")
    nikos.goto("/customers")
    expect(nikos.locator("#ring-status")).to_have_attribute("data-live", "yes")
    server.play(caller="+306970000063", to=NIKOS_PHONE, outcome="missed", ring_s=1)
    server.logged("6970000063")
    expect(nikos.locator("#ring-bar [data-ring]")).to_have_count(0)


def test_the_sound_of_each_kind_is_the_users_choice(nikos: Page, server: DemoServer) -> None:
    choose(nikos, vip_sound="one_note", unknown_sound="none")
    sounds = nikos.evaluate('async () => (await import("/static/js/page_context.js")).page.sounds')
    assert sounds == {"vip": "one_note", "known": "two_notes", "unknown": "none"}
    choose(nikos, unknown_sound="one_note")


def test_a_compact_page_has_smaller_names(nikos: Page, server: DemoServer) -> None:
    is_live(nikos)
    server.play(caller="+306970000064", to=NIKOS_PHONE, ring_s=1, talk_s=30)
    card_of(nikos, "+30 697 000 0064").has_state("talking")
    name = "document.querySelector('article .name')"
    size = f"() => parseFloat(getComputedStyle({name}).fontSize)"
    before = nikos.evaluate(size)
    choose(nikos, density="compact")
    nikos.goto("/")
    card_of(nikos, "+30 697 000 0064").has_state("talking")
    assert nikos.evaluate(size) < before
