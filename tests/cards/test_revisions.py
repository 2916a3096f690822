"""Which card is newer."""

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from screenpop.cards.card import Card, CardState
from screenpop.cards.revisions import revised
from tests.cards.given import card
from tests.customers.given import file, record


def test_the_first_card_is_the_first_revision() -> None:
    first = card(record(file()))
    assert revised(None, first) is first
    assert first.rev == 1


def test_a_card_that_says_the_same_is_no_revision() -> None:
    first = card(record(file()))
    assert revised(first, card(record(file()))) is None
    assert revised(replace(first, rev=9), first) is None


def test_a_card_that_says_something_else_is_one_higher() -> None:
    first = replace(card(record(file())), rev=4)
    then = revised(first, card(record(file()), state=CardState.TALKING, answered_at=1020.0))
    assert then is not None
    assert then.rev == 5
    assert then.state is CardState.TALKING


@given(st.lists(st.sampled_from(CardState), max_size=12))
def test_revisions_rise_by_one_with_each_change_and_only_then(states: list[CardState]) -> None:
    on_screen: Card | None = None
    sent: list[Card] = []
    for state in states:
        newer = revised(on_screen, card(record(), state=state))
        if newer is not None:
            on_screen = newer
            sent.append(newer)
    assert [one.rev for one in sent] == list(range(1, len(sent) + 1))
    assert all(one.state != other.state for one, other in pairwise(sent))
    assert on_screen is None or on_screen.state == states[-1]
