"""A customer on a card; with a greeting only for a certain match."""

from dataclasses import replace
from datetime import date

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardLastTrip, CardPerson
from screenpop.cards.honorifics import forms_of_address
from screenpop.customers.itinerary import last_trip_of
from screenpop.customers.models import Customer, CustomerFile
from screenpop.customers.place_names import place_name


def person_for_certain_match(customer: Customer, view: frozenset[Section]) -> CardPerson:
    addresses, salutations = _forms(customer)
    if Section.PERSONAL in view:
        return _person(customer, addresses, salutations, customer.notes, customer.preferences)
    return _person(customer, addresses, salutations)


def person_for_possible_match(customer: Customer) -> CardPerson:
    """Return a possible match: asked for, not greeted by name, and without notes."""
    addresses, _ = _forms(customer)
    return _person(customer, addresses, {})


def candidate(
    file: CustomerFile, view: frozenset[Section], language: str, today: date
) -> CardPerson:
    """Return the person of a possible match with the last trip, to distinguish candidates."""
    person = person_for_possible_match(file.customer)
    last = last_trip_of(file.trips, today) if Section.TRIPS in view else None
    if last is None or last.departs is None:
        return person
    destination = place_name(last.destination, language)
    return replace(person, last_trip=CardLastTrip(destination, last.departs.isoformat()))


def _circle(customer: Customer) -> str:
    """Return the household, and the company where it is another name."""
    return " · ".join(dict.fromkeys(filter(None, (customer.household, customer.company))))


def _forms(customer: Customer) -> tuple[dict[str, str], dict[str, str]]:
    return forms_of_address(customer.names, customer.title, customer.gender)


def _person(
    customer: Customer,
    addresses: dict[str, str],
    salutations: dict[str, str],
    notes: str = "",
    preferences: str = "",
) -> CardPerson:
    since = customer.customer_since
    return CardPerson(
        id=customer.id,
        address=addresses,
        salutation=salutations,
        language=customer.language,
        tier=customer.tier,
        vip=customer.vip,
        since=since.isoformat() if since else None,
        household=_circle(customer),
        notes=notes,
        preferences=preferences,
    )
