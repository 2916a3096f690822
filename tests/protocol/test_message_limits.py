"""The limits of a client's message: each at the limit, and one beside it."""

import json

import pytest

from screenpop.protocol.client_messages import MAX_MESSAGE_LENGTH, BadMessage, parse_client_message


def is_accepted(**message: object) -> bool:
    return not isinstance(parse_client_message(json.dumps(message)), BadMessage)


@pytest.mark.parametrize(("length", "accepted"), [(32_767, True), (32_768, True), (32_769, False)])
def test_a_message_has_at_most_32_thousand_characters(length: int, accepted: bool) -> None:
    assert MAX_MESSAGE_LENGTH == 32_768
    parsed = parse_client_message('{"type":"hb"}'.ljust(length))
    assert isinstance(parsed, BadMessage) is not accepted


@pytest.mark.parametrize(
    ("number", "accepted"),
    [(-1, False), (0, True), (1, True), (2**53 - 2, True), (2**53 - 1, True), (2**53, False)],
)
def test_a_number_is_a_natural_one_that_javascript_represents(number: int, accepted: bool) -> None:
    assert is_accepted(type="ack", seq=number) is accepted
    assert is_accepted(type="receipt", card="c", rev=number, stage="seen") is accepted
    assert is_accepted(type="receipt", card="c", rev=1, stages={"seen": number}) is accepted
    assert is_accepted(type="receipt", card="c", rev=1, stage="seen", seq=number) is accepted
    assert is_accepted(type="hb", seq=number) is accepted
    assert is_accepted(type="hello", last={"epoch": "e", "seq": number}) is accepted


@pytest.mark.parametrize(
    ("length", "accepted"), [(0, False), (1, True), (255, True), (256, True), (257, False)]
)
def test_a_card_is_named_by_1_to_256_characters(length: int, accepted: bool) -> None:
    assert is_accepted(type="receipt", card="c" * length, rev=1, stage="seen") is accepted


@pytest.mark.parametrize(("length", "accepted"), [(0, False), (1, True), (64, True), (65, False)])
def test_an_id_and_an_epoch_have_1_to_64_characters(length: int, accepted: bool) -> None:
    text = "i" * length
    assert is_accepted(type="command", id=text, op="note") is accepted
    assert is_accepted(type="hello", tab=text) is accepted
    assert is_accepted(type="hello", build=text) is accepted
    assert is_accepted(type="hello", last={"epoch": text, "seq": 1}) is accepted


@pytest.mark.parametrize(("length", "accepted"), [(0, False), (1, True), (32, True), (33, False)])
def test_a_command_is_named_by_1_to_32_characters(length: int, accepted: bool) -> None:
    assert is_accepted(type="command", id="1", op="o" * length) is accepted


@pytest.mark.parametrize(("args", "accepted"), [(0, True), (15, True), (16, True), (17, False)])
def test_a_command_has_at_most_16_arguments(args: int, accepted: bool) -> None:
    given = {f"a{number}": number for number in range(args)}
    assert is_accepted(type="command", id="1", op="note", args=given) is accepted
