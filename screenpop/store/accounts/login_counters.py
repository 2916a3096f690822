"""Wrong passwords of the last minutes, counted over all web processes.

Each attempt is counted as a wrong one when it begins, and taken back unless it was wrong: so
attempts in progress in other processes count too, and a process that is killed leaves nothing but
one more wrong attempt. Times are by the database's clock.

An attempt costs two short transactions, whatever the account, and whether it exists or not. Rows
hold digests, and are deleted when they no longer count.
"""

import hashlib
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import case, delete, select, update

from screenpop.store.engine.database import Database
from screenpop.store.engine.database_time import database_time
from screenpop.store.engine.engines import insert_or_update
from screenpop.store.schema.process_tables import login_counters

FORGET_AFTER_S = 15 * 60.0
"""Seconds without a wrong password after which a counter is reset."""
DELETE_EVERY_S = 60.0
"""Seconds between two looks, in one process, for rows that no longer count."""
_DELETED_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class CountedTry:
    """One attempt in one counter."""

    wrong: int
    """Attempts before it that were wrong or are in progress."""
    number: int
    """Grows with each attempt."""


def counter_key(*parts: str) -> str:
    """Return the key of a counter: a digest, as the row holds no name and no address."""
    return hashlib.sha256("\0".join(parts).encode("utf-8", "replace")).hexdigest()


class LoginCounters:
    """Counters in the database; all methods raise ``DatabaseProblemError``.

    ``monotonic`` returns seconds.
    """

    def __init__(self, database: Database, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._database = database
        self._monotonic = monotonic
        self._looked_at = monotonic()

    async def begin(self, keys: Sequence[str]) -> Mapping[str, CountedTry]:
        """Count an attempt as a wrong one in each counter, and return it by the key."""
        await self._delete_old()
        kind, table = self._database.kind, login_counters
        now = database_time(kind)
        is_old = table.c.last_at <= now - FORGET_AFTER_S
        # A clock that was ahead has written it: it counts no longer from now than any other.
        is_to_come = table.c.last_at > now
        # In the order of their keys: two attempts would otherwise lock each other out.
        rows = [{"key": key, "tries": 1, "wrong": 1, "last_at": now} for key in sorted(keys)]
        added = insert_or_update(kind, table).values(rows)
        added = added.on_conflict_do_update(
            index_elements=[table.c.key],
            set_={
                "tries": table.c.tries + 1,
                "wrong": case((is_old, 1), else_=table.c.wrong + 1),
                "last_at": case((is_old | is_to_come, now), else_=table.c.last_at),
            },
        )
        async with self._database.writing() as connection:
            found = await connection.execute(
                added.returning(table.c.key, table.c.wrong, table.c.tries)
            )
            return {row.key: CountedTry(row.wrong - 1, row.tries) for row in found}

    async def newest(self, key: str) -> int:
        """Return the number of the newest attempt; 0 where nothing counts any more."""
        tries = select(login_counters.c.tries).where(login_counters.c.key == key)
        async with self._database.reading() as connection:
            return await connection.scalar(tries) or 0

    async def was_wrong(self, keys: Iterable[str]) -> None:
        """Keep an attempt counted: the counters last from now on."""
        now = database_time(self._database.kind)
        await self._change({key: {"last_at": now} for key in keys})

    async def was_not_wrong(self, keys: Iterable[str], reset: Iterable[str] = ()) -> None:
        """Take an attempt back, and set the counters ``reset`` to zero."""
        wrong = login_counters.c.wrong
        less = {"wrong": case((wrong > 0, wrong - 1), else_=0)}
        await self._change(dict.fromkeys(keys, less) | {key: {"wrong": 0} for key in reset})

    async def _change(self, changes: Mapping[str, Mapping[str, object]]) -> None:
        async with self._database.writing() as connection:
            for key in sorted(changes):
                changed = update(login_counters).where(login_counters.c.key == key)
                await connection.execute(changed.values(**changes[key]))

    async def _delete_old(self) -> None:
        """Delete rows so old that no attempt of them can be in progress."""
        if self._monotonic() - self._looked_at < DELETE_EVERY_S:
            return
        self._looked_at = self._monotonic()
        table = login_counters
        is_over = table.c.last_at <= database_time(self._database.kind) - 2 * FORGET_AFTER_S
        old = select(table.c.key).where(is_over).limit(_DELETED_AT_ONCE)
        async with self._database.writing() as connection:
            # Without waiting for an attempt that counts one of them again.
            old = old.with_for_update(skip_locked=True)
            await connection.execute(delete(table).where(table.c.key.in_(old)))
