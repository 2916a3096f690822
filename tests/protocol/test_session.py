"""One socket's session, in values: which side sends what when, and when it is over."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.protocol.client_messages import Command, Receipt, Stage
from screenpop.protocol.close_codes import CloseCode
from screenpop.protocol.command_dedup import CommandDedup
from screenpop.protocol.server_messages import Entry, Position, Result, Resumed, Snapshot
from screenpop.protocol.session import (
    HELLO_TIMEOUT_S,
    MAX_UNACKNOWLEDGED,
    MAX_UNACKNOWLEDGED_AGE_S,
    SILENCE_TIMEOUT_S,
    SOFT_MAX_UNACKNOWLEDGED,
    Action,
    Close,
    Join,
    RateLimit,
    Send,
    Session,
)

WALL = 1_764_570_000.0
EMPTY = Snapshot(Position("e", 0), (), (), ())
HELLO = '{"type":"hello","last":null,"tab":"t"}'


def opened(memory: CommandDedup | None = None, allowance: RateLimit | None = None) -> Session:
    return Session("build", memory or CommandDedup(), 0.0, allowance or RateLimit())


def joined(memory: CommandDedup | None = None, allowance: RateLimit | None = None) -> Session:
    session = opened(memory, allowance)
    assert session.received(HELLO, 0.0) == (Join(None),)
    session.joined(EMPTY, 0.0, WALL)
    return session


def ack(seq: int) -> str:
    return f'{{"type":"ack","seq":{seq}}}'


def command(id: str) -> str:
    return f'{{"type":"command","id":"{id}","op":"note"}}'


def sent_frames(outputs: tuple[Action, ...]) -> list[dict[str, Any]]:
    """What is sent, decoded. Nothing else may be among it."""
    return [orjson.loads(output.frame) for output in outputs if isinstance(output, Send)]


def closes(outputs: tuple[Action, ...]) -> CloseCode | None:
    codes = [output.code for output in outputs if isinstance(output, Close)]
    assert not codes or len(outputs) == 1
    return codes[0] if codes else None


def test_a_fresh_page_is_welcomed_with_the_whole_picture() -> None:
    session = opened()
    assert session.received(HELLO, 1.0) == (Join(None),)
    picture = Snapshot(
        Position("e", 7), (b'{"id":"c"}',), (), (b'{"id":"office"}',), (b'{"id":3}',)
    )
    welcome, whole = sent_frames(session.joined(picture, 1.0, WALL))
    assert welcome == {
        "type": "welcome",
        "mode": "snapshot",
        "epoch": "e",
        "seq": 7,
        "build": "build",
        "protocol": "1.3",
        "at": WALL,
    }
    assert whole == {
        "type": "snapshot",
        "epoch": "e",
        "seq": 7,
        "cards": [{"id": "c"}],
        "calls": [],
        "pbx": [{"id": "office"}],
        "agents": [{"id": 3}],
    }


def test_a_page_that_comes_back_gets_what_it_missed_and_then_the_rest() -> None:
    session = opened()
    hello = '{"type":"hello","last":{"epoch":"e","seq":5}}'
    assert session.received(hello, 0.0) == (Join(Position("e", 5)),)
    missed = Resumed(Position("e", 6), (Entry(6, "card", b'{"id":"c"}'),))
    welcome, card = sent_frames(session.joined(missed, 0.0, WALL))
    assert (welcome["mode"], welcome["seq"]) == ("resumed", 6)
    assert (card["seq"], card["card"]) == (6, {"id": "c"})
    assert sent_frames(session.published(7, b'{"seq":7}', 0.0)) == [{"seq": 7}]


def test_what_was_published_before_the_hello_is_in_the_picture_and_not_sent_twice() -> None:
    session = opened()
    assert session.published(1, b"{}", 0.0) == ()
    session.received(HELLO, 0.0)
    assert session.published(1, b"{}", 0.0) == ()
    session.joined(Snapshot(Position("e", 1), (), (), ()), 0.0, WALL)
    assert session.published(1, b"{}", 0.0) == ()
    assert session.published(2, b"{}", 0.0) == (Send(b"{}"),)


def test_a_gap_in_the_stream_ends_the_session_instead_of_hiding_it() -> None:
    session = joined()
    assert closes(session.published(2, b"{}", 0.0)) == CloseCode.RESTART


def test_hello_must_come_first_and_once() -> None:
    assert closes(opened().received('{"type":"hb"}', 0.0)) == CloseCode.PROTOCOL
    assert closes(joined().received(HELLO, 0.0)) == CloseCode.PROTOCOL


def test_hello_must_come_soon() -> None:
    session = opened()
    assert session.ticked(Position("e", 0), HELLO_TIMEOUT_S, WALL) == ()
    assert closes(session.ticked(Position("e", 0), HELLO_TIMEOUT_S + 1, WALL)) == CloseCode.PROTOCOL


def test_a_heartbeat_has_the_head_of_the_stream_and_the_time() -> None:
    heard = sent_frames(joined().ticked(Position("e", 3), 5.0, WALL))
    assert heard == [{"type": "hb", "epoch": "e", "seq": 3, "at": WALL}]


def test_a_client_answering_heartbeats_stays() -> None:
    session = joined()
    for second in range(5, 600, 5):
        assert closes(session.ticked(Position("e", 0), float(second), WALL)) is None
        assert session.received('{"type":"hb"}', second + 0.1) == ()


def test_a_client_answering_no_heartbeat_is_cut() -> None:
    session = joined()
    assert closes(session.ticked(Position("e", 0), SILENCE_TIMEOUT_S, WALL)) is None
    assert closes(session.ticked(Position("e", 0), SILENCE_TIMEOUT_S + 1, WALL)) == CloseCode.SLOW


def test_a_client_acknowledging_nothing_is_cut_after_so_many() -> None:
    session = joined()
    for seq in range(1, MAX_UNACKNOWLEDGED + 1):
        assert session.published(seq, b"{}", 0.0) == (Send(b"{}"),)
    assert closes(session.published(MAX_UNACKNOWLEDGED + 1, b"{}", 0.0)) == CloseCode.SLOW


def test_a_client_leaving_one_unacknowledged_for_long_is_cut_although_others_are() -> None:
    session = joined()
    session.published(1, b"{}", 0.0)
    session.published(2, b"{}", 6.0)
    session.received(ack(1), 6.0)
    assert closes(session.ticked(Position("e", 2), 10.0, WALL)) is None
    late = 6.0 + MAX_UNACKNOWLEDGED_AGE_S
    assert closes(session.ticked(Position("e", 2), late, WALL)) is None
    assert closes(session.ticked(Position("e", 2), late + 0.1, WALL)) == CloseCode.SLOW


@pytest.mark.parametrize("sent_at", [0.0, 0.1, 1.0, 2.5, 4.0, 4.9, 5.0])
def test_a_client_that_reads_nothing_is_found_within_nine_seconds(sent_at: float) -> None:
    session, found_at = joined(), None
    session.published(1, b"{}", sent_at)
    for tenth in range(200):
        at = tenth / 10
        if at % 5 == 0 and at >= sent_at:
            session.ticked(Position("e", 1), at, WALL)
        if at >= sent_at and session.overdue(at):
            found_at = at
            break
    assert found_at is not None
    assert MAX_UNACKNOWLEDGED_AGE_S < found_at - sent_at <= 9.2


def test_one_ack_is_enough_for_many_and_an_old_one_changes_nothing() -> None:
    session = joined()
    for seq in range(1, 2000):
        assert closes(session.published(seq, b"{}", 0.0)) is None
        if seq % 200 == 0:
            session.received(ack(seq), 0.0)
            session.received(ack(1), 0.0)


def test_an_ack_from_the_future_is_against_the_protocol() -> None:
    assert closes(joined().received(ack(1), 0.0)) == CloseCode.PROTOCOL


def test_capacity_shrinks_with_what_is_not_acknowledged() -> None:
    session = joined()
    assert session.room == SOFT_MAX_UNACKNOWLEDGED
    for seq in range(1, SOFT_MAX_UNACKNOWLEDGED + 11):
        session.published(seq, b"{}", 0.0)
    assert session.room == 0
    session.received(ack(SOFT_MAX_UNACKNOWLEDGED), 0.0)
    assert session.room == SOFT_MAX_UNACKNOWLEDGED - 10


def test_a_receipt_is_handed_on() -> None:
    heard = joined().received('{"type":"receipt","card":"c","rev":2,"stage":"painted"}', 0.0)
    assert heard == (Receipt("c", 2, {Stage.PAINTED: 0}),)


def receipt(seq: int) -> str:
    return f'{{"type":"receipt","card":"c","rev":1,"stages":{{"seen":0}},"seq":{seq}}}'


def heartbeat_reply(seq: int) -> str:
    return f'{{"type":"hb","seq":{seq}}}'


@pytest.mark.parametrize("message", [ack, receipt, heartbeat_reply])
def test_an_ack_a_receipt_and_a_heartbeat_reply_acknowledge_everything_up_to_their_seq(
    message: Callable[[int], str],
) -> None:
    session = joined()
    for seq in range(1, SOFT_MAX_UNACKNOWLEDGED + 1):
        session.published(seq, b"{}", 0.0)
    assert closes(session.received(message(SOFT_MAX_UNACKNOWLEDGED - 1), 0.0)) is None
    assert session.room == SOFT_MAX_UNACKNOWLEDGED - 1
    assert closes(session.received(message(SOFT_MAX_UNACKNOWLEDGED), 0.0)) is None
    assert session.room == SOFT_MAX_UNACKNOWLEDGED
    assert session.received(message(SOFT_MAX_UNACKNOWLEDGED + 1), 0.0) == (
        Close(CloseCode.PROTOCOL, "ack of something that was never sent"),
    )


def test_a_receipt_and_a_heartbeat_reply_without_a_seq_acknowledge_nothing() -> None:
    session = joined()
    session.published(1, b"{}", 0.0)
    session.received('{"type":"receipt","card":"c","rev":1,"stages":{"seen":0}}', 0.0)
    session.received('{"type":"hb"}', 0.0)
    assert session.room == SOFT_MAX_UNACKNOWLEDGED - 1


def test_a_client_that_acknowledges_only_with_its_heartbeats_is_not_slow() -> None:
    """Whenever a message comes between two heartbeats, and with a second on the way."""
    for sent_at in (5.001, 7.5, 9.999):
        session = joined()
        for seq, beat in enumerate(range(5, 120, 5)):
            assert closes(session.ticked(Position("e", seq), float(beat), WALL)) is None
            assert closes(session.received(heartbeat_reply(seq), beat + 1.0)) is None
            assert closes(session.published(seq + 1, b"{}", beat + sent_at - 5.0)) is None


def test_a_server_that_stood_still_gives_its_clients_the_time_to_answer_a_heartbeat() -> None:
    session = joined()
    session.ticked(Position("e", 0), 5.0, WALL)
    session.published(1, b"{}", 5.1)
    assert closes(session.ticked(Position("e", 1), 25.0, WALL)) is None
    assert closes(session.published(2, b"{}", 28.9)) is None
    assert closes(session.published(3, b"{}", 29.0)) == CloseCode.SLOW


def test_a_client_that_answers_after_the_server_stood_still_stays() -> None:
    session = joined()
    session.ticked(Position("e", 0), 5.0, WALL)
    session.published(1, b"{}", 5.1)
    session.ticked(Position("e", 1), 25.0, WALL)
    session.received(heartbeat_reply(1), 25.1)
    assert closes(session.ticked(Position("e", 1), 30.0, WALL)) is None
    assert closes(session.published(2, b"{}", 36.0)) is None


def test_a_message_before_the_last_but_one_heartbeat_is_late_after_eight_seconds() -> None:
    session = joined()
    session.published(1, b"{}", 0.0)
    for beat in (4.0, 8.0):
        assert closes(session.ticked(Position("e", 1), beat, WALL)) is None
    late = MAX_UNACKNOWLEDGED_AGE_S
    assert closes(session.published(2, b"{}", late)) is None
    assert closes(session.published(3, b"{}", late + 0.1)) == CloseCode.SLOW


def test_a_command_is_handed_on_once_and_its_result_sent_to_each_asking_session() -> None:
    memory = CommandDedup()
    first, second, other = joined(memory), joined(memory), joined(memory)
    ask = '{"type":"command","id":"c1","op":"note","args":{"text":"x"}}'
    assert first.received(ask, 0.0) == (Command("c1", "note", {"text": "x"}),)
    assert second.received(ask, 0.0) == ()
    result = Result("c1", ok=True, value={"kept": True})
    memory.answer(result)
    reported = {"type": "result", "id": "c1", "ok": True, "value": {"kept": True}}
    assert sent_frames(first.answered(result)) == sent_frames(second.answered(result)) == [reported]
    assert other.answered(result) == ()
    assert first.answered(result) == ()
    assert sent_frames(other.received(ask, 0.0)) == [reported]


def test_too_many_commands_at_once_are_answered_with_that() -> None:
    session = joined()
    for number in range(32):
        ask = command(f"c{number}")
        assert isinstance(session.received(ask, 0.0)[0], Command)
    (answer,) = sent_frames(session.received(command("more"), 0.0))
    assert (answer["ok"], answer["error"]) == (False, "too_many_commands")


@pytest.mark.defends("socket-frames")
def test_a_client_sending_too_much_is_sent_away_but_not_after_a_fast_moment() -> None:
    session = joined(allowance=RateLimit(per_second=10, burst=20))
    for _ in range(19):
        assert session.received('{"type":"hb"}', 1.0) == ()
    assert session.received('{"type":"hb"}', 2.0) == ()
    for _ in range(9):
        assert session.received('{"type":"hb"}', 2.0) == ()
    assert session.received('{"type":"hb"}', 2.0) == ()
    assert closes(session.received('{"type":"hb"}', 2.0)) == CloseCode.RATE


def test_a_client_acknowledging_very_many_messages_does_not_send_too_much() -> None:
    session = joined(allowance=RateLimit(per_second=1, burst=5))
    for seq in range(1, 500):
        session.published(seq, b"{}", 0.0)
        assert session.received(ack(seq), 0.0) == ()
    for _ in range(4):
        assert session.received(ack(499), 0.0) == ()
    assert closes(session.received(ack(499), 0.0)) == CloseCode.RATE


def test_the_server_can_end_it_and_then_nothing_more_is_sent() -> None:
    session = joined()
    assert session.end(CloseCode.RESTART) == (Close(CloseCode.RESTART),)
    assert session.closed
    assert session.end(CloseCode.RESTART) == ()
    assert session.received('{"type":"hb"}', 0.0) == ()
    assert session.published(1, b"{}", 0.0) == ()
    assert session.ticked(Position("e", 1), 0.0, WALL) == ()
    assert session.answered(Result("c", ok=True)) == ()
    assert session.joined(EMPTY, 0.0, WALL) == ()


@pytest.mark.defends("socket-frames")
@pytest.mark.parametrize("text", ["", "[]", '{"type":"shout"}'])
def test_what_is_no_message_ends_it(text: str) -> None:
    assert closes(joined().received(text, 0.0)) == CloseCode.PROTOCOL


EVENTS = st.lists(
    st.one_of(
        st.tuples(st.just("publish")),
        st.tuples(st.just("say"), st.text(max_size=20)),
        st.tuples(st.just("ack"), st.integers(0, 30)),
        st.tuples(st.just("hb")),
        st.tuples(st.just("tick"), st.floats(0, 40)),
        st.tuples(st.just("end")),
    ),
    max_size=60,
)


@given(EVENTS)
def test_everything_published_is_sent_in_order_until_the_one_close(
    events: list[tuple[Any, ...]],
) -> None:
    session, now, head = joined(), 0.0, 0
    out: list[Action] = []
    while_open = 0
    for event in events:
        was_open = not session.closed
        match event:
            case ("publish",):
                head += 1
                out += session.published(head, b'{"n":%d}' % head, now)
                while_open += was_open and not session.closed
            case ("say", text):
                out += session.received(text, now)
            case ("ack", seq):
                out += session.received(ack(seq), now)
            case ("hb",):
                out += session.received('{"type":"hb"}', now)
            case ("tick", seconds):
                now += seconds
                out += session.ticked(Position("e", head), now, WALL)
            case _:
                out += session.end(CloseCode.RESTART)
    sent = [one["n"] for one in sent_frames(tuple(out)) if "n" in one]
    assert sent == list(range(1, while_open + 1))
    closing = [index for index, output in enumerate(out) if isinstance(output, Close)]
    assert closing in ([], [len(out) - 1])
