"""What an offer changes, with its interval: published figures, and a simulated office."""

import numpy as np
import pytest

from screenpop.offers.control_share import is_in_control
from screenpop.offers.lift import Lift, Share, lift_of, wilson


@pytest.mark.parametrize(
    ("offered", "withheld", "difference", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:873-890), Table II, method 10.
        (Share(56, 70), Share(48, 80), 0.2, 0.0524, 0.3339),
        (Share(9, 10), Share(3, 10), 0.6, 0.1705, 0.8090),
        (Share(6, 7), Share(2, 7), 0.5714, 0.0582, 0.8062),
        (Share(5, 56), Share(0, 29), 0.0893, -0.0381, 0.1926),
        (Share(0, 10), Share(0, 20), 0.0, -0.1611, 0.2775),
        (Share(0, 10), Share(0, 10), 0.0, -0.2775, 0.2775),
        (Share(10, 10), Share(0, 20), 1.0, 0.6791, 1.0),
        (Share(10, 10), Share(0, 10), 1.0, 0.6075, 1.0),
    ],
)
def test_the_lift_has_the_interval_that_newcombe_published(
    offered: Share, withheld: Share, difference: float, low: float, high: float
) -> None:
    found = lift_of(offered, withheld)
    assert found is not None
    assert (found.difference, found.low, found.high) == pytest.approx(
        (difference, low, high), abs=5.1e-5
    )


@pytest.mark.parametrize(
    ("share", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17:857-872), Table I, method 3.
        (Share(81, 263), 0.2553, 0.3662),
        (Share(15, 148), 0.0624, 0.1605),
        (Share(0, 20), 0.0, 0.1611),
        (Share(1, 29), 0.0061, 0.1718),
        (Share(0, 0), 0.0, 1.0),
    ],
)
def test_a_share_has_the_interval_that_newcombe_published(
    share: Share, low: float, high: float
) -> None:
    assert wilson(share) == pytest.approx((low, high), abs=5.1e-5)


@pytest.mark.parametrize(
    ("offered", "withheld"), [(Share(0, 0), Share(1, 3)), (Share(1, 3), Share(0, 0))]
)
def test_without_both_groups_there_is_no_lift(offered: Share, withheld: Share) -> None:
    assert lift_of(offered, withheld) is None


@pytest.mark.parametrize(
    ("low", "high", "is_sure"),
    [(0.0, 0.2, False), (0.001, 0.2, True), (-0.2, 0.0, False), (-0.2, -0.001, True)],
)
def test_a_lift_is_sure_where_its_interval_leaves_out_none(
    low: float, high: float, is_sure: bool
) -> None:
    assert Lift(0.0, low, high).is_sure is is_sure


SIMULATED = 1_000
CUSTOMERS = 400


@pytest.mark.parametrize(("withheld", "offered"), [(0.08, 0.15), (0.10, 0.10), (0.30, 0.22)])
def test_the_control_share_measures_a_known_lift_in_its_interval_95_times_of_100(
    withheld: float, offered: float
) -> None:
    """A thousand offers: who is in the control share by the hash, who books by a seeded draw.

    Allowed is four standard deviations of a count of 950 in 1000, sqrt(1000 * .95 * .05) = 6.9.
    """
    rng = np.random.default_rng(20_261_130)
    control = np.array(
        [
            [is_in_control(f"offer:{offer}", customer, 30) for customer in range(CUSTOMERS)]
            for offer in range(SIMULATED)
        ]
    )
    booked = rng.random(control.shape) < np.where(control, withheld, offered)
    sizes = control.sum(axis=1)
    in_control, others = (booked & control).sum(axis=1), (booked & ~control).sum(axis=1)
    within = 0
    for size, without, with_offer in zip(sizes, in_control, others, strict=True):
        lift = lift_of(
            Share(int(with_offer), CUSTOMERS - int(size)), Share(int(without), int(size))
        )
        assert lift is not None
        within += lift.low <= offered - withheld <= lift.high
    assert abs(within - 950) <= 28
