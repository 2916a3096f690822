"""Evaluates a condition on the facts of one customer."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import NamedTuple

from screenpop.conditions.facts import CustomerFacts, TripFacts
from screenpop.conditions.fields import (
    CONSENT_ANSWERS,
    FIELDS,
    ID_KINDS,
    MAX_TEXT_LENGTH,
    TAKEN,
    WISHES,
    Kind,
    common_amount,
    season_of,
    text_key,
)
from screenpop.conditions.tree import (
    AllOf,
    AnyOf,
    Compare,
    Money,
    Node,
    Not,
    Op,
    Trips,
    Value,
    holds,
)
from screenpop.customers.anniversaries import next_birthday
from screenpop.customers.consent import CHANNELS
from screenpop.customers.own_fields import OwnKind, OwnValues
from screenpop.customers.place_names import all_place_names

_ISO_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


class Amounts(NamedTuple):
    """Amounts by currency, rial for toman; ``others``: of any other currency, None: not known."""

    by_currency: Mapping[str, int]
    others: int | None = None


Fact = None | bool | int | float | str | date | tuple[str, ...] | Amounts
"""A fact; None and an empty text are not known."""


def is_met(node: Node, facts: CustomerFacts, today: date) -> bool:
    """Return whether a customer meets a condition on a day."""
    match node:
        case AllOf(parts):
            return all(is_met(part, facts, today) for part in parts)
        case AnyOf(parts):
            return any(is_met(part, facts, today) for part in parts)
        case Not(part):
            return not is_met(part, facts, today)
        case Trips(where, op, count):
            found = sum(
                all(_compare(one, trip_fact_of(one.field, trip, today)) for one in where)
                for trip in facts.trips
            )
            return holds(found, op, count)
        case Compare(field):
            return _compare(node, fact_of(field, facts, today))


def fact_of(field: str, facts: CustomerFacts, today: date) -> Fact:
    """Return the fact of a customer that a field compares."""
    found = _CUSTOMER_FACTS.get(field)
    return found(facts, today) if found else _own_fact(field, facts.own)


def trip_fact_of(field: str, trip: TripFacts, today: date) -> Fact:
    """Return the fact of a trip that a field compares."""
    found = _TRIP_FACTS.get(field)
    return found(trip, today) if found else _own_fact(field, trip.own)


def _own_fact(code: str, own: OwnValues) -> Fact:
    """Return the value of an own field; None also for a value of another kind."""
    field = FIELDS[code].own
    if field is None:
        raise KeyError(code)
    value = own.get(field.key)
    match field.kind:
        case OwnKind.TEXT:
            return value if isinstance(value, str) else None
        case OwnKind.DATE:
            return _own_day(value)
        case OwnKind.NUMBER:
            return value if type(value) in (int, float) else None
        case OwnKind.CHOICE:
            return value if type(value) is int else None
        case OwnKind.YES_NO:
            return value if isinstance(value, bool) else None


def _own_day(value: object) -> date | None:
    if not isinstance(value, str) or not _ISO_DAY.fullmatch(value):
        return None
    try:
        return date.fromisoformat(value)
    except ValueError:
        return None


def _compare(comparison: Compare, fact: Fact) -> bool:
    field = FIELDS[comparison.field]
    return compare_fact(field.kind, comparison.op, comparison.value, fact)


def compare_fact(kind: Kind, op: Op, value: Value, fact: Fact) -> bool:
    """Return whether a fact compares so with a value; one that is not known compares with none."""
    match op:
        case Op.IS_SET:
            return _is_known(fact)
        case Op.IS_NOT_SET:
            return not _is_known(fact)
        case Op.IS_NONE:
            return not compare_fact(kind, Op.IS_ANY, value, fact)
        case Op.IS_ANY:
            return _is_any(kind, value, fact)
        case Op.CONTAINS:
            return isinstance(fact, str) and contains(fact, _texts(value))
        case Op.IS:
            return fact is value
        case _:
            return _holds(op, value, fact)


def _is_known(fact: Fact) -> bool:
    return fact is not None and fact not in ("", ())


def _is_any(kind: Kind, value: Value, fact: Fact) -> bool:
    if not _is_known(fact) or not isinstance(value, tuple):
        return False
    if kind is Kind.CHOICE or kind in ID_KINDS:
        return fact in value
    wanted = text_keys(kind, _texts(value))
    theirs = (fact,) if isinstance(fact, str) else fact
    return isinstance(theirs, tuple) and any(
        text_key(kind, str(one)) in wanted for one in theirs if len(str(one)) <= MAX_TEXT_LENGTH
    )


@lru_cache(maxsize=1024)
def text_keys(kind: Kind, texts: tuple[str, ...]) -> frozenset[str]:
    """Return the keys of some texts; compared with those of facts."""
    return frozenset(text_key(kind, one) for one in texts)


def contains(text: str, wanted: Iterable[str]) -> bool:
    """Return whether a text has one of these words in it, places by any of their names."""
    folded = text_key(Kind.TEXT, text)
    return any(name in folded for one in wanted for name in all_place_names(one))


def _holds(op: Op, value: Value, fact: Fact) -> bool:
    if isinstance(value, Money):
        amount, currency = common_amount(value.amount, value.currency)
        if not isinstance(fact, Amounts):
            return False
        known = fact.by_currency.get(currency, fact.others)
        return known is not None and holds(known, op, amount)
    if isinstance(value, date):
        return isinstance(fact, date) and holds(fact.toordinal(), op, value.toordinal())
    return isinstance(fact, int | float) and isinstance(value, int) and holds(fact, op, value)


def _texts(value: Value) -> tuple[str, ...]:
    return tuple(map(str, value)) if isinstance(value, tuple) else ()


def _spend(facts: CustomerFacts) -> Amounts:
    sums: dict[str, int] = {}
    for trip in facts.trips:
        if trip.status in TAKEN:
            amount, currency = common_amount(trip.price, trip.currency)
            sums[currency] = sums.get(currency, 0) + amount
    return Amounts(sums, 0)


def _balance(facts: CustomerFacts) -> Amounts:
    """Return the balance; nothing owed is nothing in every currency."""
    if facts.balance == 0:
        return Amounts({}, 0)
    amount, currency = common_amount(facts.balance, facts.currency)
    return Amounts({currency: amount})


def _last_trip(facts: CustomerFacts, today: date) -> date | None:
    return max((day for day in _taken(facts) if day < today), default=None)


def _next_trip(facts: CustomerFacts, today: date) -> date | None:
    return min((day for day in _taken(facts) if day >= today), default=None)


def _taken(facts: CustomerFacts) -> Iterable[date]:
    return (trip.departs for trip in facts.trips if trip.departs and trip.status in TAKEN)


def _since(day: date | None, today: date) -> int | None:
    return None if day is None else (today - day).days


def _until(day: date | None, today: date) -> int | None:
    return None if day is None else (day - today).days


def _until_birthday(day: date | None, today: date) -> int | None:
    return None if day is None else (next_birthday(day, today) - today).days


def _consent(channel: str) -> Callable[[CustomerFacts, date], Fact]:
    yes, no, never = CONSENT_ANSWERS

    def answer(facts: CustomerFacts, _today: date) -> Fact:
        given = facts.consents.get(channel)
        return never if given is None else yes if given else no

    return answer


def _wish(subject: str) -> Callable[[CustomerFacts, date], Fact]:
    return lambda facts, _today: facts.wishes.get(subject, "")


_CUSTOMER_FACTS: Mapping[str, Callable[[CustomerFacts, date], Fact]] = {
    "tag": lambda facts, _: facts.tags,
    "language": lambda facts, _: facts.language,
    "title": lambda facts, _: facts.title,
    "gender": lambda facts, _: facts.gender,
    "tier": lambda facts, _: facts.tier,
    "vip": lambda facts, _: facts.vip,
    "city": lambda facts, _: facts.city,
    "company": lambda facts, _: facts.company,
    "heard_from": lambda facts, _: facts.heard_from,
    "owner": lambda facts, _: facts.owner,
    "branch": lambda facts, _: facts.branch,
    "was_sent": lambda facts, _: facts.was_sent,
    "sent_customers": lambda facts, _: facts.sent,
    "has_email": lambda facts, _: facts.has_email,
    "customer_since": lambda facts, _: facts.customer_since,
    "birthday_in_days": lambda facts, today: _until_birthday(facts.birthday, today),
    "anniversary_in_days": lambda facts, today: _until_birthday(facts.anniversary, today),
    "trip_count": lambda facts, _: sum(trip.status in TAKEN for trip in facts.trips),
    "last_trip": _last_trip,
    "next_trip": _next_trip,
    "last_trip_days_ago": lambda facts, today: _since(_last_trip(facts, today), today),
    "next_trip_in_days": lambda facts, today: _until(_next_trip(facts, today), today),
    "last_contact_days_ago": lambda facts, today: _since(facts.last_contact, today),
    "lapsed": lambda facts, today: facts.lapsed_from is not None and facts.lapsed_from <= today,
    "usual_trip_overdue_days": lambda facts, today: _since(facts.rhythm_due, today),
    "stage": lambda facts, _: facts.stage,
    "likelihood": lambda facts, _: facts.likelihood,
    "chance": lambda facts, _: facts.chance,
    "spend": lambda facts, _: _spend(facts),
    "best_percent": lambda facts, _: facts.best_percent,
    "top_customer": lambda facts, _: facts.is_top,
    "balance": lambda facts, _: _balance(facts),
    "open_cases": lambda facts, _: facts.open_cases,
    "open_complaints": lambda facts, _: facts.open_complaints,
    **{f"consent_{channel}": _consent(channel) for channel in CHANNELS},
    **{f"wish_{subject}": _wish(subject) for subject in WISHES},
}


def _departs_in(trip: TripFacts, today: date) -> int | None:
    days = _until(trip.departs, today)
    return days if days is not None and days >= 0 else None


def _departed(trip: TripFacts, today: date) -> int | None:
    days = _since(trip.departs, today)
    return days if days is not None and days > 0 else None


def _price(trip: TripFacts) -> Amounts:
    amount, currency = common_amount(trip.price, trip.currency)
    return Amounts({currency: amount})


_TRIP_FACTS: Mapping[str, Callable[[TripFacts, date], Fact]] = {
    "trip.destination": lambda trip, _: trip.destination,
    "trip.month": lambda trip, _: str(trip.departs.month) if trip.departs else None,
    "trip.season": lambda trip, _: season_of(trip.departs) if trip.departs else None,
    "trip.status": lambda trip, _: trip.status,
    "trip.product": lambda trip, _: trip.product,
    "trip.party": lambda trip, _: trip.adults + trip.children,
    "trip.children": lambda trip, _: trip.children,
    "trip.departs": lambda trip, _: trip.departs,
    "trip.departs_in_days": _departs_in,
    "trip.departed_days_ago": _departed,
    "trip.visa": lambda trip, _: trip.visa,
    "trip.rating": lambda trip, _: trip.rating,
    "trip.price": lambda trip, _: _price(trip),
}
