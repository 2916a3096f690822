"""The numbers and words that programs of others rely on, and what a stream keeps."""

import pytest

from screenpop.protocol.client_messages import Command
from screenpop.protocol.close_codes import RETRY_MS, WORD, CloseCode
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.server_messages import Position, Result, Resumed, Snapshot
from screenpop.protocol.session import RateLimit, Send, Session
from screenpop.protocol.user_stream import HistoryLimits, UserStream


def test_close_codes_words_and_pauses_are_those_of_the_published_protocol() -> None:
    assert {int(code): (WORD[code], RETRY_MS[code]) for code in CloseCode} == {
        4001: ("not_logged_in", None),
        4002: ("refused", None),
        4003: ("expired", None),
        4004: ("protocol", 10_000),
        4005: ("too_many_tabs", None),
        4006: ("password_changed", None),
        4007: ("user_disabled", None),
        4008: ("slow", 1_000),
        4009: ("rate", 10_000),
        4010: ("rights_changed", None),
        1012: ("restart", 500),
        1013: ("overload", 5_000),
    }


def test_an_object_that_is_offered_stays_in_the_snapshot_under_its_kind() -> None:
    stream = UserStream("e")
    for kind in ("card", "call", "pbx"):
        stream.offer(kind, "1", kind.encode())
    assert stream.waiting == 3
    stream.commit()
    assert stream.since(None) == Snapshot(Position("e", 3), (b"card",), (b"call",), (b"pbx",))
    stream.offer("card", "1", b"gone", gone=True)
    stream.commit()
    assert stream.since(None) == Snapshot(Position("e", 4), (), (b"call",), (b"pbx",))


@pytest.mark.parametrize(("entries", "is_resumed"), [(127, True), (128, True), (129, False)])
def test_a_stream_keeps_a_hundred_and_twenty_eight_entries(entries: int, is_resumed: bool) -> None:
    stream = UserStream("e")
    for _ in range(entries):
        stream.publish("card", "1", b"c")
    assert isinstance(stream.since(Position("e", 0)), Resumed) is is_resumed


@pytest.mark.parametrize(("size", "is_resumed"), [(-1, True), (0, True), (1, False)])
def test_a_stream_keeps_256_kilobytes(size: int, is_resumed: bool) -> None:
    assert HistoryLimits() == HistoryLimits(entries=128, bytes=262_144)
    stream = UserStream("e")
    stream.publish("card", "1", b"c")
    stream.publish("card", "1", b"c" * (262_143 + size))
    assert isinstance(stream.since(Position("e", 0)), Resumed) is is_resumed


@pytest.mark.parametrize(("seq", "is_resumed"), [(-1, False), (0, True), (2, True), (3, False)])
def test_a_position_from_the_beginning_to_the_newest_entry_is_resumed(
    seq: int, is_resumed: bool
) -> None:
    stream = UserStream("e")
    stream.publish("card", "1", b"c")
    stream.publish("card", "1", b"d")
    start = stream.since(Position("e", seq))
    assert isinstance(start, Resumed) is is_resumed
    if isinstance(start, Resumed):
        assert len(start.entries) == 2 - seq


def test_each_of_several_commands_of_a_session_gets_its_result_once() -> None:
    session = Session("build", CommandDedup(), 0.0, RateLimit())
    session.received('{"type":"hello"}', 0.0)
    session.joined(Snapshot(Position("e", 0), (), (), ()), 0.0, 0.0)
    for id_ in ("1", "2"):
        asked = session.received(f'{{"type":"command","id":"{id_}","op":"note"}}', 0.0)
        assert asked == (Command(id_, "note", {}),)
    for id_ in ("1", "2"):
        (sent,) = session.answered(Result(id_, ok=True))
        assert isinstance(sent, Send)
        assert session.answered(Result(id_, ok=True)) == ()
