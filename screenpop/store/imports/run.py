"""One running import: the outcome of each row, and what is written for it."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum

from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.draft import CustomerDraft, IncomingRow, TripDraft
from screenpop.customers.draft_merge import MergedDraft, merge_drafts
from screenpop.customers.draft_update import UpdatedDraft, update_draft
from screenpop.customers.models import CustomerId
from screenpop.store.customers.document_keys import load_document_key
from screenpop.store.customers.drafts import load_drafts
from screenpop.store.engine.database import Database
from screenpop.store.engine.document_key import DocumentKey
from screenpop.store.imports.changes import CustomerUpdate, write_changes
from screenpop.store.imports.matching import KnownCustomers, RowMatch, RowOutcome, SheetPerson
from screenpop.store.imports.payments import PaymentRemark, SheetPayments
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
    left_out: int = 0
    """Rows that continue a person above where there is none, and rows of hidden files."""
    trips: int = 0
    payments: int = 0


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
    payments: Callable[[Sequence[PaymentRemark]], None] = lambda _: None
    """Payments that are left out or need a remark; called at the end."""


@dataclass(slots=True)
class NewCustomer:
    person: SheetPerson
    draft: CustomerDraft


@dataclass(frozen=True, slots=True)
class KnownRow:
    """A row of a person who is written already."""

    place: int
    """Index in the outcomes."""
    person: SheetPerson
    draft: CustomerDraft
    updates: bool
    """The row has the customer's own code, so its values replace stored ones."""


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
    more: list[KnownRow] = field(default_factory=list)
    """Rows of persons written already."""


