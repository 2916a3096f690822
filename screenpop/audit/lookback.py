"""What an office would have known about the callers of an exported call log. Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Self

from screenpop.audit.call_export import ExportedCall
from screenpop.customers.models import Tier
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164

_LONGEST_EXTENSION = 6
"""Digits. More are a number of the telephone network."""
_FEWEST_COMPARED = 8
"""Digits of a number, with its country, that is compared with others for a wrong digit."""


@dataclass(frozen=True, slots=True)
class KnownCustomer:
    id: int
    tier: Tier
    lapsed_from: date | None
    """The first day on which they count as lapsed; None without trips."""


@dataclass(frozen=True, slots=True)
class Lookback:
    """Figures over inbound calls. Nothing in it names a person or a number."""

    calls: int
    """Inbound calls."""
    first: date | None
    last: date | None
    outbound: int
    withheld: int
    """Without a number."""
    named: int
    """From a number that a customer has."""
    tiers: Mapping[Tier, int] = field(default_factory=dict)
    """Named calls by the highest tier of the customers with that number; none left out."""
    lapsed: int = 0
    """Customers who called when their usual time for a trip was over."""
    missed: int | None = None
    """None if no column of the file has whether calls were answered."""
    never_called_back: int = 0
    """Missed calls of a number without any later call with it that was answered or made."""
    one_digit_off: int = 0
    """Numbers that no customer has and that differ by one digit from one that a customer has."""
    customers: int = 0
    """Customers with a number that can be read."""

    @property
    def named_percent(self) -> int:
        return round(100 * self.named / self.calls) if self.calls else 0

    def plain(self) -> dict[str, Any]:
        """Return the figures as JSON values."""
        days = {name: day and day.isoformat() for name, day in self._days()}
        tiers = {tier.value: count for tier, count in self.tiers.items()}
        return {**asdict(self), **days, "tiers": tiers, "named_percent": self.named_percent}

    @classmethod
    def from_plain(cls, plain: Mapping[str, Any]) -> Self:
        values = {name: value for name, value in plain.items() if name != "named_percent"}
        for name in ("first", "last"):
            values[name] = values[name] and date.fromisoformat(values[name])
        values["tiers"] = {Tier(name): count for name, count in values["tiers"].items()}
        return cls(**values)

    def _days(self) -> tuple[tuple[str, date | None], ...]:
        return ("first", self.first), ("last", self.last)


def look_back(
    calls: Sequence[ExportedCall],
    known: Mapping[E164, Sequence[KnownCustomer]],
    read_number: Callable[[str], CallerId],
    zone: tzinfo,
) -> Lookback:
    """Return the figures.

    ``known``: the customers of each number. ``read_number``: by the number plan of the office.
    Calls between phones of the office are left out.
    """
    talks = list(_talks(calls, read_number))
    inbound = [one for one in talks if one.inbound]
    named = [one for one in inbound if one.number in known]
    tiers: Counter[Tier] = Counter()
    lapsed: set[int] = set()
    for one in named:
        theirs = known[one.number]  # type: ignore[index]
        tiers[max((customer.tier for customer in theirs), key=_ORDER.index)] += 1
        day = _day(one.at, zone)
        lapsed |= {
            customer.id
            for customer in theirs
            if day and customer.lapsed_from and day >= customer.lapsed_from
        }
    unknown = {one.number for one in inbound if one.number and one.number not in known}
    missed, forgotten = _missed(talks)
    days = [day for one in inbound if (day := _day(one.at, zone))]
    return Lookback(
        calls=len(inbound),
        first=min(days, default=None),
        last=max(days, default=None),
        outbound=len(talks) - len(inbound),
        withheld=sum(1 for one in inbound if not one.has_number),
        named=len(named),
        tiers={tier: tiers[tier] for tier in _ORDER[1:] if tiers[tier]},
        lapsed=len(lapsed),
        missed=missed,
        never_called_back=forgotten,
        one_digit_off=sum(1 for number in unknown if is_one_digit_off(number, known)),
        customers=len({customer.id for theirs in known.values() for customer in theirs}),
    )


_ORDER = tuple(Tier)


@dataclass(frozen=True, slots=True)
class _Talk:
    at: float | None
    inbound: bool
    number: E164 | None
    """Of the other side."""
    has_number: bool
    answered: bool | None


def _talks(
    calls: Iterable[ExportedCall], read_number: Callable[[str], CallerId]
) -> Iterator[_Talk]:
    ordered = sorted(calls, key=lambda call: (call.at or 0.0, call.line))
    for call in ordered:
        caller, called = read_number(call.caller), read_number(call.called)
        from_phone, to_phone = _is_phone(caller), _is_phone(called)
        outbound = call.direction == "out" or (not call.direction and from_phone)
        if outbound and to_phone:
            continue
        other = called if outbound else caller
        if not outbound and from_phone:
            continue
        has_number = other.kind in {CallerIdKind.NUMBER, CallerIdKind.RAW}
        yield _Talk(call.at, not outbound, other.e164, has_number, call.answered)


def _is_phone(caller: CallerId) -> bool:
    if caller.kind in {CallerIdKind.EXTENSION, CallerIdKind.SERVICE}:
        return True
    raw = caller.raw.strip()
    return caller.kind is CallerIdKind.RAW and raw.isdecimal() and len(raw) <= _LONGEST_EXTENSION


def _missed(talks: Sequence[_Talk]) -> tuple[int | None, int]:
    """Return missed calls, and those of a number that had no talk after it."""
    if all(one.answered is None for one in talks):
        return None, 0
    spoken: set[E164] = set()
    missed = forgotten = 0
    for one in reversed(talks):
        if one.inbound and one.answered is False:
            missed += 1
            forgotten += one.number is not None and one.number not in spoken
        elif one.number is not None:
            spoken.add(one.number)
    return missed, forgotten


def _day(at: float | None, zone: tzinfo) -> date | None:
    return None if at is None else datetime.fromtimestamp(at, zone).date()


def is_one_digit_off(number: str, known: Mapping[E164, object]) -> bool:
    """Return whether the number is a known one but for one digit.

    One that is wrong, missing or additional, or two neighbours that are swapped.
    """
    digits = number.removeprefix("+")
    if len(digits) < _FEWEST_COMPARED:
        return False
    return any(E164(f"+{other}") in known for other in _neighbours(digits))


def _neighbours(digits: str) -> Iterator[str]:
    for place in range(len(digits)):
        before, own, after = digits[:place], digits[place], digits[place + 1 :]
        yield before + after
        for digit in "0123456789":
            if digit != own:
                yield before + digit + after
            yield before + digit + own + after
        if after and after[0] != own:
            yield before + after[0] + own + after[1:]
    for digit in "0123456789":
        yield digits + digit
