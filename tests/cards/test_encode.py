"""The card as JSON."""

import json
from dataclasses import asdict, fields, replace
from typing import Any

import pytest

from screenpop.cards.card import CallerPart, Card, CardState
from screenpop.cards.encode import caller_part_bytes, card_bytes, card_bytes_with
from tests.cards.samples import card
from tests.customers.samples import file, record, trip


def caller_part_of(whole: Card) -> CallerPart:
    return CallerPart(**{one.name: getattr(whole, one.name) for one in fields(CallerPart)})


def card_json(whole: Card) -> dict[str, Any]:
    decoded: dict[str, Any] = json.loads(card_bytes(whole))
    return decoded


def in_two_parts(whole: Card) -> object:
    return json.loads(card_bytes_with(whole, caller_part_bytes(caller_part_of(whole))))


def test_the_json_holds_the_card_field_by_field() -> None:
    whole = card(record(file(trips=(trip(),))), queue="support")
    assert card_json(whole) == json.loads(json.dumps(asdict(whole)))
    assert card_json(whole)["state"] == "ringing"
    assert card_json(whole)["person"]["address"]["fa"] == "خانم دکتر لاله کریمی"


def test_it_is_utf_8_and_not_escaped() -> None:
    assert "خانم دکتر".encode() in card_bytes(card(record(file())))


def test_text_that_cannot_be_written_is_mended_rather_than_lost() -> None:
    broken = replace(card(record()), note="half \ud800 pair", state=CardState.TALKING)
    assert card_json(broken)["note"] == "half ? pair"
    assert card_json(broken)["state"] == "talking"


def test_a_number_too_big_for_json_does_not_take_the_card_with_it() -> None:
    rich = card(record(file(trips=(trip(price=10**400),))), department="finance")
    assert card_json(rich)["trips"][0]["price"] == 2**63 - 1


@pytest.mark.parametrize(
    "whole",
    [
        card(record()),
        card(record(file(trips=(trip(), trip())), file())),
        card(record(file(trips=(trip(),))), queue="support", note='quotes " and خط'),
        replace(card(record(file())), note="half \ud800 pair"),
        card(record(file(trips=(trip(price=10**400),))), department="finance"),
    ],
    ids=["nobody", "two", "one", "broken note", "too big a number"],
)
def test_encoded_in_two_parts_a_card_is_the_same_card(whole: Card) -> None:
    assert in_two_parts(whole) == card_json(whole)
