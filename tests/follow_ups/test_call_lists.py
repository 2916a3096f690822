"""Call lists: their size, and which of their customers are still to be called."""

from datetime import date, timedelta

import pytest

from screenpop.follow_ups.call_lists import (
    MAX_CALL_LIST,
    CallListEntry,
    CallListProblem,
    CallListRefusedError,
    check_size,
    still_to_call,
)

MADE = date(2026, 11, 20)


def test_a_list_of_2000_customers_is_made_and_one_more_is_refused() -> None:
    check_size(1)
    check_size(MAX_CALL_LIST)
    for customers, problem in ((0, "empty"), (MAX_CALL_LIST + 1, "too_many")):
        with pytest.raises(CallListRefusedError) as refused:
            check_size(customers)
        assert refused.value.problem is CallListProblem(problem)


def test_a_customer_talked_to_on_the_day_of_the_list_or_later_is_not_called_for_it() -> None:
    entries = (CallListEntry(4, "Gold", MADE), CallListEntry(5, "Greece", MADE + timedelta(1)))
    both = [("call_list:4", 0, {"segment": "Gold"}), ("call_list:5", 0, {"segment": "Greece"})]
    assert still_to_call(entries, None) == both
    assert still_to_call(entries, MADE - timedelta(1)) == both
    assert still_to_call(entries, MADE) == both[1:]
    assert still_to_call(entries, MADE + timedelta(1)) == []
