"""Matching of import rows to earlier rows of the sheet and to existing customers.

The same person is the same code of the office, confirmed by the name or a number; else the same
name with the same number, or with the same last nine digits where the
number has another country code or none. A number alone is not enough: families share numbers.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import CustomerDraft, IncomingRow
from screenpop.customers.draft_merge import full_names
from screenpop.customers.draft_update import ValueChange
from screenpop.customers.models import CustomerId
from screenpop.store.engine.url import Kind
from screenpop.store.imports.bulk_insert import is_one_of
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.tables import customer_phones, customers

Names = frozenset[str]


class RowMatch(StrEnum):
    NEW = "new"
    """No known person: becomes a customer."""
    JOINED = "joined"
    """A person of an earlier row: one more number, one more trip."""
    ON_FILE = "on_file"
    """A customer who existed before this sheet."""
    NOBODY = "nobody"
    """Continues the row above, and there is none: left out."""
    HIDDEN = "hidden"
    """A customer whose file is hidden from the user who imports: left out."""


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The outcome of a valid row."""

    line: int
    meets: RowMatch
    of_line: int = 0
    """``joined``: the line of that person's first row."""
    customer: CustomerId | None = None
    """``on_file``: the customer."""
    added: tuple[str, ...] = ()
    """``on_file``: fields the row adds; empty: nothing new."""
    changes: tuple[ValueChange, ...] = ()
    """``on_file`` by the office's own code: stored values that the row replaces."""
    code: str = ""
    """A code in the row that belongs to another person: it was left out."""
    differs: tuple[str, ...] = ()
    """``on_file``: fields in which the row differs; the stored values stay."""
    shares_line: int = 0
    """The line of a row with the same number and another name."""
    shares_with: CustomerId | None = None
    """A customer with the same number and another name."""


@dataclass(slots=True, eq=False)
class SheetPerson:
    """A person of this sheet."""

    line: int
    customer: CustomerId | None = None
    """None until it is known."""
    on_file: bool = False
    """Existed as a customer before this sheet."""
    numbers: tuple[str, ...] = ()
    """E.164, or the last nine digits where that is all there is."""
    code: str = ""
    _called: tuple[str, ...] = ()
    _names: Names = frozenset()

    def is_called(self, draft: CustomerDraft) -> None:
        if draft.names:
            self._called += tuple([name.full for name in draft.names.values()])

    @property
    def names(self) -> Names:
        """Return the names for comparison, computed on use: most persons are never compared."""
        if self._called:
            self._names |= full_names(self._called)
            self._called = ()
        return self._names


@dataclass(frozen=True, slots=True)
class PersonMatch:
    person: SheetPerson | None
    shares: SheetPerson | None
    """Another person with the same full number."""
    is_by_code: bool = False
    is_code_taken: bool = False
    """The row's code belongs to a person with another name and other numbers."""


_NOBODY = PersonMatch(None, None)


