"""The half-filled form on a card: its agent's alone, checked, and gone with the card."""

import pytest

from screenpop.accounts.users import UserId
from screenpop.cards.card import CardId
from screenpop.service.card_index import CardIndex
from screenpop.service.commands import Draft, RefusedCommand, parse_command

CARD = CardId("pbx/1.1/7")
DRAFT = {"mode": "create", "given": "Eva", "family": "", "language": "el"}


def test_a_draft_is_understood_and_its_absence_reads_it() -> None:
    assert parse_command("draft", {"card": CARD, "draft": DRAFT}) == Draft(CARD, DRAFT)
    assert parse_command("draft", {"card": CARD}) == Draft(CARD, None)


@pytest.mark.parametrize(
    "draft",
    [
        "text",
        ["mode"],
        {"mode": 1},
        {"mode": "create", "password": "x"},
        {"given": "x" * 257},
        {1: "x"},
    ],
)
def test_a_draft_of_another_shape_is_refused(draft: object) -> None:
    assert parse_command("draft", {"card": CARD, "draft": draft}) == RefusedCommand("bad_arguments")


def test_a_card_without_a_customer_has_no_draft() -> None:
    assert CardIndex().draft(UserId(7), Draft(CARD, DRAFT)) == {"error": "unknown_card"}
