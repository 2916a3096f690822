"""Showcase customers of the demo: one for every situation that a card can show."""

from dataclasses import replace
from datetime import date

from screenpop.customers.consent import Consent
from screenpop.customers.documents import DocumentDraft, DocumentKind
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.models import (
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Gender,
    PersonName,
    Product,
    Tier,
    Title,
    TripStatus,
    VisaState,
)
from screenpop.demo.fixtures import DemoCustomer, RelativeDays, demo_phone
from screenpop.demo.travellers import buyers_and_travellers


def showcase_customers(today: date) -> tuple[DemoCustomer, ...]:
    """Return the showcase customers as of this day."""
    days = RelativeDays(today)
    return (
        _laleh(days),
        _reza(days),
        _nikos(days),
        *_sohrabi_household(days),
        _complaint(days),
        _silent(days),
        _birthday(days),
        _back(days),
        _visa(days),
        _platinum(days),
        _company(days),
        _under_way(days),
        *buyers_and_travellers(days),
    )


def _passport(number: str, country: str, name: str, expires: date) -> DocumentDraft:
    return DocumentDraft(
        kind=DocumentKind.PASSPORT, number=number, country=country, name=name, expires=expires
    )


def _laleh(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("لاله", "کریمی"), "en": PersonName("Laleh", "Karimi")},
            title=Title.DR,
            gender=Gender.WOMAN,
            language="fa",
            tier=Tier.GOLD,
            birthday=date(1983, 6, 14),
            balance=480,
            currency="EUR",
            customer_since=days.day(-2100),
            preferences="aisle seat, vegetarian, hotels near the sea",
            notes="Calls after 18:00 when the clinic closes.",
            tags=("doctor", "family"),
            documents=(
                _passport("K48213907", "IR", "LALEH KARIMI", days.day(1200)),
                DocumentDraft(kind=DocumentKind.NATIONAL_CODE, number="0084575948", country="IR"),
                DocumentDraft(
                    kind=DocumentKind.FREQUENT_FLYER, issuer="Iran Air", number="1001234567"
                ),
            ),
            phones=(
                demo_phone("۰۹۱۲ ۳۴۵ ۶۷۸۹", "IR", since=days.day(-1200)),
                demo_phone("021 2265 4321", "IR", "work", days.day(-2100)),
            ),
        ),
        (
            days.trip(
                "Istanbul", "fa", 3, 6, TripStatus.TICKETED, children=1, left_to_pay=480,
                note="Cot in the room; late arrival 23:40",
            ),
            days.went("Istanbul", "fa", -370, 5, 5),
            days.went("Istanbul", "fa", -735, 7, 4),
            days.went("Athens", "fa", -1105, 6, 4),
            days.trip("Paris", "fa", -1400, 6, TripStatus.CANCELLED),
            days.went("Kish", "fa", -1830, 3, None),
        ),
        shows="departs in 3 days, balance due, gold, loved destination",
    )  # fmt: skip


def _reza(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("رضا", "مرادی"), "en": PersonName("Reza", "Moradi")},
            title=Title.ENG,
            gender=Gender.MAN,
            language="fa",
            tier=Tier.SILVER,
            birthday=date(1976, 2, 8),
            customer_since=days.day(-1500),
            preferences="window seat, four stars, spring",
            tags=("engineer",),
            phones=(
                demo_phone("0912 111 2233", "IR", since=days.day(-1500)),
                demo_phone("+98 31 3662 5566", "IR", "home", days.day(-900)),
            ),
        ),
        (
            days.went("Antalya", "fa", -300, 7, 5),
            days.went("Antalya", "fa", -660, 7, 5),
            days.went("Antalya", "fa", -1020, 10, 4),
            days.went("Dubai", "fa", -1300, 4, 3),
        ),
        shows="a destination loved three times in the same season",
    )


