"""The messages of a client are checked before they are handled."""

import json

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screenpop.protocol.client_messages import (
    MAX_MESSAGE_LENGTH,
    Ack,
    BadMessage,
    Command,
    HeartbeatReply,
    Hello,
    Receipt,
    Stage,
    parse_client_message,
)
from screenpop.protocol.server_messages import Position

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner),
    max_leaves=8,
)
FIELDS = (
    *("last", "tab", "build", "seq", "card", "rev", "stage", "stages", "id", "op", "args", "epoch"),
)


@pytest.mark.parametrize(
    ("text", "understood"),
    [
        ('{"type":"hello"}', Hello(None, "-", "-")),
        ('{"type":"hello","last":null,"tab":"t","build":"b"}', Hello(None, "t", "b")),
        (
            '{"type":"hello","last":{"epoch":"e-_1","seq":7,"more":1}}',
            Hello(Position("e-_1", 7), "-", "-"),
        ),
        ('{"type":"ack","seq":0}', Ack(0)),
        ('{"type":"hb"}', HeartbeatReply()),
        ('{"type":"hb","not":"known"}', HeartbeatReply()),
        ('{"type":"hb","seq":7}', HeartbeatReply(7)),
        (
            '{"type":"receipt","card":"p/1/2","rev":3,"stage":"seen"}',
            Receipt("p/1/2", 3, {Stage.SEEN: 0}),
        ),
        (
            '{"type":"receipt","card":"p/1/2","rev":3,"stage":"seen","seq":9}',
            Receipt("p/1/2", 3, {Stage.SEEN: 0}, 9),
        ),
        (
            '{"type":"receipt","card":"p/1/2","rev":3,"stages":{"painted":0,"received":17}}',
            Receipt("p/1/2", 3, {Stage.RECEIVED: 17, Stage.PAINTED: 0}),
        ),
        (
            '{"type":"receipt","card":"p/1/2","rev":3,"stage":7,"stages":{"notified":2},"seq":0}',
            Receipt("p/1/2", 3, {Stage.NOTIFIED: 2}, 0),
        ),
        (
            '{"type":"command","id":"c-1","op":"note","args":{"text":"سلام"}}',
            Command("c-1", "note", {"text": "سلام"}),
        ),
        ('{"type":"command","id":"c-1","op":"note"}', Command("c-1", "note", {})),
    ],
)
def test_valid_messages_of_a_client_are_parsed(text: str, understood: object) -> None:
    assert parse_client_message(text) == understood


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "[]",
        "null",
        '"hello"',
        "{}",
        '{"type":"shout"}',
        '{"type":["hello"]}',
        '{"type":"hello","last":7}',
        '{"type":"hello","last":{"epoch":"e"}}',
        '{"type":"hello","last":{"epoch":"<e>","seq":1}}',
        '{"type":"hello","last":{"epoch":"e","seq":-1}}',
        '{"type":"hello","last":{"epoch":"e","seq":9007199254740992}}',
        '{"type":"hello","tab":"has space"}',
        '{"type":"hello","tab":7}',
        '{"type":"hello","build":"' + "b" * 65 + '"}',
        '{"type":"ack"}',
        '{"type":"ack","seq":true}',
        '{"type":"ack","seq":1.5}',
        '{"type":"ack","seq":"1"}',
        '{"type":"receipt","card":"","rev":1,"stage":"seen"}',
        '{"type":"receipt","card":"' + "c" * 257 + '","rev":1,"stage":"seen"}',
        '{"type":"receipt","card":7,"rev":1,"stage":"seen"}',
        '{"type":"receipt","card":"c","rev":1,"stage":"framed"}',
        '{"type":"receipt","card":"c","rev":1,"stage":[]}',
        '{"type":"receipt","card":"c","stage":"seen"}',
        '{"type":"receipt","card":"c","rev":1}',
        '{"type":"receipt","card":"c","rev":1,"stages":{}}',
        '{"type":"receipt","card":"c","rev":1,"stage":"seen","stages":["seen"]}',
        '{"type":"receipt","card":"c","rev":1,"stages":{"framed":0}}',
        '{"type":"receipt","card":"c","rev":1,"stages":{"seen":-1}}',
        '{"type":"receipt","card":"c","rev":1,"stages":{"received":1,"seen":1.5}}',
        '{"type":"receipt","card":"c","rev":1,"stages":{"seen":true}}',
        '{"type":"receipt","card":"c","rev":1,"stages":{"seen":0},"seq":null}',
        '{"type":"hb","seq":"7"}',
        '{"type":"hb","seq":-1}',
        '{"type":"command","op":"note"}',
        '{"type":"command","id":"c 1","op":"note"}',
        '{"type":"command","id":"c1","op":"Note"}',
        '{"type":"command","id":"c1","op":"note","args":[]}',
        '{"type":"command","id":"c1","op":"note","args":'
        + orjson.dumps({str(number): 1 for number in range(17)}).decode()
        + "}",
        '{"type":"ack","seq":1}' + " " * MAX_MESSAGE_LENGTH,
        "[" * 5000,
        '{"type":"command","id":"c1","op":"note","args":{"text":"\\ud800"}}',
    ],
)
def test_anything_else_is_refused(text: str) -> None:
    assert isinstance(parse_client_message(text), BadMessage)


@pytest.mark.defends("socket-frames")
@pytest.mark.parametrize("text", ["", "{}", '{"type":"ack"}', '{"type":"shout"}'])
def test_a_refusal_fits_a_close_frame_and_repeats_nothing_of_the_strangers(text: str) -> None:
    refused = parse_client_message(text)
    assert isinstance(refused, BadMessage)
    assert len(refused.detail.encode()) <= 123
    assert "shout" not in refused.detail


@given(st.text())
def test_no_text_makes_it_stumble(text: str) -> None:
    parse_client_message(text)


@given(
    st.fixed_dictionaries(
        {"type": st.sampled_from(["hello", "ack", "receipt", "hb", "command"])},
        optional=dict.fromkeys(FIELDS, JSON),
    )
)
def test_no_json_makes_it_stumble(message: dict[str, object]) -> None:
    parse_client_message(json.dumps(message))


def test_the_stages_of_a_receipt_are_in_the_order_in_which_they_are_reached() -> None:
    backwards = ",".join(f'"{stage}":1' for stage in reversed(Stage))
    parsed = parse_client_message(
        f'{{"type":"receipt","card":"c","rev":1,"stages":{{{backwards}}}}}'
    )
    assert isinstance(parsed, Receipt)
    assert list(parsed.stages) == list(Stage)
