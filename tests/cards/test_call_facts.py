"""What is known of a call when a card is asked for."""

from tests.cards.samples import facts


def test_facts_are_a_value() -> None:
    assert facts() == facts()
    assert hash(facts()) == hash(facts())
