"""What is lost, what went astray, and how many times slower."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.page import Seen
from benchmarks.pbx import Rang
from benchmarks.ratios import is_noisy, latency_of, percentile, route, spread

RANG = (Rang("a", "1001", 10.0), Rang("b", "1002", 11.0))


def seen(call: str, phone: str, at: float) -> Seen:
    return Seen(call, phone, "ringing", at)


def test_each_card_is_held_against_its_ring() -> None:
    routed = route(RANG, [seen("a", "1001", 10.5), seen("b", "1002", 11.25)])
    assert routed.latency is not None
    assert (routed.latency.p50, routed.latency.longest) == (0.25, 0.5)
    assert (routed.lost, routed.misrouted) == ((), ())


def test_a_card_that_never_came_is_lost() -> None:
    routed = route(RANG, [seen("a", "1001", 10.5)])
    assert routed.lost == ("b",)


def test_a_card_at_another_phone_is_misrouted_and_its_own_is_lost() -> None:
    routed = route(RANG, [seen("a", "1001", 10.5), seen("b", "1001", 11.1)])
    assert (routed.lost, routed.misrouted) == (("b",), ("b",))


def test_a_card_for_two_phones_is_misrouted_even_when_the_right_one_has_it() -> None:
    cards = [seen("a", "1001", 10.5), seen("a", "1002", 10.5), seen("b", "1002", 11.1)]
    assert route(RANG, cards).misrouted == ("a",)


def test_a_card_of_a_call_that_was_not_played_is_misrouted() -> None:
    cards = [seen("a", "1001", 10.5), seen("b", "1002", 11.1), seen("c", "1001", 11.2)]
    assert route(RANG, cards).misrouted == ("c",)


def test_cards_of_a_stalled_browser_are_not_lost() -> None:
    routed = route(RANG, [seen("a", "1001", 10.5)], stalled=frozenset({"1002"}))
    assert routed.lost == ()


def test_no_card_at_all_has_no_latency() -> None:
    routed = route(RANG, [])
    assert routed.latency is None
    assert routed.lost == ("a", "b")


@pytest.mark.parametrize(("per_cent", "expected"), [(50, 50), (99, 99), (100, 100), (1, 1), (0, 1)])
def test_a_percentile_is_the_nearest_rank(per_cent: float, expected: int) -> None:
    assert percentile(range(1, 101), per_cent) == expected


@given(st.lists(st.floats(0, 1e3), min_size=1))
def test_a_latency_lies_among_what_was_measured(times: list[float]) -> None:
    latency = latency_of(times)
    assert latency.p50 in times
    assert min(times) <= latency.p50 <= latency.p99 <= latency.longest == max(times)


@given(st.lists(st.floats(0.1, 10), min_size=1))
def test_a_spread_has_its_median_between_its_ends(figures: list[float]) -> None:
    found = spread(figures)
    assert found.least <= found.median <= found.most


def test_floors_a_quarter_apart_are_quiet_and_more_is_noise() -> None:
    assert not is_noisy(1.0, 1.25)
    assert is_noisy(1.0, 1.26)
    assert is_noisy(1.26, 1.0)
