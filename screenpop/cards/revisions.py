"""Which card is newer: a revision for each change that can be seen, none for nothing."""

from dataclasses import replace

from screenpop.cards.card import Card


def revised(previous: Card | None, card: Card) -> Card | None:
    """The card with its place in the row: one above the previous. None if nothing differs, so that
    nothing is sent twice. The first one keeps its ``rev``."""
    if previous is None:
        return card
    if replace(card, rev=previous.rev) == previous:
        return None
    return replace(card, rev=previous.rev + 1)
