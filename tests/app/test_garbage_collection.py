"""Older garbage is collected when no call is live, and at a limit on memory otherwise."""

import gc
import sys
import weakref
from collections import deque
from collections.abc import Iterator

import pytest

from screenpop.app import garbage_collection
from screenpop.app.garbage_collection import (
    MIDDLE,
    QUIET_S,
    RESTS_S,
    WHOLE_EVERY_S,
    YOUNG,
    GarbageCollection,
)

BLOCKS = 20_000


class Cycle:
    """Garbage that only a collection frees."""

    def __init__(self) -> None:
        self.itself = self


class Clock:
    now = 1_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def collection(clock: Clock) -> Iterator[GarbageCollection]:
    one = GarbageCollection(clock, grown_blocks=BLOCKS, most_grown_blocks=BLOCKS)
    one.begin()
    yield one
    one.end()
    gc.freeze()  # else each later collection of this worker looks at the objects of all tests


@pytest.fixture
def collected(collection: GarbageCollection) -> Iterator[list[int]]:
    """The generations collected so far, after the beginning."""
    generations: list[int] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            generations.append(about["generation"])

    gc.callbacks.append(note)
    yield generations
    gc.callbacks.remove(note)


def old_garbage() -> "weakref.ref[Cycle]":
    """A cycle that died in the oldest generation."""
    cycle = Cycle()
    gc.collect(1)
    return weakref.ref(cycle)


def test_old_garbage_waits_while_a_call_is_live_and_goes_after_it(
    collection: GarbageCollection, clock: Clock
) -> None:
    garbage = old_garbage()

    clock.now += RESTS_S
    collection.step(is_idle=False)
    assert garbage() is not None

    clock.now += RESTS_S
    collection.step(is_idle=True)
    assert garbage() is None


def test_between_two_collections_without_a_call_there_is_a_rest(
    collection: GarbageCollection, clock: Clock, collected: list[int]
) -> None:
    for wait, expected in ((RESTS_S - 1, []), (1, [2]), (RESTS_S - 1, [2]), (1, [2, 2])):
        gc.collect(0)
        collected[:] = [generation for generation in collected if generation]
        clock.now += wait
        collection.step(is_idle=True)
        assert collected == expected


def test_nothing_is_collected_where_nothing_was_made(
    collection: GarbageCollection, clock: Clock, collected: list[int]
) -> None:
    gc.freeze()
    clock.now += RESTS_S
    collection.step(is_idle=True)

    assert collected == []


def test_collections_that_were_off_during_the_start_are_on_afterwards() -> None:
    gc.disable()
    try:
        one = GarbageCollection()
        one.begin()
        assert gc.isenabled()
        one.end()
    finally:
        gc.enable()


def test_while_calls_are_live_no_collection_looks_at_more_than_young_objects(
    collection: GarbageCollection, clock: Clock
) -> None:
    looked_at: list[tuple[int, int]] = []

    def note(phase: str, about: dict[str, int]) -> None:
        if phase == "start":
            level = about["generation"]
            looked_at.append((level, sum(len(gc.get_objects(n)) for n in range(level + 1))))

    gc.callbacks.append(note)
    kept: deque[Cycle] = deque(maxlen=5_000)
    try:
        for _ in range(60_000):
            kept.append(Cycle())
        clock.now += RESTS_S - 1
        collection.step(is_idle=False)
    finally:
        gc.callbacks.remove(note)

    assert {level for level, _ in looked_at} == {0, 1}
    assert max(count for _, count in looked_at) <= (YOUNG + 50) * (MIDDLE + 2)


def test_an_office_that_is_never_idle_does_not_keep_its_garbage(
    collection: GarbageCollection, clock: Clock, collected: list[int]
) -> None:
    kept: deque[Cycle] = deque(maxlen=5_000)  # so old that no young collection finds them dead
    began, most = sys.getallocatedblocks(), 0
    for number in range(100_000):
        kept.append(Cycle())
        if number % 1_000 == 0:
            clock.now += RESTS_S
            collection.step(is_idle=False)
            most = max(most, sys.getallocatedblocks() - began)

    assert 3 <= collected.count(2) <= 20
    assert BLOCKS < most < 3 * BLOCKS


def test_a_collection_during_calls_freezes_nothing(
    collection: GarbageCollection, clock: Clock, collected: list[int]
) -> None:
    frozen = gc.get_freeze_count()
    kept = [Cycle() for _ in range(BLOCKS)]
    clock.now += RESTS_S
    collection.step(is_idle=False)

    assert 2 in collected
    assert gc.get_freeze_count() <= frozen  # less where one of those has died
    assert len(kept) == BLOCKS


@pytest.mark.slow
def test_what_was_frozen_alive_and_died_is_collected_after_an_hour_in_a_quiet_minute(
    collection: GarbageCollection, clock: Clock
) -> None:
    cycles = [Cycle() for _ in range(BLOCKS)]
    garbage = weakref.ref(cycles[0])
    clock.now += RESTS_S
    collection.step(is_idle=True)  # frozen
    cycles.clear()

    clock.now += WHOLE_EVERY_S - 2 * RESTS_S
    collection.step(is_idle=True)
    assert garbage() is not None, "before the hour"
    clock.now += 2 * RESTS_S
    collection._busy_at = clock.now - QUIET_S + 1
    collection.step(is_idle=True)
    assert garbage() is not None, "just after a call"
    clock.now += RESTS_S
    collection.step(is_idle=True)
    assert garbage() is None


def test_the_interpreter_has_its_own_settings_back_at_the_end() -> None:
    before = gc.get_threshold()
    one = GarbageCollection()
    one.begin()
    during = gc.get_threshold()
    one.end()

    assert during == (YOUNG, MIDDLE, garbage_collection.NEVER)
    assert gc.get_threshold() == before
