"""What the scale demo counts as lost, as the gap of a takeover, and as at the wrong agent."""

from benchmarks.page import Seen
from benchmarks.page_orders import Break, ReceivedCards
from benchmarks.scale_result import judge
from tests.whole_office.simulated_pbx import Ring


def ring(call: str, at: float, *, is_followed: bool = True) -> Ring:
    return Ring(call, "1001", at, is_followed)


def received(*cards: tuple[str, str, float], breaks: tuple[Break, ...] = ()) -> ReceivedCards:
    seen = tuple(Seen(call, phone, "ringing", at) for call, phone, at in cards)
    return ReceivedCards(seen, repeated=0, breaks=breaks, frames=0)


def test_ring_without_a_card_at_its_phone_is_lost() -> None:
    result = judge([ring("a", 1.0), ring("b", 2.0)], received(("a", "1001", 1.5)))
    assert [one.call for one in result.lost] == ["b"]
    assert not result.is_good


def test_card_at_another_phone_or_of_another_call_is_at_the_wrong_agent() -> None:
    cards = received(("a", "1001", 1.5), ("a", "1002", 1.5), ("x", "1001", 1.5))
    result = judge([ring("a", 1.0)], cards)
    assert (result.misrouted, result.is_good) == (2, False)


def test_rings_from_a_second_before_the_kill_until_a_listener_follows_are_counted_apart() -> None:
    rings = [
        ring("before", 8.999),
        ring("in flight", 9.0),
        ring("gap", 12.0, is_followed=False),
        ring("listed", 13.0, is_followed=False),
        ring("after", 17.0),
    ]
    cards = received(("before", "1001", 9.0), ("listed", "1001", 16.5), ("after", "1001", 17.1))
    result = judge(rings, cards, killed_at=10.0)
    assert result.is_good
    assert result.takeover is not None
    assert (result.takeover.rings_unheard, result.takeover.shown_later) == (3, 1)
    assert result.takeover.first_card_s == 6.5
    assert (result.seen, result.usual and result.usual.calls) == (3, 2)

    late = judge([ring("before", 8.999)], received(), killed_at=10.0)
    assert [one.call for one in late.lost] == ["before"]
    unheard = judge([ring("x", 3.0, is_followed=False)], received())
    assert len(unheard.lost) == 1  # there was no kill to excuse it


def test_ring_at_a_page_without_a_connection_has_its_own_latency() -> None:
    away = Break("1001", since=5.0, until=7.0, reason="closed")
    rings = [ring("before", 3.9), ring("meanwhile", 6.0), ring("after", 7.1)]
    cards = received(
        ("before", "1001", 4.0), ("meanwhile", "1001", 7.0), ("after", "1001", 7.2), breaks=(away,)
    )
    result = judge(rings, cards)
    assert result.usual is not None
    assert result.interrupted is not None
    assert (result.usual.calls, result.interrupted.calls) == (2, 1)
    assert result.interrupted.longest == 1.0
    assert result.reconnected is not None
    assert result.reconnected.longest == 2.0


def test_page_that_is_not_connected_at_the_end_fails_the_run() -> None:
    away = Break("1001", since=5.0, until=None, reason="closed")
    result = judge([], received(breaks=(away,)))
    assert (result.still_away, result.is_good) == (1, False)
