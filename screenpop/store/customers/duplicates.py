"""Pairs of customers that are probably one person, and customers that a new one may be.

Pairs share a name, in any script, and a number, an e-mail address or a birthday. They come from
kept groups (``store.search.match_index``), so a page costs the same with a million customers.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Any

from sqlalchemy import Select, delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from screenpop.accounts.users import UserId
from screenpop.customers.draft import CustomerDraft
from screenpop.customers.match_keys import (
    MatchFacts,
    MatchKind,
    close_names,
    first_key_after,
    kind_of,
    match_keys,
)
from screenpop.customers.models import CustomerId, PersonRef
from screenpop.store.customers.audit import actor_id
from screenpop.store.customers.queries import is_one_of_ids
from screenpop.store.customers.refs import CUSTOMER_REF_COLUMNS, customer_ref_from_row
from screenpop.store.engine.database import Database
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.engine.url import Kind
from screenpop.store.schema.match_tables import different_people, duplicate_groups
from screenpop.store.schema.match_tables import match_keys as keys_table
from screenpop.store.schema.tables import customer_phones, customers
from screenpop.store.search.match_index import lock_groups, update_groups

PAGE = 50
_MOST_IN_A_GROUP = 12
_GROUPS_READ = 60
_MOST_READINGS = 8
_MOST_BORN_ON_A_DAY = 300
_MOST_ON_FILE = 8

_WHY = {MatchKind.NUMBER: "last_nine", MatchKind.EMAIL: "email", MatchKind.BIRTHDAY: "birthday"}


@dataclass(frozen=True, slots=True)
class DuplicatePair:
    """A pair; ``why``: ``number``, ``last_nine``, ``email`` or ``birthday``."""

    older: PersonRef
    newer: PersonRef
    why: str
    mark: str
    """The shared number; empty for other reasons."""


@dataclass(frozen=True, slots=True)
class DuplicatePage:
    pairs: tuple[DuplicatePair, ...]
    after: int | None
    """The key after which the next page begins; None at the end."""


@dataclass(frozen=True, slots=True)
class OnFile:
    """A customer that a new one may be; ``why`` as ``DuplicatePair.why``, or ``close_name``."""

    person: PersonRef
    why: str


async def find_duplicates(
    database: Database, *, after: int | None = None, kinds: Iterable[MatchKind] = tuple(MatchKind)
) -> DuplicatePage:
    """Return a page of pairs, the likeliest first.

    Each pair comes once, under the most telling key that it shares. Of a group of more than twelve
    the oldest twelve are paired.
    """
    wanted, found = frozenset(kinds), list[DuplicatePair]()
    async with database.reading() as connection:
        for _ in range(_MOST_READINGS):
            groups = await _next_groups(connection, after, max(wanted))
            here = [key for key in groups if kind_of(key) in wanted]
            pairs = await _pairs(connection, database.kind, here)
            for key in groups:
                if found and len(found) + len(pairs.get(key, ())) > PAGE:
                    return DuplicatePage(tuple(found), after)
                found += pairs.get(key, ())
                after = key
            if len(groups) < _GROUPS_READ:
                return DuplicatePage(tuple(found), None)
    return DuplicatePage(tuple(found), after)


async def mark_as_different(
    database: Database, one: CustomerId, other: CustomerId, *, user_id: UserId | None, now: float
) -> bool:
    """Keep two customers off the list as different people; False if one is not there."""
    older, newer = sorted((one, other))
    async with database.writing() as connection:
        there = await connection.execute(
            select(func.count()).where(customers.c.id.in_((older, newer)))
        )
        if older == newer or there.scalar_one() != 2:
            return False
        await lock_groups(connection)
        statement = insert_or_update(database.kind, different_people).values(
            older_id=older, newer_id=newer, user_id=actor_id(user_id), at=now
        )
        await connection.execute(
            statement.on_conflict_do_nothing(index_elements=["older_id", "newer_id"])
        )
        await _update_groups_of(connection, older)
    return True


async def unmark_as_different(database: Database, one: CustomerId, other: CustomerId) -> None:
    """Undo ``mark_as_different``."""
    older, newer = sorted((one, other))
    pair = different_people.c
    async with database.writing() as connection:
        await lock_groups(connection)
        await connection.execute(
            delete(different_people).where(pair.older_id == older, pair.newer_id == newer)
        )
        await _update_groups_of(connection, older)


async def _update_groups_of(connection: AsyncConnection, customer_id: int) -> None:
    keys = await connection.execute(
        select(keys_table.c.key).where(keys_table.c.customer_id == customer_id)
    )
    await update_groups(connection, set(keys.scalars()))


async def find_on_file(database: Database, draft: CustomerDraft) -> tuple[OnFile, ...]:
    """Return the customers that this new one may be, the likeliest first; eight at most.

    They have a number of the draft, or its name in any script with its e-mail address or
    birthday, or a close name with its birthday.
    """
    facts = MatchFacts(
        tuple(name.full for name in draft.names.values()),
        tuple(phone.last_nine for phone in draft.phones if phone.last_nine),
        draft.emails,
        draft.birthday,
    )
    async with database.reading() as connection:
        found = await _same_number(connection, draft)
        for key in sorted(match_keys(facts)):
            for person in await _people_of(connection, key):
                found.setdefault(person.id, OnFile(person, _WHY[kind_of(key)]))
        if draft.birthday is not None:
            born = await connection.execute(
                select(*CUSTOMER_REF_COLUMNS)
                .where(customers.c.birthday == draft.birthday, customers.c.merged_into_id.is_(None))
                .limit(_MOST_BORN_ON_A_DAY)
            )
            for person in map(customer_ref_from_row, born):
                if close_names(facts.names, (name.full for name in person.names.values())):
                    found.setdefault(person.id, OnFile(person, "close_name"))
    return tuple(found.values())[:_MOST_ON_FILE]


async def _same_number(connection: AsyncConnection, draft: CustomerDraft) -> dict[int, OnFile]:
    found: dict[int, OnFile] = {}
    for why, column in (
        ("number", customer_phones.c.e164),
        ("last_nine", customer_phones.c.last_nine),
    ):
        numbers = {getattr(phone, column.name) for phone in draft.phones} - {None}
        having = select(customer_phones.c.customer_id).where(column.in_(sorted(numbers)))
        rows = await connection.execute(
            select(*CUSTOMER_REF_COLUMNS)
            .where(customers.c.id.in_(having), customers.c.merged_into_id.is_(None))
            .order_by(customers.c.id)
            .limit(_MOST_ON_FILE)
        )
        for person in map(customer_ref_from_row, rows):
            found.setdefault(person.id, OnFile(person, why))
    return found


async def _people_of(connection: AsyncConnection, key: int) -> list[PersonRef]:
    rows = await connection.execute(
        select(*CUSTOMER_REF_COLUMNS)
        .select_from(keys_table.join(customers, customers.c.id == keys_table.c.customer_id))
        .where(keys_table.c.key == key)
        .order_by(keys_table.c.customer_id)
        .limit(_MOST_ON_FILE)
    )
    return [customer_ref_from_row(row) for row in rows]


async def _next_groups(
    connection: AsyncConnection, after: int | None, last: MatchKind
) -> Sequence[int]:
    found = await connection.execute(groups_statement(after, last))
    return list(found.scalars())


def groups_statement(after: int | None, last: MatchKind) -> Select[Any]:
    """Return the next groups after a key, up to those of the kind ``last``."""
    key = duplicate_groups.c.key
    rows = select(key).where(key < first_key_after(last)).order_by(key).limit(_GROUPS_READ)
    return rows if after is None else rows.where(key > after)


async def _pairs(
    connection: AsyncConnection, kind: Kind, groups: Sequence[int]
) -> dict[int, list[DuplicatePair]]:
    """Return the pairs of each group, without different people and pairs of an earlier key."""
    members = await _members(connection, kind, groups)
    people = sorted({person for group in members.values() for person in group})
    refs, keys, numbers = await _facts(connection, kind, people)
    rows = await connection.execute(
        select(different_people.c.older_id, different_people.c.newer_id).where(
            is_one_of_ids(kind, different_people.c.older_id, people)
        )
    )
    different = {(row.older_id, row.newer_id) for row in rows}
    return {
        key: [
            _pair(refs[older], refs[newer], key, numbers[older] & numbers[newer])
            for older, newer in combinations(group, 2)
            if (older, newer) not in different and min(keys[older] & keys[newer]) == key
        ]
        for key, group in members.items()
    }


def _pair(older: PersonRef, newer: PersonRef, key: int, numbers: set[str]) -> DuplicatePair:
    if kind_of(key) is MatchKind.NUMBER and numbers:
        return DuplicatePair(older, newer, "number", min(numbers))
    return DuplicatePair(older, newer, _WHY[kind_of(key)], "")


async def _members(
    connection: AsyncConnection, kind: Kind, groups: Sequence[int]
) -> dict[int, list[int]]:
    """Return the oldest members of each group."""
    found: dict[int, list[int]] = {key: [] for key in groups}
    for row in await connection.execute(members_statement(kind, groups)):
        found[row.key].append(row.customer_id)
    return {key: sorted(members) for key, members in found.items()}


def members_statement(kind: Kind, groups: Sequence[int]) -> Select[Any]:
    """Return key and customer of the oldest members of these groups."""
    others = keys_table.alias("others")
    oldest = (
        select(others.c.customer_id)
        .where(others.c.key == keys_table.c.key)
        .order_by(others.c.customer_id)
        .limit(_MOST_IN_A_GROUP)
        .correlate(keys_table)
    )
    return select(keys_table.c.key, keys_table.c.customer_id).where(
        is_one_of_ids(kind, keys_table.c.key, groups), keys_table.c.customer_id.in_(oldest)
    )


async def _facts(
    connection: AsyncConnection, kind: Kind, people: Sequence[int]
) -> tuple[dict[int, PersonRef], dict[int, set[int]], dict[int, set[str]]]:
    """Return the references, the keys and the numbers of these customers."""
    refs = await connection.execute(
        select(*CUSTOMER_REF_COLUMNS).where(is_one_of_ids(kind, customers.c.id, people))
    )
    keys: dict[int, set[int]] = {}
    for person, key in await connection.execute(
        select(keys_table.c.customer_id, keys_table.c.key).where(
            is_one_of_ids(kind, keys_table.c.customer_id, people)
        )
    ):
        keys.setdefault(person, set()).add(key)
    numbers: dict[int, set[str]] = {person: set() for person in people}
    for row in await connection.execute(
        select(customer_phones.c.customer_id, customer_phones.c.e164).where(
            is_one_of_ids(kind, customer_phones.c.customer_id, people),
            customer_phones.c.e164.is_not(None),
        )
    ):
        numbers[row.customer_id].add(row.e164)
    return {row.id: customer_ref_from_row(row) for row in refs}, keys, numbers
