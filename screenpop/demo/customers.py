"""Invented customers for the demo; equal for equal seed and day."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TypeVar

from screenpop.customers.consent import CHANNELS, Consent
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import CustomerDraft, PhoneDraft
from screenpop.customers.models import (
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Gender,
    Product,
    Tier,
    Title,
    Trip,
    TripStatus,
    VisaState,
)
from screenpop.demo.fixtures import DEMO_REGIONS, FUTURE, DemoCustomer, RelativeDays, demo_phone
from screenpop.demo.names import DESTINATIONS, NAME_LISTS, Destination
from screenpop.demo.rhythms import with_a_rhythm
from screenpop.demo.showcase_customers import showcase_customers

CUSTOMER_COUNT = 1000
SEED = 1404

# Each # is any digit.
_MOBILES = {
    "IR": ("0912 ### ####", "0919 #######", "0935#######", "0901 ### ####", "+98 913 ### ####"),
    "GR": ("694 ### ####", "697#######", "698 #######", "+30 693 ### ####", "0030 695#######"),
    "GB": ("07400 ######", "07500 ######", "+44 7400 ######"),
}
_HOMES = {
    "IR": ("021 22## ####", "021 88######", "031 36######", "071 32## ####"),
    "GR": ("210 ### ####", "2310 2#####", "2810 2#####"),
    "GB": ("020 7### ####", "0161 4## ####"),
}
_CITIES = {
    "fa": ("تهران", "تهران", "اصفهان", "شیراز", "مشهد", "تبریز", "کرج", ""),
    "el": ("Αθήνα", "Αθήνα", "Πειραιάς", "Θεσσαλονίκη", "Πάτρα", "Ηράκλειο", ""),
    "en": ("London", "London", "Manchester", "Bristol", "Leeds", "Edinburgh", ""),
}
"""Cities by language; some customers have none."""
_OLD_NUMBER_EACH = 23
_PASSPORT_EACH = 6
_ANNIVERSARY_EACH = 29
_OLD_NUMBERS = {"el": "694 9{:06d}", "en": "07400 6{:05d}"}
_PERSIAN_DIGITS = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")

_TITLES = ((Title.NONE, 74), (Title.DR, 9), (Title.ENG, 12), (Title.PROF, 5))
_TIERS = ((Tier.NONE, 55), (Tier.SILVER, 27), (Tier.GOLD, 14), (Tier.PLATINUM, 4))
_PRODUCTS = (
    (Product.FLIGHT_HOTEL, 45),
    (Product.TOUR, 25),
    (Product.FLIGHT, 18),
    (Product.HOTEL, 9),
    (Product.VISA, 3),
)
_SOURCES = ("phone", "in_person", "website", "paper")
_LIKES = (
    "aisle seat",
    "window seat",
    "vegetarian",
    "sea view",
    "direct flights",
    "no early flights",
)
_CASES = {
    CaseKind.COMPLAINT: {
        "en": "Transfer from the airport did not come",
        "fa": "اتاق با آنچه گفته شده بود فرق داشت",
        "el": "Η πτήση καθυστέρησε έξι ώρες",
    },
    CaseKind.REFUND: {
        "en": "Refund of the cancelled excursion",
        "fa": "بازپرداخت بلیت کنسل‌شده",
        "el": "Επιστροφή για την ακυρωμένη εκδρομή",
    },
    CaseKind.QUESTION: {
        "en": "How much luggage is allowed",
        "fa": "مدارک لازم برای ویزا",
        "el": "Ποια έγγραφα χρειάζονται για το παιδί",
    },
}


def demo_customers(
    today: date, count: int = CUSTOMER_COUNT, seed: int = SEED
) -> tuple[DemoCustomer, ...]:
    """Return ``count`` customers, showcase customers first; no number occurs twice."""
    cast = showcase_customers(today)
    crowd = _CustomerGenerator(today, random.Random(seed), cast)  # noqa: S311 - not used for security
    more = (crowd.person() for _ in range(count - len(cast)))
    days = RelativeDays(today)
    regular = (with_a_rhythm(one, place, today, seed) for place, one in enumerate(more))
    varied = (
        _with_a_passport(_with_an_anniversary(_with_an_old_number(one, place), place, days), place)
        for place, one in enumerate(regular)
    )
    people = (*cast, *varied)
    return tuple(map(_with_a_city, people[:count]))


def _with_a_city(person: DemoCustomer) -> DemoCustomer:
    """Add the city to most customers; a household lives in one city."""
    draft = person.draft
    if draft.city or draft.language not in _CITIES:
        return person
    home = draft.household or next(iter(draft.names.values())).full
    place = sum(map(ord, home)) % len(_CITIES[draft.language])
    return replace(person, draft=replace(draft, city=_CITIES[draft.language][place]))


def _with_an_anniversary(person: DemoCustomer, place: int, days: RelativeDays) -> DemoCustomer:
    """Add a wedding anniversary of these days to some."""
    if place % _ANNIVERSARY_EACH:
        return person
    number = place // _ANNIVERSARY_EACH
    day = days.born_on(number % 14 - 3, 1990 + number % 30)
    return replace(person, draft=replace(person.draft, anniversary=day))


def _with_a_passport(person: DemoCustomer, place: int) -> DemoCustomer:
    """Add a passport to some with a trip ahead; it ends in the trip or in the months after it."""
    departs = [trip.departs for trip in person.trips if trip.status in _OPEN and trip.departs]
    if not departs or place % _PASSPORT_EACH:
        return person
    name = person.draft.names.get("en")
    passport = DocumentDraft(
        kind=DocumentKind.PASSPORT,
        number=f"X{40_000_000 + place * 7919}",
        country=DEMO_REGIONS[person.draft.language],
        name=name.full.upper() if name is not None else "",
        expires=max(departs) + timedelta(days=2 + place * 11 % 160),
    )
    return replace(person, draft=replace(person.draft, documents=(passport,)))


def _with_an_old_number(person: DemoCustomer, place: int) -> DemoCustomer:
    """Add a number as in old sheets to some: without its country, or truncated."""
    if place % _OLD_NUMBER_EACH or person.draft.language == "fa":
        return person
    raw = _OLD_NUMBERS[person.draft.language].format(place)
    known = demo_phone(raw, DEMO_REGIONS[person.draft.language])
    old = replace(known, e164=None)
    if not place % (3 * _OLD_NUMBER_EACH):
        old = PhoneDraft(raw[:6], None, None, "mobile")
    return replace(person, draft=replace(person.draft, phones=(*person.draft.phones, old)))


@dataclass(frozen=True, slots=True)
class _Home:
    language: str
    family: int
    """Index of the family name in its list."""
    household: str
    phone: PhoneDraft


class _CustomerGenerator:
    def __init__(self, today: date, rng: random.Random, cast: tuple[DemoCustomer, ...]) -> None:
        self._today = today
        self._rng = rng
        self._given = {phone.e164 for person in cast for phone in person.draft.phones}
        self._lives_with: _Home | None = None

    def person(self) -> DemoCustomer:
        rng, home = self._rng, self._lives_with
        language = home.language if home else rng.choices(("fa", "el", "en"), (55, 30, 15))[0]
        gender = rng.choice((Gender.WOMAN, Gender.MAN))
        family = home.family if home else rng.randrange(10_000)
        trips = tuple(self._trips(language))
        due = sum(trip.price - trip.paid for trip in trips if trip.status in _OPEN)
        draft = CustomerDraft(
            names=NAME_LISTS[language].name(gender, rng.randrange(10_000), family),
            title=self._title(gender),
            gender=gender,
            language=language,
            tier=_pick(rng, _TIERS),
            vip=rng.random() < 0.04,
            birthday=self._birthday(),
            balance=due,
            currency="EUR" if due else "",
            consents=self._consents(),
            customer_since=self._since(trips),
            preferences=", ".join(rng.sample(_LIKES, rng.randrange(3))),
            phones=tuple(self._phones(DEMO_REGIONS[language])),
        )
        return DemoCustomer(self._at_home(draft, family), trips, tuple(self._cases(language)))

    def _consents(self) -> dict[str, Consent]:
        """Return answers of some channels; the others were never asked."""
        rng = self._rng
        asked = (channel for channel in CHANNELS if rng.random() < 0.5)
        return {channel: self._consent() for channel in asked}

    def _consent(self) -> Consent:
        day = self._today - timedelta(days=self._rng.randrange(1, 900))
        return Consent(self._rng.random() > 0.15, day, self._rng.choice(_SOURCES))

    def _title(self, gender: Gender) -> Title:
        title = _pick(self._rng, _TITLES)
        if title is Title.NONE and self._rng.random() < 0.9:
            return Title.MS if gender is Gender.WOMAN else Title.MR
        return title

    def _birthday(self) -> date | None:
        rng = self._rng
        if rng.random() < 0.15:
            return None
        soon = rng.random() < 0.08
        days = rng.randrange(0, 10) if soon else rng.randrange(11, 350)
        day = self._today + timedelta(days=days)
        return date(rng.randrange(1945, 2005), day.month, min(day.day, 28))

    def _since(self, trips: tuple[Trip, ...]) -> date:
        days = [trip.departs for trip in trips if trip.departs is not None]
        first = min([*days, self._today])
        return first - timedelta(days=self._rng.randrange(5, 90))

    def _phones(self, region: str) -> Iterator[PhoneDraft]:
        rng = self._rng
        since = self._today - timedelta(days=rng.randrange(30, 2500))
        yield self._phone(rng.choice(_MOBILES[region]), region, "mobile", since)
        if rng.random() < 0.35:
            yield self._phone(rng.choice(_HOMES[region]), region, "home", since)

    def _phone(self, pattern: str, region: str, label: str, since: date) -> PhoneDraft:
        while True:
            raw = "".join(str(self._rng.randrange(10)) if c == "#" else c for c in pattern)
            if region == "IR" and self._rng.random() < 0.3:
                raw = raw.translate(_PERSIAN_DIGITS)
            phone = demo_phone(raw, region, label, since)
            if phone.e164 not in self._given:
                self._given.add(phone.e164)
                return phone

    def _at_home(self, draft: CustomerDraft, family: int) -> CustomerDraft:
        """Return whether the next person shares this one's household and number, at random."""
        lived_with, self._lives_with = self._lives_with, None
        if lived_with is not None:
            phones = (*draft.phones, lived_with.phone)
            return replace(draft, household=lived_with.household, phones=phones)
        phone = next((phone for phone in draft.phones if phone.label == "home"), None)
        if phone is None or self._rng.random() > 0.4:
            return draft
        name = draft.names[draft.language]
        household = f"{name.family} ({name.given})"
        self._lives_with = _Home(draft.language, family, household, phone)
        return replace(draft, household=household)

    def _trips(self, language: str) -> Iterator[Trip]:
        rng = self._rng
        abroad = [place for place in DESTINATIONS if place.country != DEMO_REGIONS[language]]
        favourite = rng.choice(abroad)
        if rng.random() < 0.22:
            yield self._ahead(rng.choice((favourite, rng.choice(abroad))), language)
        days = rng.choices((rng.randrange(20, 500), rng.randrange(560, 1100)), (78, 22))[0]
        for _ in range(rng.choices(range(8), (10, 16, 20, 18, 14, 10, 7, 5))[0]):
            to = favourite if rng.random() < 0.4 else rng.choice(abroad)
            yield self._past(to, language, days)
            days += rng.randrange(90, 480)

    def _ahead(self, to: Destination, language: str) -> Trip:
        rng = self._rng
        status = rng.choice((TripStatus.ASKED, TripStatus.BOOKED, TripStatus.TICKETED))
        trip = self._trip(to, language, self._today + timedelta(days=rng.randrange(1, 120)), status)
        needs_visa = language == "fa" and to.visa_for_iranians
        return replace(
            trip,
            departs=None if status is TripStatus.ASKED else trip.departs,
            returns=None if status is TripStatus.ASKED else trip.returns,
            paid=0 if status is TripStatus.ASKED else trip.price * rng.choice((5, 10, 10)) // 10,
            visa=rng.choice((VisaState.PENDING, VisaState.ISSUED))
            if needs_visa
            else VisaState.NOT_NEEDED,
        )

    def _past(self, to: Destination, language: str, days: int) -> Trip:
        rng = self._rng
        gone = rng.random() < 0.94
        trip = self._trip(
            to,
            language,
            self._today - timedelta(days=days),
            TripStatus.TRAVELLED if gone else TripStatus.CANCELLED,
        )
        rating = rng.choices((5, 4, 3, 2, None), (30, 25, 8, 3, 34))[0] if gone else None
        return replace(trip, paid=trip.price if gone else 0, rating=rating)

    def _trip(self, to: Destination, language: str, departs: date, status: TripStatus) -> Trip:
        rng = self._rng
        adults, children = rng.choice(((1, 0), (2, 0), (2, 0), (2, 1), (2, 2), (4, 0)))
        price = to.price_eur * (2 * adults + children) // 2 + rng.randrange(-8, 9) * 10
        return Trip(
            FUTURE,
            to.name[language],
            to.country,
            _pick(rng, _PRODUCTS),
            departs,
            departs + timedelta(days=rng.randrange(3, 13)),
            status,
            adults,
            children,
            price,
            0,
            "EUR",
        )

    def _cases(self, language: str) -> Iterator[Case]:
        rng = self._rng
        chances = (
            (CaseKind.COMPLAINT, CaseState.OPEN, 0.05),
            (CaseKind.REFUND, CaseState.WAITING, 0.04),
            (CaseKind.QUESTION, CaseState.OPEN, 0.05),
            (CaseKind.COMPLAINT, CaseState.CLOSED, 0.08),
        )
        for kind, state, chance in chances:
            if rng.random() < chance:
                opened = self._today - timedelta(days=rng.randrange(1, 40))
                yield Case(CaseId(0), kind, state, _CASES[kind][language], opened)


Choice = TypeVar("Choice")

_OPEN = frozenset({TripStatus.BOOKED, TripStatus.TICKETED})


def _pick(rng: random.Random, weighted: tuple[tuple[Choice, int], ...]) -> Choice:
    return rng.choices([c for c, _ in weighted], [weight for _, weight in weighted])[0]
