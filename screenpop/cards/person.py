"""A customer as a card shows one, with a greeting only for whom it certainly is."""

from screenpop.accounts.departments import Section
from screenpop.cards.card import CardPerson
from screenpop.cards.honorifics import addresses, salutations
from screenpop.customers.records import Customer


def certain_person(customer: Customer, view: frozenset[Section]) -> CardPerson:
    personal = Section.PERSONAL in view
    return _person(
        customer,
        salutations(customer.names, customer.title, customer.gender),
        notes=customer.notes if personal else "",
        preferences=customer.preferences if personal else "",
    )


def possible_person(customer: Customer) -> CardPerson:
    """Somebody it may be: to be asked for, not to be greeted by name; what is noted of them stays
    in the file until it is known who calls."""
    return _person(customer, {}, notes="", preferences="")


def _person(
    customer: Customer, greeting: dict[str, str], *, notes: str, preferences: str
) -> CardPerson:
    since = customer.customer_since
    return CardPerson(
        id=customer.id,
        address=addresses(customer.names, customer.title, customer.gender),
        salutation=greeting,
        language=customer.language,
        tier=customer.tier,
        vip=customer.vip,
        since=since.isoformat() if since else None,
        household=customer.household,
        notes=notes,
        preferences=preferences,
    )
