"""What an offer gives as a voucher: read from JSON, refused with field, value and remedy."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screenpop.conditions.fields import LARGEST_AMOUNT
from screenpop.loyalty.vouchers import MAX_DAYS, VoucherKind, VoucherTerms, VoucherWorth
from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.voucher_json import (
    DEFAULT_DAYS,
    MAX_GIFT_LENGTH,
    read_voucher,
    write_voucher,
)

EUROS = {"amount": 50, "currency": "EUR"}
amounts = st.integers(1, LARGEST_AMOUNT)
worths = st.one_of(
    st.builds(
        VoucherWorth,
        kind=st.just(VoucherKind.AMOUNT),
        amount=amounts,
        currency=st.sampled_from(["EUR", "IRT"]),
    ),
    st.builds(VoucherWorth, kind=st.just(VoucherKind.PERCENT), percent=st.integers(1, 100)),
    st.builds(
        VoucherWorth,
        kind=st.just(VoucherKind.GIFT),
        gift=st.text("abcαβγآب", min_size=1, max_size=MAX_GIFT_LENGTH),
    ),
)


@settings(max_examples=50)
@given(worths, st.integers(1, MAX_DAYS), st.booleans())
def test_voucher_is_read_as_it_was_written(worth: VoucherWorth, days: int, bound: bool) -> None:
    terms = VoucherTerms(worth=worth, days=days, is_bound=bound)
    assert read_voucher(write_voucher(terms), "") == terms


def test_offer_without_a_voucher_and_one_of_the_first_version_are_read() -> None:
    assert read_voucher(False, "Rome") is None
    assert read_voucher(None, "Rome") is None
    assert write_voucher(None) is False
    assert read_voucher(True, "Rome") == VoucherTerms(
        worth=VoucherWorth(kind=VoucherKind.GIFT, gift="Rome"), days=DEFAULT_DAYS
    )


def test_limits_of_a_voucher_are_read() -> None:
    longest = read_voucher({"kind": "gift", "gift": "g" * MAX_GIFT_LENGTH, "days": MAX_DAYS}, "")
    assert longest is not None
    assert (len(longest.worth.gift), longest.days) == (MAX_GIFT_LENGTH, MAX_DAYS)
    whole = read_voucher({"kind": "percent", "percent": 100, "days": 1}, "")
    assert whole is not None
    assert whole.worth.percent == 100


@pytest.mark.parametrize(
    ("plain", "problem", "field"),
    [
        (1, OfferProblem.VALUE, "voucher"),
        ({"kind": "cash"}, OfferProblem.VALUE, "voucher.kind"),
        ({"kind": "amount"}, OfferProblem.VALUE, "voucher.amount"),
        ({"kind": "amount", "amount": 50}, OfferProblem.VALUE, "voucher.amount"),
        (
            {"kind": "amount", "amount": {"amount": 0, "currency": "EUR"}},
            OfferProblem.VALUE,
            "voucher.amount.amount",
        ),
        (
            {"kind": "amount", "amount": {"amount": 5, "currency": "XXX"}},
            OfferProblem.VALUE,
            "voucher.amount.currency",
        ),
        ({"kind": "amount", "amount": EUROS, "percent": 5}, OfferProblem.FIELD, "voucher.percent"),
        ({"kind": "percent", "percent": 0}, OfferProblem.VALUE, "voucher.percent"),
        ({"kind": "percent", "percent": 101}, OfferProblem.VALUE, "voucher.percent"),
        ({"kind": "percent", "percent": True}, OfferProblem.VALUE, "voucher.percent"),
        ({"kind": "gift", "gift": " "}, OfferProblem.VALUE, "voucher.gift"),
        ({"kind": "gift", "gift": "a\0b"}, OfferProblem.VALUE, "voucher.gift"),
        (
            {"kind": "gift", "gift": "g" * (MAX_GIFT_LENGTH + 1)},
            OfferProblem.VALUE,
            "voucher.gift",
        ),
        ({"kind": "percent", "percent": 5, "days": 0}, OfferProblem.VALUE, "voucher.days"),
        (
            {"kind": "percent", "percent": 5, "days": MAX_DAYS + 1},
            OfferProblem.VALUE,
            "voucher.days",
        ),
        ({"kind": "percent", "percent": 5, "bound": 1}, OfferProblem.VALUE, "voucher.bound"),
    ],
)
def test_voucher_is_refused_with_its_field(plain: Any, problem: OfferProblem, field: str) -> None:
    with pytest.raises(OfferError) as error:
        read_voucher(plain, "Rome")
    assert (error.value.problem, error.value.field) == (problem, field)
