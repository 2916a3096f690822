"""``docs/websocket-protocol.md`` describes the code: nothing is left out, nothing is wrong."""

import re
from dataclasses import fields, is_dataclass
from enum import StrEnum
from pathlib import Path

import orjson
import pytest

from screenpop.cards import card as cards
from screenpop.protocol import client_messages, server_messages
from screenpop.protocol.client_messages import BadMessage, Stage, parse_client_message
from screenpop.protocol.close_codes import RETRY_MS, WORD, CloseCode
from screenpop.protocol.server_messages import Entry, Position, Result, Resumed, Snapshot
from screenpop.service import commands
from screenpop.service.supervisor_board import (
    CallRow,
    RowAgent,
    RowCaller,
    RowLine,
    RowPerson,
    RowState,
)

PAGE = (Path(__file__).parents[2] / "docs" / "websocket-protocol.md").read_text(encoding="utf-8")

SPOKEN = (
    server_messages.welcome(Resumed(Position("e", 1), ()), "b", 1.0),
    server_messages.snapshot(Snapshot(Position("e", 1), (), (), ())),
    server_messages.encode_entry("e", Entry(1, "card", b"{}")),
    server_messages.encode_entry("e", Entry(1, "call", b"{}", gone=True)),
    server_messages.encode_entry(
        "e", Entry(1, "pbx", b'{"id":"office","state":"live","since":1.0}')
    ),
    server_messages.encode_entry("e", Entry(1, "agent", b"{}")),
    server_messages.encode_entry("e", Entry(1, "callback", b"{}", gone=True)),
    server_messages.heartbeat(Position("e", 1), 1.0, missed=7),
    server_messages.result(Result("c", ok=True)),
    server_messages.bye(CloseCode.SLOW, "why"),
)


def examples(section: str) -> list[dict[str, object]]:
    """The JSON objects shown in one ``## `` section."""
    part = PAGE.split(f"\n## {section}\n")[1].split("\n## ")[0]
    blocks = re.findall(r"(?:^    .*\n)+", part, re.MULTILINE)
    texts = [text for block in blocks for text in re.split(r"(?<=\})\n(?=    \{)", block)]
    return [orjson.loads(text) for text in texts]


@pytest.mark.parametrize("frame", SPOKEN)
def test_each_message_of_the_server_is_documented_with_the_fields_it_has(frame: bytes) -> None:
    message = orjson.loads(frame)
    shown = [set(example) for example in examples("Server to client")]
    assert set(message) in shown, message


@pytest.mark.parametrize("kind", client_messages._READERS)
def test_each_message_of_the_client_is_documented(kind: str) -> None:
    assert kind in [example["type"] for example in examples("Client to server")]


def test_each_example_of_a_client_is_understood() -> None:
    for example in examples("Client to server"):
        understood = parse_client_message(orjson.dumps(example).decode())
        assert not isinstance(understood, BadMessage), example


@pytest.mark.parametrize("code", CloseCode)
def test_each_close_code_is_in_the_table(code: CloseCode) -> None:
    row = re.search(rf"^\| {int(code)} \| `{WORD[code]}` \|.*$", PAGE, re.MULTILINE)
    assert row is not None
    comes_back = "come back" in row[0] or "fix the client" in row[0]
    assert (RETRY_MS[code] is not None) == comes_back


@pytest.mark.parametrize("stage", Stage)
def test_each_stage_of_a_receipt_is_documented(stage: Stage) -> None:
    assert f"`{stage}`" in PAGE


@pytest.mark.parametrize(
    "part",
    [
        cards.Card,
        cards.CardCaller,
        cards.CardLine,
        cards.CardPerson,
        cards.CardAlert,
        cards.CardTrip,
        cards.CardPastCall,
        cards.CardLeg,
        cards.CardTransfer,
        cards.CardState,
        cards.MatchKind,
    ],
)
def test_each_field_of_a_card_is_documented(part: type) -> None:
    section = PAGE.split("\n## The card\n")[1].split("\n## ")[0]
    for name in names_of(part):
        assert f"`{name}`" in section, name


@pytest.mark.parametrize("part", [CallRow, RowAgent, RowCaller, RowPerson, RowLine, RowState])
def test_each_field_of_a_call_is_documented(part: type) -> None:
    section = PAGE.split("\n## The call\n")[1].split("\n## ")[0]
    for name in names_of(part):
        assert f"`{name}`" in section, name


@pytest.mark.parametrize("op", commands._READERS)
def test_each_command_is_documented(op: str) -> None:
    assert f"\n| `{op}` |" in PAGE


def test_the_limits_are_documented_as_they_are() -> None:
    assert f"{client_messages.MAX_MESSAGE_LENGTH:,} characters" in PAGE


def names_of(part: type) -> list[str]:
    if issubclass(part, StrEnum):
        return [str(value) for value in part]
    assert is_dataclass(part)
    return [field.name for field in fields(part)]
