"""Steps that change many customers at once, in one transaction, and the undo of a step.

Each customer's change is in their history, as a change on their page is. An undo changes back only
those whose values are still as the step left them.
"""

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.bulk_changes import (
    Action,
    BulkChange,
    change_from_json,
    changed_consents,
    changed_tags,
    problem_of,
)
from screenpop.customers.consent import (
    Consents,
    consents_from_json,
    consents_to_json,
    offers_answer,
    stored_consents,
)
from screenpop.store.branches import has_branch
from screenpop.store.customers.audit import actor_id, consent_changes
from screenpop.store.engine.database import Database
from screenpop.store.engine.text import free_text
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.customer_tables import customer_changes
from screenpop.store.schema.segment_tables import bulk_edit_changes, bulk_edits
from screenpop.store.schema.tables import customers
from screenpop.store.search.reindex import reindex_customers
from screenpop.store.segments.selection import Selection, selected_ids

MAX_CUSTOMERS = 10_000
"""Customers of one step: more would keep other writes waiting for too long."""
_SLICE = 100
_COLUMNS = (
    customers.c.id,
    customers.c.tags,
    customers.c.owner_id,
    customers.c.branch_id,
    customers.c.consents,
    customers.c.marketing_consent,
)
_FIELDS = {
    Action.SET_OWNER: "owner",
    Action.SET_BRANCH: "branch",
    Action.SET_CONSENT: "consents",
}
Values = dict[str, Any]


class BulkProblem(StrEnum):
    VALUE = "value"
    """``detail``: the field that is missing or wrong."""
    TOO_MANY = "too_many"
    CHANGED_MEANWHILE = "changed_meanwhile"
    """Other customers would change than in the preview; ``detail``: how many."""
    UNKNOWN = "unknown"
    UNDONE = "undone"


class BulkEditError(ValueError):
    def __init__(self, problem: BulkProblem, detail: str = "") -> None:
        super().__init__(f"{problem.value} {detail}".strip())
        self.problem = problem
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Actor:
    """Who changes, when; ``name`` is kept with a consent."""

    user_id: UserId | None
    name: str
    today: date
    now: float


@dataclass(frozen=True, slots=True)
class Preview:
    selected: int
    changing: int
    """Those whose values differ after the step."""


@dataclass(frozen=True, slots=True)
class BulkEdit:
    """A step that was made."""

    id: int
    change: BulkChange
    customers: int
    user_id: UserId | None
    by: str
    at: float
    undone_at: float | None
    restored: int | None
    """Customers whom the undo changed back; None before an undo."""


async def preview_step(
    database: Database, selection: Selection, change: BulkChange, actor: Actor
) -> Preview:
    """Return how many customers a step would change. Raises ``BulkEditError``."""
    async with database.reading() as connection:
        await _check(connection, change)
        ids = await _ids(connection, database, selection)
        changing = 0
        async for rows in _slices(connection, ids):
            changing += sum(1 for _ in _changes(rows, change, actor))
        return Preview(len(ids), changing)


async def apply_step(
    database: Database,
    selection: Selection,
    change: BulkChange,
    actor: Actor,
    *,
    expected: int | None = None,
) -> BulkEdit:
    """Change the selected customers in one transaction. Raises ``BulkEditError``.

    ``expected``: how many the preview counted; refused with ``changed_meanwhile`` for another
    number.
    """
    async with database.writing() as connection:
        await _check(connection, change)
        ids = await _ids(connection, database, selection)
        values = {"action": change.action.value, "params": change.to_json(), "customers": 0}
        added = await connection.execute(
            insert(bulk_edits)
            .values(**values, user_id=actor_id(actor.user_id), at=actor.now)
            .returning(bulk_edits.c.id)
        )
        number = int(added.scalar_one())
        changed: list[int] = []
        async for rows in _slices(connection, ids):
            some = list(_changes(rows, change, actor))
            await _write(connection, some, actor, number)
            changed += [one.customer_id for one in some]
        if expected is not None and len(changed) != expected:
            raise BulkEditError(BulkProblem.CHANGED_MEANWHILE, str(len(changed)))
        await _finish(connection, changed, change)
        await connection.execute(
            update(bulk_edits).where(bulk_edits.c.id == number).values(customers=len(changed))
        )
    return BulkEdit(number, change, len(changed), actor.user_id, actor.name, actor.now, None, None)


