"""A customer as a card shows one."""

from datetime import date

from screenpop.accounts.departments import Section
from screenpop.cards.person import certain_person, possible_person
from screenpop.customers.records import Tier
from tests.customers.given import customer

LALEH = customer(
    tier=Tier.GOLD,
    vip=True,
    customer_since=date(2021, 5, 1),
    notes="allergic to cats",
    preferences="window seat",
    household="Karimi",
)


def test_who_it_certainly_is_can_be_greeted() -> None:
    person = certain_person(LALEH, frozenset({Section.PERSONAL}))
    assert person.address["en"] == "Dr Laleh Karimi"
    assert person.salutation["fa"] == "خانم دکتر کریمی"
    assert (person.tier, person.vip, person.since) == ("gold", True, "2021-05-01")
    assert (person.notes, person.preferences) == ("allergic to cats", "window seat")


def test_notes_and_preferences_stay_with_who_sees_them() -> None:
    person = certain_person(LALEH, frozenset(Section) - {Section.PERSONAL})
    assert (person.notes, person.preferences) == ("", "")


def test_who_it_may_be_is_asked_for_and_not_greeted() -> None:
    person = possible_person(LALEH)
    assert person.address["en"] == "Dr Laleh Karimi"
    assert person.household == "Karimi"
    assert person.salutation == {}
    assert (person.notes, person.preferences) == ("", "")
