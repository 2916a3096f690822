"""Invented calls that an office answers on a good day, so that the demo's board and reports show
an office at work: the missed calls of ``callbacks`` alone would be a day without one answer.
"""

import random
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta, tzinfo

from screenpop.accounts.users import UserId
from screenpop.customers.models import CustomerId
from screenpop.demo.call_history import (
    DAYS,
    OPENS,
    PROMPT_S,
    demo_call,
    page_delay,
    whole_numbers,
)
from screenpop.demo.callbacks import FIRST_OF_CROWD
from screenpop.demo.fixtures import DemoCustomer
from screenpop.service.ports import LoggedCall
from screenpop.telephony.identifiers import CallId, Endpoint

CALLS_A_DAY = 56
_HOUR_S = 3600.0
_SPAN_S = 10 * _HOUR_S
"""Seconds of work on each day; of today, at most the last so many."""
_LAST_S = 240.0
"""Seconds before now in which no call began: the longest is over."""
_WAIT_S = (3, 17)
_TALK_S = (35, 200)


def busy_calls(
    pairs: Sequence[tuple[CustomerId, DemoCustomer]],
    agents: Mapping[Endpoint, UserId],
    today: date,
    now: float,
    zone: tzinfo,
    seed: int,
) -> Iterator[LoggedCall]:
    """Return answered calls of customers beside the showcase, in the order of their times.

    The days before have ``CALLS_A_DAY``; today has the part of them that fits between midnight
    and ``now``, seconds since 1970.
    """
    rng = random.Random(seed)  # noqa: S311 - not used for security
    crowd = pairs[FIRST_OF_CROWD:]
    if not crowd:
        return
    for days in range(DAYS, -1, -1):
        day = today - timedelta(days=days)
        begins = datetime.combine(day, OPENS, zone).timestamp()
        ends = begins + _SPAN_S
        if days == 0:
            midnight = datetime.combine(day, time(), zone).timestamp()
            begins, ends = max(midnight, now - _SPAN_S), now - _LAST_S
        count = round(CALLS_A_DAY * max(0.0, ends - begins) / _SPAN_S)
        for number, at in enumerate(sorted(rng.uniform(begins, ends) for _ in range(count))):
            customer_id, person = rng.choice(crowd)
            desk = rng.choice(list(agents.items()))
            wait_s, talk_s = float(rng.randrange(*_WAIT_S)), float(rng.randrange(*_TALK_S))
            # Today all pages are open: what is late on the board is the demo's own calls.
            late_s = page_delay(at) if days else PROMPT_S
            for phone in whole_numbers(person)[:1]:
                call = CallId(f"{at:.0f}.busy{number}")
                yield demo_call(call, customer_id, phone, desk, at, wait_s, talk_s, late_s=late_s)
