"""Endpoints that are on a call: talking, or dialling themselves."""

from dataclasses import replace

import pytest

from screenpop.calls.call_state import NO_ENDPOINT, CallState, apply_event
from screenpop.calls.events import CallArrived, CallEvent, Direction
from screenpop.calls.talking_endpoints import endpoints_on, has_conversation
from screenpop.telephony.identifiers import Endpoint
from tests.calls.test_call_state_facts import after
from tests.service.event_script import Story

OUTBOUND, INBOUND, INTERNAL = Direction.OUTBOUND, Direction.INBOUND, Direction.INTERNAL


def dials(story: Story, endpoint: str = "101", direction: Direction = OUTBOUND) -> CallArrived:
    return replace(story.arrives(), endpoint=Endpoint(endpoint), direction=direction)


def on(*events: CallEvent) -> set[str]:
    return set(endpoints_on(after(*events)))


def test_a_ringing_phone_is_not_on_the_call_and_a_talking_one_is() -> None:
    story = Story()
    rings, answers = story.rings("102"), story.answers("102")
    assert on(story.arrives(), rings) == set()
    assert on(story.arrives(), rings, answers) == {"102"}
    assert on(story.arrives(), rings, answers, story.ends()) == set()


@pytest.mark.parametrize(
    ("direction", "endpoint", "expected"),
    [
        (OUTBOUND, "101", {"101"}),
        (INTERNAL, "101", {"101"}),
        (OUTBOUND, NO_ENDPOINT, set()),
        (INBOUND, "101", set()),
    ],
)
def test_a_phone_that_dials_is_on_the_call_before_the_answer(
    direction: Direction, endpoint: str, expected: set[str]
) -> None:
    assert on(dials(Story(), endpoint, direction)) == expected


def test_an_agent_that_a_dialler_rings_after_the_customer_is_not_on_the_call_before() -> None:
    assert on(replace(dials(Story()), customer_first=True)) == set()


def test_the_own_phone_of_click_to_call_is_on_the_call_until_its_leg_is_over() -> None:
    story = Story()
    rings, answers = story.rings("101"), story.answers("101")
    assert on(dials(story), rings, story.rings("trunk")) == {"101"}
    assert on(dials(story), rings, answers) == {"101"}
    assert on(dials(story), rings, answers, story.hangs_up("101")) == set()


def test_a_phone_that_has_ended_or_passed_on_its_own_call_is_not_on_it() -> None:
    story = Story()
    others, own = story.passes_on("102", "103"), story.passes_on("101", "103")
    assert on(dials(story), others) == {"101"}
    assert on(dials(story), own) == set()
    assert on(dials(story), story.ends()) == set()


def talked(call: CallState, endpoint: str = "101") -> bool:
    return has_conversation(call, Endpoint(endpoint))


def test_a_conversation_needs_an_answer_of_the_other_side_outside() -> None:
    story = Story()
    rings, answers = story.rings("trunk"), story.answers("trunk")
    assert not talked(after(dials(story), rings))
    assert talked(after(dials(story), rings, answers))
    assert not talked(after(dials(story, direction=INTERNAL), rings, answers))
    assert not talked(after(story.arrives(), story.rings("101")))
    assert talked(after(story.arrives(), story.rings("101"), story.answers("101")))
    assert not talked(after(story.arrives(), story.rings("101"), story.answers("101")), "102")


def test_another_caller_id_keeps_the_called_number_unless_it_brings_one() -> None:
    story = Story()
    call = after(replace(dials(story), called="0935"))
    apply_event(call, replace(story.is_called("102"), called=None))
    assert (call.called, call.caller.number) == ("0935", "102")
    apply_event(call, replace(story.is_called("103"), called="0936"))
    assert (call.called, call.caller.number) == ("0936", "103")
