"""The form of an offer: what was typed, as the JSON that ``offers.offer_json`` reads."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from screenpop.common.search_normalization import fold
from screenpop.conditions.json_format import write_condition
from screenpop.conditions.tree import Money, Node
from screenpop.customers.date_input import InvalidDateError, format_date, parse_date
from screenpop.customers.models import LANGUAGES
from screenpop.loyalty.vouchers import VoucherKind, VoucherTerms
from screenpop.offers.calendars import Calendar
from screenpop.offers.offer_json import QUIET_REASONS, VERSION
from screenpop.offers.office_offer import OfferTerms

TIERS = ("silver", "gold", "platinum")
_SEPARATORS = str.maketrans("،;؛\n", ",,,,")
_GROUPING = str.maketrans("", "", ",.٬ '’")


def typed_offer(form: Mapping[str, str], condition: Node | None, today: date) -> dict[str, Any]:
    """Return the offer of a form as JSON; what cannot be read stays text, and is refused later."""
    currency = form.get("currency", "")
    return {
        "version": VERSION,
        "offer": {
            "name": form.get("name", ""),
            "words": {language: form.get(f"words.{language}", "") for language in LANGUAGES},
            "condition": None if condition is None else write_condition(condition),
            "starts": _day(form.get("starts", ""), today),
            "ends": _day(form.get("ends", ""), today),
            "periods": _periods(form, today),
            "lines": _listed(form.get("lines", "")),
            "queues": _listed(form.get("queues", "")),
            "branches": [
                int(branch)
                for name in form
                if (branch := name.removeprefix("branch.")) != name
                and branch.isascii()
                and branch.isdecimal()
            ],
            "product": form.get("product", ""),
            "price": _money(form.get("price", ""), currency),
            "tier_prices": {
                tier: money
                for tier in TIERS
                if (money := _money(form.get(f"price.{tier}", ""), currency)) is not None
            },
            "places": _number(form.get("places", "")),
            "margin": _money(form.get("margin", ""), currency),
            "voucher": _voucher(form, currency),
            "limit": _number(form.get("limit", "")),
            "control_percent": _number(form.get("control_percent", "")),
            "quiet_days": {
                reason: number
                for reason in QUIET_REASONS
                if (number := _number(form.get(f"quiet.{reason}", ""))) is not None
            },
        },
    }


def form_of(terms: OfferTerms, language: str) -> dict[str, str]:
    """Return an offer as a form shows it. Only the first period has a place in it."""
    price, margin, voucher = terms.price, terms.margin, terms.voucher
    currencies = [one.currency for one in (price, margin) if one is not None]
    if voucher is not None and voucher.worth.currency:
        currencies.append(voucher.worth.currency)
    form = {
        "name": terms.name,
        **{f"words.{one}": terms.words.get(one, "") for one in LANGUAGES},
        "starts": format_date(terms.starts, language),
        "ends": format_date(terms.ends, language),
        "lines": ", ".join(terms.lines),
        "queues": ", ".join(terms.queues),
        **{f"branch.{one}": "on" for one in terms.branches},
        "product": terms.product,
        "price": _amount(price),
        **{f"price.{tier}": _amount(terms.tier_prices.get(tier)) for tier in TIERS},
        "currency": next(iter(currencies), ""),
        "places": _text(terms.places),
        "margin": _amount(margin),
        **_voucher_fields(terms.voucher),
        "limit": _text(terms.limit),
        "control_percent": _text(terms.control_percent or None),
        **{f"quiet.{reason}": _text(terms.quiet_days.get(reason)) for reason in QUIET_REASONS},
    }
    for period in terms.periods[:1]:
        form |= {
            "calendar": period.calendar.value,
            "before": _text(period.before),
            "after": _text(period.after),
            "first": format_date(period.first, language),
            "last": format_date(period.last, language),
        }
    return form


def _periods(form: Mapping[str, str], today: date) -> list[dict[str, Any]]:
    calendar = form.get("calendar", "")
    if not calendar:
        return []
    if calendar == Calendar.OWN:
        first, last = (_day(form.get(name, ""), today) for name in ("first", "last"))
        return [{"calendar": calendar, "first": first, "last": last}]
    before, after = (_number(form.get(name, "")) or 0 for name in ("before", "after"))
    return [{"calendar": calendar, "before": before, "after": after}]


def _voucher(form: Mapping[str, str], currency: str) -> dict[str, Any] | bool:
    kind = form.get("voucher.kind", "")
    if not kind:
        return False
    voucher: dict[str, Any] = {"kind": kind, "bound": "voucher.bound" in form}
    amount = _money(form.get("voucher.amount", ""), currency)
    if kind == VoucherKind.AMOUNT or (kind == VoucherKind.GIFT and amount is not None):
        voucher["amount"] = amount
    if kind == VoucherKind.PERCENT:
        voucher["percent"] = _number(form.get("voucher.percent", ""))
    if kind == VoucherKind.GIFT:
        voucher["gift"] = form.get("voucher.gift", "")
    days = _number(form.get("voucher.days", ""))
    return voucher if days is None else voucher | {"days": days}


def _voucher_fields(voucher: VoucherTerms | None) -> dict[str, str]:
    if voucher is None:
        return {"voucher.bound": "on"}
    worth = voucher.worth
    return {
        "voucher.kind": worth.kind.value,
        "voucher.amount": _text(worth.amount or None),
        "voucher.percent": _text(worth.percent or None),
        "voucher.gift": worth.gift,
        "voucher.days": _text(voucher.days),
        **({"voucher.bound": "on"} if voucher.is_bound else {}),
    }


def _day(text: str, today: date) -> str | None:
    try:
        day = parse_date(text, today)
    except InvalidDateError:
        return text
    return None if day is None else day.isoformat()


def _listed(text: str) -> list[str]:
    parts = text.translate(_SEPARATORS).split(",")
    return [part.strip() for part in parts if part.strip()]


def _money(text: str, currency: str) -> dict[str, Any] | None:
    amount = _number(text)
    return None if amount is None else {"amount": amount, "currency": currency}


def _number(text: str) -> int | str | None:
    """Return a number in any digits; None for an empty text, other text as it is."""
    plain = fold(text).translate(_GROUPING)
    if not plain:
        return None
    return int(plain) if plain.lstrip("-").isdecimal() and len(plain) <= 20 else text


def _amount(money: Money | None) -> str:
    return "" if money is None else str(money.amount)


def _text(number: int | None) -> str:
    return "" if number is None else str(number)
