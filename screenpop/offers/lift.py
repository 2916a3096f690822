"""What an offer changes: bookings of those who were offered it against those it was withheld from.

The interval is Newcombe's: the difference of two Wilson score intervals, method 10 in R. G.
Newcombe, "Interval estimation for the difference between independent proportions: comparison of
eleven methods", Statistics in Medicine 17 (1998) 873-890. It needs no
large numbers and stays within -1 and 1; the textbook interval is too short for the few bookings of
one offer.
"""

from dataclasses import dataclass

Z_95 = 1.959963984540054
"""The 97.5th percentile of the normal distribution, for intervals of 95 percent."""


@dataclass(frozen=True, slots=True)
class Share:
    """So many of so many customers."""

    booked: int
    customers: int

    @property
    def value(self) -> float | None:
        return self.booked / self.customers if self.customers else None


NO_CUSTOMERS = Share(0, 0)


@dataclass(frozen=True, slots=True)
class Lift:
    """A difference of two shares with its interval of 95 percent; all between -1 and 1."""

    difference: float
    low: float
    high: float

    @property
    def is_sure(self) -> bool:
        """Return whether the interval leaves out that the offer changes nothing."""
        return self.low > 0 or self.high < 0


def wilson(share: Share, z: float = Z_95) -> tuple[float, float]:
    """Return the Wilson score interval of a share; 0 to 1 for no customers.

    E. B. Wilson, "Probable inference, the law of succession, and statistical inference", Journal of
    the American Statistical Association 22 (1927) 209-212.
    """
    booked, number = share.booked, share.customers
    if not number:
        return 0.0, 1.0
    middle = 2 * booked + z * z
    half = z * (z * z + 4 * booked * (1 - booked / number)) ** 0.5
    scale = 2 * (number + z * z)
    return max((middle - half) / scale, 0.0), min((middle + half) / scale, 1.0)


def lift_of(offered: Share, withheld: Share, z: float = Z_95) -> Lift | None:
    """Return how much more of those who were offered it have booked; None without both groups."""
    first, second = offered.value, withheld.value
    if first is None or second is None:
        return None
    (low_1, high_1), (low_2, high_2) = wilson(offered, z), wilson(withheld, z)
    difference = first - second
    return Lift(
        difference,
        difference - ((first - low_1) ** 2 + (high_2 - second) ** 2) ** 0.5,
        difference + ((high_1 - first) ** 2 + (second - low_2) ** 2) ** 0.5,
    )
