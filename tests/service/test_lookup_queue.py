from hypothesis import given
from hypothesis import strategies as st

from screenpop.service.lookup_queue import (
    LOOKUP_TIMEOUT_S,
    LookupQueue,
    LookupRequest,
    NumberKey,
    number_key,
)
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

PLAN = NumberPlan(region=Region("IR"), extensions=("1XX",))


def caller(raw: str) -> CallerId:
    return resolve(raw, plan=PLAN)


def started(lookups: LookupQueue) -> list[LookupRequest]:
    found = []
    while (one := lookups.start()) is not None:
        found.append(one)
    return found


def mobile(n: int) -> str:
    return f"+98912345{n:04}"


def test_a_number_is_looked_up_once_however_many_calls_ask() -> None:
    lookups = LookupQueue()
    assert lookups.ask(caller(mobile(1)), 0.0) == lookups.ask(caller("0912 345 0001"), 0.5)
    assert len(started(lookups)) == 1


def test_a_number_that_was_answered_is_looked_up_anew_for_the_next_call() -> None:
    lookups = LookupQueue()
    key = lookups.ask(caller(mobile(1)), 0.0)
    assert key is not None
    started(lookups)
    assert lookups.answered(key)
    lookups.ask(caller(mobile(1)), 1.0)
    assert len(started(lookups)) == 1


def test_no_more_than_eight_are_in_flight_and_the_ninth_starts_when_one_is_back() -> None:
    lookups = LookupQueue()
    keys = [lookups.ask(caller(mobile(n)), 0.0) for n in range(10)]
    assert [one.key for one in started(lookups)] == keys[:8]
    assert keys[3] is not None
    lookups.answered(keys[3])
    assert [one.key for one in started(lookups)] == [keys[8]]


def test_what_no_record_can_hold_is_not_looked_up() -> None:
    assert number_key(caller("anonymous")) is None
    assert number_key(caller("101")) is None
    assert number_key(caller("")) is None


def test_a_lookup_that_takes_too_long_is_given_up_and_its_late_answer_is_dropped() -> None:
    lookups = LookupQueue()
    key = lookups.ask(caller(mobile(1)), 10.0)
    started(lookups)
    assert lookups.next_limit() == 10.0 + LOOKUP_TIMEOUT_S
    assert lookups.expired(10.0 + LOOKUP_TIMEOUT_S - 0.01) == ()
    assert lookups.expired(10.0 + LOOKUP_TIMEOUT_S) == (key,)
    assert key is not None
    assert not lookups.answered(key)
    assert lookups.next_limit() is None


def test_one_that_waited_its_turn_too_long_is_given_up_too() -> None:
    lookups = LookupQueue(most=1)
    first = lookups.ask(caller(mobile(1)), 0.0)
    second = lookups.ask(caller(mobile(2)), 0.0)
    assert set(lookups.expired(LOOKUP_TIMEOUT_S)) == {first, second}
    assert started(lookups) == []


@given(st.lists(st.tuples(st.sampled_from(["ask", "answer", "time"]), st.integers(0, 12))))
def test_there_are_never_too_many_in_flight_and_nothing_asked_is_forgotten(
    steps: list[tuple[str, int]],
) -> None:
    lookups = LookupQueue(most=3)
    now = 0.0
    asked: set[NumberKey] = set()
    in_flight: set[NumberKey] = set()
    settled: set[NumberKey] = set()
    for step, n in steps:
        if step == "ask":
            key = lookups.ask(caller(mobile(n)), now)
            assert key is not None
            asked.add(key)
            settled.discard(key)
        elif step == "answer" and in_flight:
            key = sorted(in_flight)[n % len(in_flight)]
            in_flight.discard(key)
            settled.add(key)
            assert lookups.answered(key)
        else:
            now += n / 10
            late = lookups.expired(now)
            in_flight -= set(late)
            settled |= set(late)
        in_flight |= {one.key for one in started(lookups)}
        assert len(in_flight) <= 3
    now += 2 * LOOKUP_TIMEOUT_S
    assert asked - settled == set(lookups.expired(now))
