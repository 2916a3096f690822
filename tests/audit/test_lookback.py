"""What an office would have known, counted again by other means."""

from dataclasses import replace
from datetime import UTC, date
from functools import partial
from random import Random

import orjson

from screenpop.audit.call_export import ExportedCall
from screenpop.audit.lookback import KnownCustomer, Lookback, is_one_digit_off, look_back
from screenpop.customers.models import Tier
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

READ = partial(resolve, plan=NumberPlan(Region("GR"), extensions=("1XX",)))
MARIA, NIKOS = E164("+306912345678"), E164("+306987654321")
KNOWN = {
    MARIA: [KnownCustomer(1, Tier.GOLD, date(2026, 11, 2))],
    NIKOS: [KnownCustomer(2, Tier.NONE, None), KnownCustomer(3, Tier.SILVER, None)],
}
DAY_S = 86_400.0
NOV_1 = 1_793_491_200.0


def call(caller: str, at: float = NOV_1, called: str = "101", **more: object) -> ExportedCall:
    return replace(ExportedCall(1, at, caller, called, answered=True, direction=""), **more)  # type: ignore[arg-type]


def figures(*calls: ExportedCall) -> Lookback:
    return look_back(calls, KNOWN, READ, UTC)


def test_calls_are_named_in_every_spelling_and_have_the_highest_tier_of_the_number() -> None:
    found = figures(call("6912345678"), call("00306912345678"), call("+306987654321"), call("2101"))
    assert (found.calls, found.named, found.named_percent) == (3, 3, 100)
    assert found.tiers == {Tier.SILVER: 1, Tier.GOLD: 2}
    assert found.customers == 3
    assert Lookback.from_plain(orjson.loads(orjson.dumps(found.plain()))) == found
    assert figures().named_percent == 0


def test_a_customer_is_lapsed_from_that_day_on_and_counted_once() -> None:
    assert figures(call("6912345678", NOV_1 + DAY_S - 1)).lapsed == 0
    later = [call("6912345678", NOV_1 + DAY_S), call("6912345678", NOV_1 + 2 * DAY_S)]
    assert figures(*later).lapsed == 1


def test_calls_between_phones_of_the_office_are_left_out_and_those_going_out_apart() -> None:
    found = figures(
        call("101", called="102"),
        call("101", called="6912345678"),
        call("6912345678", direction="in"),
        call("2101234567", called="6912345678", direction="out"),
        call("123456", called="102"),
    )
    assert (found.calls, found.outbound) == (1, 2)
    assert figures(call("1234567")).calls == 1  # seven digits are no phone of an office


def test_a_missed_call_is_called_back_by_a_later_call_in_either_direction() -> None:
    missed = call("6912345678", answered=False)
    assert (figures(missed).missed, figures(missed).never_called_back) == (1, 1)
    for later in (
        call("101", NOV_1 + 60, called="6912345678", answered=False),
        call("6912345678", NOV_1 + 60),
    ):
        found = figures(missed, later)
        assert (found.missed, found.never_called_back) == (1, 0)
    before = call("101", NOV_1 - 60, called="6912345678")
    again = call("6912345678", NOV_1 + 60, answered=False)
    assert figures(missed, before, again).never_called_back == 2
    withheld = figures(call("anonymous", answered=False))
    assert (withheld.missed, withheld.never_called_back, withheld.withheld) == (1, 0, 1)
    assert figures(call("6912345678", answered=None)).missed is None


def test_a_number_is_one_digit_off_by_a_wrong_missing_additional_or_swapped_digit() -> None:
    for number in ("+306912345679", "+30691234567", "+3069123456780", "+306921345678"):
        assert is_one_digit_off(number, KNOWN), number
    for number in ("+306912345699", "+306912", "+306921345687"):
        assert not is_one_digit_off(number, KNOWN), number
    short: dict[E164, object] = {E164("+1234567"): []}
    assert is_one_digit_off("+12345678", short)
    assert not is_one_digit_off("+1234568", short)
    twice = figures(call("6912345679"), call("6912345679"))
    assert twice.one_digit_off == 1


def test_the_figures_of_a_seeded_month_are_those_of_an_independent_count() -> None:
    random = Random(16)
    customers = [f"+3069{random.randrange(10**8):08}" for _ in range(60)]
    tiers = [random.choice(list(Tier)) for _ in customers]
    lapsed = [
        date(2026, 11, random.randrange(1, 31)) if random.random() < 0.4 else None
        for _ in customers
    ]
    strangers = [f"+3021{random.randrange(10**8):08}" for _ in range(40)]
    calls = []
    for line in range(2_000):
        at = NOV_1 + random.randrange(30 * 86_400)
        number = random.choice(customers + strangers)
        if random.random() < 0.2:
            calls.append(ExportedCall(line, at, "101", number, True, ""))
        else:
            national = number.removeprefix("+30") if random.random() < 0.5 else number
            calls.append(ExportedCall(line, at, national, "700", random.random() < 0.7, "in"))
    known = {
        E164(number): [KnownCustomer(place, tier, day)]
        for place, (number, tier, day) in enumerate(zip(customers, tiers, lapsed, strict=True))
    }
    found = look_back(calls, known, READ, UTC)

    inbound = [
        (c, c.caller if c.caller[0] == "+" else "+30" + c.caller) for c in calls if c.direction
    ]
    assert found.calls == len(inbound)
    assert found.outbound == 2_000 - len(inbound)
    assert found.named == sum(number in customers for _, number in inbound)
    for tier in (Tier.SILVER, Tier.GOLD, Tier.PLATINUM):
        of_tier = {number for number, one in zip(customers, tiers, strict=True) if one is tier}
        assert found.tiers.get(tier, 0) == sum(number in of_tier for _, number in inbound)
    days = {number: day for number, day in zip(customers, lapsed, strict=True) if day}
    late = {n for c, n in inbound if n in days and (c.at or 0) >= _midnight(days[n])}
    assert found.lapsed == len(late)
    missed = [(c.at, number) for c, number in inbound if not c.answered]
    assert found.missed == len(missed)
    talked = [(c.at, n) for c, n in inbound if c.answered]
    talked += [(c.at, c.called) for c in calls if not c.direction]
    assert found.never_called_back == sum(
        not any(n == number and (later or 0) > (at or 0) for later, n in talked)
        for at, number in missed
    )


def _midnight(day: date) -> float:
    return NOV_1 + (day.day - 1) * DAY_S
