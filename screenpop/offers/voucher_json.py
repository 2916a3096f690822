"""What an offer gives as a voucher, as JSON.

``{"kind": "amount", "amount": {"amount": 50, "currency": "EUR"}, "days": 365, "bound": true}``;
``"percent": 10`` and ``"gift": "…"`` with the other kinds; false for none.
"""

from collections.abc import Mapping
from typing import Any

from screenpop.conditions.fields import LARGEST_AMOUNT
from screenpop.customers.models import CURRENCIES
from screenpop.loyalty.vouchers import MAX_DAYS, VoucherKind, VoucherTerms, VoucherWorth
from screenpop.offers.offer_errors import OfferError, OfferProblem

DEFAULT_DAYS = 365
MAX_GIFT_LENGTH = 80
_FIELDS = {
    VoucherKind.AMOUNT: {"amount"},
    VoucherKind.PERCENT: {"percent"},
    VoucherKind.GIFT: {"gift", "amount"},
}


def read_voucher(plain: object, gift: str) -> VoucherTerms | None:
    """Return the terms; None for no voucher. Raises ``OfferError``.

    ``gift``: what ``true`` means, which offers of the first version have.
    """
    if plain is None or plain is False:
        return None
    if plain is True:
        worth = VoucherWorth(kind=VoucherKind.GIFT, gift=gift)
        return VoucherTerms(worth=worth, days=DEFAULT_DAYS)
    if not isinstance(plain, Mapping):
        raise _wrong("voucher", 'write false or {"kind": "percent", "percent": 10}', plain)
    kinds = [one.value for one in VoucherKind]
    if plain.get("kind") not in kinds:
        raise _wrong("voucher.kind", f"use one of {', '.join(kinds)}", plain.get("kind"))
    kind = VoucherKind(plain["kind"])
    wanted = _FIELDS[kind] | {"kind", "days", "bound"}
    unknown = sorted(str(name) for name in plain if name not in wanted)
    if unknown:
        remedy = f"a voucher of this kind has {', '.join(sorted(wanted))}"
        raise OfferError(OfferProblem.FIELD, f"voucher.{unknown[0]}", remedy, plain[unknown[0]])
    bound = plain.get("bound", True)
    if type(bound) is not bool:
        raise _wrong("voucher.bound", "write true or false", bound)
    days = _number(plain.get("days", DEFAULT_DAYS), "voucher.days", MAX_DAYS)
    return VoucherTerms(worth=_worth(kind, plain), days=days, is_bound=bound)


def write_voucher(terms: VoucherTerms | None) -> dict[str, Any] | bool:
    """Return the JSON value, as ``read_voucher`` reads it."""
    if terms is None:
        return False
    worth = terms.worth
    plain: dict[str, Any] = {"kind": worth.kind.value}
    if worth.amount:
        plain["amount"] = {"amount": worth.amount, "currency": worth.currency}
    if worth.kind is VoucherKind.PERCENT:
        plain["percent"] = worth.percent
    if worth.kind is VoucherKind.GIFT:
        plain["gift"] = worth.gift
    return plain | {"days": terms.days, "bound": terms.is_bound}


def _worth(kind: VoucherKind, plain: Mapping[str, Any]) -> VoucherWorth:
    if kind is VoucherKind.PERCENT:
        return VoucherWorth(
            kind=kind, percent=_number(plain.get("percent"), "voucher.percent", 100)
        )
    given = plain.get("amount")
    if kind is VoucherKind.GIFT:
        gift = plain.get("gift")
        if not isinstance(gift, str) or not gift.strip() or not gift.isprintable():
            raise _wrong("voucher.gift", "write what is given", gift)
        gift = " ".join(gift.split())
        if len(gift) > MAX_GIFT_LENGTH:
            raise _wrong("voucher.gift", f"write at most {MAX_GIFT_LENGTH} characters", gift)
        if given is None:
            return VoucherWorth(kind=kind, gift=gift)
        amount, currency = _money(given)
        return VoucherWorth(kind=kind, gift=gift, amount=amount, currency=currency)
    amount, currency = _money(given)
    return VoucherWorth(kind=kind, amount=amount, currency=currency)


def _money(plain: object) -> tuple[int, str]:
    if not isinstance(plain, Mapping) or set(plain) != {"amount", "currency"}:
        raise _wrong("voucher.amount", 'write {"amount": 50, "currency": "EUR"}', plain)
    if plain["currency"] not in CURRENCIES:
        remedy = f"use a currency of {', '.join(CURRENCIES)}"
        raise _wrong("voucher.amount.currency", remedy, plain["currency"])
    return _number(plain["amount"], "voucher.amount.amount", LARGEST_AMOUNT), plain["currency"]


def _number(plain: object, field: str, most: int) -> int:
    if type(plain) is not int or not 1 <= plain <= most:
        raise _wrong(field, f"write a whole number from 1 to {most}", plain)
    return plain


def _wrong(field: str, remedy: str, value: object) -> OfferError:
    return OfferError(OfferProblem.VALUE, field, remedy, value)
