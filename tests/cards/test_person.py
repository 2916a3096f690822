"""A customer as a card shows one."""

from datetime import date

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardLastTrip
from screenpop.cards.person import candidate, person_for_certain_match, person_for_possible_match
from screenpop.customers.models import Tier, TripStatus
from tests.customers.samples import customer, file, trip

LALEH = customer(
    tier=Tier.GOLD,
    vip=True,
    customer_since=date(2021, 5, 1),
    notes="allergic to cats",
    preferences="window seat",
    household="Karimi",
)


def test_a_certain_customer_can_be_greeted() -> None:
    person = person_for_certain_match(LALEH, frozenset({Section.PERSONAL}))
    assert person.address["en"] == "Dr Laleh Karimi"
    assert person.salutation["fa"] == "خانم دکتر کریمی"
    assert (person.tier, person.vip, person.since) == ("gold", True, "2021-05-01")
    assert (person.notes, person.preferences) == ("allergic to cats", "window seat")


def test_notes_and_preferences_stay_with_users_allowed_to_see_them() -> None:
    person = person_for_certain_match(LALEH, frozenset(Section) - {Section.PERSONAL})
    assert (person.notes, person.preferences) == ("", "")


def test_a_possible_customer_is_asked_for_and_not_greeted() -> None:
    person = person_for_possible_match(LALEH)
    assert person.address["en"] == "Dr Laleh Karimi"
    assert person.household == "Karimi"
    assert person.salutation == {}
    assert (person.notes, person.preferences) == ("", "")


def test_a_candidate_has_the_last_trip_that_has_begun_where_trips_are_seen() -> None:
    trips = (
        trip(
            number=1, destination="Antalya", departs=date(2025, 5, 1), status=TripStatus.TRAVELLED
        ),
        trip("Rome", date(2026, 1, 2), number=2),
        trip("Paris", date(2026, 2, 1), number=3, status=TripStatus.CANCELLED),
        trip("Dubai", date(2099, 1, 1), number=4),
    )
    today, known = date(2026, 3, 1), file(LALEH, trips=trips)
    seen = candidate(known, frozenset({Section.TRIPS}), "el", today)
    assert seen.last_trip == CardLastTrip("Ρώμη", "2026-01-02")
    assert candidate(known, frozenset(), "el", today).last_trip is None
    assert candidate(file(LALEH), frozenset({Section.TRIPS}), "el", today).last_trip is None
