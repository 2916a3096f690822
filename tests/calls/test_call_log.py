"""From changes to the entry of the call log, once a call."""

from dataclasses import replace
from typing import Any

import pytest

from screenpop.calls.call_log import CallRecorder
from screenpop.calls.call_record import CallRecord, LegOutcome
from screenpop.calls.events import (
    CallArrived,
    CallEnded,
    CallerInfo,
    CallEvent,
    CallHeld,
    CallResumed,
    CallTransferred,
    Correction,
    Direction,
    Disposition,
    EndReason,
    LegAnswered,
    LegEnded,
    LegRinging,
    LegStopped,
    StopReason,
    TransferKind,
)
from screenpop.telephony.identifiers import BootId, CallId, Endpoint, LegId, PbxId

CALLER = CallerInfo("+989123456789")


def head(at: float, call: str = "c1", pbx_at: float | None = None) -> dict[str, Any]:
    return {
        "pbx": PbxId("p"),
        "boot": BootId("b"),
        "call": CallId(call),
        "at": at,
        "pbx_at": pbx_at,
    }


def arrived(at: float, call: str = "c1", **more: Any) -> CallArrived:
    return CallArrived(
        **head(at, call),
        direction=Direction.INBOUND,
        caller=CALLER,
        endpoint=Endpoint("trunk"),
        **more,
    )


def leg(kind: type, at: float, endpoint: str, **more: Any) -> CallEvent:
    change: CallEvent = kind(
        **head(at), leg=LegId(f"l-{endpoint}"), endpoint=Endpoint(endpoint), **more
    )
    return change


def entry_of(changes: list[CallEvent], book: CallRecorder | None = None) -> CallRecord | None:
    book = book or CallRecorder()
    entries = [entry for change in changes if (entry := book.apply(change)) is not None]
    assert len(entries) <= 1
    return entries[0] if entries else None


def answered_call(*, pbx_step: float, estimated: bool) -> CallRecord:
    """Return the record of a wait of 5 s and a talk of 60 s, in which the PBX's clock was set."""
    over = 1065.0 + pbx_step
    entry = entry_of(
        [
            replace(arrived(100.0, estimated=estimated), pbx_at=1000.0),
            leg(LegRinging, 101.0, "101", caller=CALLER),
            replace(leg(LegAnswered, 105.0, "101"), pbx_at=1005.0),
            replace(leg(LegEnded, 165.0, "101"), pbx_at=over),
            CallEnded(
                **head(165.0, pbx_at=over),
                reason=EndReason.HUNG_UP,
                disposition=Disposition.ANSWERED,
            ),
        ]
    )
    assert entry is not None
    return entry


def test_an_answered_call_knows_its_wait_and_its_talk() -> None:
    entry = entry_of(
        [
            arrived(100.0),
            leg(LegRinging, 101.0, "101", caller=CALLER),
            leg(LegAnswered, 105.0, "101"),
            leg(LegEnded, 165.0, "101"),
            CallEnded(**head(165.5), reason=EndReason.HUNG_UP, disposition=Disposition.ANSWERED),
        ]
    )
    assert entry is not None
    assert (entry.wait_s, entry.talk_s, entry.answered_by) == (5.0, 60.5, ("101",))


def test_a_prompt_that_plays_on_to_a_mobile_is_no_talk() -> None:
    entry = entry_of(
        [
            arrived(100.0),
            leg(LegRinging, 101.0, "101", caller=CALLER),
            leg(LegAnswered, 105.0, "101"),
            CallEnded(
                **head(180.0),
                reason=EndReason.HUNG_UP,
                disposition=Disposition.ANSWERED,
                parted_at=165.0,
            ),
        ]
    )
    assert entry is not None
    assert entry.talk_s == 60.0


def test_a_reason_that_turned_out_otherwise_is_corrected_in_the_log() -> None:
    entry = entry_of(
        [
            arrived(1.0),
            leg(LegRinging, 2.0, "101", caller=CALLER),
            leg(LegStopped, 3.0, "101", reason=StopReason.NO_ANSWER),
            CallEnded(
                **head(4.0),
                reason=EndReason.HUNG_UP,
                disposition=Disposition.ABANDONED,
                corrected=(Correction(LegId("l-101"), StopReason.CANCELLED),),
            ),
        ]
    )
    assert entry is not None
    assert [x.outcome for x in entry.legs] == [LegOutcome.CANCELLED]


def test_a_merged_call_has_no_entry_of_its_own() -> None:
    merged = CallEnded(**head(9.0), reason=EndReason.MERGED, into=CallId("other"))
    assert entry_of([arrived(1.0), merged]) is None


def test_without_any_clock_there_are_no_durations() -> None:
    ended = CallEnded(**head(9.0), reason=EndReason.HUNG_UP, disposition=Disposition.ABANDONED)
    entry = entry_of([arrived(1.0), ended], CallRecorder(wall_clock=False))
    assert entry is not None
    assert (entry.wait_s, entry.talk_s) == (None, None)


def test_an_end_that_comes_twice_gives_one_entry() -> None:
    ended = CallEnded(**head(9.0), reason=EndReason.HUNG_UP, disposition=Disposition.ABANDONED)
    assert entry_of([arrived(1.0), ended, ended]) is not None


def test_changes_of_a_call_that_was_never_opened_are_kept_out() -> None:
    assert entry_of([leg(LegAnswered, 1.0, "101")]) is None


@pytest.mark.parametrize("kind", list(TransferKind))
def test_every_way_of_passing_on_is_kept_in_order(kind: TransferKind) -> None:
    entry = entry_of(
        [
            arrived(1.0),
            CallTransferred(**head(2.0), transfer=kind, origin=Endpoint("101"), target="102"),
            CallTransferred(**head(3.0), transfer=kind, origin=Endpoint("102"), target="103"),
            CallEnded(**head(9.0), reason=EndReason.HUNG_UP, disposition=Disposition.ANSWERED),
        ]
    )
    assert entry is not None
    assert [(t.origin, t.target, t.kind) for t in entry.transfers] == [
        ("101", "102", kind),
        ("102", "103", kind),
    ]


def test_a_leg_knows_how_long_it_was_on_hold_until_its_end() -> None:
    entry = entry_of(
        [
            arrived(100.0),
            leg(LegRinging, 101.0, "101", caller=CALLER),
            leg(LegAnswered, 105.0, "101"),
            leg(CallHeld, 110.0, "101"),
            leg(CallHeld, 112.0, "101"),  # a second one changes nothing
            leg(CallResumed, 117.0, "101"),
            leg(CallHeld, 150.0, "101"),
            leg(LegEnded, 165.0, "101"),
            CallEnded(**head(165.5), reason=EndReason.HUNG_UP, disposition=Disposition.ANSWERED),
        ]
    )
    assert entry is not None
    assert [one.hold_s for one in entry.legs] == [7.0 + 15.0]
