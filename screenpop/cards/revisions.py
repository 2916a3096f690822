"""A revision for each change that can be seen, none for nothing."""

from dataclasses import fields
from operator import attrgetter

from screenpop.cards.card import Card

_all_but_rev = attrgetter(*(field.name for field in fields(Card) if field.name != "rev"))


def says_more(previous: Card | None, card: Card) -> bool:
    """Whether ``card`` says anything that the card before it did not, so that nothing is sent
    twice."""
    return previous is None or _all_but_rev(card) != _all_but_rev(previous)
