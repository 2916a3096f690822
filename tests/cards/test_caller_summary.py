"""A caller in one line: one customer, several, or perhaps one."""

from datetime import date

from screenpop.cards.caller_summary import MOST_NAMES, caller_name, caller_text, next_trip
from screenpop.customers.match import CustomerMatch, MatchReason, Sureness
from screenpop.customers.models import (
    Customer,
    CustomerFile,
    CustomerId,
    Gender,
    PersonName,
    Phone,
    Product,
    Tier,
    Title,
    Trip,
    TripId,
    TripStatus,
)

SEVERAL = "{count} customers: {names}"
TODAY = date(2026, 12, 1)


def file(name: str, *trips: Trip, tier: Tier = Tier.NONE, vip: bool = False) -> CustomerFile:
    customer = Customer(
        CustomerId(1), Title.NONE, Gender.UNSAID, {"en": PersonName(name, "")}, "en", tier, vip
    )
    return CustomerFile(customer, Phone(None, "", ""), trips)


def match(sure: Sureness, *files: CustomerFile) -> CustomerMatch:
    return CustomerMatch(sure, MatchReason("x"), files)


def trip(place: str, departs: date | None, returns: date | None = None) -> Trip:
    return Trip(TripId(1), place, "", Product.TOUR, departs, returns, TripStatus.BOOKED)


def test_three_names_are_listed_and_of_four_the_first_three() -> None:
    names = "ABCD"
    for count in (MOST_NAMES, MOST_NAMES + 1):
        found = match(Sureness.SHARED, *map(file, names[:count]))
        more = " …" if count > MOST_NAMES else ""
        assert caller_name(found, "en", SEVERAL) == f"{count} customers: A, B, C{more}"


def test_a_possible_customer_has_a_question_mark_and_an_unknown_caller_no_name() -> None:
    assert caller_name(match(Sureness.MAYBE, file("A")), "en", SEVERAL) == "A?"
    assert caller_name(match(Sureness.CERTAIN, file("A")), "en", SEVERAL) == "A"
    assert caller_name(match(Sureness.NONE), "en", SEVERAL) == ""
    braces = match(Sureness.MAYBE, file("{count}"), file("{0}"))
    assert caller_name(braces, "en", SEVERAL) == "2 customers: {count}, {0}"


def test_the_trip_under_way_comes_before_the_next_one() -> None:
    rome, yazd = trip("Rome", date(2026, 12, 9)), trip("Yazd", date(2026, 11, 29), TODAY)
    gone = trip("Oslo", date(2026, 11, 1), date(2026, 11, 30))
    found = next_trip(file("A", rome, yazd, gone), TODAY, "en")
    assert found is not None
    assert (found.destination, found.is_under_way) == ("Yazd", True)
    coming = next_trip(file("A", gone, rome), TODAY, "en")
    assert coming is not None
    assert (coming.destination, coming.departs) == ("Rome", date(2026, 12, 9))
    assert next_trip(file("A", gone), TODAY, "en") is None


def test_tier_and_trip_follow_the_name_of_a_certain_customer_only() -> None:
    gold = file("A", tier=Tier.GOLD, vip=True)
    rome = next_trip(file("A", trip("Rome", date(2026, 12, 9))), TODAY, "en")
    text = caller_text("A", match(Sureness.CERTAIN, gold), rome, "Gold", "VIP")
    assert text == "A · VIP · Gold · Rome 2026-12-09"
    assert caller_text("A?", match(Sureness.MAYBE, gold), rome, "Gold", "VIP") == "A?"
    assert caller_text("A", match(Sureness.CERTAIN, file("A")), None, "No tier", "VIP") == "A"
