from dataclasses import replace

from screenpop.calls.call_state import CallState, LegPhase, apply_event, open_call
from screenpop.calls.events import (
    CallerInfo,
    CallEvent,
    Correction,
    Disposition,
    LegRang,
    StopReason,
)
from screenpop.telephony.identifiers import LegId
from tests.service.event_script import Story


def after(*changes: CallEvent) -> CallState:
    call = open_call(changes[0])
    assert call is not None
    for change in changes:
        apply_event(call, change)
    return call


def only_leg(call: CallState) -> LegPhase:
    (leg,) = call.legs.values()
    return leg.state


def test_only_an_arrival_or_a_ring_opens_a_call() -> None:
    story = Story()
    assert open_call(story.arrives()) is not None
    assert open_call(story.rings("101")) is not None
    assert open_call(story.answers("101")) is None
    assert open_call(story.ends()) is None


def test_a_ring_before_the_arrival_loses_nothing() -> None:
    story = Story()
    call = after(story.rings("101"), story.arrives())
    assert call.endpoint == "trunk"
    assert call.arrived_at < story.at
    assert only_leg(call) is LegPhase.RINGING


def test_legs_only_move_forward() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.answers("101"), story.hangs_up("101"))
    late_ones: list[CallEvent] = [story.rings("101"), story.answers("101"), story.holds("101")]
    for late in late_ones:
        apply_event(call, late)
        assert only_leg(call) is LegPhase.ENDED


def test_a_call_that_is_over_stays_as_it_ended() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.ends(Disposition.ABANDONED))
    apply_event(call, story.answers("101"))
    assert only_leg(call) is LegPhase.STOPPED
    assert call.answered_by == []


def test_an_answered_leg_reported_as_stopped_has_ended() -> None:
    story = Story()
    call = after(
        story.arrives(),
        story.rings("101"),
        story.answers("101"),
        story.stops("101", StopReason.CANCELLED),
    )
    assert only_leg(call) is LegPhase.ENDED


def test_a_pickup_answers_on_a_leg_that_never_rang() -> None:
    story = Story()
    call = after(story.arrives(), story.answers("102", leg="picker"))
    assert call.legs[LegId("picker")].state is LegPhase.TALKING
    assert call.answered_by == ["102"]


def test_the_end_corrects_the_stop_reason_first_reported_for_a_leg() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.stops("101", StopReason.CANCELLED))
    (leg,) = call.legs.values()
    end = story.ends(Disposition.NO_ANSWER)
    apply_event(call, replace(end, corrected=(Correction(leg.leg, StopReason.NO_ANSWER),)))
    assert leg.reason is StopReason.NO_ANSWER


def test_the_phone_that_dialled_out_holds_the_other_party() -> None:
    story = Story()
    call = after(story.dials_out("101", "09123456789"), story.rings("trunk"))
    apply_event(call, story.answers("trunk"))
    apply_event(call, replace(story.holds("101"), leg=None))
    assert only_leg(call) is LegPhase.HELD


def test_the_far_side_of_an_outbound_call_is_the_called_party() -> None:
    story = Story()
    assert after(story.dials_out("101", "0912")).far_side() == CallerInfo("0912")
    assert after(story.arrives()).far_side() == story.caller


def test_the_first_sound_of_a_phone_that_was_dialled_changes_nothing_on_display() -> None:
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
    assert not apply_event(call, heard)
    assert call == before
    assert apply_event(call, story.answers("101"))


def test_a_phone_that_was_only_dialled_has_not_rung() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"))
    (leg,) = call.legs.values()
    assert not leg.rang
