"""One user's stream: each client that applies it has the same picture after any number of cuts."""

import orjson
from hypothesis import given
from hypothesis import strategies as st

from screenpop.protocol.server_messages import Position, Resumed, Snapshot, encode_entry, snapshot
from screenpop.protocol.user_stream import HistoryLimits, UserStream
from tests.protocol.client import Client

KINDS = st.sampled_from(["card", "call", "pbx"])
KEYS = st.sampled_from(["a", "b", "c"])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("publish"), KINDS, KEYS, st.booleans()),
        st.tuples(st.just("offer"), KINDS, KEYS, st.booleans()),
        st.tuples(st.just("commit"), st.integers(0, 3)),
        st.tuples(st.just("cut")),
        st.tuples(st.just("come back")),
        st.tuples(st.just("forget everything")),
    ),
    max_size=60,
)


class Publisher:
    """Publishes things that count up, and knows what it published."""

    def __init__(self) -> None:
        self.rev = 0

    def thing(self, key: str) -> bytes:
        self.rev += 1
        return orjson.dumps({"id": key, "rev": self.rev})


def come_back(stream: UserStream, client: Client) -> None:
    last = Position(client.epoch, client.seq) if client.started else None
    start = stream.since(last)
    if isinstance(start, Snapshot):
        client.hear(snapshot(start))
    else:
        for entry in start.entries:
            client.hear(encode_entry(stream.epoch, entry))


def picture_of(stream: UserStream) -> object:
    fresh = Client()
    come_back(stream, fresh)
    return fresh.picture


@given(STEPS, st.integers(1, 6))
def test_a_client_cut_off_anywhere_has_the_picture_again_when_it_comes_back(
    steps: list[tuple[str, ...]], history: int
) -> None:
    stream, client, publisher = (
        UserStream("e1", HistoryLimits(entries=history)),
        Client(),
        Publisher(),
    )
    connected = False
    lives = 1
    for step in steps:
        entries = []
        match step:
            case ("publish", kind, key, gone):
                gone_now = bool(gone) and kind != "pbx"
                entries = [stream.publish(kind, key, publisher.thing(key), gone=gone_now)]
            case ("offer", kind, key, gone):
                stream.offer(kind, key, publisher.thing(key), gone=bool(gone) and kind != "pbx")
            case ("commit", most):
                entries = list(stream.commit(int(most)))
            case ("cut",):
                connected = False
            case ("come back",):
                connected = True
                come_back(stream, client)
            case _:
                lives += 1
                stream = UserStream(f"e{lives}", HistoryLimits(entries=history))
                connected = False
        if connected:
            for entry in entries:
                client.hear(encode_entry(stream.epoch, entry))
    come_back(stream, client)
    assert client.gaps == 0
    assert client.picture == picture_of(stream)
    assert client.seq == stream.seq


@given(st.lists(st.tuples(KINDS, KEYS, st.booleans()), max_size=40))
def test_numbers_are_dense_and_given_once(things: list[tuple[str, str, bool]]) -> None:
    stream, publisher = UserStream("e"), Publisher()
    seqs = []
    for kind, key, at_once in things:
        if at_once:
            seqs.append(stream.publish(kind, key, publisher.thing(key)).seq)
        else:
            stream.offer(kind, key, publisher.thing(key))
            seqs += [entry.seq for entry in stream.commit(1)]
    seqs += [entry.seq for entry in stream.commit()]
    assert seqs == list(range(1, len(seqs) + 1))
    assert stream.waiting == 0


@given(st.lists(KEYS, min_size=1, max_size=30))
def test_a_waiting_update_is_sent_once_and_newest(keys: list[str]) -> None:
    stream = UserStream("e")
    newest: dict[str, bytes] = {}
    for number, key in enumerate(keys):
        newest[key] = b"%d" % number
        stream.offer("call", key, newest[key])
    reported = [entry.payload for entry in stream.commit()]
    assert reported == list(newest.values())


def test_something_urgent_takes_the_place_of_what_waited() -> None:
    stream = UserStream("e")
    stream.offer("call", "a", b"old")
    stream.publish("call", "a", b"new")
    assert stream.commit() == ()
    start = stream.since(None)
    assert isinstance(start, Snapshot)
    assert start.calls == (b"new",)


def test_the_first_offered_comes_first_when_there_is_capacity_for_one_only() -> None:
    stream = UserStream("e")
    stream.offer("call", "a", b"1")
    stream.offer("call", "b", b"2")
    stream.offer("call", "a", b"3")
    assert [entry.payload for entry in stream.commit(1)] == [b"3"]
    assert stream.waiting == 1


def test_a_client_that_missed_little_gets_just_that() -> None:
    stream = UserStream("e")
    for number in range(5):
        stream.publish("card", "a", b"%d" % number)
    start = stream.since(Position("e", 3))
    assert isinstance(start, Resumed)
    assert [entry.seq for entry in start.entries] == [4, 5]
    assert stream.since(Position("e", 5)) == Resumed(Position("e", 5), ())


def test_a_client_that_missed_more_than_the_history_or_has_another_epoch_gets_all_anew() -> None:
    stream = UserStream("e", HistoryLimits(entries=2))
    for number in range(5):
        stream.publish("card", "a", b"%d" % number)
    assert isinstance(stream.since(Position("e", 3)), Resumed)
    for last in (None, Position("e", 2), Position("e", 6), Position("other", 5)):
        assert stream.since(last) == Snapshot(Position("e", 5), (b"4",), (), ())


def test_the_history_is_bounded_in_bytes_too() -> None:
    stream = UserStream("e", HistoryLimits(entries=100, bytes=1000))
    for _ in range(50):
        stream.publish("card", "a", b"x" * 400)
    assert isinstance(stream.since(Position("e", 48)), Resumed)
    assert isinstance(stream.since(Position("e", 47)), Snapshot)
