"""Invented calls of the last days, so that the demo starts with a filled call log."""

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta, tzinfo

from screenpop.accounts.users import UserId
from screenpop.calls.call_record import CallRecord, LegOutcome, LegRecord
from screenpop.calls.events import CallerInfo, Direction, Disposition
from screenpop.customers.draft import PhoneDraft
from screenpop.customers.models import CustomerId
from screenpop.demo.fixtures import DEMO_REGIONS, DemoCustomer, demo_phone
from screenpop.service.ports import CardDelivery, LoggedCall
from screenpop.store.calls.batch import NoteRecord
from screenpop.telephony.caller_id import CallerId, CallerIdKind
from screenpop.telephony.identifiers import SIMULATED, BootId, CallId, Endpoint, LegId

BOOT = BootId("before-the-demo")
DAYS = 12
"""Days before today that have calls."""
OPENS = time(9)
"""When work begins, in the office's time zone."""
_CALLS_A_DAY = 14
_PLACES = (
    ("+982188554400", "sales"),
    ("+982188554400", "sales"),
    ("+982188554402", "support"),
)
"""Dialled numbers and their queues, as often as they are called."""
_NOTES = {
    "fa": ("خودش تماس می‌گیرد", "پیشنهاد آنتالیا فرستاده شد", "درباره‌ی چمدان پرسید"),
    "el": ("Θα ξανακαλέσει την Τρίτη", "Ρώτησε για αποσκευές", "Στάλθηκε η προσφορά για Ρώμη"),
    "en": ("Will call back on Tuesday", "Asked about luggage", "Sent the offer for Rome"),
}


@dataclass(frozen=True, slots=True)
class DemoHistory:
    records: tuple[LoggedCall, ...]
    notes: tuple[NoteRecord, ...]


def demo_history(
    people: Sequence[tuple[CustomerId, DemoCustomer]],
    agents: Mapping[Endpoint, UserId],
    today: date,
    zone: tzinfo,
    seed: int,
) -> DemoHistory:
    """Return calls of these customers to these phones in the twelve days before ``today``."""
    rng = random.Random(seed)  # noqa: S311 - not used for security
    records: list[LoggedCall] = []
    notes: list[NoteRecord] = []
    for number, arrived_at in enumerate(_moments(rng, today, zone)):
        # The showcase customers call more often, so that each has calls to show.
        customer_id, person = rng.choice(people[:13] if rng.random() < 0.4 else people)
        call = CallId(f"{arrived_at:.0f}.{number}")
        record = _call(rng, call, customer_id, person, agents, arrived_at)
        records.append(record)
        spoke = record.entry.answered_by
        if spoke and rng.random() < 0.35:
            text = rng.choice(_NOTES[person.draft.language])
            ended = record.entry.ended_at or arrived_at
            notes.append(NoteRecord(call, SIMULATED, BOOT, agents[spoke[0]], text, ended))
    records += _nameless(rng, [person for _, person in people], agents, today, zone)
    return DemoHistory(tuple(records), tuple(notes))


def _nameless(
    rng: random.Random,
    people: Sequence[DemoCustomer],
    agents: Mapping[Endpoint, UserId],
    today: date,
    zone: tzinfo,
) -> Iterator[LoggedCall]:
    """Return calls from numbers stored without a country, which match no customer."""
    for person in people:
        old = [phone for phone in person.draft.phones if phone.e164 is None and phone.last_nine]
        for phone in old:
            region = DEMO_REGIONS[person.draft.language]
            from_here = replace(person.draft, phones=(demo_phone(phone.raw, region),))
            caller = replace(person, draft=from_here)
            for arrived_at in rng.sample(list(_moments(rng, today, zone)), rng.randrange(1, 4)):
                call = CallId(f"{arrived_at:.0f}.{phone.last_nine}")
                yield _call(rng, call, None, caller, agents, arrived_at)


def _moments(rng: random.Random, today: date, zone: tzinfo) -> Iterator[float]:
    for days in range(DAYS, 0, -1):
        opens = datetime.combine(today - timedelta(days=days), OPENS, zone).timestamp()
        yield from sorted(opens + rng.randrange(10 * 3600) for _ in range(_CALLS_A_DAY))


def _call(
    rng: random.Random,
    call: CallId,
    customer_id: CustomerId | None,
    person: DemoCustomer,
    agents: Mapping[Endpoint, UserId],
    arrived_at: float,
) -> LoggedCall:
    phone = rng.choice(whole_numbers(person))
    wait_s = float(rng.randrange(4, 38))
    answered = rng.random() < 0.86
    talk_s = float(rng.randrange(35, 620)) if answered else None
    endpoint = rng.choice(list(agents))
    return demo_call(
        *(call, customer_id, phone, (endpoint, agents[endpoint]), arrived_at, wait_s, talk_s),
        late_s=page_delay(arrived_at),
    )


PROMPT_S = 0.06
"""Seconds from the ring to the card on a page that is open."""


def page_delay(arrived_at: float) -> float | None:
    """Return the seconds from the ring of an invented call to its card; None: no page was open.

    A few pages were late or closed: what the report of popups is for.
    """
    return {0: 6.0, 1: None}.get(int(arrived_at) % 23, PROMPT_S)


def whole_numbers(person: DemoCustomer) -> list[PhoneDraft]:
    """Return the numbers of a customer that can call: those with a country."""
    return [phone for phone in person.draft.phones if phone.e164 is not None]


def demo_call(
    call: CallId,
    customer_id: CustomerId | None,
    phone: PhoneDraft,
    desk: tuple[Endpoint, UserId],
    arrived_at: float,
    wait_s: float,
    talk_s: float | None,
    *,
    late_s: float | None,
) -> LoggedCall:
    """Return the record of an inbound call that rang at ``desk``; ``talk_s`` None: the caller
    hung up after ``wait_s``. ``arrived_at``: seconds since 1970; ``late_s``: as ``page_delay``.
    """
    endpoint, agent = desk
    answered = talk_s is not None
    caller = CallerId(
        phone.raw, CallerIdKind.NUMBER, "international", phone.e164, last_nine=phone.last_nine
    )
    # From the time alone, so that the rest of the invented history stays as it was.
    did, queue = _PLACES[int(arrived_at) % len(_PLACES)]
    picked_up = arrived_at + wait_s if answered else None
    ended_at = arrived_at + wait_s + (talk_s or 0.0)
    leg = LegRecord(
        LegId(f"{call}-1"),
        endpoint,
        queue,
        arrived_at + 1,
        picked_up,
        ended_at,
        LegOutcome.ANSWERED if answered else LegOutcome.CANCELLED,
        rang=True,
    )
    entry = CallRecord(
        SIMULATED,
        BOOT,
        call,
        Direction.INBOUND,
        CallerInfo(phone.e164 or phone.raw),
        "",
        did,
        queue,
        arrived_at,
        picked_up,
        ended_at,
        Disposition.ANSWERED if answered else Disposition.ABANDONED,
        (endpoint,) if answered else (),
        (),
        wait_s,
        talk_s,
        (leg,),
    )
    painted_at = None if late_s is None else arrived_at + 1.02 + late_s
    in_time = painted_at is not None and picked_up is not None and painted_at <= picked_up
    painted = CardDelivery(
        agent,
        endpoint,
        arrived_at + 1.02,
        None if painted_at is None else arrived_at + 1.05,
        painted_at,
        None if painted_at is None else painted_at + 0.3,
        in_time if answered else None,
    )
    return LoggedCall(entry, caller, customer_id, (painted,), ())