class ImportRun:
    """One import, or one dry run of it."""

    def __init__(
        self,
        database: Database,
        callbacks: ImportCallbacks,
        known: ExistingCustomerPolicy,
        *,
        keeps_trips: bool = False,
        hidden: Collection[int] = (),
    ) -> None:
        """``keeps_trips``: of a trial with payments, whose trips are stored nowhere.

        ``hidden``: customers whose files the user may not see; nothing is written to them.
        """
        self._hidden = hidden
        self._database = database
        self.callbacks = callbacks
        self._policy = known
        self._known = KnownCustomers()
        self._met_nameless = False
        self._travellers: list[SheetTraveller] = []
        self._stored: list[StoredTraveller] = []
        self._last_trip: TripDraft | None = None
        self._key: DocumentKey | None = None
        self._payments = SheetPayments(keeps_trips=keeps_trips)
        self.counts = ImportCounts()

    async def plan(self, rows: Sequence[IncomingRow]) -> ChunkPlan:
        """Return what becomes of the rows.

        Raises ``DocumentKeyError`` where they have documents whose numbers cannot be stored.
        """
        async with self._database.reading() as connection:
            await self._known.look_up(connection, self._database.kind, rows)
            if not self._met_nameless and any(_has_no_number(row) for row in rows):
                await self._known.look_up_without_numbers(connection)
                self._met_nameless = True
        if self._key is None and any(row.draft.documents for row in rows):
            self._key = await load_document_key(self._database)
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
            self.callbacks.travellers(unknown)

    async def settle_payments(self, batch: int | None, now: float = 0.0) -> None:
        """Store the payments in their trips; without a batch only report what would be lost."""
        if batch is None:
            stored, remarks = await self._payments.check(self._database)
        else:
            stored, remarks = await self._payments.store(self._database, batch, now)
        self.counts.payments = stored
        if remarks:
            self.callbacks.payments(remarks)
        if stored:
            self.callbacks.progress(self.counts)

    def _place(self, row: IncomingRow, plan: ChunkPlan, here: dict[int, NewCustomer]) -> None:
        match = self._known.match(row)
        person, code = match.person, ""
        if match.is_code_taken:
            code = row.draft.code
            row = replace(row, draft=replace(row.draft, code=""))
        if person is None and (row.more_of_above or not row.draft.names or row.draft.payments):
            plan.outcomes.append(RowOutcome(row.line, RowMatch.NOBODY, code=row.draft.code))
            return
        if person is not None and person.on_file and person.customer in self._hidden:
            plan.outcomes.append(RowOutcome(row.line, RowMatch.HIDDEN))
            self._known.meet(person, row.draft)
            return
        if person is None:
            person = SheetPerson(row.line)
            here[id(person)] = new = NewCustomer(person, row.draft)
            plan.new.append(new)
            if match.shares is not None:
                plan.outcomes.append(_beside(row.line, match.shares, code))
            elif code:
                plan.outcomes.append(RowOutcome(row.line, RowMatch.NEW, code=code))
            else:
                plan.plain += 1
        elif (before := here.get(id(person))) is not None:
            before.draft = merge_drafts(before.draft, row.draft).draft
            plan.outcomes.append(
                RowOutcome(row.line, RowMatch.JOINED, of_line=person.line, code=code)
            )
        else:
            updates = match.is_by_code and person.on_file
            plan.more.append(KnownRow(len(plan.outcomes), person, row.draft, updates))
            meets = RowMatch.ON_FILE if person.on_file else RowMatch.JOINED
            plan.outcomes.append(
                RowOutcome(
                    row.line, meets, of_line=person.line, customer=person.customer, code=code
                )
            )
        name = next((name.full for name in row.draft.names.values()), "")
        self._payments.take(row.line, person, name, row.draft)
        self._known.meet(person, row.draft)

    async def compare(self, connection: AsyncConnection, plan: ChunkPlan) -> list[CustomerUpdate]:
        """Return what the rows add to existing customers; record it in the outcomes."""
        customer_id = list(
            dict.fromkeys(
                one.person.customer for one in plan.more if one.person.customer is not None
            )
        )
        on_file = await load_drafts(connection, customer_id, self._key)
        changes: dict[int, CustomerUpdate] = {}
        for row in plan.more:
            person, draft = row.person, row.draft
            if person.customer is None or person.customer not in on_file:
                plan.trips += len(draft.trips)
                continue
            change = changes.get(person.customer) or CustomerUpdate(
                person.customer, on_file[person.customer], on_file[person.customer], ()
            )
            both = _combined(change.after, draft, updates=row.updates)
            plan.trips += len(both.draft.trips) - len(change.after.trips)
            fields = tuple(dict.fromkeys((*change.fields, *both.added)))
            changes[person.customer] = replace(change, after=both.draft, fields=fields)
            if person.on_file:
                plan.outcomes[row.place] = replace(
                    plan.outcomes[row.place],
                    added=both.added,
                    differs=both.differs if isinstance(both, MergedDraft) else (),
                    changes=both.changes if isinstance(both, UpdatedDraft) else (),
                )
        return [change for change in changes.values() if change.fields]

    async def write(
        self, connection: AsyncConnection, plan: ChunkPlan, batch: int, now: float
    ) -> None:
        kind = self._database.kind
        if self._policy is ExistingCustomerPolicy.SKIP:
            plan.more = [one for one in plan.more if not one.person.on_file]
        drafts = [new.draft for new in plan.new]
        ids, travellers = await write_new_customers(
            connection, kind, drafts, batch=batch, now=now, key=self._key
        )
        self._stored += travellers
        for new, customer_id in zip(plan.new, ids, strict=True):
            new.person.customer = customer_id
        changes = await self.compare(connection, plan)
        own = frozenset(
            one.person.customer
            for one in plan.more
            if one.person.customer is not None and not one.person.on_file
        )
        if changes:
            self._stored += await write_changes(
                connection, kind, changes, batch=batch, now=now, of_this_batch=own, key=self._key
            )

    def report_progress(self, plan: ChunkPlan) -> None:
        counts = self.counts
        counts.rows += plan.plain + len(plan.outcomes)
        counts.new += len(plan.new)
        for one in plan.outcomes:
            counts.joined += one.meets is RowMatch.JOINED
            counts.on_file += one.meets is RowMatch.ON_FILE
            counts.changed += bool(one.added)
            counts.left_out += one.meets in {RowMatch.NOBODY, RowMatch.HIDDEN}
            counts.sharing += bool(one.shares_line or one.shares_with)
        counts.trips += plan.trips + sum([len(new.draft.trips) for new in plan.new])
        if plan.outcomes:
            self.callbacks.outcomes(plan.outcomes)
        self.callbacks.progress(counts)


def _combined(
    stored: CustomerDraft, row: CustomerDraft, *, updates: bool
) -> MergedDraft | UpdatedDraft:
    return update_draft(stored, row) if updates else merge_drafts(stored, row)


def _beside(line: int, other: SheetPerson, code: str) -> RowOutcome:
    """Return the outcome of a new person with a number that another person has too."""
    return RowOutcome(
        line,
        RowMatch.NEW,
        code=code,
        shares_line=0 if other.on_file else other.line,
        shares_with=CustomerId(other.customer) if other.on_file and other.customer else None,
    )


def _only_travellers(trip: TripDraft) -> bool:
    return replace(trip, travellers=(), status=_NO_TRIP.status) == _NO_TRIP


_NO_TRIP = TripDraft()


def _has_no_number(row: IncomingRow) -> bool:
    return not row.draft.phones and not row.more_of_above
