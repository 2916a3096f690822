"""One running import: the outcome of each row, and what is written for it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import CustomerDraft, IncomingRow, TripDraft
from screenpop.customers.draft_merge import merge_drafts
from screenpop.customers.models import CustomerId
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.engine.database import Database
from screenpop.store.imports.changes import CustomerUpdate, write_changes
from screenpop.store.imports.matching import KnownCustomers, RowMatch, RowOutcome, SheetPerson
from screenpop.store.imports.travellers import (
    SheetTraveller,
    StoredTraveller,
    UnknownTraveller,
    identify_travellers,
    link_travellers,
    unknown_travellers,
)
from screenpop.store.imports.writing import write_new_customers

_LINKED_AT_ONCE = 1000
"""Travellers a transaction."""


class ExistingCustomerPolicy(StrEnum):
    """What a row does to an existing customer."""

    ADD = "add"
    """Adds what was not known; stored values stay."""
    SKIP = "skip"


@dataclass(slots=True)
class ImportCounts:
    rows: int = 0
    new: int = 0
    """New customers."""
    joined: int = 0
    """Rows that add to a person of an earlier row."""
    on_file: int = 0
    """Rows of existing customers."""
    changed: int = 0
    """Of those, rows that add something."""
    sharing: int = 0
    """New customers with a number that another customer has too."""
    nobody: int = 0
    """Rows that continue a person above, where there is none."""
    trips: int = 0


@dataclass(frozen=True, slots=True)
class ImportCallbacks:
    """Callbacks of an import. All are called on the loop and must be quick."""

    outcomes: Callable[[Sequence[RowOutcome]], None] = lambda _: None
    """Rows whose outcome is more than "new"."""
    progress: Callable[[ImportCounts], None] = lambda _: None
    """Called after each chunk."""
    cancelled: Callable[[], bool] = lambda: False
    """Called before each chunk."""
    travellers: Callable[[Sequence[UnknownTraveller]], None] = lambda _: None
    """Travellers who are no known customer; called at the end."""


@dataclass(slots=True)
class NewCustomer:
    person: SheetPerson
    draft: CustomerDraft


@dataclass(slots=True)
class ChunkPlan:
    """The outcomes of a chunk of rows."""

    plain: int = 0
    """Number of rows that are simply new."""
    outcomes: list[RowOutcome] = field(default_factory=list)
    """Outcomes of all other rows."""
    new: list[NewCustomer] = field(default_factory=list)
    trips: int = 0
    """What rows of known persons add."""
    more: list[tuple[int, SheetPerson, CustomerDraft]] = field(default_factory=list)
    """Rows of persons written already: index in ``outcomes``, person, draft."""


class ImportRun:
    """One import, or one dry run of it."""

    def __init__(
        self, database: Database, telling: ImportCallbacks, known: ExistingCustomerPolicy
    ) -> None:
        self._database = database
        self.telling = telling
        self._policy = known
        self._known = KnownCustomers()
        self._met_nameless = False
        self._travellers: list[SheetTraveller] = []
        self._stored: list[StoredTraveller] = []
        self._last_trip: TripDraft | None = None
        self.counts = ImportCounts()

    async def plan(self, rows: Sequence[IncomingRow]) -> ChunkPlan:
        async with self._database.reading() as connection:
            await self._known.look_up(connection, self._database.kind, rows)
            if not self._met_nameless and any(_has_no_number(row) for row in rows):
                await self._known.look_up_without_numbers(connection)
                self._met_nameless = True
        plan = ChunkPlan()
        here: dict[int, NewCustomer] = {}
        for row in map(self._take_travellers, rows):
            self._place(row, plan, here)
        return plan

    def _take_travellers(self, row: IncomingRow) -> IncomingRow:
        """Note the travellers of a row; a row with nothing else continues the trip above it."""
        trips = row.draft.trips
        if not trips:
            self._last_trip = None if not row.more_of_above else self._last_trip
            return row
        [trip] = trips[:1]
        if row.more_of_above and self._last_trip is not None and _only_travellers(trip):
            trip = replace(self._last_trip, travellers=trip.travellers)
            row = replace(row, draft=replace(row.draft, trips=(trip, *trips[1:])))
        self._last_trip = trip
        customer_id = next((name.full for name in row.draft.names.values()), "")
        self._travellers += [
            SheetTraveller(row.line, customer_id, one)
            for trip in row.draft.trips
            for one in trip.travellers
        ]
        return row

    async def settle_travellers(self, *, write: bool) -> None:
        """Find the customers that the travellers are; link the stored ones and report the rest."""
        if not self._travellers:
            return
        wanted = [one.traveller for one in self._travellers]
        wanted += [one.traveller for one in self._stored]
        identified = await identify_travellers(self._database, self._known, wanted)
        for start in range(0, len(self._stored) if write else 0, _LINKED_AT_ONCE):
            async with self._database.writing() as connection:
                some = self._stored[start : start + _LINKED_AT_ONCE]
                await link_travellers(connection, some, identified)
        if unknown := unknown_travellers(self._travellers, identified):
            self.telling.travellers(unknown)

    def _place(self, row: IncomingRow, plan: ChunkPlan, here: dict[int, NewCustomer]) -> None:
        match = self._known.match(row)
        person = match.person
        if person is None and row.more_of_above:
            plan.outcomes.append(RowOutcome(row.line, RowMatch.NOBODY))
            return
        if person is None:
            person = SheetPerson(row.line)
            here[id(person)] = new = NewCustomer(person, row.draft)
            plan.new.append(new)
            if match.shares is None:
                plan.plain += 1
            else:
                plan.outcomes.append(_beside(row.line, match.shares))
        elif (before := here.get(id(person))) is not None:
            before.draft = merge_drafts(before.draft, row.draft).draft
            plan.outcomes.append(RowOutcome(row.line, RowMatch.JOINED, of_line=person.line))
        else:
            plan.more.append((len(plan.outcomes), person, row.draft))
            meets = RowMatch.ON_FILE if person.on_file else RowMatch.JOINED
            plan.outcomes.append(
                RowOutcome(row.line, meets, of_line=person.line, customer=person.customer)
            )
        self._known.meet(person, row.draft)

    async def compare(self, connection: AsyncConnection, plan: ChunkPlan) -> list[CustomerUpdate]:
        """Return what the rows add to existing customers; record it in the outcomes."""
        customer_id = list(
            dict.fromkeys(p.customer for _, p, _ in plan.more if p.customer is not None)
        )
        on_file = await load_drafts(connection, customer_id)
        changes: dict[int, CustomerUpdate] = {}
        for place, person, draft in plan.more:
            if person.customer is None or person.customer not in on_file:
                plan.trips += len(draft.trips)
                continue
            change = changes.get(person.customer) or CustomerUpdate(
                person.customer, on_file[person.customer], on_file[person.customer], ()
            )
            both = merge_drafts(change.after, draft)
            plan.trips += len(both.draft.trips) - len(change.after.trips)
            fields = tuple(dict.fromkeys((*change.fields, *both.added)))
            changes[person.customer] = replace(change, after=both.draft, fields=fields)
            if person.on_file:
                plan.outcomes[place] = replace(
                    plan.outcomes[place], added=both.added, differs=both.differs
                )
        return [change for change in changes.values() if change.fields]

    async def write(
        self, connection: AsyncConnection, plan: ChunkPlan, batch: int, now: float
    ) -> None:
        kind = self._database.kind
        if self._policy is ExistingCustomerPolicy.SKIP:
            plan.more = [one for one in plan.more if not one[1].on_file]
        drafts = [new.draft for new in plan.new]
        ids, travellers = await write_new_customers(connection, kind, drafts, batch=batch, now=now)
        self._stored += travellers
        for new, customer_id in zip(plan.new, ids, strict=True):
            new.person.customer = customer_id
        changes = await self.compare(connection, plan)
        own = frozenset(
            person.customer
            for _, person, _ in plan.more
            if person.customer is not None and not person.on_file
        )
        if changes:
            self._stored += await write_changes(
                connection, kind, changes, batch=batch, now=now, of_this_batch=own
            )

    def report_progress(self, plan: ChunkPlan) -> None:
        counts = self.counts
        counts.rows += plan.plain + len(plan.outcomes)
        counts.new += len(plan.new)
        for one in plan.outcomes:
            counts.joined += one.meets is RowMatch.JOINED
            counts.on_file += one.meets is RowMatch.ON_FILE
            counts.changed += bool(one.added)
            counts.nobody += one.meets is RowMatch.NOBODY
            counts.sharing += one.meets is RowMatch.NEW
        counts.trips += plan.trips + sum([len(new.draft.trips) for new in plan.new])
        if plan.outcomes:
            self.telling.outcomes(plan.outcomes)
        self.telling.progress(counts)


def _beside(line: int, other: SheetPerson) -> RowOutcome:
    """Return the outcome of a new person with a number that another person has too."""
    return RowOutcome(
        line,
        RowMatch.NEW,
        shares_line=0 if other.on_file else other.line,
        shares_with=CustomerId(other.customer) if other.on_file and other.customer else None,
    )


def _only_travellers(trip: TripDraft) -> bool:
    return replace(trip, travellers=(), status=_NO_TRIP.status) == _NO_TRIP


_NO_TRIP = TripDraft()


def _has_no_number(row: IncomingRow) -> bool:
    return not row.draft.phones and not row.more_of_above
