"""Times in the database that a wrong clock wrote, put right after the machine's clock was set.

What is kept for a day must not go at once because the clock leapt ahead, and nothing may last for
years because it was written by a clock that was years ahead.
"""

from sqlalchemy import case, or_, update

from screenpop.store.accounts.sessions import CLOCKS_DIFFER_S, LIFETIME_S
from screenpop.store.engine.database import Database
from screenpop.store.schema.account_tables import sessions
from screenpop.store.schema.customer_tables import removed_items
from screenpop.store.schema.form_draft_tables import form_drafts

SURELY_WRONG_BEFORE = 1_700_000_000.0
"""November 2023, in seconds since 1970: an earlier clock is that of a machine without a battery."""
_KEPT_A_DAY = (form_drafts.c.saved_at, removed_items.c.at)


async def keep_ages(database: Database, before: float, now: float, within_s: float) -> None:
    """Let unfinished forms and removed items be as old after a step of the clock as before it.

    ``before``: what the clock would have without the step; both in seconds since 1970.
    ``within_s``: seconds since when the step was at the earliest. Raises ``DatabaseProblemError``.
    """
    async with database.writing() as connection:
        for column in _KEPT_A_DAY:
            is_of_clock_before = (column <= before) & ~column.between(now - within_s, now)
            change = update(column.table).where(is_of_clock_before)
            await connection.execute(change.values({column: column + (now - before)}))


async def limit_times_ahead(database: Database, now: float) -> None:
    """Let nothing that a clock wrote which was ahead last longer from now than what is new.

    Nothing changes while the clock is surely wrong: all that was kept would be over when it is
    right. Raises ``DatabaseProblemError``.
    """
    if now < SURELY_WRONG_BEFORE:
        return
    seen, ends = sessions.c.last_seen_at, sessions.c.expires_at
    latest = now + LIFETIME_S
    limited = (
        update(sessions)
        .where(or_(seen > now + CLOCKS_DIFFER_S, ends > latest + CLOCKS_DIFFER_S))
        .values(
            last_seen_at=case((seen > now, now), else_=seen),
            expires_at=case((ends > latest, latest), else_=ends),
        )
    )
    async with database.writing() as connection:
        await connection.execute(limited)
        for column in _KEPT_A_DAY:
            is_ahead = column > now + CLOCKS_DIFFER_S
            await connection.execute(update(column.table).where(is_ahead).values({column: now}))
