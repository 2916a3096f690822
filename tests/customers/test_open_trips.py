"""An open trip ranks a customer before others with the same number."""

import pytest

from screenpop.customers.match import match_caller
from screenpop.customers.models import TripStatus
from tests.customers.samples import caller, customer, file, record, trip

OPEN = frozenset(TripStatus) - {TripStatus.TRAVELLED, TripStatus.CANCELLED}


@pytest.mark.parametrize("status", TripStatus)
def test_a_trip_that_is_open_ranks_its_customer_first(
    status: TripStatus,
) -> None:
    without, with_trip = file(customer(1)), file(customer(2), trips=(trip(status=status),))
    match = match_caller(caller(), record(without, with_trip))
    is_open = status in OPEN
    assert [one.customer.id for one in match.files] == ([2, 1] if is_open else [1, 2])
    ranks = [reason.code for reason in match.ranks]
    assert ranks == (["open_trip", "no_history"] if is_open else ["no_history", "no_history"])
