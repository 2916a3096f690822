"""The card of a customer who travels on a trip that another customer has booked."""

from datetime import timedelta

import pytest

from screenpop.accounts.departments import Section
from screenpop.cards.alerts import build_alerts
from screenpop.cards.card import CardAlert
from screenpop.cards.history import card_rhythm, card_trips
from screenpop.customers.itinerary import itinerary
from screenpop.customers.models import (
    CustomerFile,
    CustomerId,
    Gender,
    HouseholdCase,
    PersonName,
    PersonRef,
    Title,
    Trip,
    TripStatus,
    VisaState,
)
from screenpop.offers.suggest import suggest
from tests.customers.samples import TODAY, case, file, trip

MOTHER = PersonRef(
    CustomerId(7),
    {"fa": PersonName("مریم", "کریمی"), "en": PersonName("Maryam", "Karimi")},
    Title.MS,
    Gender.WOMAN,
)
ALL = frozenset(Section)


def booked_by_mother(days: int = 3, **more: object) -> Trip:
    return trip("Rome", TODAY + timedelta(days=days), **{"buyer": MOTHER, **more})  # type: ignore[arg-type]


def now(about: CustomerFile, language: str = "en") -> list[CardAlert]:
    return list(build_alerts(about, itinerary(about.trips, TODAY), ALL, language))


def test_a_traveller_sees_when_the_trip_departs_and_that_the_visa_is_pending() -> None:
    about = file(trips=(booked_by_mother(visa=VisaState.PENDING),))
    assert [one.code for one in now(about)] == ["departs_in", "visa"]
    assert {one.id for one in suggest(about, TODAY).items} >= {"ready_to_go:1"}


def test_a_traveller_s_trip_names_its_buyer_and_hides_the_price_from_every_department() -> None:
    about = file(trips=(booked_by_mother(price=900, paid=100, currency="EUR"),))
    (shown,), more = card_trips(about.trips, itinerary(about.trips, TODAY), ALL)
    assert shown.booked_by == {
        "en": "Ms Maryam Karimi",
        "fa": "خانم مریم کریمی",
        "el": "Κυρία Maryam Karimi",
    }
    assert (shown.booked_by_id, shown.mark, more) == (7, "next", 0)
    assert (shown.price, shown.paid, shown.currency) == (None, None, "")


def test_a_buyer_s_trip_names_no_other_buyer_and_keeps_its_price() -> None:
    about = file(trips=(booked_by_mother(buyer=None, price=900),))
    (shown,), _ = card_trips(about.trips, itinerary(about.trips, TODAY), ALL)
    assert (shown.booked_by, shown.booked_by_id, shown.price) == ({}, None, 900)


def test_a_quote_asked_for_by_another_customer_is_not_suggested_to_the_traveller() -> None:
    asked = booked_by_mother(50, status=TripStatus.ASKED)
    assert suggest(file(trips=(asked,)), TODAY).items == ()


@pytest.mark.parametrize(
    ("language", "name"),
    [("en", "Ms Maryam Karimi"), ("fa", "خانم مریم کریمی"), ("el", "Κυρία Maryam Karimi")],
)
def test_a_case_of_the_household_names_whose_it_is_in_the_agent_s_language(
    language: str, name: str
) -> None:
    about = CustomerFile(
        file().customer, file().phone, household_cases=(HouseholdCase(case(), MOTHER),)
    )
    [shown] = now(about, language)
    assert (shown.code, shown.tone) == ("household_case", "alarm")
    assert shown.params == {
        "kind": "complaint",
        "subject": "The room had no window",
        "since": "2026-11-10",
        "name": name,
    }


def test_a_case_of_the_household_is_hidden_from_a_department_that_sees_no_cases() -> None:
    about = CustomerFile(
        file().customer, file().phone, household_cases=(HouseholdCase(case(), MOTHER),)
    )
    sees = ALL - {Section.CASES}
    assert build_alerts(about, itinerary((), TODAY), sees, "en") == ()


def test_a_case_of_the_household_does_not_silence_the_suggestions_of_another_member() -> None:
    about = CustomerFile(
        file().customer,
        file().phone,
        (trip("Rome", TODAY + timedelta(days=3)),),
        household_cases=(HouseholdCase(case(), MOTHER),),
    )
    assert [one.id for one in suggest(about, TODAY).items] == ["ready_to_go:1"]


def test_a_rhythm_is_of_the_trips_that_the_customer_booked() -> None:
    days = (-1100, -735, -370)
    bought = tuple(booked_by_mother(day, buyer=None, number=at) for at, day in enumerate(days))
    travelled = tuple(booked_by_mother(day - 100, number=10 + at) for at, day in enumerate(days))
    assert card_rhythm(travelled, TODAY, ALL) is None
    assert card_rhythm((*bought, *travelled), TODAY, ALL) == card_rhythm(bought, TODAY, ALL)
    assert card_rhythm(bought, TODAY, ALL) is not None