def _nikos(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={
                "el": PersonName("Νίκος", "Παπαδόπουλος"),
                "en": PersonName("Nikos", "Papadopoulos"),
            },
            title=Title.MR,
            gender=Gender.MAN,
            language="el",
            tier=Tier.GOLD,
            birthday=date(1969, 12, 6),
            customer_since=days.day(-2600),
            preferences="small hotels, direct flights",
            tags=("photographer",),
            documents=(_passport("AK0917345", "GR", "NIKOS PAPADOPOULOS", days.day(120)),),
            phones=(
                demo_phone("691 234 5678", "GR", since=days.day(-2000)),
                demo_phone("210 722 8899", "GR", "home", days.day(-2600)),
            ),
        ),
        (
            days.trip("Isfahan", "el", 41, 9, TripStatus.BOOKED, adults=1),
            days.went("Tbilisi", "el", -160, 6, 5),
            days.went("Istanbul", "el", -410, 4, 4),
            days.went("Rome", "el", -880, 5, 3),
        ),
        shows="a Greek customer with a booking ahead",
    )


def _sohrabi_household(days: RelativeDays) -> tuple[DemoCustomer, DemoCustomer]:
    home = demo_phone("021 8877 6655", "IR", "home", days.day(-1700))
    shared = CustomerDraft(
        names={"fa": PersonName("شیرین", "سهرابی"), "en": PersonName("Shirin", "Sohrabi")},
        title=Title.MS,
        gender=Gender.WOMAN,
        language="fa",
        tier=Tier.SILVER,
        birthday=date(1988, 9, 30),
        customer_since=days.day(-1700),
        household="Sohrabi",
        phones=(home, demo_phone("0935 700 1122", "IR", since=days.day(-1100))),
    )
    together = days.went("Yerevan", "fa", -240, 5, 4)
    return (
        DemoCustomer(
            shared, (together, days.went("Crete", "fa", -610, 8, 5)), shows="shared number"
        ),
        DemoCustomer(
            replace(
                shared,
                names={"fa": PersonName("کاوه", "سهرابی"), "en": PersonName("Kaveh", "Sohrabi")},
                title=Title.ENG,
                gender=Gender.MAN,
                birthday=date(1984, 4, 2),
                phones=(home,),
            ),
            (together,),
            shows="shared number",
        ),
    )


def _complaint(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={
                "el": PersonName("Ελένη", "Αντωνίου"),
                "en": PersonName("Eleni", "Antoniou"),
            },
            title=Title.MS,
            gender=Gender.WOMAN,
            language="el",
            tier=Tier.SILVER,
            birthday=date(1979, 3, 21),
            customer_since=days.day(-1300),
            phones=(demo_phone("694 410 2030", "GR", since=days.day(-1300)),),
        ),
        (
            days.went("Santorini", "el", -24, 5, 1),
            days.went("Larnaca", "el", -420, 4, 4),
        ),
        (
            Case(
                CaseId(0),
                CaseKind.COMPLAINT,
                CaseState.OPEN,
                "Το δωμάτιο δεν είχε θέα στη θάλασσα",
                days.day(-15),
                "Sara",
                days.day(1),
            ),
            Case(
                CaseId(0), CaseKind.QUESTION, CaseState.CLOSED, "Αποσκευές Ryanair", days.day(-430)
            ),
        ),
        shows="an open complaint: no offers, a promise to keep",
    )


def _silent(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"en": PersonName("James", "Whitfield")},
            title=Title.MR,
            gender=Gender.MAN,
            language="en",
            birthday=date(1961, 7, 19),
            customer_since=days.day(-2900),
            preferences="museums, no early flights",
            phones=(demo_phone("07400 123456", "GB", since=days.day(-2900)),),
        ),
        (
            days.went("Isfahan", "en", -1010, 10, 5),
            days.went("Athens", "en", -1420, 6, 4),
            days.went("Rome", "en", -2280, 5, 4),
        ),
        shows="silent for almost three years",
    )


def _birthday(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("مینا", "احمدی"), "en": PersonName("Mina", "Ahmadi")},
            title=Title.MS,
            gender=Gender.WOMAN,
            language="fa",
            tier=Tier.SILVER,
            birthday=days.born_on(1, 1990),
            customer_since=days.day(-800),
            phones=(demo_phone("0919 222 3344", "IR", since=days.day(-800)),),
        ),
        (days.went("Tbilisi", "fa", -200, 5, 5), days.went("Dubai", "fa", -560, 4, 4)),
        shows="birthday tomorrow",
    )


def _back(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("آرش", "نوری"), "en": PersonName("Arash", "Nouri")},
            title=Title.MR,
            gender=Gender.MAN,
            language="fa",
            birthday=date(1992, 10, 27),
            customer_since=days.day(-400),
            phones=(demo_phone("0936 555 6677", "IR", since=days.day(-400)),),
        ),
        (
            days.trip("Bangkok", "fa", -11, 9, TripStatus.TICKETED),
            days.went("Kuala Lumpur", "fa", -390, 8, 4),
        ),
        shows="came back two days ago",
    )


