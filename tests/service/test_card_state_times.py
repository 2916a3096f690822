"""Equal and neighbouring times in the card state: a PBX's events often share a millisecond."""

import pytest

from screenpop.calls.call_state import apply_event, open_call
from screenpop.calls.events import StopReason
from screenpop.cards.card import CardState
from screenpop.service.card_state import CardStatus, card_status
from screenpop.telephony.identifiers import Endpoint
from tests.service.event_script import Story


def status_after_a_colleague(over_at: float, rang_at: float) -> CardStatus:
    """The card of 101, which rang in vain after 102 had talked until ``over_at``."""
    story = Story()
    call = open_call(story.arrives())
    assert call is not None
    for event in (story.rings("102"), story.answers("102")):
        apply_event(call, event)
    story.at = over_at - 1.0
    apply_event(call, story.hangs_up("102"))
    story.at = rang_at - 1.0
    apply_event(call, story.rings("101"))
    story.at = max(over_at, rang_at)
    apply_event(call, story.stops("101", StopReason.CANCELLED))
    return card_status(call, {Endpoint("101")}, str)


@pytest.mark.parametrize(
    ("over_at", "state", "code"),
    [
        (1_795_315_019.999, CardState.MISSED, "caller_gave_up"),
        (1_795_315_020.0, CardState.MISSED, "caller_gave_up"),
        (1_795_315_020.001, CardState.ELSEWHERE, "answered_by"),
    ],
)
def test_a_colleague_that_left_when_the_phone_began_to_ring_did_not_answer_instead(
    over_at: float, state: CardState, code: str
) -> None:
    status = status_after_a_colleague(over_at, 1_795_315_020.0)
    assert status.reason is not None
    assert (status.state, status.reason.code) == (state, code)


def test_of_two_colleagues_answering_at_one_time_the_card_names_the_same_in_any_order() -> None:
    names = set()
    for first, second in (("102", "103"), ("103", "102")):
        story = Story()
        call = open_call(story.arrives())
        assert call is not None
        for phone in ("101", first, second):
            apply_event(call, story.rings(phone))
        at = story.at
        for phone in (first, second):
            story.at = at
            apply_event(call, story.answers(phone))
        apply_event(call, story.stops("101", StopReason.ANSWERED_ELSEWHERE))
        status = card_status(call, {Endpoint("101")}, str)
        assert status.reason is not None
        names.add(status.reason.params["name"])
    assert names == {"103"}


@pytest.mark.parametrize(
    ("origin", "target", "code"),
    [("101", "102", "transferred_to"), ("101", "99", "ended"), ("103", "102", "ended")],
)
def test_only_a_transfer_from_the_agents_phone_to_another_persons_is_named(
    origin: str, target: str, code: str
) -> None:
    story = Story()
    call = open_call(story.arrives())
    assert call is not None
    for event in (
        story.rings("101"),
        story.answers("101"),
        story.passes_on(origin, target),
        story.hangs_up("101"),
        story.rings("99"),
        story.stops("99", StopReason.BUSY),
    ):
        apply_event(call, event)
    status = card_status(call, {Endpoint("101"), Endpoint("99")}, str)
    assert status.state is CardState.WRAP_UP
    assert status.reason is not None
    assert status.reason.code == code
