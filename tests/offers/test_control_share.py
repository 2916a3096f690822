"""The control share of an offer: customers whom it fits and who are not offered it."""

import pytest

from screenpop.offers.control_share import MOST_PERCENT, is_in_control
from screenpop.offers.offer_errors import OfferError
from screenpop.offers.offer_json import read_offer
from screenpop.offers.suggest import suggest
from screenpop.offers.suggestion import Suggestions
from tests.customers.samples import TODAY, customer, file
from tests.offers.switched_on import switched_on
from tests.offers.test_offer_json import plain

PEOPLE = range(1, 4_001)


def in_control(offer: str, percent: int) -> set[int]:
    return {one for one in PEOPLE if is_in_control(offer, one, percent)}


@pytest.mark.parametrize("percent", [0, 1, 10, 50, 100])
def test_the_share_is_that_of_the_office(percent: int) -> None:
    # Four standard deviations of a fair draw: 4 * sqrt(4000 * 0.5 * 0.5) = 126.
    assert abs(len(in_control("offer:1", percent)) - 40 * percent) <= (126 if percent % 100 else 0)


def test_a_larger_share_holds_the_smaller_and_each_offer_draws_for_itself() -> None:
    small, large, other = (
        in_control("offer:1", 10),
        in_control("offer:1", 30),
        in_control("offer:2", 30),
    )
    assert small < large
    both = len(large & other)
    assert abs(both - 4_000 * 0.09) <= 4 * (4_000 * 0.09 * 0.91) ** 0.5


def test_a_customer_in_the_share_is_not_offered_it_and_the_next_takes_its_place() -> None:
    office = switched_on("birthday", "first_trip", condition=None, control_percent=50)
    held = next(
        one for one in PEOPLE if one in in_control("offer:1", 50) - in_control("offer:2", 50)
    )
    found = suggest(file(customer(held)), TODAY, office)
    assert [one.id for one in found.items] == ["offer:2"]
    assert found.withheld == ("offer:1",)
    others = PEOPLE[-1] + 1
    free = next(
        one
        for one in range(1, others)
        if one not in in_control("offer:1", 50) | in_control("offer:2", 50)
    )
    assert suggest(file(customer(free)), TODAY, office).withheld == ()


def test_an_offer_beyond_the_third_place_is_not_withheld_but_not_suggested() -> None:
    """Only who would have been offered it counts as control."""
    first = switched_on("birthday", "first_trip", "long_silence", condition=None)
    fourth = switched_on(
        *("birthday", "first_trip", "long_silence", "referral"), condition=None, control_percent=50
    )
    held = next(
        one
        for one in PEOPLE
        if is_in_control("offer:4", one, 50)
        and not any(is_in_control(f"offer:{number}", one, 50) for number in (1, 2, 3))
    )
    about = file(customer(held))
    assert suggest(about, TODAY, fourth).withheld == ()
    assert [one.id for one in suggest(about, TODAY, fourth).items] == [
        one.id for one in suggest(about, TODAY, first).items
    ]


def test_all_offers_withheld_leave_a_card_without_a_reason_for_silence() -> None:
    office = switched_on("birthday", condition=None, control_percent=50)
    held = min(in_control("offer:1", 50))
    assert suggest(file(customer(held)), TODAY, office) == Suggestions(withheld=("offer:1",))


@pytest.mark.parametrize("percent", [-1, MOST_PERCENT + 1, 2.5, "10", True])
def test_a_share_that_is_no_percentage_is_refused(percent: object) -> None:
    with pytest.raises(OfferError) as refused:
        read_offer(plain(control_percent=percent))
    assert refused.value.field == "control_percent"
    assert str(MOST_PERCENT) in refused.value.remedy


@pytest.mark.parametrize("percent", [0, 1, MOST_PERCENT])
def test_a_share_up_to_half_is_read(percent: int) -> None:
    assert read_offer(plain(control_percent=percent)).control_percent == percent
