"""Match keys, groups of duplicates and problems of numbers, kept up as customers change."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, literal, select, text, tuple_
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.customers.match_keys import MATCH_VERSION, MatchFacts, match_keys
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.url import Kind
from screenpop.store.lookup.lookup_rows import names_from_json
from screenpop.store.schema.match_tables import (
    customers_to_match,
    different_people,
    duplicate_groups,
    number_problems,
)
from screenpop.store.schema.match_tables import match_keys as keys_table
from screenpop.store.schema.tables import customer_phones, customers, meta
from screenpop.store.search.name_orders import update_name_orders

_SLICE = 300
"""Fewer than the parameters that every SQLite version takes."""
_AT_ONCE = 500
_LOCK = 0x6D61746368
"""The advisory lock of PostgreSQL for writers of groups; SQLite has one writer anyway."""

Rows = list[dict[str, Any]]


async def update_matches(connection: AsyncConnection, people: Sequence[int]) -> None:
    """Write keys, groups and problems of these customers, as they are now.

    Merged customers have no keys; ids without a customer are left out.
    """
    await lock_groups(connection)
    for start in range(0, len(people), _SLICE):
        part = people[start : start + _SLICE]
        # Before the customers are read: it waits for an import that is making one of them wait.
        await connection.execute(
            delete(customers_to_match).where(customers_to_match.c.id.in_(part))
        )
        phones = await _phones(connection, part)
        await _update_keys(connection, part, phones)
        await _update_problems(connection, part, phones)


async def forget_matches(connection: AsyncConnection, people: Sequence[int]) -> None:
    """Remove keys of customers who will be deleted, so that no group of one remains."""
    await lock_groups(connection)
    for start in range(0, len(people), _SLICE):
        part = people[start : start + _SLICE]
        keys = await connection.execute(
            delete(keys_table).where(keys_table.c.customer_id.in_(part)).returning(keys_table.c.key)
        )
        await update_groups(connection, set(keys.scalars()))
        await connection.execute(
            delete(customers_to_match).where(customers_to_match.c.id.in_(part))
        )


async def queue_for_matching(connection: AsyncConnection, people: Sequence[int]) -> None:
    """Have the matches of these customers written by the maintenance, soon after an import."""
    for start in range(0, len(people), _SLICE):
        rows = [{"id": customer_id} for customer_id in sorted(people[start : start + _SLICE])]
        statement = insert_or_update(_kind(connection), customers_to_match).values(rows)
        # An update, unlike nothing, waits for a ``match_waiting`` that is removing the row.
        await connection.execute(
            statement.on_conflict_do_update(
                index_elements=["id"], set_={"id": statement.excluded.id}
            )
        )


async def match_waiting(database: Database) -> int:
    """Write the matches of some waiting customers; return how many, 0 when none is left.

    A new version of the keys makes all customers wait. Can be interrupted.
    """
    async with database.writing() as connection:
        await _expect_version(connection, database)
        await lock_groups(connection)
        waiting = select(customers_to_match.c.id).order_by(customers_to_match.c.id)
        # Removed before the customers are read, so that a change meanwhile makes them wait again.
        taken = await connection.execute(
            delete(customers_to_match)
            .where(customers_to_match.c.id.in_(waiting.limit(_AT_ONCE)))
            .returning(customers_to_match.c.id)
        )
        people = sorted(taken.scalars())
        await update_matches(connection, people)
        return len(people)


async def is_matched_by_other_version(connection: AsyncConnection) -> bool:
    found = await connection.execute(select(meta.c.value).where(meta.c.key == "match_version"))
    return found.scalar() != MATCH_VERSION


async def _expect_version(connection: AsyncConnection, database: Database) -> None:
    if not await is_matched_by_other_version(connection):
        return
    await connection.execute(delete(customers_to_match))
    await connection.execute(insert(customers_to_match).from_select(["id"], select(customers.c.id)))
    version = {"value": MATCH_VERSION}
    statement = insert_or_update(database.kind, meta).values(key="match_version", **version)
    await connection.execute(statement.on_conflict_do_update(index_elements=["key"], set_=version))


def _kind(connection: AsyncConnection) -> Kind:
    return "sqlite" if connection.dialect.name == "sqlite" else "postgresql"


async def lock_groups(connection: AsyncConnection) -> None:
    """Wait for other writers of groups: each counts the members that the others have written."""
    if _kind(connection) == "postgresql":
        await connection.execute(text(f"SELECT pg_advisory_xact_lock({_LOCK})"))


async def _phones(connection: AsyncConnection, people: Sequence[int]) -> dict[int, list[Any]]:
    rows = await connection.execute(
        select(
            customer_phones.c.id,
            customer_phones.c.customer_id,
            customer_phones.c.e164,
            customer_phones.c.last_nine,
        )
        .where(customer_phones.c.customer_id.in_(people))
        .order_by(customer_phones.c.id)
    )
    found: dict[int, list[Any]] = {}
    for row in rows:
        found.setdefault(row.customer_id, []).append(row)
    return found


async def _update_keys(
    connection: AsyncConnection, people: Sequence[int], phones: dict[int, list[Any]]
) -> None:
    found = await connection.execute(
        select(customers.c.id, customers.c.names, customers.c.emails, customers.c.birthday).where(
            customers.c.id.in_(people), customers.c.merged_into_id.is_(None)
        )
    )
    rows = found.all()
    await update_name_orders(connection, people, rows)
    new = {(key, row.id) for row in rows for key in _keys(row, phones.get(row.id, ()))}
    stored = await connection.execute(
        select(keys_table.c.key, keys_table.c.customer_id).where(
            keys_table.c.customer_id.in_(people)
        )
    )
    old = {(row.key, row.customer_id) for row in stored}
    if old - new:
        await connection.execute(
            delete(keys_table).where(
                keys_table.c.key == bindparam("gone"), keys_table.c.customer_id == bindparam("of")
            ),
            [{"gone": key, "of": person} for key, person in sorted(old - new)],
        )
    if new - old:
        await connection.execute(
            insert(keys_table),
            [{"key": key, "customer_id": person} for key, person in sorted(new - old)],
        )
    await update_groups(connection, {key for key, _ in new ^ old})


def _keys(row: Any, phones: Iterable[Any]) -> frozenset[int]:
    names = tuple(name.full for name in names_from_json(row.names).values())
    numbers = tuple(phone.last_nine for phone in phones if phone.last_nine)
    return match_keys(MatchFacts(names, numbers, tuple(row.emails), row.birthday))


async def update_groups(connection: AsyncConnection, keys: Collection[int]) -> None:
    """Add or remove the groups of these keys."""
    wanted = sorted(keys)
    for start in range(0, len(wanted), _SLICE):
        part = wanted[start : start + _SLICE]
        stored = await connection.execute(
            select(duplicate_groups.c.key).where(duplicate_groups.c.key.in_(part))
        )
        there = set(stored.scalars())
        groups = await _open_groups(connection, part)
        if gone := there - groups:
            await connection.execute(
                delete(duplicate_groups).where(duplicate_groups.c.key.in_(sorted(gone)))
            )
        if new := groups - there:
            await connection.execute(
                insert(duplicate_groups), [{"key": key} for key in sorted(new)]
            )


async def _open_groups(connection: AsyncConnection, keys: Sequence[int]) -> set[int]:
    counted = await connection.execute(
        select(keys_table.c.key, func.count())
        .where(keys_table.c.key.in_(keys))
        .group_by(keys_table.c.key)
        .having(func.count() > 1)
    )
    pairs = {key: members * (members - 1) // 2 for key, members in counted}
    if not pairs:
        return set()
    older, newer = keys_table.alias("older"), keys_table.alias("newer")
    marked = await connection.execute(
        select(older.c.key, func.count())
        .select_from(
            older.join(different_people, different_people.c.older_id == older.c.customer_id).join(
                newer,
                and_(
                    newer.c.customer_id == different_people.c.newer_id, newer.c.key == older.c.key
                ),
            )
        )
        .where(older.c.key.in_(sorted(pairs)))
        .group_by(older.c.key)
    )
    different = {row[0]: row[1] for row in marked}
    return {key for key, count in pairs.items() if different.get(key, 0) < count}


async def _update_problems(
    connection: AsyncConnection, people: Sequence[int], phones: dict[int, list[Any]]
) -> None:
    """Write the problems of these customers' numbers, and of the same numbers of others.

    The others' rows are only added: readers verify them.
    """
    own = [phone for one in phones.values() for phone in one]
    new = {(problem, phone.id) for one in phones.values() for problem, phone in _own_problems(one)}
    new |= await _shared(connection, sorted({phone.e164 for phone in own if phone.e164}))
    ids = {phone.id for phone in own} | {phone for _, phone in new}
    old: set[tuple[str, int]] = set()
    wanted = sorted(ids)
    for start in range(0, len(wanted), _SLICE):
        rows = await connection.execute(
            select(number_problems.c.problem, number_problems.c.phone_id).where(
                number_problems.c.phone_id.in_(wanted[start : start + _SLICE])
            )
        )
        old |= {(row.problem, row.phone_id) for row in rows}
    mine = {phone.id for phone in own}
    gone = [one for one in sorted(old - new) if one[1] in mine]
    for start in range(0, len(gone), _SLICE):
        await connection.execute(
            delete(number_problems).where(
                tuple_(number_problems.c.problem, number_problems.c.phone_id).in_(
                    gone[start : start + _SLICE]
                )
            )
        )
    for problem in sorted({problem for problem, _ in new - old}):
        await _add_problem(connection, problem, [one for kind, one in new - old if kind == problem])


async def _add_problem(connection: AsyncConnection, problem: str, phones: list[int]) -> None:
    """Add rows of these numbers, without those that another transaction is removing.

    Waiting for it would be a deadlock when it waits for ``lock_groups``.
    """
    phones.sort()
    for start in range(0, len(phones), _SLICE):
        rows = select(literal(problem), customer_phones.c.id).where(
            customer_phones.c.id.in_(phones[start : start + _SLICE])
        )
        if _kind(connection) == "postgresql":
            rows = rows.with_for_update(key_share=True, read=True, skip_locked=True)
        names = ["problem", "phone_id"]
        await connection.execute(insert(number_problems).from_select(names, rows))


def _own_problems(phones: Sequence[Any]) -> Iterable[tuple[str, Any]]:
    seen: set[str] = set()
    for phone in phones:
        if phone.e164 is None:
            yield ("unparseable" if phone.last_nine is None else "no_country"), phone
        if phone.last_nine is not None and phone.last_nine in seen:
            yield "duplicate", phone
        seen.add(phone.last_nine)


async def _shared(connection: AsyncConnection, numbers: Sequence[str]) -> set[tuple[str, int]]:
    found: set[tuple[str, int]] = set()
    for start in range(0, len(numbers), _SLICE):
        part = numbers[start : start + _SLICE]
        rows = await connection.execute(
            select(customer_phones.c.e164, customer_phones.c.id).where(
                customer_phones.c.e164.in_(part)
            )
        )
        owners: dict[str, list[int]] = {}
        for row in rows:
            owners.setdefault(row.e164, []).append(row.id)
        found |= {("shared", one) for ids in owners.values() if len(ids) > 1 for one in ids}
    return found


__all__ = [
    "forget_matches",
    "is_matched_by_other_version",
    "lock_groups",
    "match_waiting",
    "queue_for_matching",
    "update_groups",
    "update_matches",
]
