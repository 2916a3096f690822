"""A call as lanes of spans, from the log and from a trace."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.calls.call_drawing import (
    Drawing,
    DrawnLeg,
    Span,
    SpanKind,
    draw_call,
    legs_from_trace,
)

WAITING, RINGING, TALKING, HELD = SpanKind


def drawn(
    *legs: DrawnLeg,
    trace: tuple[dict[str, object], ...] = (),
    transfers: tuple[tuple[str, float], ...] = (),
    answered_at: float | None = None,
    ended_at: float | None = 100.0,
) -> Drawing:
    return draw_call(
        arrived_at=0.0,
        answered_at=answered_at,
        ended_at=ended_at,
        now=60.0,
        legs=legs,
        transfers=transfers,
        trace=trace,
    )


def test_the_caller_waits_until_the_answer_and_each_phone_has_its_own_lane() -> None:
    found = drawn(
        DrawnLeg("101", "Maryam", 5.0, None, 20.0, "no_answer"),
        DrawnLeg("102", "Eleni", 5.0, 20.0, 100.0, "answered"),
        transfers=(("102", 80.0), ("999", 81.0)),
        answered_at=20.0,
    )
    caller, maryam, eleni = found.lanes
    assert caller.spans == (Span(WAITING, 0.0, 20.0), Span(TALKING, 20.0, 100.0))
    assert maryam.spans == (Span(RINGING, 5.0, 20.0),)
    assert eleni.spans == (Span(RINGING, 5.0, 20.0), Span(TALKING, 20.0, 100.0))
    assert (maryam.transfers, eleni.transfers) == ((), (80.0,))
    assert (caller.hung_up_at, maryam.hung_up_at) == (100.0, 20.0)


def test_holds_of_a_phone_are_spans_of_its_lane_also_one_that_never_ends() -> None:
    steps = (
        {"step": "held", "endpoint": "101", "at": 30.0},
        {"step": "held", "endpoint": "101", "at": 31.0},
        {"step": "resumed", "endpoint": "101", "at": 40.0},
        {"step": "held", "endpoint": "101", "at": 90.0},
        {"step": "resumed", "endpoint": "102", "at": 91.0},
    )
    _, lane = drawn(DrawnLeg("101", "", 0.0, 10.0, 100.0, "answered"), trace=steps).lanes
    assert lane.spans == (
        Span(RINGING, 0.0, 10.0),
        Span(TALKING, 10.0, 30.0),
        Span(HELD, 30.0, 40.0),
        Span(TALKING, 40.0, 90.0),
        Span(HELD, 90.0, 100.0),
    )


def test_a_call_in_progress_is_drawn_until_now_from_its_trace() -> None:
    steps: tuple[dict[str, object], ...] = (
        {"step": "dialled", "endpoint": "101", "agent": "Maryam", "queue": "sales", "at": 5.0},
        {"step": "stopped", "endpoint": "101", "reason": "no_answer", "at": 15.0},
        {"step": "dialled", "endpoint": "102", "agent": "Eleni", "at": 16.0},
        {"step": "answered", "endpoint": "102", "at": 20.0},
        {"step": "answered", "endpoint": "999", "at": 20.0},
        {"step": "dialled", "endpoint": "103", "at": "broken"},
    )
    legs = legs_from_trace(steps)
    assert [(leg.endpoint, leg.outcome) for leg in legs] == [
        ("103", "ringing"),
        ("101", "no_answer"),
        ("102", "talking"),
    ]
    found = drawn(*legs[1:], trace=steps, ended_at=None)
    assert found.ended_at == 60.0
    assert [lane.hung_up_at for lane in found.lanes] == [None, 15.0, None]
    assert found.lanes[2].spans == (Span(RINGING, 16.0, 20.0), Span(TALKING, 20.0, 60.0))
    ended = legs_from_trace((*steps, {"step": "left", "endpoint": "102", "at": 30.0}))
    assert ended[-1].ended_at == 30.0
    over = legs_from_trace((*steps, {"step": "ended", "at": 31.0}))
    assert {leg.outcome for leg in over} == {"no_answer", "answered"}


TIMES = st.floats(-1e6, 1e6, allow_nan=False)
LEGS = st.builds(
    DrawnLeg,
    st.sampled_from("ab"),
    st.just(""),
    TIMES,
    st.none() | TIMES,
    st.none() | TIMES,
    st.just("answered"),
)
STEPS = st.fixed_dictionaries(
    {
        "step": st.sampled_from(["held", "resumed", "left", "ended", "dialled", "answered", "x"]),
        "endpoint": st.sampled_from("ab"),
        "at": TIMES | st.none(),
    }
)


@given(st.lists(LEGS, max_size=5), st.lists(STEPS, max_size=12), st.none() | TIMES)
def test_no_span_is_outside_the_call_or_empty_whatever_the_times_are(
    legs: list[DrawnLeg], steps: list[dict[str, object]], ended_at: float | None
) -> None:
    found = drawn(*legs, *legs_from_trace(steps), trace=tuple(steps), ended_at=ended_at)
    for lane in found.lanes:
        for span in lane.spans:
            assert found.begun_at <= span.begun_at < span.ended_at <= found.ended_at
