"""The promise itself: an agent whose phone rings has the right card before it is picked up."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pbx_lab.errors import NeverHappenedError
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage
from tests.pbx.agent_page import AgentPage, Sighting
from tests.pbx.staff import Office
from tests.pbx.table import Measured, dial_begin

PICKED_UP_AFTER_S = 1.0
LEAVES_WITHIN_S = 10.0


@dataclass(frozen=True)
class Way:
    """How a call reaches phones: those that answer, and those that only ring."""

    did: str
    answers: str
    rings: tuple[str, ...] = ()


@dataclass(frozen=True)
class Caller:
    """A caller, and what the card must show."""

    number: str
    match: str
    expected_text: str
    name: str = ""
    headers: str = ""
    hides: str = ""


WAYS = {
    "direct": Way("02191000101", "101"),
    "ring group": Way("02191000600", "102", ("101",)),
    "queue": Way("02191000700", "102", ("101",)),
    "queue, Local members": Way("02191000702", "102", ("101",)),
}
HIDDEN = "P-Asserted-Identity: <sip:09123456789@127.0.1.1>\nPrivacy: id\n"
CALLERS = {
    "+989123456789": Caller("+989123456789", "certain", "Karimi"),
    "09123456789": Caller("09123456789", "certain", "Karimi"),
    "00302101234567": Caller("00302101234567", "certain", "Papadopoulou"),
    "withheld": Caller("anonymous", "withheld", "Number withheld", "Anonymous", "Privacy: id\n"),
    "Persian name": Caller("09351112233", "none", "سارا رضایی", "سارا رضایی"),
}


def cards_in(agent_page: AgentPage, begun: float) -> list[Sighting]:
    return [card for card in agent_page.cards(begun) if card.state == "ringing"]


@pytest.mark.parametrize("caller", CALLERS)
@pytest.mark.parametrize("way", WAYS)
def test_the_right_card_is_painted_before_the_phone_is_picked_up(
    office: Office, stage: Stage, way: str, caller: str
) -> None:
    story, expected_caller = WAYS[way], CALLERS[caller]
    stage.phone(story.answers, PICKED_UP_AFTER_S)
    for phone in story.rings:
        stage.phone(phone, None)
    number = office.product.newest_call()

    customer = stage.call(
        story.did, expected_caller.number, expected_caller.name, headers=expected_caller.headers
    )
    answered = stage.until_talks(story.answers)
    losers = [stage.until_stops(phone) for phone in story.rings]

    begun = customer.invite.at
    for leg in (answered, *losers):
        measure(office, stage, leg, begun, (way, caller))
    for leg in (answered, *losers):
        right_card_before_pickup(office.at(leg.endpoint), expected_caller, begun, answered)
    winner = office.at(story.answers)
    winner.until(begun, what="card", state="talking")
    for leg in losers:
        output = office.at(leg.endpoint).until(begun, what="card", state="elsewhere")
        assert winner.name in output.reason

    stage.hang_up(customer)
    [logged] = office.product.calls_after(number, 1)
    assert logged["entry"]["before_pickup"] is True
    reached = {office.at(phone) for phone in (story.answers, *story.rings)}
    reported = {step["agent"] for step in logged["trace"] if step["step"] == "card"}
    assert reported == {agent_page.name for agent_page in reached}
    for agent_page in office.all_agent_pages:
        if agent_page not in reached:
            assert not cards_in(agent_page, begun), f"{agent_page.name}'s phone did not ring"


def right_card_before_pickup(
    agent_page: AgentPage, expected_caller: Caller, begun: float, answered: SipLeg
) -> None:
    assert answered.answered is not None
    ringing = [card for card in cards_in(agent_page, begun) if card.at < answered.answered.at]
    assert ringing, f"{agent_page.name} saw no ringing card before the 200 OK"
    card = ringing[-1]
    assert card.match == expected_caller.match
    assert expected_caller.expected_text in card.name + card.network
    assert "9123456789" not in card.all.replace(" ", "") or expected_caller.match == "certain"


def measure(
    office: Office, stage: Stage, leg: SipLeg, begun: float, names: tuple[str, str]
) -> None:
    """Put a line into the table."""
    agent_page = office.at(leg.endpoint)
    painted = next((card.at for card in cards_in(agent_page, begun)), None)
    answer = leg.answered
    office.table.rows.append(
        Measured(
            *names,
            f"{leg.endpoint} {agent_page.name}",
            begun,
            dial_begin(stage.recorder.bytes, leg),
            leg.invite.at,
            painted,
            answer.at if answer else None,
        )
    )


def test_the_cards_of_the_agents_that_did_not_get_the_call_leave(
    office: Office, stage: Stage
) -> None:
    number = office.product.newest_call()
    stage.phone("101", None)
    stage.phone("102", PICKED_UP_AFTER_S)
    customer = stage.call("02191000600")
    stage.until_talks("102")
    stage.until_stops("101")
    office.at("101").until(customer.invite.at, what="card", state="elsewhere")
    stage.hang_up(customer)
    office.product.calls_after(number, 1)
    lost = [
        (agent_page, card)
        for agent_page in office.all_agent_pages
        for card in agent_page.cards()
        if card.state == "elsewhere"
    ]
    assert lost
    for agent_page, card in lost:
        try:
            agent_page.until(card.at, LEAVES_WITHIN_S, what="left", card=card.card)
        except NeverHappenedError:
            pytest.fail(f"{agent_page.name} still sees {card}")
