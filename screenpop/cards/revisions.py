"""Which card is newer: a revision for each change that can be seen, none for nothing."""

from dataclasses import fields, replace
from operator import attrgetter

from screenpop.cards.card import Card

_all_but_rev = attrgetter(*(field.name for field in fields(Card) if field.name != "rev"))


def revised(previous: Card | None, card: Card) -> Card | None:
    """The card with its place in the row: one above the previous. None if nothing differs, so that
    nothing is sent twice. The first one keeps its ``rev``."""
    if previous is None:
        return card
    if _all_but_rev(card) == _all_but_rev(previous):
        return None
    return replace(card, rev=previous.rev + 1)
