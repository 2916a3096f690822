"""Points of trips: what is earned, spent first and expires; the balance is the sum."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.loyalty.points import (
    MOST_POINTS,
    PointEntry,
    PointKind,
    PointRules,
    balance_of,
    expired_lots,
    lots_of,
    next_to_expire,
)
from screenpop.loyalty.tiers import PaidTrip

TODAY = date(2026, 2, 27)
TRIP = PaidTrip(TODAY, 1_250, "EUR")


def entry(
    number: int, points: int, kind: PointKind = PointKind.EARNED, expires: date | None = None
) -> PointEntry:
    return PointEntry(id=number, kind=kind, points=points, day=TODAY, expires=expires)


@pytest.mark.parametrize(
    ("rules", "is_first", "points"),
    [
        (PointRules(per_trip=1), True, 1),
        (PointRules(per_trip=1), False, 0),
        (PointRules(per_amount=5, amount=100, currency="EUR"), True, 60),
        (PointRules(per_trip=1, per_amount=5, amount=100, currency="EUR"), False, 60),
        (PointRules(per_amount=5, amount=100, currency="IRT"), True, 0),
        (PointRules(per_amount=1, amount=1_250, currency="EUR"), True, 1),
        (PointRules(per_amount=1, amount=1_251, currency="EUR"), True, 0),
        (PointRules(per_trip=1, since=TODAY), True, 1),
        (PointRules(per_trip=1, since=TODAY + timedelta(1)), True, 0),
        (PointRules(per_trip=MOST_POINTS + 1), True, MOST_POINTS),
        (PointRules(), True, 0),
    ],
)
def test_trip_earns_by_the_rules(rules: PointRules, is_first: bool, points: int) -> None:
    assert rules.earned_by(TRIP, is_first_part=is_first) == points
    assert rules.is_used == bool(rules.per_trip or rules.per_amount)


def test_points_end_after_their_months() -> None:
    assert PointRules(months=12).last_day(date(2024, 2, 29)) == date(2025, 2, 28)
    assert PointRules().last_day(TODAY) is None


def test_points_that_end_first_are_spent_first_and_expire_after_their_last_day() -> None:
    soon, later = TODAY + timedelta(5), TODAY + timedelta(50)
    entries = [
        entry(1, 10, expires=later),
        entry(2, 10, expires=soon),
        entry(3, 10),
        entry(4, -12, PointKind.SPENT),
    ]
    assert [(lot.entry, lot.left) for lot in lots_of(entries)] == [(2, 0), (1, 8), (3, 10)]
    ending = next_to_expire(entries, TODAY)
    assert ending is not None
    assert (ending.left, ending.expires) == (8, later)
    assert next_to_expire(entries, later) == ending
    assert next_to_expire(entries, later + timedelta(1)) is None
    assert expired_lots(entries, later) == []
    [gone] = expired_lots(entries, later + timedelta(1))
    assert (gone.entry, gone.left) == (1, 8)


moves = st.lists(
    st.tuples(
        st.sampled_from(["earn", "spend", "correct", "take_back", "expire"]),
        st.integers(1, 50),
        st.integers(0, 60),
    ),
    max_size=25,
)


@settings(max_examples=50)
@given(moves)
def test_ledger_never_disagrees_and_nothing_expires_twice(
    steps: list[tuple[str, int, int]],
) -> None:
    entries: list[PointEntry] = []
    for number, (what, points, days) in enumerate(steps, 1):
        day, expires = TODAY + timedelta(days), TODAY + timedelta(days)
        balance = balance_of(entries)
        match what:
            case "earn":
                entries.append(entry(number, points, expires=expires if days % 3 else None))
            case "spend" if balance >= points:
                entries.append(entry(number, -points, PointKind.SPENT))
            case "correct":
                entries.append(entry(number, points if days % 2 else -points, PointKind.CORRECTED))
            case "take_back":
                entries.append(entry(number, -points, PointKind.TAKEN_BACK))
            case "expire":
                for place, lot in enumerate(expired_lots(entries, day)):
                    entries.append(
                        PointEntry(
                            id=number * 1000 + place,
                            kind=PointKind.EXPIRED,
                            points=-lot.left,
                            day=day,
                            of_entry=lot.entry,
                        )
                    )
                assert expired_lots(entries, day) == []
            case _:
                pass
        left = sum(lot.left for lot in lots_of(entries))
        assert all(lot.left >= 0 for lot in lots_of(entries))
        assert left == max(balance_of(entries), 0)
