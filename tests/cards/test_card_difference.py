"""What is worth a revision."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from screenpop.cards.card import Card, CardState
from screenpop.cards.card_difference import has_changed
from tests.cards.samples import card
from tests.customers.samples import file, record


def test_the_first_card_differs_from_none() -> None:
    first = card(record(file()))
    assert has_changed(None, first)
    assert first.rev == 1


def test_a_card_with_the_same_content_is_no_revision() -> None:
    first = card(record(file()))
    assert not has_changed(first, card(record(file())))
    assert not has_changed(replace(first, rev=9), first)


@given(st.lists(st.sampled_from(CardState), max_size=12))
def test_whatever_is_seen_to_change_is_a_revision_and_nothing_else(states: list[CardState]) -> None:
    on_screen: Card | None = None
    for state in states:
        newer = card(record(file()), state=state)
        assert has_changed(on_screen, newer) is (on_screen is None or on_screen.state is not state)
        on_screen = newer


def test_another_note_another_phone_and_another_name_are_seen() -> None:
    first = card(record(file()))
    for what in ({"note": "asks for a window"}, {"also_ringing": ("Eleni",)}, {"person": None}):
        assert has_changed(first, replace(first, **what))
