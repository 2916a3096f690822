"""One table: what each department sees of a customer on a card. Anything else never leaves."""

from enum import StrEnum

from screenpop.accounts.users import Department, Role, User


class Section(StrEnum):
    OFFERS = "offers"
    """Suggestions and how long the customer has been silent."""
    TRIPS = "trips"
    """Where and when, for how many; departures and visas."""
    PRICES = "prices"
    """What a trip costs and what has been paid for it."""
    BALANCE = "balance"
    """What the customer owes."""
    CASES = "cases"
    """Open questions, complaints, refunds, and what was promised."""
    PERSONAL = "personal"
    """Birthday, preferences, the notes of the file."""
    CALLS = "calls"
    """The last calls: who spoke, what about."""


VIEWS: dict[Department, frozenset[Section]] = {
    Department.SALES: frozenset({Section.OFFERS, Section.TRIPS, Section.PERSONAL, Section.CALLS}),
    Department.ACCOUNTING: frozenset({Section.TRIPS, Section.PRICES, Section.CALLS}),
    Department.FINANCE: frozenset({Section.TRIPS, Section.PRICES, Section.BALANCE, Section.CALLS}),
    Department.SUPPORT: frozenset({Section.TRIPS, Section.CASES, Section.PERSONAL, Section.CALLS}),
}

NOTHING: frozenset[Section] = frozenset()


def view_of(department: str) -> frozenset[Section]:
    """What a department sees; nothing of the file for one that is not in the table."""
    return _BY_NAME.get(department, NOTHING)


def sections_for(user: User) -> frozenset[Section]:
    """What a person sees of a customer's file: the view of their department, and all of it for
    an administrator, who gives out whole files and mends them."""
    return frozenset(Section) if user.role is Role.ADMIN else view_of(user.department)


_BY_NAME: dict[str, frozenset[Section]] = {str(name): view for name, view in VIEWS.items()}