def _visa(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"fa": PersonName("نازنین", "هاشمی"), "en": PersonName("Nazanin", "Hashemi")},
            title=Title.PROF,
            gender=Gender.WOMAN,
            language="fa",
            tier=Tier.GOLD,
            birthday=date(1972, 5, 3),
            customer_since=days.day(-1900),
            documents=(_passport("U51930284", "IR", "NAZANIN HASHEMI", days.day(75)),),
            phones=(demo_phone("0912 808 9090", "IR", since=days.day(-1900)),),
        ),
        (
            days.trip(
                "Rome", "fa", 9, 5, TripStatus.BOOKED, adults=1, visa=VisaState.PENDING,
                note="Conference; invitation letter sent",
            ),
            days.went("Paris", "fa", -530, 5, 4),
        ),
        shows="visa pending nine days before departure",
    )  # fmt: skip


def _platinum(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={"en": PersonName("Margaret", "Ellison")},
            title=Title.DR,
            gender=Gender.WOMAN,
            language="en",
            tier=Tier.PLATINUM,
            vip=True,
            birthday=date(1958, 1, 11),
            customer_since=days.day(-4100),
            preferences="business class, suite, driver at the airport",
            notes="Prefers to be called Dr Ellison. Her assistant is Ruth.",
            tags=("vip",),
            documents=(_passport("533401372", "GB", "MARGARET ELLISON", days.day(29)),),
            phones=(
                demo_phone("+44 7400 654321", "GB", since=days.day(-3000)),
                demo_phone("+44 20 7584 1234", "GB", "office", days.day(-4100)),
            ),
        ),
        (
            days.trip("Dubai", "en", 27, 7, TripStatus.BOOKED, adults=2),
            days.went("Santorini", "en", -120, 6, 5),
            days.went("Paris", "en", -310, 4, 5),
            days.went("Kuala Lumpur", "en", -700, 10, 4),
            days.went("London", "en", -980, 3, None),
        ),
        shows="VIP, platinum",
    )


def _company(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={
                "el": PersonName("Σπύρος", "Λάμπρου"),
                "en": PersonName("Spyros", "Lamprou"),
            },
            title=Title.MR,
            gender=Gender.MAN,
            language="el",
            tier=Tier.GOLD,
            balance=2350,
            currency="EUR",
            customer_since=days.day(-1600),
            company="Aegean Lines",
            notes="Books for the crews. Invoice at the end of the month.",
            tags=("company",),
            phones=(demo_phone("+30 210 452 7000", "GR", "work", days.day(-1600)),),
        ),
        (
            days.trip(
                "Dubai", "el", 16, 4, TripStatus.TICKETED, adults=5, product=Product.FLIGHT,
                left_to_pay=2350,
            ),
            days.went("London", "el", -75, 2, None),
            days.went("Larnaca", "el", -140, 3, None),
        ),
        shows="a company that books for its crews, invoice open",
    )  # fmt: skip


def _under_way(days: RelativeDays) -> DemoCustomer:
    return DemoCustomer(
        CustomerDraft(
            names={
                "el": PersonName("Κατερίνα", "Βλάχου"),
                "en": PersonName("Katerina", "Vlachou"),
            },
            title=Title.MS,
            gender=Gender.WOMAN,
            language="el",
            birthday=date(1995, 8, 16),
            customer_since=days.day(-500),
            consents={
                "offers": Consent(False, days.day(-90), "phone", "Maryam Rezaei"),
                "email": Consent(True, days.day(-500), "paper", "Maryam Rezaei"),
            },
            phones=(demo_phone("697 333 1188", "GR", since=days.day(-500)),),
        ),
        (
            days.trip("Istanbul", "el", -2, 6, TripStatus.TICKETED),
            days.went("Crete", "el", -330, 7, 4),
        ),
        (
            Case(
                CaseId(0),
                CaseKind.REFUND,
                CaseState.WAITING,
                "Ακύρωση ασφάλειας",
                days.day(-40),
                "Nikos",
                days.day(-3),
            ),
        ),
        shows="on the way right now, a refund overdue, no advertising",
    )
