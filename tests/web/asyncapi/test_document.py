"""The AsyncAPI document describes the code: each message and each field."""

from dataclasses import fields, is_dataclass, replace
from typing import Any

import orjson
import pytest

from screenpop.cards.card import Card
from screenpop.protocol import client_messages
from screenpop.protocol.client_messages import BadMessage, parse_client_message
from screenpop.protocol.close_codes import CloseCode
from screenpop.protocol.server_messages import Result, bye, result
from screenpop.service.supervisor_board import CallRow
from screenpop.web.asyncapi.document import asyncapi_document
from screenpop.web.asyncapi.schemas import client_frames, server_frames, webhook_bodies
from screenpop.webhooks.call_events import call_events
from screenpop.webhooks.events import AgentName, EventType, OutgoingEvent, People, build_body
from tests.protocol.test_protocol_page import SPOKEN, examples
from tests.web.asyncapi.json_schema import faults
from tests.webhooks.test_call_events import ARRIVED, call, open_call

DOCUMENT = asyncapi_document()
SERVER, CLIENT = server_frames(), client_frames()
PEOPLE = People({1: AgentName("maryam", "Maryam")}, "Laleh Karimi")


def references(value: Any) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(references(one) for one in value.values()))
    return set().union(*(references(one) for one in value)) if isinstance(value, list) else set()


def test_every_reference_of_the_document_leads_somewhere() -> None:
    found = references(DOCUMENT)
    assert len(found) > 50
    for reference in found:
        target: Any = DOCUMENT
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
    assert DOCUMENT["asyncapi"] == "3.0.0"
    assert orjson.dumps(DOCUMENT)


def test_each_frame_of_the_server_has_exactly_the_described_fields() -> None:
    frames = [*SPOKEN, result(Result("c", ok=False)), bye(CloseCode.RESTART)]
    empty = {"card", "call", "agent", "callback", "pbx"}  # their objects are whole elsewhere
    seen = set()
    for frame in frames:
        message = orjson.loads(frame)
        kind = message["type"]
        seen.add(kind)
        schema = SERVER[kind]
        assert message.keys() <= schema["properties"].keys(), kind
        if kind not in empty:
            assert faults(DOCUMENT, schema, message) == [], kind
    assert seen == SERVER.keys()


def test_each_message_of_a_client_is_described_and_its_examples_fit() -> None:
    assert CLIENT.keys() == client_messages._READERS.keys()
    for example in examples("Client to server"):
        assert faults(DOCUMENT, CLIENT[str(example["type"])], example) == []


@pytest.mark.parametrize(
    "wrong",
    [
        {"type": "ack"},
        {"type": "ack", "seq": -1},
        {"type": "ack", "seq": True},
        {"type": "command", "id": "a b", "op": "note"},
        {"type": "command", "id": "a", "op": "Note"},
        {"type": "hello", "last": {"epoch": "e"}},
    ],
)
def test_what_the_parser_refuses_does_not_fit_the_description(wrong: dict[str, object]) -> None:
    assert isinstance(parse_client_message(orjson.dumps(wrong).decode()), BadMessage)
    assert faults(DOCUMENT, CLIENT[str(wrong["type"])], wrong) != []


@pytest.mark.parametrize("part", [Card, CallRow])
def test_each_field_of_a_card_and_a_call_is_described(part: type) -> None:
    assert is_dataclass(part)
    described = DOCUMENT["components"]["schemas"][part.__name__]["properties"]
    assert described.keys() == {field.name for field in fields(part)}


def test_each_webhook_is_described_and_those_of_calls_fit() -> None:
    bodies = webhook_bodies()
    assert bodies.keys() == set(EventType)
    merged = replace(call(), offer_answers=())
    for record in (open_call(), call(), call(disposition=None), merged):
        for event in call_events(record, ARRIVED):
            for with_names in (False, True):
                sent = orjson.loads(
                    build_body(event, PEOPLE, with_numbers=True, with_names=with_names)
                )
                assert faults(DOCUMENT, bodies[event.type], sent) == [], sent


def test_the_description_is_strict_about_unknown_and_missing_fields() -> None:
    event = OutgoingEvent("e", EventType.CALLBACK_OPENED, 1.0, "o", {"callback": 3, "more": 1})
    sent = orjson.loads(build_body(event, PEOPLE, with_numbers=True, with_names=False))
    schema = webhook_bodies()[event.type]
    assert faults(DOCUMENT, schema, sent) == ["/data: more is not described"]
    del sent["data"]["more"], sent["data"]["callback"]
    assert faults(DOCUMENT, schema, sent) == ["/data: callback is missing"]
