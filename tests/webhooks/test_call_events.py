"""The events of a call, from its records in the call log."""

from dataclasses import replace

import pytest

from screenpop.accounts.users import UserId
from screenpop.calls.events import Direction, Disposition
from screenpop.customers.models import CustomerId
from screenpop.service.ports import CardDelivery, LoggedCall, OfferAnswerToKeep
from screenpop.telephony.identifiers import Endpoint
from screenpop.webhooks.call_events import call_events
from screenpop.webhooks.events import EventType
from tests.store.samples import changed, finished_call

ARRIVED = 1_700_000_000.0
MARYAM, SARA = UserId(1), UserId(2)


def card(agent: UserId, phone: str) -> CardDelivery:
    return CardDelivery(agent, phone, ARRIVED + 1, None, None, None, None)


def call(**entry: object) -> LoggedCall:
    record = replace(finished_call(customer=CustomerId(7)), painted=(card(MARYAM, "101"),))
    return changed(record, **entry)


def open_call(**entry: object) -> LoggedCall:
    return call(**{"ended_at": None, "disposition": None, "legs": (), "transfers": ()} | entry)


def kinds(record: LoggedCall) -> list[str]:
    return [one.type.value for one in call_events(record, ARRIVED + 99)]


def test_a_call_rings_is_answered_and_ends_with_the_agent_of_the_call() -> None:
    ringing = open_call(answered_at=None, answered_by=())
    assert kinds(ringing) == ["call.ringing"]
    rang, answered, ended = call_events(call(), ARRIVED + 99)
    assert (rang.at, answered.at, ended.at) == (ARRIVED + 1, ARRIVED + 5, ARRIVED + 65)
    assert rang.agents == answered.agents == ended.agents == (1,)
    assert answered.data["phone"] == "101"
    assert (ended.data["disposition"], ended.data["talk_s"]) == ("answered", 60.0)
    assert {one.number for one in (rang, answered, ended)} == {"+989123456789"}
    assert {one.customer for one in (rang, answered, ended)} == {7}
    assert len({one.order for one in (rang, answered, ended)}) == 1


def test_events_of_later_records_have_the_ids_of_the_earlier_ones() -> None:
    first = call_events(open_call(answered_at=None, answered_by=()), ARRIVED + 2)
    second = call_events(open_call(), ARRIVED + 6)
    last = call_events(call(), ARRIVED + 70)
    assert [one.id for one in last[:2]] == [one.id for one in second]
    assert second[0].id == first[0].id
    assert len({one.id for one in last}) == 3


def test_an_answer_of_a_further_agent_is_a_transfer() -> None:
    both = replace(
        call(answered_by=(Endpoint("101"), Endpoint("103"))),
        painted=(card(MARYAM, "101"), card(SARA, "103")),
    )
    _, answered, passed, ended = call_events(both, ARRIVED + 99)
    assert (answered.type, answered.agents) == (EventType.CALL_ANSWERED, (1,))
    assert (passed.type, passed.agents) == (EventType.CALL_TRANSFERRED, (2,))
    assert (passed.data["phone"], passed.data["from_agent"]) == ("103", 1)
    assert ended.agents == (2,)
    # The second phone of the same agent is no transfer.
    same = replace(both, painted=(replace(card(MARYAM, "101"), phones=frozenset({"103"})),))
    assert "call.transferred" not in kinds(same)


@pytest.mark.parametrize(
    ("disposition", "direction", "expected"),
    [
        (Disposition.ABANDONED, Direction.INBOUND, ["call.ringing", "call.missed", "call.ended"]),
        (Disposition.VOICEMAIL, Direction.INBOUND, ["call.ringing", "call.missed", "call.ended"]),
        (Disposition.NO_ANSWER, Direction.OUTBOUND, ["call.ringing", "call.ended"]),
        (Disposition.NO_ANSWER, Direction.INTERNAL, []),
    ],
)
def test_only_an_inbound_unanswered_call_is_missed_and_internal_ones_are_not_sent(
    disposition: Disposition, direction: Direction, expected: list[str]
) -> None:
    record = call(disposition=disposition, direction=direction, answered_by=(), answered_at=None)
    assert kinds(record) == expected


def test_of_a_call_we_made_the_dialling_agent_has_it_and_no_outside_phone_is_sent() -> None:
    record = replace(
        call(direction=Direction.OUTBOUND, answered_by=(Endpoint("+306912345678"),)),
        dialled_from="101",
    )
    answered = call_events(record, ARRIVED + 99)[1]
    assert (answered.agents, answered.data["phone"]) == ((1,), "101")
    # An inbound call that a mobile outside answered: no agent of ours, and no number in the data.
    outside = call(answered_by=(Endpoint("+306912345678"),))
    answered = call_events(outside, ARRIVED + 99)[1]
    assert answered.agents == ()
    assert "phone" not in answered.data


def test_each_answer_to_an_offer_is_an_event_of_its_own() -> None:
    given = OfferAnswerToKeep(
        CustomerId(7), "visa", "no", {"code": "x"}, MARYAM, "Maryam", ARRIVED + 9, "price"
    )
    record = replace(call(), offer_answers=(given, replace(given, answer="accepted", why="")))
    first, second = (one for one in call_events(record, ARRIVED) if one.type == "offer.answered")
    assert first.id != second.id
    assert {"offer": "visa", "answer": "no", "reason": "price"}.items() <= first.data.items()
    assert (first.customer, first.agents, first.at) == (7, (1,), ARRIVED + 9)


def test_a_hidden_number_is_not_sent() -> None:
    record = call()
    hidden = replace(record.entry.caller, withheld=True, number="+989120000000")
    quiet = replace(changed(record, caller=hidden), caller=replace(record.caller, e164=None))
    assert {one.number for one in call_events(quiet, ARRIVED)} == {""}
