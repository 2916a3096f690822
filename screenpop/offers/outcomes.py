"""What became of offers, by offer and customer: shown or withheld, answered, booked."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from screenpop.offers.lift import NO_CUSTOMERS, Lift, Share, lift_of

ANSWERS = ("accepted", "later", "no")
SHOWN = "shown"
"""On a card, and no answer was entered."""
WITHHELD = "withheld"
"""It would have been on the card but for its control share."""


@dataclass(frozen=True, slots=True)
class OfferOutcome:
    """One customer and one offer."""

    offer: str
    """The suggestion's id."""
    customer_id: int
    is_withheld: bool
    """By the first call on which it fitted: later changes of the control share move no customer."""
    first_day: date
    calls: int
    """How many it was shown on, or would have been."""
    answer: str
    """The last one; empty for none."""
    why: str
    agent: str
    answered_on: date | None
    booked_on: date | None
    """The day of the first trip booked within the days of the report."""
    is_counted: bool
    """Whether those days have passed."""


@dataclass(slots=True)
class OfferFigures:
    """Sums of one offer over its customers."""

    offered: int = 0
    """Customers to whom it was shown."""
    calls: int = 0
    withheld: int = 0
    answers: Counter[str] = field(default_factory=Counter)
    """Customers by their last answer; empty: none."""
    reasons: Counter[str] = field(default_factory=Counter)
    """Customers who declined, by the reason."""
    of_offered: Share = NO_CUSTOMERS
    """Counted customers to whom it was shown, and how many of them have booked."""
    of_withheld: Share = NO_CUSTOMERS

    @property
    def lift(self) -> Lift | None:
        return lift_of(self.of_offered, self.of_withheld)


def sum_up(outcomes: Iterable[OfferOutcome]) -> Mapping[str, OfferFigures]:
    """Return the figures of each offer, by the suggestion's id."""
    figures: dict[str, OfferFigures] = {}
    for one in outcomes:
        of_offer = figures.setdefault(one.offer, OfferFigures())
        if one.is_withheld:
            of_offer.withheld += 1
            of_offer.of_withheld = _counted(of_offer.of_withheld, one)
            continue
        of_offer.offered += 1
        of_offer.calls += one.calls
        of_offer.answers[one.answer] += 1
        if one.answer == "no":
            of_offer.reasons[one.why] += 1
        of_offer.of_offered = _counted(of_offer.of_offered, one)
    return figures


def _counted(share: Share, outcome: OfferOutcome) -> Share:
    if not outcome.is_counted:
        return share
    return Share(share.booked + (outcome.booked_on is not None), share.customers + 1)
