from dataclasses import replace

from screenpop.calls.changes import (
    CallChange,
    CallerShown,
    Correction,
    Disposition,
    LegRang,
    StopReason,
)
from screenpop.service.live_call import LegState, LiveCall, opened, step
from screenpop.telephony.identifiers import LegId
from tests.service.story import Story


def after(*changes: CallChange) -> LiveCall:
    call = opened(changes[0])
    assert call is not None
    for change in changes:
        step(call, change)
    return call


def only_leg(call: LiveCall) -> LegState:
    (leg,) = call.legs.values()
    return leg.state


def test_only_an_arrival_or_a_ring_opens_a_call() -> None:
    story = Story()
    assert opened(story.arrives()) is not None
    assert opened(story.rings("101")) is not None
    assert opened(story.answers("101")) is None
    assert opened(story.ends()) is None


def test_a_ring_before_the_arrival_loses_nothing() -> None:
    story = Story()
    call = after(story.rings("101"), story.arrives())
    assert call.endpoint == "trunk"
    assert call.arrived_at < story.at
    assert only_leg(call) is LegState.RINGING


def test_legs_only_move_forward() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.answers("101"), story.hangs_up("101"))
    late_ones: list[CallChange] = [story.rings("101"), story.answers("101"), story.holds("101")]
    for late in late_ones:
        step(call, late)
        assert only_leg(call) is LegState.ENDED


def test_a_call_that_is_over_stays_as_it_ended() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.ends(Disposition.ABANDONED))
    step(call, story.answers("101"))
    assert only_leg(call) is LegState.STOPPED
    assert call.answered_by == []


def test_an_answered_leg_that_is_said_to_have_stopped_has_ended() -> None:
    story = Story()
    call = after(
        story.arrives(),
        story.rings("101"),
        story.answers("101"),
        story.stops("101", StopReason.CANCELLED),
    )
    assert only_leg(call) is LegState.ENDED


def test_a_pickup_answers_on_a_leg_that_never_rang() -> None:
    story = Story()
    call = after(story.arrives(), story.answers("102", leg="picker"))
    assert call.legs[LegId("picker")].state is LegState.TALKING
    assert call.answered_by == ["102"]


def test_the_end_corrects_what_a_leg_was_first_said_to_have_stopped_of() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.stops("101", StopReason.CANCELLED))
    (leg,) = call.legs.values()
    end = story.ends(Disposition.NO_ANSWER)
    step(call, replace(end, corrected=(Correction(leg.leg, StopReason.NO_ANSWER),)))
    assert leg.reason is StopReason.NO_ANSWER


def test_the_phone_that_dialled_out_holds_whom_it_talks_to() -> None:
    story = Story()
    call = after(story.dials_out("101", "09123456789"), story.rings("trunk"))
    step(call, story.answers("trunk"))
    step(call, replace(story.holds("101"), leg=None))
    assert only_leg(call) is LegState.HELD


def test_the_far_side_of_an_outbound_call_is_who_is_called() -> None:
    story = Story()
    assert after(story.dials_out("101", "0912")).far_side() == CallerShown("0912")
    assert after(story.arrives()).far_side() == story.caller


def test_the_first_sound_of_a_phone_that_was_dialled_changes_nothing_to_be_shown() -> None:
    story = Story()
    ring = story.rings("101")
    call = after(story.arrives(), ring)
    heard = LegRang(
        pbx=ring.pbx,
        boot=ring.boot,
        call=ring.call,
        at=ring.at + 1,
        pbx_at=None,
        leg=ring.leg,
        endpoint=ring.endpoint,
    )
    before = replace(call, legs=dict(call.legs))
    assert not step(call, heard)
    assert call == before
    assert step(call, story.answers("101"))
