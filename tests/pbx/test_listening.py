"""A supervisor listens to a call on a real Asterisk: the card comes, leaves, and counts nowhere."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from pbx_lab import keypad
from pbx_lab.stage import Stage, wait_until
from tests.pbx.agent_page import AgentPage, log_in
from tests.pbx.staff import NIKOS, Office

DID = "02191000101"


@pytest.fixture
def supervisor(office: Office) -> Iterator[AgentPage]:
    """Nikos at phone 103 as a supervisor, with a page of his own."""
    office.product.run("user", "role", NIKOS.username, "--role", "supervisor")
    browser = office.at("103").page.context.browser
    assert browser is not None
    agent_page = log_in(browser, office.product.url, NIKOS)
    agent_page.page.goto("/")
    wait_until(lambda: agent_page.page.locator("#status .dot.live").count() > 0, "no live page", 20)
    yield agent_page
    agent_page.page.context.close()
    office.product.run("user", "role", NIKOS.username, "--role", "agent")
    # The change closed the sockets of the agent's page, which others use after this test.
    page = office.at("103").page
    page.goto("/")
    wait_until(lambda: page.locator("#status .dot.live").count() > 0, "no live page", 20)


def test_card_of_a_supervisor_in_chanspy_is_there_until_they_hang_up(
    stage: Stage, office: Office, supervisor: AgentPage
) -> None:
    # Of an earlier call there may be a wrap-up.
    expect(supervisor.page.locator("#availability")).to_contain_text("آماده", timeout=60_000)
    number, begun = office.product.newest_call(), time.time()
    stage.phone("101", media=True)
    customer = stage.call(DID, media=True)
    stage.until_talks("101")
    spy = stage.dial("103", "555101", media=True)
    stage.until_answered(spy)
    card = supervisor.until(begun, what="card", state="listening")
    agents = office.at("101").until(begun, what="card", state="talking")
    assert (card.match, card.whole) == (agents.match, True) == ("certain", True)
    assert "Reza Karimi" in card.name
    listening = supervisor.page.locator("#stack article.card[data-state=listening]")
    assert listening.locator("textarea, form").count() == 0
    assert "آماده" in supervisor.page.locator("#availability").inner_text()
    keypad.hang_up(spy)
    supervisor.until(card.at, what="left", card=card.card)
    assert office.at("101").cards(begun)[-1].state == "talking"
    stage.hang_up(customer)
    stage.settle()
    [call] = office.product.calls_after(number, 1)
    assert [leg["number"] for leg in call["legs"]] == ["101"]
    assert call["entry"]["answered_by"] == ["101"]
    steps = [step["step"] for step in call["trace"]]
    assert steps.count("listening") == steps.count("listened") == 1
    assert {one["agent"] for one in call["trace"] if one["step"] == "card"} == {"Maryam"}
