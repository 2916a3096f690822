"""A scenario of the lab played at the office, and what must be true of every one of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pbx_lab import truth
from pbx_lab.scenarios import SCENARIOS
from pbx_lab.sip import SipLeg
from pbx_lab.stage import Stage, wait_until
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve
from tests.asterisk.recordings import by_caller, in_our_words, row
from tests.pbx.agent_page import ON, AgentPage, Sighting
from tests.pbx.staff import Office

PLAN = NumberPlan(Region("IR"), "21", ("1XX", "2XX", "99XXX"))
CALLING = frozenset({"ringing", "dialling"})
LONG_ENOUGH_S = 0.7
"""A phone that rang for less did not wait for an agent."""


@dataclass(frozen=True)
class Played:
    """What happened: on the wire, on the desks, in the log."""

    office: Office
    begun: float
    legs: list[SipLeg]
    calls: list[dict[str, Any]]

    def cards(self, phone: str, *states: str) -> list[Sighting]:
        """What the one at this phone saw, in these states if any are named."""
        seen = self.office.at(phone).cards(self.begun)
        return [card for card in seen if not states or card.state in states]

    def leg(self, endpoint: str) -> SipLeg:
        """The first call that Asterisk made to an endpoint."""
        return next(leg for leg in self.legs if leg.dialled and leg.endpoint == endpoint)

    def before_pickup(self, phone: str) -> Sighting:
        """The newest card on the desk when this phone was picked up."""
        answered = self.leg(phone).answered
        assert answered is not None
        shown = [card for card in self.cards(phone, "ringing") if card.at < answered.at]
        assert shown, f"no card at {phone} before it was picked up: {self.cards(phone)}"
        return shown[-1]

    def ids(self) -> set[str]:
        """The cards of the logged calls, of any agent."""
        calls = {f"{call['entry']['pbx']}/{call['entry']['call']}/" for call in self.calls}
        return {
            card.card
            for agent_page in self.office.all_agent_pages
            for card in agent_page.cards(self.begun)
            if card.card.startswith(tuple(calls))
        }

    def entry(self) -> dict[str, Any]:
        """The one row of the log."""
        [call] = self.calls
        entry: dict[str, Any] = call["entry"]
        return entry


def play(office: Office, stage: Stage, name: str) -> Played:
    """Play it; the log must have the calls that people lived, the pages the phones that rang."""
    number, begun = office.product.newest_call(), time.time()
    truths = SCENARIOS[name].play(stage)
    legs = list(stage.watch.legs.values())
    truth.check(truths, legs)
    lived = in_our_words(name, json.loads(truth.as_json(truths, legs, [], ""))["calls"])
    withheld = [one.withheld for one in truths]
    stage.settle()
    calls = office.product.calls_after(number, len(lived))
    played = Played(office, begun, legs, calls)
    assert by_caller([row(logged(call)) for call in calls]) == by_caller(
        [row(in_e164(one, hidden)) for one, hidden in zip(lived, withheld, strict=False)]
    )
    rang_and_had_a_card(played)
    others_saw_nothing(played)
    nothing_is_left(office)
    return played


def logged(call: dict[str, Any]) -> dict[str, Any]:
    """A row of the API in the words of a recording's truth, which names a trunk by its endpoint."""
    entry, caller = call["entry"], call["entry"]["caller"]
    endpoints = {leg["number"]: leg["endpoint"] for leg in call["legs"]}
    return {
        **entry,
        "answered_by": [endpoints.get(one, one) for one in entry["answered_by"]],
        "caller": caller["e164"] or caller["number"],
        "transfers": [
            {"from": one["origin"], "to": one["target"], "kind": one["kind"]}
            for one in call["transfers"]
        ],
        "legs": call["legs"],
    }


def in_e164(lived: dict[str, Any], withheld: bool) -> dict[str, Any]:
    """The truth with the other side as the log understands numbers; a withheld one is left out."""
    if withheld:
        return {**lived, "caller": ""}
    number = lived["dialled"] if lived["direction"] == "outbound" else lived["caller"]
    return {**lived, "caller": resolve(number, plan=PLAN).e164 or number}


def dialled_agent_pages(played: Played) -> Iterator[tuple[SipLeg, AgentPage]]:
    """Each call that Asterisk made to an agent's phone."""
    for leg in played.legs:
        agent_page = played.office.agent_page_of(leg)
        if leg.dialled and agent_page is not None:
            yield leg, agent_page


def rang_and_had_a_card(played: Played) -> None:
    """Each agent whose phone rang saw a ringing card before it was picked up or fell silent."""
    for leg, agent_page in dialled_agent_pages(played):
        if leg.first("INVITE", 180) is None:
            continue
        until = leg.final.at if leg.final is not None else time.time()
        if until - leg.invite.at < LONG_ENOUGH_S:
            continue
        shown = [
            card
            # The phone's process may note the INVITE later than the page its card.
            for card in agent_page.cards(leg.invite.at - 0.1)
            if card.state in CALLING and card.at < until
        ]
        assert shown, f"{agent_page.name} saw no ringing card: {agent_page.cards(played.begun)}"


def others_saw_nothing(played: Played) -> None:
    """No agent has a card of a call that never reached their phone."""
    reached = {played.office.agent_page_of(leg) for leg in played.legs}
    for agent_page in played.office.all_agent_pages:
        if agent_page not in reached:
            live = [card for card in agent_page.cards(played.begun) if card.state in ON]
            assert not live, f"{agent_page.name} has nothing to do with it and saw {live}"


def nothing_is_left(office: Office) -> None:
    """No card has a live call when none is."""
    for agent_page in office.all_agent_pages:
        wait_until(agent_page.is_quiet, f"{agent_page.name} still has a live card", 5)
