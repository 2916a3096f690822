"""Which of the office's offers a call was about, and which were withheld as control."""

from collections.abc import Iterator

from screenpop.accounts.departments import Section, view_of
from screenpop.accounts.users import UserId
from screenpop.offers.office_offer import offer_of
from screenpop.service.call_session import CallSession
from screenpop.service.ports import OfferShownToKeep


def offers_shown(file: CallSession) -> tuple[OfferShownToKeep, ...]:
    """Return the offers of a call that have no answer; none where no agent could have seen them.

    A withheld offer counts under the same conditions as one that was suggested: a card was painted
    for an agent whose department makes offers.
    """
    painted = [
        (card.receipts.painted_at, card.agent)
        for card in file.cards.values()
        if card.receipts.painted_at is not None and Section.OFFERS in view_of(card.agent.department)
    ]
    if file.customer_id is None or not painted:
        return ()
    at, agent = min(painted, key=lambda one: one[0])
    answered = {one.offer for one in file.offer_answers}
    found = {
        offer: OfferShownToKeep(
            file.customer_id, offer, is_withheld, UserId(agent.id), agent.display_name, at
        )
        for offer, is_withheld in _offers(file)
        if offer not in answered
    }
    return tuple(found.values())


def _offers(file: CallSession) -> Iterator[tuple[str, bool]]:
    """Yield the ids of the offers, withheld ones first, so that a shown one replaces them."""
    all_suggestions = (*file.earlier_suggestions, file.suggestions)
    for suggestions in all_suggestions:
        yield from ((offer, True) for offer in suggestions.withheld)
    for suggestions in all_suggestions:
        ids = (one.id for one in suggestions.items)
        yield from ((one, False) for one in ids if offer_of(one) is not None)
