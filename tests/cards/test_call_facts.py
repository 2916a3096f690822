"""What is known of a call when a card is asked for."""

from tests.cards.samples import facts


def test_facts_are_a_value() -> None:
    assert facts() == facts()
    # That nobody changes them is what mypy holds, see ``screenpop.values``.
    assert hash(facts()) == hash(facts())
