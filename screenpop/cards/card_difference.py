"""Comparison of card revisions."""

from dataclasses import fields
from operator import attrgetter

from screenpop.cards.card import Card

_content_fields = attrgetter(*(field.name for field in fields(Card) if field.name != "rev"))


def has_changed(previous: Card | None, card: Card) -> bool:
    """Return whether ``card`` has other content than the one before, so that it must be sent."""
    return previous is None or _content_fields(card) != _content_fields(previous)