async def undo_step(database: Database, number: int, actor: Actor) -> BulkEdit:
    """Change back the customers of a step whose values are as it left them.

    Raises ``BulkEditError``: ``unknown``, ``undone``.
    """
    async with database.writing() as connection:
        edit = await _load(connection, number)
        if edit is None:
            raise BulkEditError(BulkProblem.UNKNOWN)
        if edit.undone_at is not None:
            raise BulkEditError(BulkProblem.UNDONE)
        rows = await connection.execute(
            select(customer_changes.c.customer_id, customer_changes.c.changes)
            .join(bulk_edit_changes, bulk_edit_changes.c.change_id == customer_changes.c.id)
            .where(bulk_edit_changes.c.bulk_edit_id == number)
            .order_by(customer_changes.c.customer_id)
        )
        made = {row.customer_id: row.changes for row in rows}
        restored: list[int] = []
        async for some in _slices(connection, list(made)):
            back = list(_restored(some, made))
            await _write(connection, back, actor, None)
            restored += [one.customer_id for one in back]
        await _finish(connection, restored, edit.change)
        done = {"undone_at": actor.now, "undone_by_id": actor_id(actor.user_id)}
        await connection.execute(
            update(bulk_edits)
            .where(bulk_edits.c.id == number)
            .values(**done, restored=len(restored))
        )
        found = await _load(connection, number)
    return found or edit


async def load_step(database: Database, number: int) -> BulkEdit | None:
    async with database.reading() as connection:
        return await _load(connection, number)


async def list_steps(database: Database, most: int = 20) -> tuple[BulkEdit, ...]:
    """Return the last steps, the newest first."""
    async with database.reading() as connection:
        rows = await connection.execute(_STEPS.order_by(bulk_edits.c.id.desc()).limit(most))
        return tuple(_step(row) for row in rows)


@dataclass(frozen=True, slots=True)
class _Change:
    """New values of one customer, and what the history has of them."""

    customer_id: int
    values: Values
    history: Mapping[str, tuple[Any, Any]]


def _changes(rows: Sequence[Any], change: BulkChange, actor: Actor) -> Iterator[_Change]:
    history: Mapping[str, tuple[Any, Any]]
    for row in rows:
        match change.action:
            case Action.SET_OWNER:
                if row.owner_id != change.owner:
                    history = {"owner": (row.owner_id, change.owner)}
                    yield _Change(row.id, {"owner_id": change.owner}, history)
            case Action.SET_BRANCH:
                if row.branch_id != change.branch:
                    history = {"branch": (row.branch_id, change.branch)}
                    yield _Change(row.id, {"branch_id": change.branch}, history)
            case Action.SET_CONSENT:
                before = stored_consents(row.consents, row.marketing_consent)
                after = changed_consents(before, change, actor.today, actor.name)
                if after != before:
                    history = {"consents": consent_changes(before, after)}
                    yield _Change(row.id, _consent_values(after), history)
            case _:
                tags = [free_text(tag) for tag in changed_tags(row.tags, change)]
                if tags != row.tags:
                    yield _Change(row.id, {"tags": tags}, {"tags": (row.tags, tags)})


def _restored(rows: Sequence[Any], made: Mapping[int, Any]) -> Iterator[_Change]:
    """Yield the values before a step, of customers whose values are as it left them."""
    for row in rows:
        [(field, (before, after))] = made[row.id].items()
        if field == "tags" and row.tags == after:
            yield _Change(row.id, {"tags": before}, {"tags": (after, before)})
        elif field == "owner" and row.owner_id == after:
            yield _Change(row.id, {"owner_id": before}, {"owner": (after, before)})
        elif field == "branch" and row.branch_id == after:
            yield _Change(row.id, {"branch_id": before}, {"branch": (after, before)})
        elif field == "consents":
            yield from _restored_consent(row, before, after)


