"""The report "popup before pickup": what counts, why a card was not in time, and the times."""

from dataclasses import replace
from statistics import median_low

import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.reports.popup import (
    BIN_EDGES_S,
    AnsweredCall,
    CardTimes,
    PopupOutcome,
    Share,
    Step,
    popup_outcome,
    summarize_popups,
)

RANG = 1_000_000.0
CARD = CardTimes(
    sent_at=RANG + 0.02, received_at=RANG + 0.05, painted_at=RANG + 0.08, seen_at=RANG + 0.3
)


def answered(**changed: object) -> AnsweredCall:
    usual = AnsweredCall(
        call=1,
        arrived_at=RANG - 1,
        rang_at=RANG,
        answered_at=RANG + 5,
        agent=7,
        queue="sales",
        hour=9,
        browser="Firefox",
        painted_before_pickup=True,
        card=CARD,
    )
    return replace(usual, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changed", "outcome"),
    [
        ({}, PopupOutcome.BEFORE_PICKUP),
        ({"painted_before_pickup": False}, PopupOutcome.LATE),
        (
            {"painted_before_pickup": False, "card": replace(CARD, painted_at=None, seen_at=None)},
            PopupOutcome.NOT_PAINTED,
        ),
        (
            {"painted_before_pickup": False, "card": CardTimes(sent_at=RANG)},
            PopupOutcome.NOT_RECEIVED,
        ),
        ({"painted_before_pickup": False, "card": CardTimes()}, PopupOutcome.NOT_RECEIVED),
        # A painted card without its first receipt was received all the same.
        (
            {"painted_before_pickup": False, "card": CardTimes(painted_at=RANG + 9)},
            PopupOutcome.LATE,
        ),
        ({"painted_before_pickup": False, "card": None}, PopupOutcome.NO_CARD),
        ({"painted_before_pickup": False, "card": None, "agent": None}, PopupOutcome.NO_AGENT),
        # The colleague who answered first had it, though this phone's agent is not known.
        ({"card": None, "agent": None}, PopupOutcome.BEFORE_PICKUP),
    ],
)
def test_a_call_has_the_first_reason_on_the_way_of_its_card(
    changed: dict[str, object], outcome: PopupOutcome
) -> None:
    assert popup_outcome(answered(**changed)) is outcome


def test_no_calls_have_no_share_and_no_times() -> None:
    summary = summarize_popups([])
    assert summary.total.part is None
    assert summary.steps == {}
    assert set(summary.outcomes.values()) == {0}


def test_times_are_counted_from_the_ring_and_never_below_zero() -> None:
    clock_behind = replace(CARD, received_at=RANG - 0.004)
    summary = summarize_popups([answered(card=clock_behind)])
    assert summary.steps[Step.RECEIVED].p50 == 0.0
    assert summary.steps[Step.PAINTED].p50 == pytest.approx(0.08)
    assert summary.steps[Step.ANSWERED].p99 == 5.0


@pytest.mark.parametrize("place", range(len(BIN_EDGES_S)))
def test_a_time_at_an_edge_is_in_the_bin_above_it(place: int) -> None:
    edge = BIN_EDGES_S[place]
    below = summarize_popups([answered(rang_at=0.0, answered_at=edge * 0.999)])
    at = summarize_popups([answered(rang_at=0.0, answered_at=edge)])
    assert below.steps[Step.ANSWERED].bins[place] == 1
    assert at.steps[Step.ANSWERED].bins[place + 1] == 1


@given(
    st.lists(
        st.builds(
            answered,
            agent=st.sampled_from([None, 1, 2]),
            queue=st.sampled_from(["", "sales"]),
            hour=st.integers(0, 23),
            browser=st.sampled_from(["", "Firefox"]),
            painted_before_pickup=st.booleans(),
            answered_at=st.floats(RANG, RANG + 90),
            card=st.sampled_from([None, CARD, CardTimes()]),
        ),
        max_size=40,
    )
)
def test_every_table_of_any_calls_adds_up_to_the_total(calls: list[AnsweredCall]) -> None:
    summary = summarize_popups(calls)
    assert sum(summary.outcomes.values()) == summary.total.answered == len(calls)
    assert summary.outcomes[PopupOutcome.BEFORE_PICKUP] == summary.total.before
    for table in (summary.by_agent, summary.by_queue, summary.by_hour, summary.by_browser):
        shares = table.values()
        assert Share(sum(s.answered for s in shares), sum(s.before for s in shares)) == (
            summary.total
        )
    for one in summary.steps.values():
        assert sum(one.bins) == one.count
        assert one.p50 <= one.p90 <= one.p99
    if calls:
        times = [call.answered_at - call.rang_at for call in calls]
        assert summary.steps[Step.ANSWERED].p50 == median_low(times)
