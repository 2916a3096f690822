"""What a customer has bought, for the rows of work lists."""

from collections.abc import Sequence

from screenpop.customers.models import Trip


def worth_of(past: Sequence[Trip]) -> tuple[int, str]:
    """Return the sum of the prices of own trips in the most used currency, and that currency."""
    sums: dict[str, tuple[int, int]] = {}
    for trip in past:
        if trip.is_own and trip.price:
            count, total = sums.get(trip.currency, (0, 0))
            sums[trip.currency] = (count + 1, total + trip.price)
    if not sums:
        return 0, ""
    currency, (_, total) = max(sums.items(), key=lambda one: (one[1], one[0]))
    return total, currency