class KnownCustomers:
    """The persons seen so far, by the last nine digits of their numbers."""

    def __init__(self) -> None:
        # Mostly one person each, and then not in a list: an import has a hundred thousand.
        self._by_nine: dict[str, SheetPerson | list[SheetPerson]] = {}
        self._without_phone: dict[str, SheetPerson] = {}
        self._by_code: dict[str, SheetPerson] = {}
        self._codes_looked_up: set[str] = set()
        self._last: SheetPerson | None = None
        self._stored: dict[int, SheetPerson] = {}
        """Loaded customers by id."""

    def match(self, row: IncomingRow) -> PersonMatch:
        """Return the matching person; both fields are None for a new person with unused numbers."""
        if row.more_of_above:
            return PersonMatch(self._last, None)
        if row.draft.code and (owner := self._by_code.get(row.draft.code)) is not None:
            if _is_confirmed(owner, row.draft):
                return PersonMatch(owner, None, is_by_code=True)
            return replace(self._match(row), is_code_taken=True)
        return self._match(row)

    def _match(self, row: IncomingRow) -> PersonMatch:
        if not row.draft.phones:
            return PersonMatch(self._of_name(_names_of(row.draft)), None)
        shares = None
        for phone in row.draft.phones:
            for person in self._with(phone.last_nine or ""):
                if not person.names.isdisjoint(_names_of(row.draft)):
                    return PersonMatch(person, None)
                if phone.e164 in person.numbers:
                    shares = shares or person
        return _NOBODY if shares is None else PersonMatch(None, shares)

    def _of_name(self, names: Names) -> SheetPerson | None:
        """Return the match of a row without number: the person above, or one known by name only."""
        if self._last is not None and names & self._last.names:
            return self._last
        return next(
            (self._without_phone[name] for name in names if name in self._without_phone), None
        )

    def meet(self, person: SheetPerson, draft: CustomerDraft) -> None:
        """Add a person, or one more number of a person."""
        self._last = person
        person.is_called(draft)
        if draft.code and not person.code:
            person.code = draft.code
            self._by_code.setdefault(draft.code, person)
        for phone in draft.phones:
            if phone.last_nine:
                self._add(phone.last_nine, phone.e164, person)
        if not person.numbers:
            for name in person.names:
                self._without_phone.setdefault(name, person)

    def people(self) -> Iterator[SheetPerson]:
        """Yield the persons of the sheet and the customers with their numbers; some repeatedly."""
        for found in self._by_nine.values():
            yield from (found,) if isinstance(found, SheetPerson) else found
        yield from self._without_phone.values()

    def _with(self, nine: str) -> Sequence[SheetPerson]:
        found = self._by_nine.get(nine, ())
        return (found,) if isinstance(found, SheetPerson) else found

    def _add(self, nine: str, e164: str | None, person: SheetPerson) -> None:
        number = e164 or nine
        if number not in person.numbers:
            person.numbers += (number,)
        there = self._by_nine.get(nine)
        if there is None:
            self._by_nine[nine] = person
        elif isinstance(there, SheetPerson):
            if there is not person:
                self._by_nine[nine] = [there, person]
        elif person not in there:
            there.append(person)

    async def look_up(
        self, connection: AsyncConnection, kind: Kind, rows: Sequence[IncomingRow]
    ) -> None:
        """Load existing customers who have numbers of these rows."""
        nines = {phone.last_nine for row in rows for phone in row.draft.phones if phone.last_nine}
        # Numbers of persons seen before have been looked up before.
        new = [nine for nine in nines if nine not in self._by_nine]
        if new:
            await self._read(connection, _with_numbers(kind, new))
        codes = {row.draft.code for row in rows if row.draft.code} - self._codes_looked_up
        if codes:
            self._codes_looked_up |= codes
            await self._read(connection, _with_codes(kind, codes))

    async def look_up_without_numbers(self, connection: AsyncConnection) -> None:
        """Load customers whom earlier sheets brought in without any number."""
        rows = await connection.execute(_WITHOUT_NUMBERS)
        for row in rows:
            person = _on_file(row)
            for name in person.names:
                self._without_phone.setdefault(name, person)

    async def _read(
        self, connection: AsyncConnection, statement: Select[tuple[object, ...]]
    ) -> None:
        people = self._stored
        for row in await connection.execute(statement):
            person = people.get(row.id)
            if person is None:
                person = people[row.id] = _on_file(row)
                if row.code:
                    self._by_code.setdefault(row.code, person)
            if row.last_nine:
                self._add(row.last_nine, row.e164, person)


def _names_of(draft: CustomerDraft) -> Names:
    return full_names([name.full for name in draft.names.values()])


def _is_confirmed(person: SheetPerson, draft: CustomerDraft) -> bool:
    """Return whether a row with this person's code has the same name, or number, or no name."""
    names = _names_of(draft)
    if not names or not person.names.isdisjoint(names):
        return True
    numbers = {phone.e164 for phone in draft.phones} | {phone.last_nine for phone in draft.phones}
    return not numbers.isdisjoint(person.numbers)


def _on_file(row: Any) -> SheetPerson:
    called = tuple([name.full for name in names_from_json(row.names).values()])
    return SheetPerson(0, CustomerId(row.id), on_file=True, code=row.code, _called=called)


_COLUMNS = (
    *(customers.c.id, customers.c.names, customers.c.code),
    *(customer_phones.c.e164, customer_phones.c.last_nine),
)


def _with_numbers(kind: Kind, nines: Collection[str]) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(
            customer_phones.join(customers, customers.c.id == customer_phones.c.customer_id)
        )
        .where(
            is_one_of(kind, customer_phones.c.last_nine, nines),
            customers.c.merged_into_id.is_(None),
        )
        .order_by(customers.c.id)
    )


def _with_codes(kind: Kind, codes: Collection[str]) -> Select[Any]:
    return (
        select(*_COLUMNS)
        .select_from(
            customers.outerjoin(customer_phones, customers.c.id == customer_phones.c.customer_id)
        )
        .where(
            is_one_of(kind, customers.c.code, codes),
            customers.c.code != "",
            customers.c.merged_into_id.is_(None),
        )
        .order_by(customers.c.id)
    )


_WITHOUT_NUMBERS = select(customers.c.id, customers.c.names, customers.c.code).where(
    customers.c.import_batch_id.is_not(None),
    customers.c.merged_into_id.is_(None),
    ~select(customer_phones.c.id).where(customer_phones.c.customer_id == customers.c.id).exists(),
)
