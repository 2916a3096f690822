"""Facts of an invented call, and the way from a raw caller id to a card."""

from datetime import date
from typing import Any

from screenpop.agents.agent import Agent, AgentId
from screenpop.calls.events import CallerInfo, Direction
from screenpop.cards.call_facts import CallFacts
from screenpop.cards.card import Card, CardLeg, CardState
from screenpop.cards.compose import compose
from screenpop.customers.match import match_caller
from screenpop.customers.models import CallerRecord
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Suggestions
from screenpop.telephony.identifiers import CallId, Endpoint, PbxId
from tests.customers.samples import LALEHS_MOBILE, TODAY, caller

PHONE = Endpoint("101")


def agent(department: str = "sales") -> Agent:
    return Agent(AgentId(7), "maryam", "Maryam", department, "en", (PHONE,))


def facts(**more: Any) -> CallFacts:
    plain: dict[str, Any] = {
        "pbx": PbxId("office"),
        "call": CallId("1763.1"),
        "direction": Direction.INBOUND,
        "party": CallerInfo(LALEHS_MOBILE),
        "arrived_at": 1000.0,
        "state": CardState.RINGING,
        "since": 1014.0,
        "rang_at": 1014.0,
        "legs": (CardLeg(PHONE, "ringing"),),
    }
    return CallFacts(**{**plain, **more})


def card(
    record: CallerRecord,
    raw: str = LALEHS_MOBILE,
    *,
    withheld: bool = False,
    department: str = "sales",
    today: date = TODAY,
    **more: Any,
) -> Card:
    """The whole way: the number understood, matched, offers found, the card composed."""
    caller_id = caller(raw, withheld=withheld)
    match = match_caller(caller_id, record)
    found = match.customer
    suggested = suggest(found, today) if found is not None else Suggestions()
    return compose(facts(**more), caller_id, match, suggested, agent(department), today)
