"""What each event leaves in the state of a call, and in its record."""

from dataclasses import replace
from typing import Any

import pytest

from screenpop.calls.call_log import CallRecorder, build_open_record
from screenpop.calls.call_record import CallRecord, LegOutcome
from screenpop.calls.call_state import CallState, LegPhase, apply_event, open_call
from screenpop.calls.disposition import disposition_of
from screenpop.calls.events import (
    CallerInfo,
    CallEvent,
    Correction,
    Direction,
    Disposition,
    LegRang,
    LegRinging,
    StopReason,
)
from screenpop.calls.leg_states import LegStage
from screenpop.telephony.identifiers import Endpoint, LegId
from tests.service.event_script import DID, Story


def after(*events: CallEvent) -> CallState:
    call = open_call(events[0])
    assert call is not None
    for event in events:
        apply_event(call, event)
    return call


def rings(story: Story, phone: str, **more: Any) -> LegRinging:
    return replace(story.rings(phone), **more)


def test_an_arrival_after_the_ring_brings_the_did_only_where_none_is_known() -> None:
    story = Story()
    ring, arrival = rings(story, "101", did=""), story.arrives()
    assert after(ring, arrival).did == DID
    assert after(ring, replace(arrival, did="")).did == ""
    assert after(rings(story, "101", did="777"), arrival).did == "777"


def test_a_ring_brings_the_did_only_where_the_arrival_has_none() -> None:
    story = Story()
    unknown, known = replace(story.arrives(), did=""), story.arrives()
    assert after(unknown, rings(story, "101", did="777")).did == "777"
    assert after(unknown, rings(story, "101", did="")).did == ""
    assert after(known, rings(story, "101", did="777")).did == DID
    assert after(known, rings(story, "101", did="")).did == DID


def test_a_phone_seen_ringing_without_a_dial_rang_at_that_time_and_no_later() -> None:
    story = Story()
    arrival, ring = story.arrives(), story.rings("101")
    seen = LegRang(
        pbx=ring.pbx,
        boot=ring.boot,
        call=ring.call,
        at=ring.at + 1.0,
        leg=ring.leg,
        endpoint=ring.endpoint,
    )
    later: list[CallEvent] = [
        replace(seen, at=ring.at + 2.0),
        replace(seen, at=ring.at + 3.0, estimated=True),
        replace(ring, at=ring.at + 4.0),
    ]
    (leg,) = after(arrival, seen, *later).legs.values()
    assert (leg.rang, leg.rang_at) == (True, ring.at + 1.0)


def test_an_earlier_arrival_moves_the_beginning_of_a_call_and_a_later_one_does_not() -> None:
    story = Story()
    ring = story.rings("101")
    for beside, is_moved in ((-1.0, True), (1.0, False)):
        arrival = replace(story.arrives(), at=ring.at + beside, pbx_at=5.0)
        call = after(ring, arrival)
        assert call.arrived_at == ring.at + min(beside, 0.0)
        assert call.arrived_pbx_at == (5.0 if is_moved else ring.pbx_at)


def test_a_ring_keeps_consulting_agent_forwarding_phone_and_dialled_number() -> None:
    story = Story()
    facts: dict[str, Any] = {
        "dialled": "09121112233",
        "asked_by": Endpoint("102"),
        "forwarded_from": Endpoint("103"),
    }
    arrival = story.arrives()
    for events in (
        (arrival, rings(story, "101", **facts)),
        (arrival, story.rings("101"), rings(story, "101", **facts)),
        (arrival, rings(story, "101", **facts), story.rings("101")),
    ):
        (leg,) = after(*events).legs.values()
        assert (leg.dialled, leg.asked_by, leg.forwarded_from) == ("09121112233", "102", "103")


def test_a_queue_that_dials_for_the_caller_is_the_calls_and_one_that_is_asked_is_not() -> None:
    story = Story()
    arrival = story.arrives()
    call = after(arrival, rings(story, "101", queue="sales"), rings(story, "102", queue="support"))
    assert (call.first_queue, call.queue) == ("sales", "support")
    asked = after(arrival, rings(story, "101", queue="sales", asked_by=Endpoint("102")))
    assert (asked.first_queue, asked.queue) == ("", "")


