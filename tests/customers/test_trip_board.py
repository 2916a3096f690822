"""Which items of a trip's checklist are done, and what makes a trip stuck."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from screenpop.customers.models import TripStatus, VisaState
from screenpop.customers.trip_board import (
    BoardRules,
    BoardTrip,
    CheckItem,
    StuckReason,
    done_items,
    stuck_reasons,
)

TODAY = date(2026, 11, 29)
RULES = BoardRules({TripStatus.ASKED: 3}, near_days=7)
TRIP = BoardTrip(
    status=TripStatus.BOOKED,
    departs=TODAY + timedelta(days=20),
    returns=TODAY + timedelta(days=27),
    visa=VisaState.PENDING,
    due_cents=100,
    passport_until=None,
)
DONE = replace(
    TRIP,
    visa=VisaState.ISSUED,
    due_cents=0,
    ticked=frozenset({CheckItem.PASSPORT, CheckItem.SEATS, CheckItem.VOUCHER}),
)


def reasons(trip: BoardTrip, *, with_balance: bool = True) -> tuple[StuckReason, ...]:
    return stuck_reasons(trip, RULES, TODAY, with_balance=with_balance)


@pytest.mark.parametrize(
    ("trip", "done"),
    [
        (TRIP, set()),
        (replace(TRIP, visa=VisaState.NOT_NEEDED), {"visa"}),
        (replace(TRIP, visa=VisaState.ISSUED), {"visa"}),
        (replace(TRIP, visa=VisaState.REFUSED), set()),
        (replace(TRIP, due_cents=1), set()),
        (replace(TRIP, due_cents=0), {"balance"}),
        (replace(TRIP, passport_until=TODAY + timedelta(days=26)), set()),
        (replace(TRIP, passport_until=TODAY + timedelta(days=27)), {"passport"}),
        (replace(TRIP, departs=None, returns=None, passport_until=TODAY), set()),
        # A visa and a balance are never ticked by hand.
        (replace(TRIP, ticked=frozenset({CheckItem.VISA, CheckItem.BALANCE})), set()),
        (DONE, {*CheckItem}),
    ],
)
def test_an_item_is_done_when_it_is_ticked_or_follows_from_the_file(
    trip: BoardTrip, done: set[str]
) -> None:
    assert done_items(trip) == done


@pytest.mark.parametrize(("days", "stuck"), [(3, False), (4, True)])
def test_a_trip_is_stuck_after_its_days_in_a_state(days: int, *, stuck: bool) -> None:
    asked = replace(TRIP, status=TripStatus.ASKED, since=TODAY - timedelta(days=days))
    assert (StuckReason.DAYS_IN_STATE in reasons(asked)) is stuck
    assert reasons(replace(asked, status=TripStatus.BOOKED)) == ()
    assert reasons(replace(asked, since=None)) == ()


@pytest.mark.parametrize(("days", "stuck"), [(8, False), (7, True), (0, True)])
def test_an_open_item_near_the_departure_makes_a_trip_stuck(days: int, *, stuck: bool) -> None:
    near = replace(TRIP, departs=TODAY + timedelta(days=days))
    assert (StuckReason.NEAR_DEPARTURE in reasons(near)) is stuck
    ready = replace(DONE, departs=near.departs)
    assert reasons(ready) == ()
    unpaid = replace(ready, due_cents=1)
    assert (StuckReason.NEAR_DEPARTURE in reasons(unpaid)) is stuck
    assert reasons(unpaid, with_balance=False) == ()


def test_a_trip_whose_days_are_over_is_stuck_until_it_is_moved() -> None:
    yesterday = TODAY - timedelta(days=1)
    assert reasons(replace(DONE, departs=yesterday)) == (StuckReason.DEPARTED,)
    travelling = replace(DONE, status=TripStatus.TRAVELLING, departs=yesterday)
    assert reasons(travelling) == ()
    assert reasons(replace(travelling, returns=TODAY)) == ()
    assert reasons(replace(travelling, returns=yesterday)) == (StuckReason.RETURNED,)
    assert reasons(replace(travelling, status=TripStatus.TRAVELLED, returns=yesterday)) == ()
