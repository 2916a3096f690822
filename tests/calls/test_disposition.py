"""How a call ended, from how its legs ended."""

from typing import Any

import pytest

from screenpop.calls.disposition import disposition_of
from screenpop.calls.events import Direction, Disposition, StopReason


def of(direction: Direction = Direction.INBOUND, **more: Any) -> Disposition:
    facts: dict[str, Any] = {
        "answered": False,
        "lost": False,
        "reasons": (),
        "caller_gave_up": False,
        "refused": False,
        "busy_played": False,
        "waited": False,
        "was_up": False,
    }
    return disposition_of(direction, **{**facts, **more})


def test_one_answer_outweighs_every_refusal() -> None:
    assert of(answered=True, reasons=list(StopReason)) is Disposition.ANSWERED


def test_a_caller_from_outside_giving_up_abandons() -> None:
    assert of(caller_gave_up=True, reasons=[StopReason.CANCELLED]) is Disposition.ABANDONED


@pytest.mark.parametrize("direction", [Direction.OUTBOUND, Direction.INTERNAL])
def test_an_agent_hanging_up_while_dialling_reached_no_answer(direction: Direction) -> None:
    caller_abandoned = of(direction, caller_gave_up=True, reasons=[StopReason.CANCELLED])
    assert caller_abandoned is Disposition.NO_ANSWER


@pytest.mark.parametrize(
    ("reasons", "expected"),
    [
        ([StopReason.NO_ANSWER, StopReason.BUSY], Disposition.NO_ANSWER),
        ([StopReason.BUSY, StopReason.UNREACHABLE], Disposition.BUSY),
        ([StopReason.DECLINED], Disposition.NO_ANSWER),
        ([StopReason.UNREACHABLE], Disposition.NO_ANSWER),
    ],
)
def test_the_strongest_reason_speaks_for_the_call(
    reasons: list[StopReason], expected: Disposition
) -> None:
    assert of(reasons=reasons) is expected


def test_what_could_not_be_dialled_failed() -> None:
    assert of(reasons=[StopReason.UNREACHABLE], refused=True) is Disposition.FAILED
    assert of() is Disposition.FAILED


def test_a_call_that_died_with_its_pbx_failed() -> None:
    assert of(lost=True, reasons=[StopReason.NO_ANSWER]) is Disposition.FAILED


def test_a_colleague_reaching_a_mailbox_was_answered() -> None:
    assert of(Direction.INTERNAL, was_up=True) is Disposition.ANSWERED
