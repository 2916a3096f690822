"""A revision for each change that can be seen, none for nothing."""

from dataclasses import fields
from operator import attrgetter

from screenpop.cards.card import Card

_content_fields = attrgetter(*(field.name for field in fields(Card) if field.name != "rev"))


def has_changed(previous: Card | None, card: Card) -> bool:
    """Whether ``card`` says anything that the card before it did not, so that nothing is sent
    twice."""
    return previous is None or _content_fields(card) != _content_fields(previous)
