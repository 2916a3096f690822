"""Invented missed calls of today, so that the demo has callbacks worth working through."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.customers.models import CustomerId, Tier, TripStatus
from screenpop.demo.call_history import BOOT
from screenpop.demo.fixtures import DemoCustomer
from screenpop.service.ports import LoggedCall
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import E164, SIMULATED, CallId, Endpoint, LegId

FIRST_OF_CROWD = 70
"""Place of the first customer that may be chosen: those before have cards of their own."""
_DID = "+982188554400"
_STRANGER = "+302310987001"
_HIDDEN = CallerId("anonymous", CallerIdKind.WITHHELD, "withheld_word")
_HOUR_S = 3600.0
_SOON_DAYS = 14

Pair = tuple[CustomerId, DemoCustomer]


@dataclass(frozen=True, slots=True)
class _Missed:
    """One call: ``ago_s`` before now; ``phone`` None when no phone rang."""

    caller: CallerId
    customer: CustomerId | None
    ago_s: float
    phone: Endpoint | None
    disposition: Disposition = Disposition.ABANDONED
    queue: str = "sales"
    talk_s: float = 0.0
    direction: Direction = Direction.INBOUND


def demo_callbacks(
    pairs: Sequence[Pair],
    promised: Sequence[Pair],
    agents: Mapping[Endpoint, UserId],
    today: date,
    now: float,
) -> list[LoggedCall]:
    """Return missed calls of today, some called back already, of customers beside the showcase.

    ``promised``: customers with a promise that is due.
    """
    phones = list(agents)[1:] or list(agents)
    calls = list(_calls(pairs[FIRST_OF_CROWD:], promised, phones, today))
    return [_record(place, call, agents, now) for place, call in enumerate(calls)]


def _calls(
    crowd: Sequence[Pair], promised: Sequence[Pair], phones: Sequence[Endpoint], today: date
) -> Iterator[_Missed]:
    here, there = phones[0], phones[-1]
    picked = _Picker(crowd)
    for customer_id, person in promised[:1]:
        for caller in _numbers(person)[:1]:
            yield _Missed(caller, customer_id, 1.2 * _HOUR_S, here, Disposition.NO_ANSWER)
    soon = today + timedelta(days=_SOON_DAYS)
    for customer_id, numbers in picked.first(lambda person: _departs_by(person, today, soon)):
        yield _Missed(numbers[0], customer_id, 0.6 * _HOUR_S, there, queue="support")
    for customer_id, numbers in picked.first(lambda person: person.draft.tier is Tier.PLATINUM):
        yield _Missed(numbers[0], customer_id, 2.1 * _HOUR_S, here, Disposition.NO_ANSWER)
    for customer_id, numbers in picked.first(lambda person: len(_numbers(person)) > 1):
        yield _Missed(numbers[0], customer_id, 4.3 * _HOUR_S, there, Disposition.NO_ANSWER)
        yield _Missed(numbers[1], customer_id, 2.8 * _HOUR_S, here, Disposition.NO_ANSWER)
        yield _Missed(numbers[0], customer_id, 0.9 * _HOUR_S, here, Disposition.BUSY)
    for customer_id, numbers in picked.first(lambda _person: True):
        # After hours: the announcement first, then the mailbox.
        yield _Missed(numbers[0], customer_id, 14 * _HOUR_S, None, queue="")
        yield _Missed(numbers[0], customer_id, 13.9 * _HOUR_S, None, Disposition.VOICEMAIL, "")
    stranger = CallerId(_STRANGER, CallerIdKind.NUMBER, "international", E164(_STRANGER))
    yield _Missed(stranger, None, 3.4 * _HOUR_S, there)
    yield _Missed(_HIDDEN, None, 1.7 * _HOUR_S, here, Disposition.NO_ANSWER)
    yield from _called_back(picked, here)


def _called_back(picked: "_Picker", phone: Endpoint) -> Iterator[_Missed]:
    for ago_s, wait_s in ((3.1 * _HOUR_S, 420.0), (2.4 * _HOUR_S, 1500.0), (1.5 * _HOUR_S, 240.0)):
        for customer_id, numbers in picked.first(lambda _person: True):
            missed = _Missed(numbers[0], customer_id, ago_s, phone, Disposition.NO_ANSWER)
            yield missed
            yield replace(
                missed,
                ago_s=ago_s - wait_s,
                disposition=Disposition.ANSWERED,
                queue="",
                talk_s=95.0,
                direction=Direction.OUTBOUND,
            )


class _Picker:
    """Picks each customer once, in order, of those whose numbers no other customer has."""

    def __init__(self, crowd: Sequence[Pair]) -> None:
        owners = Counter(one.e164 for _, person in crowd for one in _numbers(person))
        self._left = [
            (customer_id, person)
            for customer_id, person in crowd
            if _numbers(person) and all(owners[one.e164] == 1 for one in _numbers(person))
        ]

    def first(
        self, fits: Callable[[DemoCustomer], bool]
    ) -> Iterator[tuple[CustomerId, list[CallerId]]]:
        """Return the first customer that fits, with their numbers; nothing without one."""
        for pair in self._left:
            if fits(pair[1]):
                self._left.remove(pair)
                yield pair[0], _numbers(pair[1])
                return


def _numbers(person: DemoCustomer) -> list[CallerId]:
    return [
        CallerId(
            phone.raw, CallerIdKind.NUMBER, "international", phone.e164, last_nine=phone.last_nine
        )
        for phone in person.draft.phones
        if phone.e164 is not None
    ]


def _departs_by(person: DemoCustomer, today: date, soon: date) -> bool:
    fixed = {TripStatus.BOOKED, TripStatus.TICKETED}
    return any(
        trip.status in fixed and trip.departs is not None and today <= trip.departs <= soon
        for trip in person.trips
    )


def _record(
    place: int, missed: _Missed, agents: Mapping[Endpoint, UserId], now: float
) -> LoggedCall:
    at = now - missed.ago_s
    call = CallId(f"{at:.0f}.callback{place}")
    talks = missed.talk_s > 0
    answered_at = at + 6 if talks else None
    ended_at = at + 24 + missed.talk_s
    legs: tuple[LegRecord, ...] = ()
    if missed.phone is not None:
        outcome = LegOutcome.ANSWERED if talks else LegOutcome.CANCELLED
        legs = (
            LegRecord(
                LegId(f"{call}-1"),
                missed.phone,
                missed.queue,
                at + 1,
                answered_at,
                ended_at,
                outcome,
                rang=True,
            ),
        )
    hidden = missed.caller.kind is CallerIdKind.WITHHELD
    entry = CallRecord(
        SIMULATED,
        BOOT,
        call,
        missed.direction,
        CallerInfo(missed.caller.e164 or missed.caller.raw, "", hidden),
        missed.caller.e164 or "" if missed.direction is Direction.OUTBOUND else "",
        _DID if missed.direction is Direction.INBOUND else "",
        missed.queue,
        at,
        answered_at,
        ended_at,
        missed.disposition,
        (missed.phone,) if talks and missed.phone is not None else (),
        (),
        6.0 if talks else 24.0,
        missed.talk_s if talks else None,
        legs,
    )
    by = missed.phone or ""
    return LoggedCall(
        entry, missed.caller, missed.customer, (), (), dialled_from=by if talks else ""
    )
