"""The listener's view of a stream in Redis numbers as the stream of one process does."""

from hypothesis import given
from hypothesis import strategies as st

from screenpop.bus.published_stream import PublishedStream
from screenpop.protocol.server_messages import Snapshot
from screenpop.protocol.user_stream import HistoryLimits, UserStream

LIMITS = HistoryLimits(entries=4, bytes=10)
STEPS = st.lists(
    st.tuples(st.sampled_from("abc"), st.binary(max_size=11), st.booleans()), max_size=30
)


@given(STEPS)
def test_it_keeps_the_same_history_and_the_same_order_of_objects(
    steps: list[tuple[str, bytes, bool]],
) -> None:
    ours, one_process = PublishedStream(LIMITS), UserStream("e", LIMITS)
    for key, payload, gone in steps:
        ours.offer("card", key, payload, gone=gone, may_wait=False)
        numbered = ours.number(1)
        entry = one_process.publish("card", key, payload, gone=gone)
        assert (numbered.first_seq, ours.seq, numbered.keep) == (
            entry.seq,
            entry.seq,
            len(one_process._history),
        )
    picture = one_process.since(None)
    assert isinstance(picture, Snapshot)
    in_order = sorted(ours._picture.values(), key=lambda state: state[1])
    assert tuple(payload for payload, _ in in_order) == picture.cards


def test_an_epoch_begins_with_all_that_is_known_also_what_was_not_written() -> None:
    stream = PublishedStream()
    for key in ("written", "gone"):
        stream.offer("card", key, b"1", gone=False, may_wait=False)
    stream.number(2)
    stream.offer("card", "gone", b"2", gone=True, may_wait=False)
    stream.offer("call", "waiting", b"3", gone=False, may_wait=True)
    stream.restart()
    assert stream.due == {("card", "written"): (b"1", False), ("call", "waiting"): (b"3", False)}
    assert (stream.seq, stream.objects, len(stream.waiting)) == (0, 0, 0)


def test_the_longest_waiting_objects_are_released_first_and_keep_their_newest_state() -> None:
    stream = PublishedStream()
    for key, payload in (("a", b"1"), ("b", b"1"), ("a", b"2")):
        stream.offer("call", key, payload, gone=False, may_wait=True)
    assert stream.release(1) == 1
    assert stream.due == {("call", "a"): (b"2", False)}
    assert stream.release(5) == 1
    assert stream.release(5) == 0
