"""Limits of the trace and of commands: each at the limit, and one beside it."""

import pytest

from screenpop.cards.card import CardId
from screenpop.service.identify_caller import Create, _create
from screenpop.service.trace import MOST_STEPS, Trace


@pytest.mark.parametrize(
    ("added", "kept", "last"),
    [
        (199, 199, "held"),
        (200, 200, "held"),
        (201, 201, "more_left_out"),
        (202, 201, "more_left_out"),
    ],
)
def test_a_trace_keeps_two_hundred_steps_and_then_one_that_more_is_left_out(
    added: int, kept: int, last: str
) -> None:
    assert MOST_STEPS == 200
    trace = Trace()
    for number in range(added):
        trace.add(float(number), "held")
    assert (len(trace.steps), trace.steps[-1]["step"]) == (kept, last)


@pytest.mark.parametrize(
    ("given", "family", "is_accepted"),
    [
        ("", "f" * 200, True),
        ("", "f" * 201, False),
        ("g" * 100, "f" * 99, True),
        ("g" * 100, "f" * 100, False),
        ("", "", False),
    ],
)
def test_a_caller_is_named_by_at_most_two_hundred_characters(
    given: str, family: str, is_accepted: bool
) -> None:
    command = _create(CardId("c"), {"given": given, "family": family, "language": "en"})
    assert isinstance(command, Create) is is_accepted
