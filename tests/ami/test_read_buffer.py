import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.ami.read_buffer import MessageBatch, ReadBuffer
from screenpop.asterisk.ami_framing import BadMessage, BadReason
from screenpop.asterisk.ami_message import AmiMessage

ONE = AmiMessage({"Event": "X"})


def test_each_read_is_one_call_in_order_and_nothing_is_no_call() -> None:
    seen: list[MessageBatch] = []
    hand_over = ReadBuffer(seen.append)
    hand_over.give([ONE], 1.0, ())
    hand_over.give([], 2.0, ())
    hand_over.give([ONE, ONE], 3.0, ())
    hand_over.deliver(9.0)
    assert [(len(batch.messages), batch.at, batch.lost) for batch in seen] == [
        (1, 1.0, 0),
        (2, 3.0, 0),
    ]


def test_what_does_not_fit_is_reported_before_the_next_that_does() -> None:
    seen: list[MessageBatch] = []
    hand_over = ReadBuffer(seen.append, most_waiting=3)
    for _ in range(4):
        hand_over.give([ONE, ONE], 1.0, ())
    hand_over.give([ONE], 2.0, ())
    hand_over.deliver(9.0)
    hand_over.give([ONE], 3.0, ())
    hand_over.deliver(9.0)
    assert [(len(batch.messages), batch.lost) for batch in seen] == [(2, 0), (1, 6), (1, 0)]


def test_what_was_dropped_at_the_end_of_a_burst_is_reported_though_nothing_follows() -> None:
    seen: list[MessageBatch] = []
    hand_over = ReadBuffer(seen.append, most_waiting=3)
    for _ in range(4):
        hand_over.give([ONE, ONE], 1.0, ())
    hand_over.deliver(9.0)
    hand_over.give([ONE], 10.0, ())
    hand_over.deliver(11.0)
    assert [(len(batch.messages), batch.at, batch.lost) for batch in seen] == [
        (2, 1.0, 0),
        (0, 9.0, 6),
        (1, 10.0, 0),
    ]


def test_delivered_messages_count_for_the_limit_until_they_are_handled() -> None:
    seen: list[MessageBatch] = []
    unhandled = [2]
    hand_over = ReadBuffer(seen.append, most_waiting=3, unhandled=lambda: unhandled[0])
    hand_over.give([ONE], 1.0, ())
    hand_over.deliver(9.0)
    hand_over.give([ONE, ONE], 2.0, ())
    unhandled[0] = 1
    hand_over.give([ONE, ONE], 3.0, ())
    hand_over.deliver(9.0)
    assert [(len(batch.messages), batch.lost) for batch in seen] == [(1, 0), (2, 2)]


@pytest.mark.defends("ami-bytes")
@given(st.lists(st.one_of(st.integers(1, 4), st.none()), max_size=40), st.integers(1, 6))
def test_every_message_is_delivered_or_counted_as_lost(
    steps: list[int | None], most_waiting: int
) -> None:
    seen: list[MessageBatch] = []
    hand_over = ReadBuffer(seen.append, most_waiting)
    for step in [*steps, None]:
        if step is None:
            hand_over.deliver(9.0)
        else:
            hand_over.give([ONE] * step, 1.0, ())
    arrived = sum(len(batch.messages) + batch.lost for batch in seen)
    assert arrived == sum(step or 0 for step in steps)
    assert all(batch.messages or batch.lost for batch in seen)


def test_bad_messages_travel_even_without_good_ones() -> None:
    seen: list[MessageBatch] = []
    bad = BadMessage(BadReason.MALFORMED, b"x")
    hand_over = ReadBuffer(seen.append)
    hand_over.give([], 1.0, (bad,))
    hand_over.deliver(9.0)
    assert [batch.bad for batch in seen] == [(bad,)]
