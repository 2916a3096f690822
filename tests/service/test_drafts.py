"""The half-filled form on a card: its agent's alone, checked, and gone with the card."""

import pytest

from screenpop.accounts.users import UserId
from screenpop.cards.card import CardId
from screenpop.service.card_table import CardTable
from screenpop.service.commands import Draft, Refused, understand

CARD = CardId("pbx/1.1/7")
DRAFT = {"mode": "create", "given": "Eva", "family": "", "language": "el"}


def test_a_draft_is_understood_and_its_absence_reads_it() -> None:
    assert understand("draft", {"card": CARD, "draft": DRAFT}) == Draft(CARD, DRAFT)
    assert understand("draft", {"card": CARD}) == Draft(CARD, None)


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
    assert understand("draft", {"card": CARD, "draft": draft}) == Refused("bad_arguments")


def test_a_card_of_nobody_has_no_draft() -> None:
    assert CardTable().draft(UserId(7), Draft(CARD, DRAFT)) == {"error": "unknown_card"}
