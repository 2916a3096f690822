"""Click-to-call: our own phone rings first, then the customer's. Until then we are dialling."""

import json
from pathlib import Path
from typing import Any

import pytest

from screenpop.calls.call_state import open_call
from screenpop.calls.events import CallArrived, Direction
from screenpop.service.supervisor_board import RowState, row_state
from tests.asterisk.recordings import SCENARIOS
from tests.service.event_script import Story
from tests.service.recorded import Heard, hear
from tests.service.service_under_test import MARYAM


def lab(version: str, name: str) -> Path:
    return SCENARIOS / "lab" / version / f"{name}.ami"


def board(heard: Heard) -> list[dict[str, Any]]:
    return [json.loads(p.payload) for p in heard.office.published if p.kind == "call"]


def in_order(values: list[str]) -> list[str]:
    return [v for i, v in enumerate(values) if i == 0 or v != values[i - 1]]


def states_of(views: list[dict[str, Any]]) -> list[str]:
    """Without the moments between the hangups of two sides."""
    return in_order([view["state"] for view in views if view["state"] != "waiting"])


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize("name", ["originate_answered", "originate_local_answered"])
def test_it_is_dialling_until_the_customer_answers_on_board_and_card(
    version: str, name: str
) -> None:
    heard = hear(lab(version, name))
    views = board(heard)
    assert states_of(views) == ["dialling", "talking", "ended"]
    assert {view["made_by"] for view in views} == {"Maryam"}
    cards = heard.cards(MARYAM)
    assert in_order([card["state"] for card in cards]) == ["dialling", "talking", "wrap_up"]
    assert all(card["answered_at"] is None for card in cards if card["state"] == "dialling")


@pytest.mark.parametrize("version", ["16", "22"])
def test_a_customer_without_an_answer_was_never_talked_to(version: str) -> None:
    heard = hear(lab(version, "originate_customer_does_not_answer"))
    views = board(heard)
    assert in_order([view["state"] for view in views]) == ["dialling", "ended"]
    assert (views[-1]["answered_by"], views[-1]["disposition"]) == ([], "no_answer")
    (record,) = heard.office.kept
    assert (record.entry.answered_at, record.entry.answered_by) == (None, ())
    assert record.entry.talk_s == 0
    steps = [step["step"] for step in record.trace]
    assert "own_phone_answered" in steps
    assert "answered" not in steps


@pytest.mark.parametrize("version", ["16", "22"])
def test_the_log_has_the_number_that_answered_and_not_the_trunk(version: str) -> None:
    heard = hear(lab(version, "originate_answered"))
    (record,) = heard.office.kept
    assert [record.entry.number_at(phone) for phone in record.entry.answered_by] == ["09123456789"]
    assert board(heard)[-1]["answered_by"] == ["09123456789"]
    answered = [step["endpoint"] for step in record.trace if step["step"] == "answered"]
    assert answered == ["09123456789"]


@pytest.mark.parametrize("version", ["16", "22"])
@pytest.mark.parametrize(
    "name", ["customer_first_direct", "customer_first_local", "customer_first_queue"]
)
def test_a_customer_called_first_is_on_the_card_of_the_agent(version: str, name: str) -> None:
    heard = hear(lab(version, name))
    cards = heard.cards(MARYAM)
    assert in_order([card["state"] for card in cards]) == ["ringing", "talking", "wrap_up"]
    assert {card["caller"]["e164"] for card in cards} == {"+989123456789"}
    assert {card["direction"] for card in cards} == {"outbound"}
    assert {card["match"] for card in cards} == {"certain"}
    assert states_of(board(heard)) == ["dialling", "ringing", "talking", "ended"]
    (record,) = heard.office.kept
    assert (record.caller.e164, record.dialled_from) == ("+989123456789", "")
    assert record.customer is not None


def test_a_call_without_a_seen_leg_is_dialling() -> None:
    change = Story().dials_out("101", "0912")
    assert isinstance(change, CallArrived)
    assert change.direction is Direction.OUTBOUND
    call = open_call(change)
    assert call is not None
    assert row_state(call) is RowState.DIALLING