def _restored_consent(
    row: Any, before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[_Change]:
    stored = stored_consents(row.consents, row.marketing_consent)
    plain = consents_to_json(stored)
    channels = {*before, *after}
    if any(plain.get(channel) != after.get(channel) for channel in channels):
        return
    kept = {channel: one for channel, one in plain.items() if channel not in channels}
    back = consents_from_json({**kept, **before})
    yield _Change(row.id, _consent_values(back), {"consents": (after, before)})


def _consent_values(consents: Consents) -> Values:
    return {"consents": consents_to_json(consents), "marketing_consent": offers_answer(consents)}


async def _write(
    connection: AsyncConnection, changes: Sequence[_Change], actor: Actor, number: int | None
) -> None:
    """Write new values and their history; ``number``: of the step, None for an undo."""
    if not changes:
        return
    names = list(changes[0].values)
    await connection.execute(
        update(customers)
        .where(customers.c.id == bindparam("customer"))
        .values(changed_at=actor.now, **{name: bindparam(f"new_{name}") for name in names}),
        [
            {"customer": one.customer_id}
            | {f"new_{name}": value for name, value in one.values.items()}
            for one in changes
        ],
    )
    rows = [
        {
            "customer_id": one.customer_id,
            "user_id": actor_id(actor.user_id),
            "at": actor.now,
            "what": "edited",
            "changes": {field: list(pair) for field, pair in one.history.items()},
        }
        for one in changes
    ]
    added = await connection.execute(
        insert(customer_changes).returning(customer_changes.c.id), rows
    )
    if number is not None:
        links = [{"change_id": one, "bulk_edit_id": number} for one in added.scalars()]
        await connection.execute(insert(bulk_edit_changes), links)


async def _finish(connection: AsyncConnection, changed: Sequence[int], change: BulkChange) -> None:
    """Write the search words again where they have changed: a few at a time, for the loop."""
    if change.action not in _FIELDS:
        for start in range(0, len(changed), _SLICE):
            await reindex_customers(connection, changed[start : start + _SLICE])


async def _check(connection: AsyncConnection, change: BulkChange) -> None:
    problem = problem_of(change)
    if problem:
        raise BulkEditError(BulkProblem.VALUE, problem)
    if change.action is Action.SET_OWNER and change.owner is not None:
        known = await connection.scalar(
            select(users.c.id).where(
                users.c.id == change.owner, users.c.active, users.c.deleted_at.is_(None)
            )
        )
        if known is None:
            raise BulkEditError(BulkProblem.VALUE, "owner")
    branch = change.branch
    if change.action is Action.SET_BRANCH and branch and not await has_branch(connection, branch):
        raise BulkEditError(BulkProblem.VALUE, "branch")


async def _ids(
    connection: AsyncConnection, database: Database, selection: Selection
) -> Sequence[int]:
    ids = await connection.run_sync(
        lambda sync: selected_ids(sync, database.kind, selection, most=MAX_CUSTOMERS + 1)
    )
    if len(ids) > MAX_CUSTOMERS:
        raise BulkEditError(BulkProblem.TOO_MANY, str(MAX_CUSTOMERS))
    return ids


async def _slices(connection: AsyncConnection, ids: Sequence[int]) -> AsyncGenerator[Sequence[Any]]:
    """Yield the rows of these customers in slices; merged ones are left out."""
    for start in range(0, len(ids), _SLICE):
        statement = select(*_COLUMNS).where(
            customers.c.id.in_(ids[start : start + _SLICE]), customers.c.merged_into_id.is_(None)
        )
        yield (await connection.execute(statement.order_by(customers.c.id))).all()


_STEPS = select(bulk_edits, func.coalesce(users.c.display_name, "").label("name")).select_from(
    bulk_edits.outerjoin(users, users.c.id == bulk_edits.c.user_id)
)


async def _load(connection: AsyncConnection, number: int) -> BulkEdit | None:
    row = (await connection.execute(_STEPS.where(bulk_edits.c.id == number))).first()
    return None if row is None else _step(row)


def _step(row: Any) -> BulkEdit:
    return BulkEdit(
        row.id,
        change_from_json(row.action, row.params),
        row.customers,
        None if row.user_id is None else UserId(row.user_id),
        row.name,
        row.at,
        row.undone_at,
        row.restored,
    )
