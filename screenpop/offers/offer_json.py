"""Offers as JSON: ``{"version": 1, "offer": {"name": …, "words": {"en": …}, …}}``.

Fields that are missing have their defaults; ``condition`` is as ``conditions.json_format`` writes
it, or null for all customers.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Any

from screenpop.conditions.errors import ConditionError
from screenpop.conditions.fields import LARGEST_AMOUNT
from screenpop.conditions.json_format import read_condition, write_condition
from screenpop.conditions.tree import Money, Node
from screenpop.customers.branches import MAX_BRANCHES
from screenpop.customers.models import CURRENCIES, LANGUAGES, Tier
from screenpop.offers.calendars import Calendar
from screenpop.offers.control_share import MOST_PERCENT
from screenpop.offers.offer_errors import OfferError, OfferProblem
from screenpop.offers.offer_words import check_words
from screenpop.offers.office_offer import OfferTerms, Period
from screenpop.offers.quiet import QUIET_DAYS
from screenpop.offers.school_holidays import SchoolHolidays
from screenpop.offers.voucher_json import read_voucher, write_voucher

VERSION = 1
MAX_NAME_LENGTH = 80
MAX_LINES = 50
MAX_PERIODS = 10
MAX_PERIOD_DAYS = 180
MOST_PLACES = 1_000_000
MOST_TIMES = 1_000
MOST_QUIET_DAYS = 3_650
_FIRST_YEAR, _LAST_YEAR = 2000, 2200
_LARGEST_ID = 2**63 - 1
_FIELDS = (
    *("name", "words", "condition", "starts", "ends", "periods", "lines", "queues"),
    *("branches", "product"),
    *("price", "tier_prices", "places", "margin", "voucher", "limit", "control_percent"),
    "quiet_days",
)
QUIET_REASONS = tuple(reason for reason in QUIET_DAYS if reason)
Plain = Mapping[str, Any]


def read_offer(
    plain: object,
    languages: Collection[str] = LANGUAGES,
    holidays: Sequence[SchoolHolidays] | None = None,
) -> OfferTerms:
    """Return the terms of a JSON value; words are needed in ``languages``. Raises ``OfferError``.

    Nothing of it is used when one field is refused. ``holidays``: those that the office has
    stated; None: not known here, and an offer that runs around them is not checked for its days.
    """
    if not isinstance(plain, Mapping) or set(plain) != {"version", "offer"}:
        raise OfferError(
            OfferProblem.SHAPE, "offer", 'write {"version": 1, "offer": {…}} and nothing else'
        )
    if type(plain["version"]) is not int or plain["version"] != VERSION:
        remedy = f"this program reads version {VERSION}"
        raise OfferError(OfferProblem.VERSION, "version", remedy, plain["version"])
    given = plain["offer"]
    if not isinstance(given, Mapping):
        raise OfferError(OfferProblem.SHAPE, "offer", "write an object with the fields", given)
    unknown = [str(name) for name in given if name not in _FIELDS]
    if unknown:
        remedy = f"use known fields only: {', '.join(_FIELDS)}"
        raise OfferError(OfferProblem.FIELD, unknown[0], remedy, given[unknown[0]])
    name, product = _name(given), _text(given.get("product", ""), "product")
    terms = OfferTerms(
        name=name,
        words=_words(given.get("words")),
        condition=_condition(given.get("condition")),
        starts=_day(given.get("starts"), "starts"),
        ends=_day(given.get("ends"), "ends"),
        periods=_periods(given.get("periods", [])),
        lines=_texts(given.get("lines", []), "lines"),
        queues=_texts(given.get("queues", []), "queues"),
        branches=_branches(given.get("branches", [])),
        product=product,
        price=_money(given.get("price"), "price"),
        tier_prices=_tier_prices(given.get("tier_prices", {})),
        places=_number(given.get("places"), "places", 0, MOST_PLACES),
        margin=_money(given.get("margin"), "margin", least=-LARGEST_AMOUNT),
        voucher=read_voucher(given.get("voucher", False), product or name),
        limit=_number(given.get("limit", 1), "limit", 1, MOST_TIMES),
        control_percent=_number(given.get("control_percent"), "control_percent", 0, MOST_PERCENT)
        or 0,
        quiet_days=_quiet_days(given.get("quiet_days", {})),
    )
    _check_days(terms, holidays)
    check_words(terms, languages)
    return terms


def write_offer(terms: OfferTerms) -> dict[str, Any]:
    """Return the JSON value of an offer, as ``read_offer`` reads it."""
    condition = terms.condition
    return {
        "version": VERSION,
        "offer": {
            "name": terms.name,
            "words": dict(terms.words),
            "condition": None if condition is None else write_condition(condition),
            "starts": _iso(terms.starts),
            "ends": _iso(terms.ends),
            "periods": [_write_period(one) for one in terms.periods],
            "lines": list(terms.lines),
            "queues": list(terms.queues),
            "branches": list(terms.branches),
            "product": terms.product,
            "price": _write_money(terms.price),
            "tier_prices": {tier: _write_money(one) for tier, one in terms.tier_prices.items()},
            "places": terms.places,
            "margin": _write_money(terms.margin),
            "voucher": write_voucher(terms.voucher),
            "limit": terms.limit,
            "control_percent": terms.control_percent,
            "quiet_days": {
                reason: terms.quiet_days.get(reason, QUIET_DAYS[reason]) for reason in QUIET_REASONS
            },
        },
    }


def _write_period(period: Period) -> dict[str, Any]:
    if period.calendar is Calendar.OWN:
        return {
            "calendar": period.calendar.value,
            "first": _iso(period.first),
            "last": _iso(period.last),
        }
    return {
        "calendar": period.calendar.value,
        "before": period.before,
        "after": period.after,
    }


def _write_money(money: Money | None) -> dict[str, Any] | None:
    return None if money is None else {"amount": money.amount, "currency": money.currency}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _wrong(field: str, remedy: str, value: object) -> OfferError:
    return OfferError(OfferProblem.VALUE, field, remedy, value)


def _name(given: Plain) -> str:
    name = _text(given.get("name", ""), "name")
    if not name:
        raise OfferError(OfferProblem.MISSING, "name", "give the offer a name")
    return name


def _words(plain: object) -> Mapping[str, str]:
    if not isinstance(plain, Mapping):
        remedy = 'write the words of each language, as {"en": "…"}'
        raise OfferError(OfferProblem.WORDS, "words", remedy, plain)
    for language in plain:
        if language not in LANGUAGES:
            remedy = f"use the languages {', '.join(LANGUAGES)}"
            raise OfferError(OfferProblem.WORDS, "words", remedy, language)
    # In the order of the languages, whatever the order of the request.
    return {
        language: _sentence(plain[language], f"words.{language}")
        for language in LANGUAGES
        if plain.get(language)
    }


def _sentence(plain: object, field: str) -> str:
    if not isinstance(plain, str) or not _is_storable(plain):
        raise OfferError(OfferProblem.WORDS, field, "write a text", plain)
    return " ".join(plain.split())


def _condition(plain: object) -> Node | None:
    if plain is None:
        return None
    try:
        return read_condition(plain)
    except ConditionError as error:
        where = f"{error.at} ({error.field})" if error.field else error.at
        raise OfferError(
            OfferProblem.CONDITION, where, error.remedy, written=error.value
        ) from error


def _day(plain: object, field: str) -> date | None:
    if plain in (None, ""):
        return None
    try:
        day = date.fromisoformat(plain) if isinstance(plain, str) and len(plain) == 10 else None
    except ValueError:
        day = None
    if day is None or not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise _wrong(field, f"write a day from {_FIRST_YEAR} to {_LAST_YEAR} as 2026-03-21", plain)
    return day


def _periods(plain: object) -> tuple[Period, ...]:
    if not isinstance(plain, list) or len(plain) > MAX_PERIODS:
        raise _wrong("periods", f"write a list of at most {MAX_PERIODS} periods", plain)
    return tuple(_period(one, f"periods[{number}]") for number, one in enumerate(plain))


def _period(plain: object, at: str) -> Period:
    known = [one.value for one in Calendar]
    calendar = plain.get("calendar") if isinstance(plain, Mapping) else plain
    if not isinstance(plain, Mapping) or calendar not in known:
        raise _wrong(f"{at}.calendar", f"use one of {', '.join(known)}", calendar)
    wanted = {"first", "last"} if calendar == Calendar.OWN else {"before", "after"}
    unknown = set(map(str, plain)) - wanted - {"calendar"}
    if unknown:
        remedy = f"this calendar has {' and '.join(sorted(wanted))} only"
        raise OfferError(OfferProblem.FIELD, f"{at}.{min(unknown)}", remedy)
    if calendar == Calendar.OWN:
        first, last = (_day(plain.get(name), f"{at}.{name}") for name in ("first", "last"))
        if first is None or last is None:
            missing = "first" if first is None else "last"
            remedy = "write the first and the last day of the period"
            raise OfferError(OfferProblem.MISSING, f"{at}.{missing}", remedy)
        _check_order(first, last, f"{at}.last")
        return Period(Calendar.OWN, first=first, last=last)
    before, after = (
        _number(plain.get(name, 0), f"{at}.{name}", 0, MAX_PERIOD_DAYS) or 0
        for name in ("before", "after")
    )
    return Period(Calendar(calendar), before, after)


def _check_order(first: date, last: date, field: str) -> None:
    if last < first:
        remedy = f"the last day is before the first, {first.isoformat()}; exchange them"
        raise OfferError(OfferProblem.REVERSED, field, remedy, last.isoformat())


def _check_days(terms: OfferTerms, holidays: Sequence[SchoolHolidays] | None) -> None:
    if terms.starts is not None and terms.ends is not None:
        _check_order(terms.starts, terms.ends, "ends")
    if terms.needs_holidays and holidays is None:
        return
    stated = holidays or ()
    if terms.needs_holidays and not stated and len(terms.periods) == 1:
        remedy = "state the days of the school holidays first, on /offers/holidays"
        raise OfferError(OfferProblem.NEVER_RUNS, "periods", remedy, "school_holidays")
    if terms.starts is None or terms.ends is None:
        own = [one.last for one in terms.periods if one.last is not None]
        feasts = len(own) != len(terms.periods)
        if terms.starts and own and not feasts and max(own) < terms.starts:
            raise _never_runs(terms)
        return
    # A year has every feast, so later days bring nothing new; other periods begin with their
    # first days.
    days = min((terms.ends - terms.starts).days, 370)
    own_days = [one.first for one in terms.periods if one.first is not None]
    own_days += [
        one.first - timedelta(period.before)
        for period in terms.periods
        if period.calendar is Calendar.SCHOOL_HOLIDAYS
        for one in stated
    ]
    if not any(
        terms.runs_on(day, stated)
        for day in (*(terms.starts + timedelta(n) for n in range(days + 1)), *own_days)
    ):
        raise _never_runs(terms)


def _never_runs(terms: OfferTerms) -> OfferError:
    remedy = "no day from starts to ends is in a period; change one of them"
    return OfferError(OfferProblem.NEVER_RUNS, "periods", remedy, _iso(terms.starts))


def _branches(plain: object) -> tuple[int, ...]:
    if not isinstance(plain, list) or len(plain) > MAX_BRANCHES:
        remedy = f"write a list of at most {MAX_BRANCHES} ids of branches"
        raise _wrong("branches", remedy, plain)
    for one in plain:
        if type(one) is not int or not 1 <= one <= _LARGEST_ID:
            raise _wrong("branches", "write ids of branches as whole numbers", one)
    return tuple(dict.fromkeys(plain))


def _texts(plain: object, field: str) -> tuple[str, ...]:
    if not isinstance(plain, list) or len(plain) > MAX_LINES:
        raise _wrong(field, f"write a list of at most {MAX_LINES} texts", plain)
    texts = [_text(one, field) for one in plain]
    if not all(texts):
        raise _wrong(field, "leave out empty texts", plain)
    return tuple(dict.fromkeys(texts))


def _text(plain: object, field: str) -> str:
    if not isinstance(plain, str) or not _is_storable(plain):
        raise _wrong(field, "write a text", plain)
    text = " ".join(plain.split())
    if len(text) > MAX_NAME_LENGTH:
        raise _wrong(field, f"write at most {MAX_NAME_LENGTH} characters", plain)
    return text


def _is_storable(text: str) -> bool:
    return not any(char == "\0" or "\ud800" <= char <= "\udfff" for char in text)


def _money(plain: object, field: str, least: int = 0) -> Money | None:
    if plain is None:
        return None
    if not isinstance(plain, Mapping) or set(plain) != {"amount", "currency"}:
        raise _wrong(field, 'write {"amount": 1000, "currency": "EUR"}', plain)
    if plain["currency"] not in CURRENCIES:
        remedy = f"use a currency of {', '.join(CURRENCIES)}"
        raise _wrong(f"{field}.currency", remedy, plain["currency"])
    amount = _number(plain["amount"], f"{field}.amount", least, LARGEST_AMOUNT)
    if amount is None:
        raise OfferError(OfferProblem.MISSING, f"{field}.amount", "write an amount")
    return Money(amount, plain["currency"])


def _tier_prices(plain: object) -> Mapping[str, Money]:
    if not isinstance(plain, Mapping):
        raise _wrong("tier_prices", 'write {"gold": {"amount": 900, "currency": "EUR"}}', plain)
    tiers = [tier.value for tier in Tier]
    for tier in plain:
        if tier not in tiers:
            raise _wrong("tier_prices", f"use the tiers {', '.join(tiers)}", tier)
    prices = {tier: _money(plain[tier], f"tier_prices.{tier}") for tier in tiers if tier in plain}
    return {tier: price for tier, price in prices.items() if price is not None}


def _number(plain: object, field: str, least: int, most: int) -> int | None:
    if plain is None:
        return None
    if type(plain) is not int or not least <= plain <= most:
        raise _wrong(field, f"write a whole number from {least} to {most}", plain)
    return plain


def _quiet_days(plain: object) -> Mapping[str, int]:
    if not isinstance(plain, Mapping):
        raise _wrong("quiet_days", 'write {"price": 90}', plain)
    _check_reasons(plain)
    days = dict(QUIET_DAYS)
    for reason in QUIET_REASONS:
        number = _number(plain.get(reason), f"quiet_days.{reason}", 1, MOST_QUIET_DAYS)
        if number is not None:
            days[reason] = number
    days[""] = days["not_now"]
    return days


def _check_reasons(reasons: Iterable[object]) -> None:
    for reason in reasons:
        if reason not in QUIET_REASONS:
            remedy = f"use the reasons {', '.join(QUIET_REASONS)}"
            raise _wrong("quiet_days", remedy, reason)
