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
    hand_over.deliver()
    assert [(len(batch.messages), batch.at, batch.lost) for batch in seen] == [
        (1, 1.0, 0),
        (2, 3.0, 0),
    ]


def test_what_does_not_fit_is_counted_and_reported_with_the_next_that_does() -> None:
    seen: list[MessageBatch] = []
    hand_over = ReadBuffer(seen.append, most_waiting=3)
    for _ in range(4):
        hand_over.give([ONE, ONE], 1.0, ())
    hand_over.deliver()
    hand_over.give([ONE], 2.0, ())
    hand_over.give([ONE], 3.0, ())
    hand_over.deliver()
    assert [(len(batch.messages), batch.lost) for batch in seen] == [(2, 0), (1, 6), (1, 0)]


def test_bad_messages_travel_even_without_good_ones() -> None:
    seen: list[MessageBatch] = []
    bad = BadMessage(BadReason.MALFORMED, b"x")
    hand_over = ReadBuffer(seen.append)
    hand_over.give([], 1.0, (bad,))
    hand_over.deliver()
    assert [batch.bad for batch in seen] == [(bad,)]
