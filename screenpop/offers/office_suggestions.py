"""The office's own offers as suggestions for one caller."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime

from screenpop.customers.display_name import display_name
from screenpop.customers.models import Customer, CustomerFile, CustomerId
from screenpop.offers.compiled import NO_OFFERS, NO_PLACE, CallPlace, CompiledOffers
from screenpop.offers.control_share import is_in_control
from screenpop.offers.customer_facts import facts_of
from screenpop.offers.matching import Known
from screenpop.offers.offer_words import WordFacts, fields_of, fill_words
from screenpop.offers.office_offer import OfficeOffer, suggestion_id
from screenpop.offers.spoken_reasons import destination_for, reason_for
from screenpop.offers.suggestion import Suggestion, Worth

WEIGHT = 70
"""Below the service rules."""


def _day_in_utc(at: float) -> date:
    return datetime.fromtimestamp(at, UTC).date()


@dataclass(frozen=True, slots=True)
class OfficeOffers:
    """The offers for one call."""

    compiled: CompiledOffers = NO_OFFERS
    place: CallPlace = NO_PLACE
    day_of: Callable[[float], date] = _day_in_utc
    """Returns the office's day at a time in seconds since 1970."""
    customer_called: bool = True
    """A customer who was never asked for consent hears offers on their own calls only."""

    def fitting(self, file: CustomerFile, today: date) -> Iterator[Suggestion]:
        """Yield the offers that fit as suggestions, the highest rank first.

        An offer that names a destination is left out where there is none to name.
        """
        never_asked = file.customer.marketing_consent is None
        if not self.compiled or (never_asked and not self.customer_called):
            return
        known = Known(facts_of(file, self.day_of), today)
        for offer in self.compiled.fitting(known, self.place):
            suggestion = _suggestion(offer, file, known)
            if suggestion is not None:
                yield suggestion

    def withholds(self, suggestion: str, customer: CustomerId) -> bool:
        """Return whether a customer is in the control share of an offer that fits."""
        share = self.compiled.control_shares.get(suggestion)
        return share is not None and is_in_control(suggestion, customer, share)


def _suggestion(offer: OfficeOffer, file: CustomerFile, known: Known) -> Suggestion | None:
    destination = destination_for(offer, known)
    if not destination and "destination" in fields_of(offer.terms.words):
        return None
    customer = file.customer
    facts = WordFacts(
        lambda language: _name(customer, language),
        customer.tier.value,
        destination,
        offer.places_left,
    )
    return Suggestion(
        suggestion_id(offer.id),
        fill_words(offer.terms, facts),
        reason_for(offer, known),
        WEIGHT,
        _worth(offer, customer.tier.value),
    )


def _name(customer: Customer, language: str) -> str:
    name = display_name(customer.names, language)
    return name.called or name.full


def _worth(offer: OfficeOffer, tier: str) -> Worth | None:
    margin, chance = offer.terms.margin, offer.chance(tier)
    if margin is None or chance is None:
        return None
    return Worth(margin.amount, margin.currency, chance)


NO_OFFICE = OfficeOffers()
