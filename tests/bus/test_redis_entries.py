"""What is read from Redis, also when another program has written it."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.bus.redis_entries import epoch_age, read_entry, read_start
from screenpop.bus.request_messages import read_answer, read_entries, read_request
from screenpop.protocol.server_messages import Entry, Position, Resumed, Snapshot

RUBBISH = st.recursive(st.none() | st.integers() | st.binary(max_size=30), st.lists, max_leaves=12)


@given(RUBBISH)
def test_no_reply_stops_a_process(reply: object) -> None:
    assert read_start(reply) is None
    assert read_entry(reply) is None
    assert read_request(reply) is None
    assert read_answer(reply) is None
    assert all(isinstance(entry_id, bytes) for entry_id, _ in read_entries(reply))


def test_an_entry_has_its_four_fields_and_an_object() -> None:
    line = b'1-2-x 7 1 card\n{"a":\n1}'
    assert read_entry(line) == ("1-2-x", Entry(7, "card", b'{"a":\n1}', True))
    for wrong in (
        b"1-2-x 7 2 card\n{}",
        b"1-2-x -7 0 card\n{}",
        b"1-2-x 7 0 ca\xffrd\n{}",
        b"1-2-x 7 0 card\n[]",
        b"1-2-x 7 0 card",
        b"1-2-x 1111111111111111 0 card\n{}",
    ):
        assert read_entry(wrong) is None, wrong


def test_a_history_with_a_gap_is_no_start() -> None:
    lines = [b"1-2-x 3 0 card\n{}", b"1-2-x 4 0 card\n{}"]
    position = Position("1-2-x", 4)
    start = read_start([b"1-2-x", 4, b"log", lines])
    assert isinstance(start, Resumed)
    assert (start.position, [entry.seq for entry in start.entries]) == (position, [3, 4])
    for wrong in (
        lines[:1],
        lines[::-1],
        [b"rubbish", lines[1]],
        [b"1-9-x 3 0 card\n{}", lines[1]],
    ):
        assert read_start([b"1-2-x", 4, b"log", wrong]) is None
    assert read_start([b"1-2-x", 4, b"log", []]) == Resumed(position, ())


def test_a_picture_is_in_the_order_of_first_appearance_and_without_rubbish() -> None:
    pairs = [b"seq", b"9", b"card:b", b"5 {2}", b"card:a", b"4 {1}", b"call:c", b"1 {3}"]
    pairs += [b"card:x", b"{}", b"card:y", b"3 nothing", b"card:z"]
    start = read_start([b"1-2-x", 9, b"now", pairs])
    assert start == Snapshot(Position("1-2-x", 9), (b"{1}", b"{2}"), (b"{3}",), ())


def test_epochs_are_ordered_by_fence_and_then_by_turn() -> None:
    ages = [epoch_age(epoch) for epoch in ("1-1-z", "1-2-a", "2-1-_", "10-1-b-c")]
    known = [age for age in ages if age is not None]
    assert len(known) == 4
    assert known == sorted(known)
    for wrong in ("", "1", "1-1", "1-1-", "x-1-a", "1-x-a", "1-1-ä", '1-1-"', "1-1-a b", "1--a"):
        assert epoch_age(wrong) is None, wrong
