"""Every state that a call can have for an agent, as one table."""

import pytest

from screenpop.calls.call_state import apply_event, open_call
from screenpop.calls.events import CallEvent, EndReason, StopReason, TransferKind
from screenpop.cards.card import CardState
from screenpop.service.card_state import card_status
from screenpop.telephony.identifiers import Endpoint
from tests.service.event_script import Story

S = Story
ELSEWHERE = StopReason.ANSWERED_ELSEWHERE

TABLE: list[tuple[str, list[str], str, str]] = [
    ("it rings", ["rings 101"], "ringing", ""),
    ("it is answered", ["rings 101", "answers 101"], "talking", ""),
    ("it is on hold", ["rings 101", "answers 101", "holds 101"], "held", ""),
    ("a second phone still rings", ["rings 101", "rings 99", "busy 101"], "ringing", ""),
    ("both phones refuse", ["rings 101", "rings 99", "busy 101", "declined 99"],
     "gone", "declined"),
    ("it is busy", ["rings 101", "busy 101"], "gone", "busy"),
    ("it is off", ["rings 101", "unreachable 101"], "gone", "unreachable"),
    ("it sends the caller on", ["rings 101", "forwarded 101"],
     "gone", "forwarded_to"),
    ("nobody takes it", ["rings 101", "no_answer 101"], "missed", "not_answered"),
    ("the caller gives up", ["rings 101", "cancelled 101"], "missed", "caller_gave_up"),
    ("it is off and the other rang", ["rings 101", "rings 99", "unreachable 101", "cancelled 99"],
     "missed", "caller_gave_up"),
    ("another answers", ["rings 101", "rings 102", "answers 102", "elsewhere 101"],
     "elsewhere", "answered_by"),
    ("another answers, nobody knows yet who", ["rings 101", "rings 102", "silenced 101"],
     "elsewhere", ""),
    ("another answers, and then it is told who",
     ["rings 101", "rings 102", "silenced 101", "answers 102"], "elsewhere", "answered_by"),
    ("another answers later", ["rings 101", "no_answer 101", "rings 102", "answers 102"],
     "elsewhere", "answered_by"),
    ("it was passed on to here in vain",
     ["rings 102", "answers 102", "hangs_up 102", "rings 101", "cancelled 101"],
     "missed", "caller_gave_up"),
    ("who has the caller asked here in vain",
     ["rings 102", "answers 102", "rings 101", "no_answer 101"], "elsewhere", "answered_by"),
    ("another picks it up", ["rings 101", "pickup 101", "answers 102", "elsewhere 101"],
     "elsewhere", "picked_up_by"),
    ("the talk is over", ["rings 101", "answers 101", "hangs_up 101"], "wrap_up", "ended"),
    ("it is passed on", ["rings 101", "answers 101", "blind 101", "hangs_up 101"],
     "wrap_up", "transferred_to"),
    ("it comes back after a transfer",
     ["rings 101", "answers 101", "blind 101", "hangs_up 101", "rings 99"], "ringing", ""),
    ("the end is not seen", ["rings 101", "answers 101", "lost"], "wrap_up", "lost_sight"),
    ("the end is not seen while it rings", ["rings 101", "lost"], "gone", "lost_sight"),
    ("it becomes part of another call", ["rings 101", "answers 101", "merged"], "gone", "ended"),
]  # fmt: skip


def change(story: Story, words: str) -> CallEvent:
    what, _, phone = words.partition(" ")
    match what:
        case "rings" | "answers" | "holds" | "hangs_up":
            made: CallEvent = getattr(story, what)(phone)
            return made
        case "elsewhere":
            return story.stops(phone, ELSEWHERE, "102")
        case "silenced":
            return story.stops(phone, ELSEWHERE)
        case "forwarded":
            return story.forwards(phone, "102")
        case "pickup" | "blind":
            return story.passes_on(phone, "102", TransferKind(what))
        case "lost":
            return story.ends(reason=EndReason.ENDED_UNKNOWN)
        case "merged":
            return story.ends(None, EndReason.MERGED)
        case _:
            return story.stops(phone, StopReason(what))


@pytest.mark.parametrize(("words", "state", "code"), [row[1:] for row in TABLE],
                         ids=[row[0] for row in TABLE])  # fmt: skip
def test_the_state_of_the_card_of_the_agent_at_101_and_99(
    words: list[str], state: str, code: str
) -> None:
    story = Story()
    call = open_call(story.arrives())
    assert call is not None
    for one in words:
        apply_event(call, change(story, one))
    found = card_status(call, {Endpoint("101"), Endpoint("99")}, lambda phone: f"who is at {phone}")
    assert found.state is CardState(state)
    assert (found.reason.code if found.reason else "") == code
    if code.endswith(("_by", "_to")) and found.reason is not None:
        assert list(found.reason.params.values()) == ["who is at 102"]


OUTBOUND: list[tuple[list[str], str, str]] = [
    ([], "dialling", ""),
    (["rings trunk"], "dialling", ""),
    (["rings trunk", "answers trunk"], "talking", ""),
    (["rings trunk", "answers trunk", "holds 101"], "held", ""),
    (["rings trunk", "answers trunk", "over"], "wrap_up", "ended"),
    (["rings trunk", "busy trunk", "over"], "gone", "busy"),
    (["rings trunk", "unreachable trunk", "over"], "gone", "unreachable"),
    (["rings trunk", "no_answer trunk", "over"], "gone", "not_answered"),
    # Click-to-call: their own phone rings first, which is no incoming call.
    (["rings 101"], "dialling", ""),
    (["rings 101", "answers 101", "rings trunk"], "dialling", ""),
    (["rings 101", "answers 101", "rings trunk", "answers trunk"], "talking", ""),
    (
        ["rings 101", "answers 101", "rings trunk", "cancelled trunk", "over"],
        "gone",
        "not_answered",
    ),
    (["rings 101", "no_answer 101", "over"], "gone", "not_answered"),
    # The customer goes on with a colleague, and the agent who dialled has left.
    (["rings trunk", "answers trunk", "blind 101"], "wrap_up", "transferred_to"),
    (
        ["rings trunk", "answers trunk", "blind 101", "rings 102", "answers 102"],
        "wrap_up",
        "transferred_to",
    ),
    (["rings trunk", "answers trunk", "blind 101", "over"], "wrap_up", "transferred_to"),
    (
        ["rings 101", "answers 101", "rings trunk", "answers trunk", "blind 101", "hangs_up 101"],
        "wrap_up",
        "transferred_to",
    ),
    (["rings trunk", "answers trunk", "blind 101", "rings 101"], "ringing", ""),
    (["rings trunk", "answers trunk", "blind 102"], "talking", ""),
]


@pytest.mark.parametrize(("words", "state", "code"), OUTBOUND)
def test_the_state_of_the_card_of_an_agent_for_an_own_call(
    words: list[str], state: str, code: str
) -> None:
    story = Story()
    call = open_call(story.dials_out("101", "09123456789"))
    assert call is not None
    for one in words:
        apply_event(call, story.ends() if one == "over" else change(story, one))
    found = card_status(call, {Endpoint("101")}, str)
    assert (found.state.value, found.reason.code if found.reason else "") == (state, code)
