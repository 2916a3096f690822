"""Versions of the desks' lists of missed calls: whether a page has to read its list again.

One read for all users instead of one for each open page.
"""

import zlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection, Double, Select, bindparam, literal, select, union_all

from screenpop.accounts.users import UserId
from screenpop.store.calls.open_callbacks import load_listed_since, open_attempts
from screenpop.store.engine.constants import with_constants_in_text
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import users
from screenpop.store.schema.tables import calls, legs, receipts

_BITS = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class MissedVersions:
    """A number that changes with the list of missed calls of a user; equal in all processes."""

    of_every_user: int = 0
    of_users: Mapping[UserId, int] = field(default_factory=dict)

    def of(self, user: UserId) -> int:
        return (self.of_every_user + self.of_users.get(user, 0)) & _BITS


@dataclass(slots=True)
class _Callback:
    attempts: set[int] = field(default_factory=set)
    taken: str = ""
    users: set[UserId] = field(default_factory=set)
    rang_at_user: set[int] = field(default_factory=set)
    """Attempts that rang at an active user (``access.rang_at_no_user``); each user answers for the
    others."""

    def version(self) -> int:
        return zlib.crc32(f"{sorted(self.attempts)} {self.taken}".encode())


async def load_missed_versions(database: Database, now: float) -> MissedVersions:
    """Return the versions of all users' lists from the rows that are in the log now."""

    def read(connection: Connection) -> MissedVersions:
        values = {"since_ts": load_listed_since(connection), "now": now}
        return _versions(connection.execute(_statement(), values))

    return await database.read(read)


def _versions(rows: Iterable[Any]) -> MissedVersions:
    callbacks = defaultdict[str, _Callback](_Callback)
    for call, caller, taken_by, taken_at, user, rang, is_active in rows:
        one = callbacks[caller]
        one.attempts.add(call)
        if taken_by is not None:
            one.taken = f"{taken_by} {taken_at}"
        if user is not None:
            one.users.add(user)
        if rang and is_active:
            one.rang_at_user.add(call)
    of_users = defaultdict[UserId, int](int)
    of_every_user = 0
    for one in callbacks.values():
        version = one.version()
        if one.attempts != one.rang_at_user:
            of_every_user += version
            continue
        for user in one.users:
            of_users[user] += version
    return MissedVersions(of_every_user, of_users)


@cache
def _statement() -> Select[Any]:
    """Select each open attempt once for each user it belongs to (``access.belongs_to``)."""
    since_ts, now = bindparam("since_ts", type_=Double), bindparam("now", type_=Double)
    attempts = open_attempts(since_ts, now).cte("open").prefix_with("MATERIALIZED")
    among = select(attempts.c.id)
    no, yes = literal(0), literal(1)
    belongs = union_all(
        *(
            select(column, user.label("user_id"), rang.label("rang")).where(column.in_(among))
            for column, user, rang in (
                (calls.c.id.label("call_id"), calls.c.agent_id, no),
                (legs.c.call_id, legs.c.user_id, yes),
                (receipts.c.call_id, receipts.c.user_id, yes),
            )
        )
    ).subquery("belongs")
    found = attempts.outerjoin(belongs, belongs.c.call_id == attempts.c.id).outerjoin(
        users, users.c.id == belongs.c.user_id
    )
    chosen = select(
        *(attempts.c.id, attempts.c.caller_key, attempts.c.taken_by_id, attempts.c.taken_at),
        *(belongs.c.user_id, belongs.c.rang, users.c.active),
    ).select_from(found)
    return with_constants_in_text(chosen)
