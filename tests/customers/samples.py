"""Invented people and trips to test with. Everything has a plain value unless a test sets more."""

from datetime import date, timedelta
from typing import Any

from screenpop.customers.document_days import DocumentDays
from screenpop.customers.models import (
    CallerRecord,
    Case,
    CaseId,
    CaseKind,
    CaseState,
    Customer,
    CustomerFile,
    CustomerId,
    Gender,
    PastCall,
    PersonName,
    Phone,
    Product,
    Title,
    Trip,
    TripId,
    TripStatus,
)
from screenpop.telephony.caller_id import CallerId
from screenpop.telephony.identifiers import E164, Region
from screenpop.telephony.phone_numbers import NumberPlan, resolve

TODAY = date(2026, 11, 22)
LALEHS_MOBILE = E164("+989123456789")
IRAN = NumberPlan(Region("IR"), extensions=("1XX",))


def caller(raw: str = LALEHS_MOBILE, *, withheld: bool = False) -> CallerId:
    return resolve(raw, plan=IRAN, withheld=withheld)


def customer(number: int = 1, **more: Any) -> Customer:
    plain: dict[str, Any] = {
        "title": Title.DR,
        "gender": Gender.WOMAN,
        "names": {"fa": PersonName("لاله", "کریمی"), "en": PersonName("Laleh", "Karimi")},
        "language": "fa",
    }
    return Customer(CustomerId(number), **{**plain, **more})


def phone(**more: Any) -> Phone:
    plain: dict[str, Any] = {
        "e164": LALEHS_MOBILE,
        "raw": "0912 345 6789",
        "label": "mobile",
        "since": date(2023, 3, 1),
    }
    return Phone(**{**plain, **more})


def trip(
    destination: str = "Antalya",
    departs: date | None = None,
    *,
    number: int = 1,
    nights: int = 7,
    **more: Any,
) -> Trip:
    plain: dict[str, Any] = {
        "country": "TR",
        "product": Product.TOUR,
        "departs": departs,
        "returns": departs + timedelta(days=nights) if departs else None,
        "status": TripStatus.TRAVELLED if departs and departs < TODAY else TripStatus.BOOKED,
    }
    return Trip(TripId(number), destination, **{**plain, **more})


def case(kind: CaseKind = CaseKind.COMPLAINT, **more: Any) -> Case:
    plain: dict[str, Any] = {
        "state": CaseState.OPEN,
        "subject": "The room had no window",
        "opened": date(2026, 11, 10),
    }
    return Case(CaseId(1), kind, **{**plain, **more})


def file(
    about: Customer | None = None,
    *,
    trips: tuple[Trip, ...] = (),
    cases: tuple[Case, ...] = (),
    calls: tuple[PastCall, ...] = (),
    documents: tuple[DocumentDays, ...] = (),
    **phone_facts: Any,
) -> CustomerFile:
    return CustomerFile(
        about or customer(), phone(**phone_facts), trips, cases, calls, documents=documents
    )


def record(*exact: CustomerFile, maybe: tuple[CustomerFile, ...] = (), **more: Any) -> CallerRecord:
    return CallerRecord(**{"e164": LALEHS_MOBILE, "exact": exact, "maybe": maybe, **more})
