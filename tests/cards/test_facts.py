"""What is known of a call when a card is asked for."""

import dataclasses

import pytest

from tests.cards.given import facts


def test_facts_are_a_value_that_nobody_changes_behind_a_cards_back() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        facts().note = "something else"  # type: ignore[misc]
    assert facts() == facts()
