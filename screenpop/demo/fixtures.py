"""Building blocks of demo customers: valid phone numbers, days relative to today."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import Case, Product, Trip, TripId, TripStatus, VisaState
from screenpop.demo.names import destination
from screenpop.telephony.caller_id import CallerIdKind
from screenpop.telephony.identifiers import Region
from screenpop.telephony.number_plan import NumberPlan
from screenpop.telephony.phone_numbers import resolve

DEMO_REGIONS = {"fa": "IR", "el": "GR", "en": "GB"}
"""Country of the demo customers of each language."""
FUTURE = TripId(0)
"""Id of a trip before it is saved."""


@dataclass(frozen=True, slots=True)
class DemoCustomer:
    draft: CustomerDraft
    trips: tuple[Trip, ...] = ()
    cases: tuple[Case, ...] = ()
    travellers: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    """Index of a trip in ``trips`` to the English names of its travellers."""
    shows: str = ""
    """What this customer's card shows, for users who play a call."""


def demo_phone(
    raw: str, region: str, label: str = "mobile", since: date | None = None
) -> PhoneDraft:
    """Return a demo phone number; raises ``ValueError`` if it is not valid."""
    caller = resolve(raw, plan=NumberPlan(Region(region)))
    if caller.kind is not CallerIdKind.NUMBER:
        raise ValueError(f"{raw} is not a valid number in {region}")
    return PhoneDraft(raw, caller.e164, caller.last_nine, label, since)


class RelativeDays:
    """Days and trips relative to ``today``: day -10 is ten days ago."""

    def __init__(self, today: date) -> None:
        self.today = today

    def day(self, days: int) -> date:
        return self.today + timedelta(days=days)

    def born_on(self, days: int, year: int) -> date:
        """Return a birthday this many days from today."""
        day = self.day(days)
        return date(year, day.month, min(day.day, 28) if day.month == 2 else day.day)

    def went(self, where: str, language: str, days: int, nights: int, rating: int | None) -> Trip:
        return self.trip(where, language, days, nights, TripStatus.TRAVELLED, rating=rating)

    def trip(
        self,
        where: str,
        language: str,
        days: int,
        nights: int,
        status: TripStatus,
        *,
        adults: int = 2,
        children: int = 0,
        left_to_pay: int = 0,
        visa: VisaState = VisaState.NOT_NEEDED,
        rating: int | None = None,
        product: Product = Product.FLIGHT_HOTEL,
        note: str = "",
    ) -> Trip:
        to = destination(where)
        price = to.price_eur * (adults + children)
        return Trip(
            FUTURE,
            to.name[language],
            to.country,
            product,
            self.day(days),
            self.day(days + nights),
            status,
            adults,
            children,
            price,
            price - left_to_pay,
            "EUR",
            visa,
            note,
            rating,
        )