def test_a_ring_names_the_caller_of_an_inbound_call_only() -> None:
    story = Story()
    other = CallerInfo("+302101234567", "Eleni")
    assert after(story.arrives(), rings(story, "101", caller=other)).caller == other
    unnamed = CallerInfo("")
    assert after(story.arrives(), rings(story, "101", caller=unnamed)).caller == story.caller
    outbound = after(story.dials_out("101", "0912"), rings(story, "trunk", caller=other))
    assert outbound.caller == CallerInfo("101")


def test_legs_still_ringing_at_the_end_of_the_call_are_cancelled_then() -> None:
    story = Story()
    call = after(story.arrives(), story.rings("101"), story.ends(Disposition.ABANDONED))
    (leg,) = call.legs.values()
    assert (leg.state, leg.reason, leg.over_at) == (
        LegPhase.STOPPED,
        StopReason.CANCELLED,
        story.at,
    )


def test_a_hold_and_a_resume_change_only_a_leg_that_talks_or_is_held() -> None:
    story = Story()
    events: list[CallEvent] = [story.arrives(), story.rings("101"), story.rings("102")]
    events.append(story.answers("101"))
    phases = []
    for event in (story.resumes("101"), story.holds("101"), story.holds("101"),
                  story.resumes("101")):  # fmt: skip
        events.append(event)
        phases.append([leg.state for leg in after(*events).legs.values()])
    ringing = LegPhase.RINGING
    assert phases == [
        [LegPhase.TALKING, ringing],
        [LegPhase.HELD, ringing],
        [LegPhase.HELD, ringing],
        [LegPhase.TALKING, ringing],
    ]


def test_the_record_of_a_call_in_progress_names_the_number_dialled_over_a_trunk() -> None:
    story = Story()
    trunk = rings(story, "line", dialled="09121112233")
    call = after(story.arrives(), trunk, story.answers("line"), story.answers("102"))
    record = build_open_record(call)
    assert record is not None
    assert record.answered_by == ("09121112233", "102")


def test_the_record_has_when_each_leg_rang_was_answered_and_ended() -> None:
    story = Story()
    began = story.at
    events: list[CallEvent] = [
        story.arrives(),
        story.rings("101"),
        story.rings("102"),
        story.stops("101", StopReason.NO_ANSWER),
        story.answers("102"),
        story.answers("103"),
        story.hangs_up("102"),
        story.ends(),
    ]
    record = record_of(*events)
    times = [(leg.rang_at, leg.answered_at, leg.ended_at) for leg in record.legs]
    assert times == [
        (began + 2, None, began + 4),
        (began + 3, began + 5, began + 7),
        (began + 6, began + 6, began + 8),
    ]


def test_a_leg_that_ended_without_answer_and_reason_was_not_answered() -> None:
    story = Story()
    record = record_of(story.arrives(), story.rings("101"), story.hangs_up("101"), story.ends())
    assert [leg.outcome for leg in record.legs] == [LegOutcome.NO_ANSWER]


def test_the_record_names_the_endpoint_that_answered_instead_of_an_unanswered_leg_only() -> None:
    story = Story()
    events: list[CallEvent] = [story.arrives(), story.rings("101"), story.rings("102")]
    events += [story.answers("102"), story.stops("101", StopReason.ANSWERED_ELSEWHERE, "102")]
    late = Correction(LegId(f"{story.call}/102"), StopReason.ANSWERED_ELSEWHERE, Endpoint("103"))
    record = record_of(*events, replace(story.ends(), corrected=(late,)))
    assert [(leg.outcome, leg.by) for leg in record.legs] == [
        (LegOutcome.ANSWERED_ELSEWHERE, "102"),
        (LegOutcome.ANSWERED, None),
    ]


def record_of(*events: CallEvent) -> CallRecord:
    recorder = CallRecorder()
    [record] = [found for event in events if (found := recorder.apply(event)) is not None]
    return record


