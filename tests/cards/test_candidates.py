"""The customers a card lists when several have the caller's number."""

import pytest

from tests.cards.samples import card
from tests.customers.samples import customer, file, record


@pytest.mark.parametrize(("customers", "listed"), [(7, 7), (8, 8), (9, 8)])
@pytest.mark.parametrize("kind", ["exact", "maybe"])
def test_a_card_lists_the_likeliest_eight_candidates(
    kind: str, customers: int, listed: int
) -> None:
    files = tuple(file(customer(number)) for number in range(1, customers + 1))
    made = card(record(*files) if kind == "exact" else record(maybe=files))
    assert [one.id for one in made.candidates] == list(range(1, listed + 1))


def test_the_number_of_customers_is_counted_beyond_the_candidates_listed() -> None:
    made = card(record(*(file(customer(number)) for number in range(1, 10))))
    assert made.match_reason is not None
    assert made.match_reason.params["count"] == 9
