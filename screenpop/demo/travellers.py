"""Demo customers who travel on another customer's booking: one pair per language."""

from datetime import date

from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import (
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Gender,
    PersonName,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.demo.fixtures import DemoCustomer, RelativeDays, demo_phone


def buyers_and_travellers(days: RelativeDays) -> tuple[DemoCustomer, ...]:
    """Return mother and daughter, secretary and director, agency and guest."""
    return (*_mother_and_daughter(days), *_secretary_and_director(days), *_agency_and_guest(days))


def _mother_and_daughter(days: RelativeDays) -> tuple[DemoCustomer, DemoCustomer]:
    mother = DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("شیرین", "رستمی"), "en": PersonName("Shirin", "Rostami")},
            title=Title.MS,
            gender=Gender.WOMAN,
            language="fa",
            tier=Tier.SILVER,
            birthday=date(1974, 3, 2),
            anniversary=days.born_on(9, 1999),
            balance=350,
            currency="EUR",
            customer_since=days.day(-1300),
            household="رستمی",
            phones=(demo_phone("0912 470 1122", "IR", since=days.day(-1300)),),
        ),
        (
            days.trip(
                "Paris", "fa", 5, 8, TripStatus.BOOKED, adults=1, left_to_pay=350,
                visa=VisaState.PENDING, note="Summer school; arrives alone",
            ),
            days.went("Tbilisi", "fa", -220, 4, 4),
        ),
        (
            Case(
                CaseId(0),
                CaseKind.QUESTION,
                CaseState.OPEN,
                "بیمه‌ی سفر برای دانشجو",
                days.day(-2),
            ),
        ),
        shows="a mother who books for her daughter",
        travellers={0: ("Dorsa Rostami",), 1: ("Shirin Rostami", "Dorsa Rostami")},
    )  # fmt: skip
    daughter = DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("درسا", "رستمی"), "en": PersonName("Dorsa", "Rostami")},
            title=Title.MS,
            gender=Gender.WOMAN,
            language="fa",
            birthday=date(2004, 10, 21),
            customer_since=days.day(-220),
            household="رستمی",
            phones=(demo_phone("0935 470 3344", "IR", since=days.day(-220)),),
        ),
        shows="travels in 5 days on a trip her mother booked, visa pending",
    )
    return mother, daughter


def _secretary_and_director(days: RelativeDays) -> tuple[DemoCustomer, DemoCustomer]:
    secretary = DemoCustomer(
        CustomerDraft(
            names={
                "el": PersonName("Μαρία", "Σταυρίδου"),
                "en": PersonName("Maria", "Stavridou"),
            },
            title=Title.MS,
            gender=Gender.WOMAN,
            language="el",
            customer_since=days.day(-900),
            company="Georgiou Shipping",
            notes="Books everything for the director.",
            phones=(demo_phone("210 452 1180", "GR", "work", days.day(-900)),),
        ),
        (
            days.trip("London", "el", 2, 3, TripStatus.TICKETED, adults=1),
            days.went("Dubai", "el", -90, 4, 5),
        ),
        shows="a secretary who books for the director",
        travellers={0: ("Alexandros Georgiou",), 1: ("Alexandros Georgiou",)},
    )
    director = DemoCustomer(
        CustomerDraft(
            names={
                "el": PersonName("Αλέξανδρος", "Γεωργίου"),
                "en": PersonName("Alexandros", "Georgiou"),
            },
            title=Title.MR,
            gender=Gender.MAN,
            language="el",
            tier=Tier.GOLD,
            vip=True,
            customer_since=days.day(-900),
            company="Georgiou Shipping",
            preferences="aisle seat",
            phones=(demo_phone("694 452 1181", "GR", since=days.day(-900)),),
        ),
        shows="departs in 2 days on a trip the secretary booked, VIP",
    )
    return secretary, director


def _agency_and_guest(days: RelativeDays) -> tuple[DemoCustomer, DemoCustomer]:
    agency = DemoCustomer(
        CustomerDraft(
            names={"en": PersonName("Olivia", "Grant")},
            title=Title.MS,
            gender=Gender.WOMAN,
            language="en",
            tier=Tier.SILVER,
            balance=1200,
            currency="EUR",
            customer_since=days.day(-700),
            company="Harbour Events",
            notes="Agency; books for the guests of its conferences.",
            tags=("company",),
            phones=(demo_phone("020 7946 0812", "GB", "work", days.day(-700)),),
        ),
        (
            days.trip("Athens", "en", -1, 5, TripStatus.TICKETED, adults=12, left_to_pay=1200),
            days.went("Rome", "en", -200, 3, None),
        ),
        shows="an agency that books for its guests, invoice open",
        travellers={0: ("Thomas Reid",)},
    )
    guest = DemoCustomer(
        CustomerDraft(
            names={"en": PersonName("Thomas", "Reid")},
            title=Title.PROF,
            gender=Gender.MAN,
            language="en",
            customer_since=days.day(-30),
            phones=(demo_phone("07400 812345", "GB", since=days.day(-30)),),
        ),
        shows="is travelling on a trip an agency booked",
    )
    return agency, guest