@pytest.mark.parametrize(
    ("reason", "disposition"),
    [
        (StopReason.NO_ANSWER, Disposition.NO_ANSWER),
        (StopReason.CANCELLED, Disposition.NO_ANSWER),
        (StopReason.ANSWERED_ELSEWHERE, Disposition.NO_ANSWER),
        (StopReason.DECLINED, Disposition.NO_ANSWER),
        (StopReason.BUSY, Disposition.BUSY),
        (StopReason.FORWARDED, Disposition.NO_ANSWER),
        (StopReason.UNREACHABLE, Disposition.NO_ANSWER),
    ],
)
def test_each_reason_alone_gives_its_disposition(
    reason: StopReason, disposition: Disposition
) -> None:
    assert disposition_after(reason) is disposition


@pytest.mark.parametrize("stronger", range(5))
def test_of_two_reasons_the_stronger_gives_the_disposition(stronger: int) -> None:
    ranked = [StopReason.NO_ANSWER, StopReason.CANCELLED, StopReason.ANSWERED_ELSEWHERE,
              StopReason.DECLINED, StopReason.BUSY, StopReason.FORWARDED]  # fmt: skip
    pair = (ranked[stronger + 1], ranked[stronger])
    assert disposition_after(*pair) is disposition_after(ranked[stronger])


def disposition_after(*reasons: StopReason, **more: bool) -> Disposition:
    facts = dict.fromkeys(
        ("answered", "lost", "caller_gave_up", "refused", "busy_played", "waited", "was_up"), False
    )
    return disposition_of(Direction.INBOUND, reasons=reasons, **{**facts, **more})


def test_a_call_without_an_answer_is_busy_waited_in_vain_or_failed() -> None:
    assert disposition_after(busy_played=True) is Disposition.BUSY
    assert disposition_after(waited=True) is Disposition.NO_ANSWER
    assert disposition_after(was_up=True) is Disposition.FAILED
    assert disposition_after(StopReason.NO_ANSWER, voicemail=True) is Disposition.VOICEMAIL


def test_the_stages_of_a_leg_have_their_names() -> None:
    assert [str(stage) for stage in LegStage] == ["dialled", "rang", "answered", "stopped", "ended"]


def test_a_leg_that_was_never_seen_to_ring_is_recorded_at_the_end_of_the_call() -> None:
    story = Story()
    events: list[CallEvent] = [
        story.arrives(),
        story.stops("101", StopReason.UNREACHABLE),
        story.ends(Disposition.NO_ANSWER),
    ]
    record = record_of(*events)
    [leg] = record.legs
    assert (leg.rang_at, leg.answered_at, leg.ended_at) == (story.at, None, story.at - 1)


def test_only_a_call_in_progress_has_an_open_record() -> None:
    story = Story()
    record = build_open_record(after(story.arrives()))
    assert record is not None
    assert (record.call, record.ended_at, record.disposition) == (story.call, None, None)
    assert build_open_record(after(story.arrives(), story.ends())) is None


def test_the_own_phone_is_placing_a_call_and_no_other_leg_is() -> None:
    story = Story()
    made = replace(story.arrives(), direction=Direction.OUTBOUND, endpoint=Endpoint("101"))
    own = story.rings("101")
    assert after(made, own).is_placing(own.leg)
    assert not after(made, own).is_placing(LegId("other"))
    assert not after(made).is_placing(own.leg)
    assert not after(replace(made, customer_first=True), own).is_placing(own.leg)
    assert not after(story.arrives(), own).is_placing(own.leg)


def test_a_leg_that_is_over_stays_over_whatever_comes_late() -> None:
    story = Story()
    events = (story.arrives(), story.rings("101"), story.answers("101"), story.hangs_up("101"))
    late = (story.rings("101"), story.answers("101"), story.stops("101", StopReason.BUSY))
    before, call = after(*events), after(*events, *late)
    assert call.legs == before.legs
    assert [leg.over for leg in call.legs.values()] == [True]
